"""Apply: an application arrives whole or not at all, once, whoever typed it."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, inspect, select

from grants.app import desk_over
from grants.domain.errors import NotAllowed, Refusal
from grants.domain.money import Money
from grants.flow import apply, contact, fund
from grants.flow.desk import Actor, Desk
from grants.model.applications import Application
from grants.model.funds import Fund
from grants.model.people import Person
from grants.model.tasks import Task
from grants.web.edge import House
from tests.conftest import AtDesk, Clock
from tests.scenes import PAPERS, a_fund, a_worker, an_application, answers, at


def count(desk: Desk, table: type[Any]) -> int:
    """Returns how many rows a table has."""
    return desk.session.scalar(select(func.count()).select_from(table)) or 0


def test_an_application_waits_with_its_person_and_payee(desk: Desk) -> None:
    application = an_application(
        desk, a_fund(desk), name="Zoë Preda", email="Zoe@Post.example.org", phone="07700 900431"
    )
    assert application.state == "submitted"
    assert application.entered_by is None
    assert application.person.email == "zoe@post.example.org"
    assert application.person.phone == "07700900431"
    assert application.payee.hint == application.payee.hint[-2:]
    assert "account_number" not in application.payee.sealed
    assert desk.vault.open(application.payee.sealed)["sort_code"] == "108800"


def test_what_was_stored_is_what_the_desk_holds_with_its_defaults(desk: Desk) -> None:
    application = an_application(desk, a_fund(desk), avoid=("money",))
    stored = [application, application.person, application.payee]
    held = [{each.key: vars(row)[each.key] for each in inspect(type(row)).column_attrs} for row in stored]
    desk.session.expire_all()
    assert held == [{name: getattr(row, name) for name in before} for row, before in zip(stored, held, strict=True)]
    assert (held[0]["state"], held[1]["avoid"], held[1]["erased_at"]) == ("submitted", ["money"], None)
    desk.session.rollback()
    assert count(desk, Application) == 0, "it is stored with everything else, or not at all"


def test_staff_enter_it_for_somebody_and_it_says_so(desk: Desk) -> None:
    worker = a_worker(desk)
    application = apply.submit(at(desk, worker), a_fund(desk), answers(route="phone"))
    assert (application.entered_by, application.route, application.partner_id) == (worker.id, "phone", None)


def test_a_partner_s_referral_carries_them(desk: Desk) -> None:
    partner = a_worker(desk, "partner", limit=0)
    application = apply.submit(at(desk, partner), a_fund(desk), answers(route="referred", helper_name="Jo"))
    assert (application.partner_id, application.entered_by) == (partner.id, partner.id)


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"amount": Money(1000_01)}, "amount.over_ceiling", "amount"),
        ({"amount": Money(100, "EUR")}, "currency.mixed", "amount"),
        ({"name": " . "}, "name.missing", "name"),
        ({"name": "x" * 201}, "text.too_long", "name"),
        ({"need": "x" * 3000}, "text.too_long", "need"),
        ({"helper_contact": "x" * 300}, "text.too_long", "helper_contact"),
        ({"sort_code": "10-88"}, "bank.sort_code_length", "sort_code"),
        ({"account_number": "1234567"}, "bank.account_length", "account_number"),
        ({"own_account": False, "whose": "My sister"}, "payee.whose", "whose"),
        ({"purposes": ("GTIP999",)}, "codes.unknown", "purposes"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field_and_nothing_is_stored(
    desk: Desk, change: dict[str, Any], code: str, field: str
) -> None:
    to = a_fund(desk)
    with pytest.raises(Refusal) as refused:
        an_application(desk, to, **change)
    assert (refused.value.code, refused.value.field) == (code, field)
    assert count(desk, Application) == count(desk, Person) == 0


def test_script_formula_and_right_to_left_text_are_kept_as_they_are(desk: Desk) -> None:
    said = '=HYPERLINK("x") <script>alert(1)</script> شكرا 🌻'
    application = an_application(desk, a_fund(desk), name="محمد 🌻", need=said)
    desk.session.expire_all()
    assert application.need == said
    assert application.person.name == "محمد 🌻"


@pytest.mark.parametrize("case", ["closed", "not yet", "over"])
def test_a_closed_fund_takes_nothing(desk: Desk, clock: Clock, case: str) -> None:
    to = a_fund(
        desk, starts_on=date(2026, 12, 1) if case == "not yet" else date(2026, 1, 1), spend_by=date(2026, 12, 31)
    )
    if case == "closed":
        fund.set_open(at(desk, a_worker(desk, "manager")), to, False)
    elif case == "over":
        clock.move(days=60)
    with pytest.raises(Refusal) as refused:
        an_application(desk, to)
    assert refused.value.code == "fund.closed"
    assert count(desk, Person) == 0


def test_a_policy_s_own_question_must_be_answered(desk: Desk) -> None:
    to = a_fund(desk, policy="full-receipts")
    with pytest.raises(Refusal) as refused:
        an_application(desk, to, extra={"items": "A cooker £300"})
    assert (refused.value.code, refused.value.field) == ("question.missing", "quote")
    done = an_application(desk, to, extra=PAPERS)
    assert done.answers == PAPERS


def test_a_second_application_of_one_person_is_marked_and_still_stands(desk: Desk, clock: Clock) -> None:
    to = a_fund(desk)
    one = an_application(desk, to, name="Amina Yusuf", email="amina@post.example.org")
    two = an_application(desk, to, name="Ms AMINA  Yusuf", email="Amina@post.example.org")
    namesake = an_application(desk, to, name="Amina Yusuf", email="another@post.example.org")
    assert (one.repeat_of, two.repeat_of, namesake.repeat_of) == (None, one.id, None)
    clock.move(days=91)
    assert an_application(desk, to, name="Amina Yusuf", email="amina@post.example.org").repeat_of is None


def test_a_double_click_is_one_application(house: House, at_desk: AtDesk) -> None:
    with at_desk() as desk:
        to = a_fund(desk).id
    begin = threading.Barrier(6)
    said = answers()

    def click(_number: int) -> str:
        begin.wait(timeout=20)
        with house.database.transaction() as session:
            here = desk_over(house, session, Actor(kind="recipient"))
            row = session.get_one(Fund, to)
            return apply.submit(here, row, said, form_key="one form").reference

    with ThreadPoolExecutor(6) as pool:
        references = set(pool.map(click, range(6)))
    assert len(references) == 1
    with at_desk() as desk:
        assert count(desk, Application) == count(desk, Person) == 1


def test_an_unsafe_contact_opens_a_task_that_asking_closes(desk: Desk) -> None:
    wish = "My partner sees my phone"
    application = an_application(desk, a_fund(desk), channel="text", contact_safe=False, contact_wish=wish)
    task = desk.session.scalars(select(Task).where(Task.kind == "check_contact")).one()
    worker = a_worker(desk)
    contact.checked_by_worker(at(desk, worker), application.person, "text", "07700 900 555")
    desk.session.refresh(task)
    person = application.person
    assert (person.contact_safe, person.channel, person.phone) == (True, "text", "07700900555")
    assert (task.closed_by, task.closed_at is not None) == (worker.id, True)


def test_asking_may_find_that_no_way_is_safe(desk: Desk) -> None:
    person = an_application(desk, a_fund(desk)).person
    contact.checked_by_worker(at(desk, a_worker(desk)), person, "none")
    assert (person.contact_safe, person.channel) == (False, "none")


def test_a_channel_without_a_number_or_address_is_refused(desk: Desk) -> None:
    person = an_application(desk, a_fund(desk), phone="").person
    with pytest.raises(Refusal) as refused:
        contact.checked_by_worker(at(desk, a_worker(desk)), person, "text")
    assert refused.value.field == "value"
    with pytest.raises(NotAllowed):
        contact.checked_by_worker(at(desk, a_worker(desk, "finance")), person, "none")

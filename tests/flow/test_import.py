"""Applications from a file: each good row once, repeats seen, nothing half-stored."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import func, select

from grants.domain.errors import Refusal
from grants.domain.money import Money
from grants.flow.apply import Answers
from grants.flow.desk import Desk
from grants.flow.fund import NewFund, create_fund, create_funder, set_open
from grants.flow.import_applications import Incoming, Intake, import_key
from grants.model.applications import Application
from grants.model.engine import reading
from grants.model.events import EventRow
from grants.model.funds import Fund
from grants.model.people import Payee, Person
from grants.model.tasks import Task
from grants.model.users import User
from grants.web.edge import House, actor_of

MakeUser = Callable[..., User]
AtDesk = Callable[..., AbstractContextManager[Desk]]


@pytest.fixture
def manager(make_user: MakeUser) -> User:
    return make_user("manager")


@pytest.fixture
def fund(manager: User, at_desk: AtDesk) -> Fund:
    with at_desk(manager) as desk:
        funder = create_funder(desk, "The Quay Trust")
        wanted = NewFund(
            name="Hardship",
            funder=funder,
            opening=Money(1_000_000),
            ceiling=Money(50_000),
            starts_on=date(2026, 1, 1),
            policy="unconditional",
        )
        return create_fund(desk, wanted)


def row(number: int, name: str = "Ana Lopes", pence: int = 8_000, **more: Any) -> Incoming:
    answers = Answers(name=name, amount=Money(pence), how="cash", route="import", **more)
    content = (("name", name), ("amount", str(pence)), *((slug, str(value)) for slug, value in more.items()))
    return Incoming(row=number, answers=answers, content=content, sent=datetime(2026, 11, 2, 9, 30, tzinfo=UTC))


def count(desk: Desk, kind: type) -> int:
    return desk.session.scalar(select(func.count()).select_from(kind)) or 0


def test_good_rows_come_in_with_the_time_they_were_sent(desk: Desk, fund: Fund) -> None:
    outcomes = Intake(fund.slug).store(desk, fund, [row(2), row(3, "Bo Chen", phone="07700900111")])
    assert [(o.row, o.what) for o in outcomes] == [(2, "in"), (3, "in")]
    first = desk.session.scalars(select(Application).order_by(Application.id)).first()
    assert first is not None
    assert (first.state, first.route, first.amount) == ("submitted", "import", 8_000)
    assert first.submitted_at == datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
    names = desk.session.scalars(select(EventRow.name).where(EventRow.subject == "fund")).all()
    assert "fund.applications_imported" in names


def test_bringing_the_file_again_adds_nothing(desk: Desk, fund: Fund) -> None:
    lot = [row(2), row(3, "Bo Chen")]
    Intake(fund.slug).store(desk, fund, lot)
    assert [o.what for o in Intake(fund.slug).store(desk, fund, lot)] == ["already", "already"]
    assert (count(desk, Application), count(desk, Person), count(desk, Payee)) == (2, 2, 2)


def test_the_same_row_twice_in_a_file_comes_in_once_also_across_lots(desk: Desk, fund: Fund) -> None:
    intake = Intake(fund.slug)
    intake.store(desk, fund, [row(2)])
    (again,) = intake.store(desk, fund, [row(9)])
    assert (again.what, again.like) == ("same", "row 2")
    assert count(desk, Application) == 1


def test_a_possible_repeat_comes_in_and_points_at_the_earlier_one(desk: Desk, fund: Fund) -> None:
    intake = Intake(fund.slug)
    first, second, third = intake.store(
        desk,
        fund,
        [
            row(2, "Dr Ana Lopes", phone="07700900111"),
            row(3, "ana lopes", 9_000, phone="07700900111"),
            row(4, "Ana Lopes", 9_000, phone="07700900222"),
        ],
    )
    assert (first.like, second.like, third.like) == ("", "row 2", "")
    rows = desk.session.scalars(select(Application).order_by(Application.id)).all()
    assert [one.repeat_of for one in rows] == [None, rows[0].id, None]


def test_the_same_name_from_the_same_district_is_a_hint_too(desk: Desk, fund: Fund) -> None:
    Intake(fund.slug).store(desk, fund, [row(2, district="BH15")])
    (later,) = Intake(fund.slug).store(desk, fund, [row(2, pence=9_000, district="BH15")])
    assert later.what == "in"
    assert later.like.startswith("A-"), "an application that was there before the file is named by its reference"


def test_a_refused_row_leaves_nothing_and_the_others_come_in(desk: Desk, fund: Fund) -> None:
    lot = [row(2), row(3, "Too Much", 120_000), row(4, "Long Story", need="x" * 3_000), row(5, "Bo Chen")]
    outcomes = Intake(fund.slug).store(desk, fund, lot)
    assert [o.what for o in outcomes] == ["in", "refused", "refused", "in"]
    assert (outcomes[1].field, outcomes[2].field) == ("amount", "need")
    assert "£500.00" in outcomes[1].words
    assert count(desk, Person) == 2


def test_a_dry_run_tells_the_same_and_cannot_write(house: House, fund: Fund, at_desk: AtDesk) -> None:
    lot = [
        row(2, phone="07700900111"),
        row(3, pence=9_000, phone="07700900111"),
        row(4, "Too Much", 120_000),
        row(5, phone="07700900111"),
    ]
    lot[3] = replace(lot[0], row=5)
    with reading(), at_desk() as desk:
        foreseen = Intake(fund.slug).foresee(desk, fund, lot)
        assert count(desk, Application) == 0
    with at_desk() as desk:
        assert Intake(fund.slug).store(desk, fund, lot) == foreseen


def test_a_closed_fund_takes_no_file(desk: Desk, fund: Fund, manager: User) -> None:
    kept = desk.session.merge(fund)
    set_open(desk.acting(actor_of(manager)), kept, False)
    for act in (Intake(fund.slug).store, Intake(fund.slug).foresee):
        with pytest.raises(Refusal, match="not taking applications"):
            act(desk, kept, [row(2)])


def test_a_wish_for_care_opens_a_task_and_sends_nothing(desk: Desk, fund: Fund) -> None:
    careful = row(2, phone="07700900111", contact_wish="partner sees phone")
    Intake(fund.slug).store(desk, fund, [careful])
    person = desk.session.scalar(select(Person))
    assert person is not None
    assert (person.contact_safe, person.channel) == (False, "none")
    assert [task.kind for task in desk.session.scalars(select(Task))] == ["check_contact"]


def test_somebody_elses_account_opens_a_task_for_a_worker(desk: Desk, fund: Fund) -> None:
    Intake(fund.slug).store(desk, fund, [row(2, own_account=False, whose="Not said yet", why="Not said yet")])
    (task,) = desk.session.scalars(select(Task).where(Task.kind == "check_payee"))
    assert task.subject == "application"


def test_a_time_later_than_now_is_taken_as_now(desk: Desk, fund: Fund) -> None:
    late = replace(row(2), sent=datetime(2031, 1, 1, tzinfo=UTC))
    (outcome,) = Intake(fund.slug).store(desk, fund, [late])
    assert outcome.ahead
    assert desk.session.scalar(select(Application.submitted_at)) == desk.now()


def test_the_key_depends_on_the_fund_and_the_content_and_not_on_the_order() -> None:
    content = (("name", "ana"), ("amount", "8000"))
    assert import_key("a", content) == import_key("a", content[::-1])
    assert import_key("a", content) != import_key("b", content)
    assert import_key("a", content) != import_key("a", (("name", "ana"), ("amount", "8001")))
    assert len(import_key("a", content)) == 64

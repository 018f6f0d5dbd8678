"""Entering: a worker applies for somebody, with the same checks, and it says who typed it."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from grants.flow import fund as funding
from grants.model.applications import Application
from grants.model.funds import Fund
from tests.scenes import PAPERS, a_fund
from tests.visitor import words
from tests.web.staff.conftest import Office
from tests.web.staff.front_desk import partner

SAID = {
    "name": "Amina Yusuf",
    "amount": "£180",
    "need": "The boiler stopped",
    "route": "phone",
    "channel": "text",
    "asked_safe": "yes",
    "phone": "07700 900 555",
    "how": "bank",
    "account_name": "A Yusuf",
    "sort_code": "10-88-00",
    "account_number": "12345678",
    "own_account": "yes",
    "form_key": "one-form",
}


def address(office: Office) -> str:
    """Returns where to enter an application to the office's fund."""
    with office.desk() as desk:
        return f"/staff/enter/{desk.session.get_one(Fund, office.fund.id if office.fund else 0).slug}"


def entered(office: Office) -> Application | None:
    """Returns the newest application, with its person and payee at hand."""
    with office.desk() as desk:
        row = desk.session.scalar(select(Application).order_by(Application.id.desc()).limit(1))
        if row is not None:
            assert row.person.name
            assert row.payee.how
        return row


def counted(office: Office) -> int:
    """Returns how many applications there are."""
    with office.desk() as desk:
        return desk.session.scalar(select(func.count()).select_from(Application)) or 0


def test_a_worker_types_what_somebody_told_by_phone(office: Office) -> None:
    sent = office.at("ann").send(address(office), SAID, follow_redirects=True)
    said = words(sent)
    assert "It is in the queue, as A-" in said
    assert "By phone, typed by us" in said
    assert "Typed by Ann" in said
    row = entered(office)
    assert row is not None
    assert (row.route, row.entered_by, row.amount) == ("phone", office.staff["ann"].id, 180_00)
    assert (row.person.channel, row.person.contact_safe, row.person.phone) == ("text", True, "07700900555")
    assert row.payee.hint == "78"


def test_the_same_form_twice_is_one_application(office: Office) -> None:
    for _ in range(2):
        assert office.at("ann").send(address(office), SAID).status_code == 302
    assert counted(office) == 1


def test_a_way_that_nobody_asked_about_is_not_safe(office: Office) -> None:
    office.at("ann").send(address(office), SAID | {"asked_safe": ""})
    row = entered(office)
    assert row is not None
    assert not row.person.contact_safe
    assert "Do not contact" in words(office.at("ann").get(f"/staff/applications/{row.reference}"))


@pytest.mark.parametrize(
    ("change", "field", "said"),
    [
        ({"name": " "}, "name", "Enter a name"),
        ({"name": "..."}, "name", "Enter a name"),
        ({"amount": "0"}, "amount", "above 0"),
        ({"amount": "1,000.01"}, "amount", "The most you can enter here is £1,000.00"),
        ({"need": "x" * 3000}, "need", "Use 2,000 characters or fewer"),
        ({"route": ""}, "route", "Choose how they told us"),
        ({"channel": ""}, "channel", "Ask them what is safe"),
        ({"phone": ""}, "phone", "Enter the phone number that is safe"),
        ({"channel": "email"}, "email", "Enter the e-mail address that is safe"),
        ({"channel": "email", "email": "not one"}, "email", "Enter an email address"),
        ({"how": ""}, "how", "Choose how they want to be paid"),
        ({"sort_code": "12"}, "sort_code", "A sort code has 6 numbers"),
        ({"account_number": "123"}, "account_number", "An account number has 8 numbers"),
        ({"own_account": "no"}, "whose", "Say whose account it is"),
        ({"household_size": "many"}, "household_size", "Enter a whole number"),
    ],
)
def test_each_mistake_is_said_at_its_field_and_nothing_is_stored(
    office: Office, change: dict[str, str], field: str, said: str
) -> None:
    sent = office.at("ann").send(address(office), SAID | change)
    assert sent.status_code == 422
    assert said in words(sent)
    assert f'href="#{field}"' in sent.get_data(as_text=True)
    assert counted(office) == 0


def test_cash_needs_no_bank_numbers_and_keeps_none(office: Office) -> None:
    office.at("ann").send(address(office), SAID | {"how": "cash"})
    row = entered(office)
    assert row is not None
    assert (row.payee.how, row.payee.sealed, row.payee.hint) == ("cash", "", "")


def test_a_policy_s_questions_are_asked_with_their_purpose(office: Office) -> None:
    with office.desk("gita") as desk:
        fund = desk.session.get_one(Fund, office.fund.id if office.fund else 0)
        funding.choose_policy(desk, fund, "full-receipts", {})
    page = words(office.at("ann").get(address(office)))
    assert "What will you buy, and what does each thing cost?" in page
    assert "Why we ask: The funder agrees to each item before it pays." in page
    bare = office.at("ann").send(address(office), SAID)
    assert bare.status_code == 422
    assert 'href="#question_items"' in bare.get_data(as_text=True)
    more: dict[str, Any] = {f"question_{slug}": answer for slug, answer in PAPERS.items()}
    assert office.at("ann").send(address(office), SAID | more).status_code == 302
    row = entered(office)
    assert row is not None
    assert row.answers == PAPERS


def test_a_partner_refers_and_it_says_from_where(office: Office) -> None:
    mine = partner(office)
    sent = office.at(mine).send(address(office), SAID, follow_redirects=True)
    assert "Referred by Jo Bennett, Quayside Refuge" in words(sent)
    row = entered(office)
    assert row is not None
    assert (row.route, row.partner_id, row.helper_organisation) == (
        "referred",
        office.staff[mine].id,
        "Quayside Refuge",
    )


def test_a_closed_fund_and_an_unknown_one(office: Office) -> None:
    page = address(office)
    with office.desk("gita") as desk:
        funding.set_open(desk, desk.session.get_one(Fund, office.fund.id if office.fund else 0), False)
    shut = office.at("ann").get(page)
    assert shut.status_code == 409
    assert "not taking applications right now" in words(shut)
    assert office.at("ann").get("/staff/enter/nowhere").status_code == 404
    assert "No fund takes applications right now" in words(office.at("ann").get("/staff/enter"))


def test_with_several_funds_one_is_chosen_first(office: Office) -> None:
    assert office.at("ann").get("/staff/enter").status_code == 302
    with office.desk() as desk:
        other = a_fund(desk).name
    assert other in words(office.at("ann").get("/staff/enter"))


def test_finance_and_trustees_do_not_enter(office: Office) -> None:
    page = address(office)
    assert office.at("ben").get(page).status_code == 403
    assert office.at("tess").get(page).status_code == 403

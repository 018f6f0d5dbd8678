"""What people type by mistake or on purpose: a plain sentence at the field, every word kept, nothing stored."""

from __future__ import annotations

from html import escape
from typing import Any

import pytest
from sqlalchemy import select

from grants.model.applications import Application
from grants.model.funds import Fund
from grants.model.people import Draft
from grants.web.edge import House
from tests.visitor import Visitor, words
from tests.web.recipients.typist import answer, begin, count, only_application, type_all

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

LONG = "x" * 3000
OVERRIDE = "Ami\u202ena"

WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("amount", {"amount": ""}, "Enter how much"),
    ("amount", {"amount": "0"}, "Enter an amount above 0"),
    ("amount", {"amount": "-20"}, "Enter an amount above 0"),
    ("amount", {"amount": "lots"}, "is not an amount"),
    ("amount", {"amount": "12.345"}, "at most 2 numbers after the point"),
    ("amount", {"amount": "1.000,00"}, "We cannot tell how much"),
    ("amount", {"amount": "300.01"}, "This fund can give up to £300. Enter £300 or less."),
    ("amount", {"amount": "1" * 40}, "too large"),
    ("amount", {"amount": "<script>alert(1)</script>"}, "is not an amount"),
    ("purposes", {"purposes": ["GTIP010", "GTIP020", "GTIP030", "GTIP040"]}, "Tick 3 or fewer."),
    ("purposes", {"purposes": ["GTIP999"]}, "Choose"),
    ("need", {"need": LONG}, "Use 2,000 characters or fewer. You have used 3,000."),
    ("need", {"need": OVERRIDE}, "There is a hidden character in this."),
    ("reason", {"reason": "=1+1"}, "Choose one of the answers shown."),
    ("name", {"name": "   "}, "Enter a name. It can be the name you are known by."),
    ("name", {"name": "🙂🙂"}, "Enter a name. It can be the name you are known by."),
    ("name", {"name": OVERRIDE}, "There is a hidden character in this."),
    ("name", {"name": "x" * 500}, "Use 200 characters or fewer."),
    ("pay", {}, "Choose how you would like to be paid."),
    ("pay", {"how": "cheque"}, "Choose one of the answers shown."),
    ("account", {}, "Choose whose account it is."),
    ("whose", {"whose": "", "why": "none"}, "Tell us whose account it is."),
    ("whose", {"whose": "Dana", "why": LONG}, "Use 2,000 characters or fewer."),
    ("bank", {"account_name": "A", "sort_code": "12-34-5", "account_number": "12345678"}, "A sort code has 6 numbers"),
    ("bank", {"account_name": "A", "sort_code": "123456", "account_number": "1234567"}, "put a 0 in front"),
    (
        "bank",
        {"account_name": "", "sort_code": "123456", "account_number": "12345678"},
        "Enter the name on the account.",
    ),
    ("reach", {}, "Choose how it is safe to reach you."),
    ("reach-text", {"phone": "01305 555012"}, "Enter a mobile number with 11 numbers"),
    ("reach-text", {"phone": "seven"}, "Use only numbers"),
    ("reach-email", {"email": "a@b"}, "Enter an email address, like name@example.org."),
    ("reach-email", {"email": f"{'a' * 300}@example.org"}, "254"),
    ("reach-letter", {"address": ""}, "Enter an address"),
    ("reach-worker", {"contact_name": "Sam", "phone": "12"}, "Enter a phone number with 10 or 11 numbers"),
    ("helper", {}, "Choose yes or no."),
    ("helper-details", {"helper_name": ""}, "Enter their name"),
]


def test_a_mistake_is_told_at_its_field_and_nothing_is_stored(client: Visitor, house: House, winter: Fund) -> None:
    begin(client, winter.slug)
    token = client.token(f"/apply/{winter.slug}/amount")
    for step, typed, told in WRONG:
        page = client.post(f"/apply/{winter.slug}/{step}", data={"csrf_token": token} | typed)
        html = page.get_data(as_text=True)
        assert (page.status_code, told in words(page)) == (422, True), (step, typed, words(page))
        assert "govuk-error-summary" in html
        assert "govuk-error-message" in html
        assert "<script>alert" not in html
        for value in typed.values():
            if isinstance(value, str) and value.strip() and step not in ("pay", "reason"):
                assert shown(value) in html, f"what was typed at {step} is gone"
    with house.database.session() as session:
        assert session.scalars(select(Draft)).one().sealed == ""


def shown(text: str) -> str:
    """Returns a text as a page writes it."""
    return escape(text).replace("&#x27;", "&#39;").replace("&quot;", "&#34;")


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("=HYPERLINK(1)", "=HYPERLINK(1)"),
        ("محمد الأحمد", "محمد الأحمد"),
        ("Zoë O’Brien 🌻", "Zoë O’Brien 🌻"),
        ("X Æ", "X Æ"),
        ("Amina'; DROP TABLE people;--", "Amina'; DROP TABLE people;--"),
        ("\u200f دانا ", "دانا"),
    ],
)
def test_names_of_every_kind_are_kept_as_they_are_and_shown_as_text(
    client: Visitor, house: House, winter: Fund, name: str, kept: str
) -> None:
    check = type_all(client, winter.slug, name={"name": name})
    page = client.get(check).get_data(as_text=True)
    assert "<script>alert" not in page
    assert shown(kept) in page
    client.send(check)
    assert only_application(house).person.name == kept


def test_an_amount_is_read_as_people_type_it(client: Visitor, house: House, winter: Fund) -> None:
    begin(client, winter.slug)
    for typed in (" 80 ", "£80", "80.00", "80 pounds", "٨٠", "£ 80.0"):
        assert answer(client, winter.slug, "amount", {"amount": typed}).status_code == 303, typed
        with house.database.session() as session:
            sealed = session.scalars(select(Draft)).one().sealed
        assert house.vault.open(sealed)["amount"] == 80_00


def test_a_page_cannot_be_skipped(client: Visitor, house: House, winter: Fund) -> None:
    begin(client, winter.slug)
    answer(client, winter.slug, "amount", {"amount": "50"})
    assert client.get(f"/apply/{winter.slug}/check").headers["Location"].endswith("/purposes")
    token = client.token(f"/apply/{winter.slug}/name")
    sent = client.post(f"/apply/{winter.slug}/check", data={"csrf_token": token})
    assert sent.headers["Location"].endswith("/purposes")
    assert count(house, Application) == 0


def test_what_no_page_asks_is_not_taken(client: Visitor, house: House, winter: Fund) -> None:
    more = {"name": "Amina", "entered_by": "1", "state": "awarded", "amount": "30000", "partner_id": "1"}
    check = type_all(client, winter.slug, name=more)
    client.send(check, {"amount": "30000", "name": "Somebody else"})
    sent = only_application(house)
    assert (sent.amount, sent.state, sent.entered_by, sent.person.name) == (150_00, "submitted", None, "Amina")


def test_a_ceiling_that_came_down_half_way_is_told_with_the_way_to_mend_it(
    client: Visitor, house: House, winter: Fund
) -> None:
    check = type_all(client, winter.slug)
    with house.database.transaction() as session:
        session.get_one(Fund, winter.id).ceiling = 100_00
    page = client.send(check)
    assert page.status_code == 422
    assert "This fund can give up to £100.00" in words(page)
    assert f'href="/apply/{winter.slug}/amount"' in page.get_data(as_text=True)
    assert count(house, Application) == 0


def test_a_form_without_its_token_changes_nothing(client: Visitor, house: House, winter: Fund) -> None:
    check = type_all(client, winter.slug)
    refused = client.post(check)
    assert refused.status_code == 400
    assert "Please send that again" in words(refused)
    assert count(house, Application) == 0


def test_an_unknown_fund_is_a_plain_page(client: Visitor) -> None:
    for path in ("/apply/nowhere", "/apply/nowhere/amount", "/apply/nowhere/check", "/apply/nowhere/done"):
        response = client.get(path, follow_redirects=True)
        assert (response.status_code, "We cannot find that page" in words(response)) == (404, True)

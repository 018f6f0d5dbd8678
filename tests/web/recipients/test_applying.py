"""A person applies on the web: one question a page, nothing sent before they have looked at it all."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlalchemy import select

from grants.model.events import EventRow
from grants.model.funds import Fund
from grants.model.people import Draft
from grants.web.edge import House
from grants.web.recipients.leaving import NEUTRAL
from tests.conftest import SignIn, browser
from tests.scenes import PAPERS
from tests.visitor import Visitor, words
from tests.web.recipients.typist import USUAL, answer, apply, begin, count, only_application, type_all

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

LARGEST_PAGE = 15_000
"""Bytes of HTML."""


def test_back_shows_what_was_typed_and_a_change_leads_back_to_the_check(
    client: Visitor, house: House, winter: Fund
) -> None:
    check = type_all(client, winter.slug)
    page = client.get(f"/apply/{winter.slug}/name").get_data(as_text=True)
    assert 'value="Amina Yusuf"' in page
    assert 'href="/apply/winter-fund/check"' in page
    assert answer(client, winter.slug, "name", {"name": "Amina Y"}).headers["Location"] == check
    assert "Amina Y" in words(client.get(check))


def test_nobody_needs_a_bank_account(client: Visitor, house: House, winter: Fund) -> None:
    apply(client, winter.slug, pay={"how": "voucher"})
    assert only_application(house).payee.how == "voucher"


def test_money_for_somebody_elses_account_says_whose_and_why(client: Visitor, house: House, winter: Fund) -> None:
    begin(client, winter.slug)
    warned = words(client.get(f"/apply/{winter.slug}/whose"))
    assert "control of the money" in warned
    assert "I would rather have cash or a voucher" in warned
    apply(
        client,
        winter.slug,
        account={"account": "other"},
        whose={"whose": "My sister Dana", "why": "I have no account right now"},
    )
    payee = only_application(house).payee
    assert (payee.own, payee.whose, payee.why) == (False, "My sister Dana", "I have no account right now")


def test_who_wants_no_message_gets_none_and_is_asked_for_no_address(
    client: Visitor, house: House, winter: Fund
) -> None:
    last = apply(client, winter.slug, reach={"channel": "none"})
    person = only_application(house).person
    assert (person.channel, person.contact_safe, person.email, person.phone) == ("none", False, "", "")
    assert "We send you nothing, as you asked" in words(last)


def test_a_call_goes_to_the_worker_and_never_to_the_person(client: Visitor, house: House, winter: Fund) -> None:
    where = {"contact_name": "Sam at the advice centre", "phone": "01305 555012"}
    helper = {"helper_name": "Sam", "helper_organisation": "Advice centre", "helper_contact": "01305 555012"}
    apply(
        client,
        winter.slug,
        reach={"channel": "worker"},
        reach_worker=where,
        helper={"helped": "yes"},
        helper_details=helper,
    )
    sent = only_application(house)
    assert (sent.person.channel, sent.person.phone) == ("worker", "01305555012")
    assert "Sam at the advice centre" in sent.person.contact_wish
    assert (sent.route, sent.helper_name, sent.helper_organisation) == ("referred", "Sam", "Advice centre")


def test_another_way_to_be_reached_forgets_the_one_before(client: Visitor, house: House, winter: Fund) -> None:
    check = type_all(client, winter.slug)
    there = answer(client, winter.slug, "reach", {"channel": "text"}).headers["Location"]
    assert there.endswith("/reach-text")
    assert answer(client, winter.slug, "reach-text", {"phone": "07700900982"}).headers["Location"] == check
    client.send(check)
    assert (only_application(house).person.email, only_application(house).person.phone) == ("", "07700900982")


def test_a_policys_own_questions_come_with_why_who_sees_and_how_long(
    client: Visitor, house: House, furniture: Fund
) -> None:
    first = words(client.get(f"/apply/{furniture.slug}"))
    assert "about 1 hour 28 minutes" in first
    assert "Afterwards we hope to hear from you: about 35 minutes." in first
    assert "no receipts" not in first
    begin(client, furniture.slug)
    page = words(client.get(f"/apply/{furniture.slug}/question-items"))
    assert "Why we ask The funder agrees to each item before it pays." in page
    assert "We and the funder see your answer. We keep it for" in page
    assert answer(client, furniture.slug, "question-items", {"items": ""}).status_code == 422
    apply(client, furniture.slug, **{f"question_{slug}": {slug: said} for slug, said in PAPERS.items()})
    assert only_application(house).answers == PAPERS


def test_only_declared_questions_are_asked(client: Visitor, winter: Fund) -> None:
    check = type_all(client, winter.slug)
    assert client.get(f"/apply/{winter.slug}/question-items").status_code == 404
    assert client.get(f"/apply/{winter.slug}/nonsense").status_code == 404
    assert "What will you buy" not in words(client.get(check))


def test_another_browser_sees_nothing_of_it(app: Flask, client: Visitor, winter: Fund) -> None:
    type_all(client, winter.slug)
    other = browser(app)
    for path in ("check", "name", "bank"):
        page = other.get(f"/apply/{winter.slug}/{path}")
        assert (page.status_code, "Amina" in words(page)) == (410, False)


def test_leaving_fast_clears_the_browser(client: Visitor, house: House, winter: Fund) -> None:
    check = type_all(client, winter.slug)
    left = client.get("/exit")
    assert (left.status_code, left.headers["Location"]) == (302, NEUTRAL)
    assert client.get(check).status_code == 410
    assert count(house, Draft) == 1, "a GET writes nothing; the sweep takes it within a day"


def test_starting_anew_throws_the_earlier_draft_away(client: Visitor, house: House, winter: Fund) -> None:
    check = type_all(client, winter.slug)
    assert "Carry on where you were" in words(client.get(f"/apply/{winter.slug}"))
    begin(client, winter.slug)
    assert count(house, Draft) == 1
    assert client.get(check).headers["Location"].endswith("/amount")


def test_a_colleague_who_is_signed_in_applies_here_as_anybody(
    client: Visitor, house: House, sign_in: SignIn, winter: Fund
) -> None:
    sign_in(client, "manager")
    apply(client, winter.slug)
    sent = only_application(house)
    with house.database.session() as session:
        assert (sent.entered_by, sent.partner_id) == (None, None)
        submitted = session.scalars(select(EventRow).where(EventRow.name == "application.submitted")).one()
        assert (submitted.actor_kind, submitted.actor_id) == ("recipient", None)


def test_the_token_is_held_where_no_script_can_read_it(client: Visitor, house: House, winter: Fund) -> None:
    cookie = begin(client, winter.slug).headers["Set-Cookie"]
    assert cookie.startswith("grants-draft=")
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
    assert "Expires" not in cookie
    token = cookie.partition("=")[2].partition(";")[0]
    with house.database.session() as session:
        assert token not in session.scalars(select(Draft.token_hash)).all()


def test_pages_are_small_and_kept_by_nobody(client: Visitor, winter: Fund, furniture: Fund) -> None:
    type_all(client, winter.slug)
    for path in ("", *(f"/{step}" for step in USUAL), "/check"):
        page = client.get(f"/apply/{winter.slug}{path}")
        assert page.status_code == 200
        assert len(page.data) < LARGEST_PAGE, path
        assert page.headers["Cache-Control"] == ("no-store" if path else "private, no-cache")
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert not re.search(r"<script(?! type=\"module\" src)", page.get_data(as_text=True))

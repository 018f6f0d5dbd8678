"""Oversight: what happened and the books, read by those who may and changed by nobody."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from grants.domain.money import Money
from grants.flow import pay
from grants.flow.step import record
from grants.model.books import Account
from tests.conftest import Clock
from tests.visitor import words
from tests.web.staff.conftest import Counting, Office

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

PAGES = ("/staff/events", "/staff/journals", "/staff/books", "/staff/balances", "/staff/more")


def test_events_are_read_newest_first_and_about_one_grant(office: Office) -> None:
    first, second = office.award(), office.award()
    page = words(office.at("tess").get("/staff/events"))
    assert "Money set aside" in page
    assert page.index(f"grant {second}") < page.index(f"grant {first}")
    one = words(office.at("tess").get(f"/staff/events?about={office.grant(first).reference.lower()}"))
    assert f"grant {first}" in one
    assert f"grant {second}" not in one
    assert "We know no grant or application" in words(office.at("tess").get("/staff/events?about=G-NOTHERE"))
    funds = words(office.at("tess").get("/staff/events?subject=fund"))
    assert "Fund made" in funds
    assert "Money set aside" not in funds


def test_events_go_on_page_after_page(office: Office) -> None:
    with office.desk() as desk:
        for number in range(40):
            record(desk, f"trial.number_{number:02}", "trial", 1)
    first = office.at("tess").get("/staff/events?subject=")
    assert "Trial number 39" in words(first)
    assert "Trial number 05" not in words(first)
    onward = first.text.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0].replace("&amp;", "&")
    assert "Trial number 05" in words(office.at("tess").get(onward))


def test_nonsense_in_an_address_is_the_first_page(office: Office) -> None:
    for page in ("events?before=x", "events?subject=king&number=9", "journals?before=-1", "journals?grant=%00"):
        assert office.at("tess").get(f"/staff/{page}").status_code == 200, page


def test_the_books_show_every_line(office: Office) -> None:
    grant_id = office.award()
    page = words(office.at("tess").get(f"/staff/journals?grant={office.grant(grant_id).reference}"))
    assert "Award" in page
    assert f"Owed for grant {grant_id} -£150" in page
    assert "Money came into a fund" not in page.partition("Postings")[2]
    assert "Money came into a fund" in words(office.at("tess").get("/staff/journals"))


def test_the_books_are_proved_and_what_is_off_is_named(office: Office) -> None:
    office.award()
    assert "All is well" in words(office.at("tess").get("/staff/books"))
    with office.desk() as desk:
        bank = desk.session.scalars(select(Account.id).where(Account.name == "A.bank")).one()
        desk.session.execute(update(Account).where(Account.id == bank).values(balance=Account.balance + 1))
    page = words(office.at("tess").get("/staff/books"))
    assert "2 things are off" in page
    assert "I2 account A.bank" in page
    assert "Pay nothing more until this is understood." in page


def test_reasons_may_name_people_so_a_trustee_does_not_read_them(office: Office) -> None:
    with office.desk() as desk:
        record(desk, "grant.held", "grant", 1, "Severina asked us to wait")
    assert "Severina" not in office.at("tess").get("/staff/events").text
    assert "Severina asked us to wait" in words(office.at("ben").get("/staff/events"))


def test_oversight_is_for_those_who_have_it(office: Office) -> None:
    for page in PAGES[:-1]:
        assert office.at("hugo").get(page).status_code == 403, page
        assert office.at("tess").get(page).status_code == 200, page
    assert "The books" not in words(office.at("hugo").get("/staff/more"))
    assert "The books" in words(office.at("tess").get("/staff/more"))


def test_pages_take_few_statements(office: Office, statements: Counting) -> None:
    office.award()
    for page in ("/staff/events", "/staff/journals", "/staff/balances", "/staff/more"):
        client = office.at("gita")
        with statements() as sent:
            assert client.get(page).status_code == 200
        assert len(sent) <= 6, (page, sent)


def test_work_that_waits_is_named_beside_books_that_are_sound(office: Office, clock: Clock) -> None:
    with office.desk("ben") as desk:
        pay.open_float(desk, office.staff["hugo"].id, Money(100_00))
    clock.move(days=4)
    page = words(office.at("tess").get("/staff/books"))
    assert "All is well" in page
    assert "Waits for somebody W4 cash float 1 is not counted back yet" in page

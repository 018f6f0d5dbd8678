"""The year’s end at the desk: figures on a page and as a file, the books taken away, days closed, money given back."""

from __future__ import annotations

import csv
import io

import pytest
from beancount import loader
from sqlalchemy import select

from grants.model.books import FundReturn, Period
from grants.model.events import EventRow
from tests.conftest import Clock
from tests.visitor import words
from tests.web.staff.conftest import Counting, Office

TAKE = "/staff/books/file"

one_database = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def name_of_last_event(office: Office) -> str:
    with office.desk() as desk:
        return desk.session.scalars(select(EventRow.name).order_by(EventRow.id.desc()).limit(1)).one()


@pytest.mark.parametrize("form", ["csv", "beancount"])
def test_the_books_are_taken_away_by_those_with_oversight_and_that_is_written_down(office: Office, form: str) -> None:
    office.award()
    for who in ("ben", "tess"):
        taken = office.at(who).send(TAKE, {"form": form})
        assert taken.status_code == 200, words(taken)
        assert taken.headers["Content-Disposition"] == f'attachment; filename="ledger.{form}"'
        assert name_of_last_event(office) == "books.taken"
        text = taken.get_data(as_text=True)
        assert "Severina" not in text
        if form == "csv":
            assert len(list(csv.DictReader(io.StringIO(text, newline="")))) == 6
        else:
            assert loader.load_string(text)[1] == []
    assert office.at("ann").get(TAKE).status_code == 403


@one_database
def test_days_in_the_wrong_order_are_said_at_their_field_and_nothing_is_taken(office: Office) -> None:
    days = {"since-day": "2", "since-month": "4", "since-year": "2027"}
    days |= {"until-day": "1", "until-month": "4", "until-year": "2027"}
    sent = office.at("ben").send(TAKE, {"form": "csv"} | days)
    assert sent.status_code == 422
    assert "The last day is before the first" in words(sent)
    assert name_of_last_event(office) != "books.taken"


@one_database
def test_the_figures_of_a_year_on_a_page_and_as_a_file(office: Office, clock: Clock, statements: Counting) -> None:
    for _ in range(3):
        office.award()
    office.at("tess").get("/staff/")
    with statements() as sent:
        page = office.at("tess").get("/staff/year-end?year=2027")
    assert len(sent) <= 12, sent
    said = words(page)
    for part in ("Year 2026/27", "Fewer than 5 grants, £450 in all", "Owed without a condition", "No day is closed"):
        assert part in said, part
    assert "Runs now" in said
    taken = office.at("tess").send("/staff/year-end?year=2027", {"year": "2027"}, to="/staff/year-end/file")
    assert taken.headers["Content-Disposition"] == 'attachment; filename="year-end-2027-03-31.csv"'
    rows = list(csv.DictReader(io.StringIO(taken.get_data(as_text=True), newline="")))
    owed = [row for row in rows if row["part"] == "grants owed"]
    assert [(row["figure"], row["amount"]) for row in owed] == [
        ("Owed without a condition", "450.00"),
        ("Hangs on a condition", "0.00"),
    ]
    assert next(row for row in rows if row["part"] == "grants to people")["number"] == "", "too few to tell"
    assert name_of_last_event(office) == "books.year_taken"
    clock.move(days=200)
    assert "Year 2026/27" in words(office.at("gita").get("/staff/year-end")), "the year that ended last"
    for odd in ("x", "1", "99999", "-3"):
        assert office.at("gita").get(f"/staff/year-end?year={odd}").status_code == 200


@one_database
def test_the_books_are_closed_by_somebody_who_has_just_shown_who_they_are(office: Office, clock: Clock) -> None:
    office.award()
    clock.move(days=200)
    ben = office.at("ben")
    page = "/staff/year-end/close"
    clock.move(minutes=10)
    asked = ben.get(page)
    assert asked.status_code == 303
    ben.send(asked.headers["Location"], {})
    day = {"up_to-day": "31", "up_to-month": "3", "up_to-year": "2027", "why": "The trustees agreed the accounts."}
    future = ben.send(page, day | {"up_to-year": "2028"})
    assert future.status_code == 422
    assert "Choose a day that is over" in words(future)
    closed = ben.send(page, day, follow_redirects=True)
    assert "The books are closed up to 31 March 2027." in words(closed)
    assert "Ben" in words(closed)
    with office.desk() as desk:
        assert len(desk.session.scalars(select(Period)).all()) == 1
    assert office.at("tess").get(page).status_code == 403


@one_database
def test_money_goes_back_by_two_people_on_pages(office: Office) -> None:
    fund = office.fund.id if office.fund else 0
    page = f"/staff/funds/{fund}/give-back"
    asked = {"amount": "500", "reference": "LANTERN BACK", "why": "The winter was mild."}
    too_much = office.at("ben").send(page, asked | {"amount": "5,001"})
    assert too_much.status_code == 422
    assert "£5,000.00 is left in this fund" in words(too_much)
    office.at("ben").send(page, asked)
    assert "You proposed this, so somebody else agrees" in words(office.at("ben").get(page))
    shown = words(office.at("gita").get(page))
    assert "The winter was mild." in shown
    agreed = office.at("gita").send(page, {}, to=f"{page}/agree", follow_redirects=True)
    assert "Send £500.00 from the bank today, with the reference LANTERN BACK." in words(agreed)
    assert "went back to the funder £500" in words(agreed)
    office.at("ben").send(page, asked | {"amount": "20"})
    office.at("gita").send(f"{page}/drop", {"why": "We keep it."})
    with office.desk() as desk:
        rows = desk.session.scalars(select(FundReturn).order_by(FundReturn.id)).all()
        assert [(row.amount, row.agreed_at is not None, row.dropped_at is not None) for row in rows] == [
            (500_00, True, False),
            (20_00, False, True),
        ]

"""The bank on the staff pages: new details by two people, a file taken away once, and a statement line by line."""

from __future__ import annotations

import re
from io import BytesIO

import pytest
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from grants.app import house_of, job_context
from grants.config import Settings
from grants.jobs.payments import perform_run
from grants.model.bank import BankLine
from grants.model.people import Payee
from grants.model.users import User
from tests.conftest import Clock, SignIn, Start, add_user
from tests.flow.test_account_check import WEIGHTS
from tests.rails.bank import bank_settings, read_standard18
from tests.scenes import a_fund, a_worker
from tests.visitor import words
from tests.web.staff.conftest import STAFF, Counting, Office

DETAILS = {"name": "S Preda", "sort_code": "10 88 00", "account_number": "12345678", "why": "She rang us"}


@pytest.fixture
def office(start: Start, settings: Settings, sign_in: SignIn) -> Office:
    """An office that pays by files for its bank."""
    app = start(bank_settings(settings))
    made = Office(app, sign_in)
    with made.desk() as desk:
        for name, roles in STAFF.items():
            add = a_worker if name == "ann" else add_user
            made.staff[name] = add(desk, *roles, name=name.title())
        made.fund = a_fund(desk, pounds=5000)
        desk.session.execute(update(User).where(User.name.startswith("Manager ")).values(active=False))
    return made


def released(office: Office) -> str:
    """Ben puts a run of all that is due together, Gita releases it; returns the page of the run."""
    made = office.at("ben").send("/staff/payments", {"rail": "bankfile"}, to="/staff/runs")
    page: str = made.location
    assert office.at("gita").send(page, to=f"{page}/release").status_code == 303
    perform_run(job_context(house_of(office.app)), int(page.rpartition("/")[2]))
    return page


def brought(office: Office, csv: str, who: str = "ben") -> TestResponse:
    """Somebody brings a bank’s file; returns the page that shows it."""
    token = office.at(who).token("/staff/bank")
    data = {"csrf_token": token, "file": (BytesIO(csv.encode()), "statement.csv")}
    return office.at(who).post("/staff/bank/look", data=data, follow_redirects=True)


def taken_in(office: Office, csv: str) -> TestResponse:
    """Ben looks a bank’s file over and takes it in; returns the page afterwards."""
    page = brought(office, csv)
    form = dict(_hidden(page))
    return office.at("ben").post("/staff/bank/take-in", data=form, follow_redirects=True)


def _hidden(page: TestResponse) -> list[tuple[str, str]]:
    return re.findall(r'type="hidden" name="(csrf_token|lines)" value="([^"]+)"', page.text)[-2:]


def test_new_details_are_typed_agreed_to_and_used_a_day_later(office: Office, clock: Clock) -> None:
    payee_id = office.grant(office.award()).payee_id
    page = f"/staff/payees/{payee_id}"
    asked = office.at("ben").send(f"{page}/details", DETAILS, follow_redirects=True)
    assert "The new details wait for a colleague. The old ones are not paid either." in words(asked)
    assert "You typed these details, so somebody else agrees to them. Gita or Mona may do it." in words(asked)
    assert "12345678" not in asked.text
    assert office.at("ben").send(f"{page}/agree").status_code == 403
    assert office.at("hugo").get(f"{page}/agree").status_code == 403
    agreed = office.at("gita").send(f"{page}/agree", follow_redirects=True)
    assert "You agreed. The new details are used a day from now." in words(agreed)
    assert "24 November 2026" in words(agreed)
    again = office.at("mona").get(f"{page}/agree")
    assert again.status_code == 200
    dropped = office.at("hugo").send(f"{page}/drop", {"why": "She never asked"}, follow_redirects=True)
    assert "The new details are dropped. The old ones stand." in words(dropped)
    assert office.at("gita").get(f"{page}/waive").status_code == 409


def test_details_that_no_bank_can_know_are_kept_with_a_word_of_doubt(office: Office, settings: Settings) -> None:
    (settings.home / "valacdos.txt").write_text(WEIGHTS, encoding="ascii")
    payee_id = office.grant(office.award()).payee_id
    typed = DETAILS | {"sort_code": "990000", "account_number": "10000101"}
    told = words(office.at("ben").send(f"/staff/payees/{payee_id}/details", typed, follow_redirects=True))
    assert "The bank might not know this account number. Please check it once more." in told
    assert "The new details wait for a colleague." in told


def test_a_bank_file_is_taken_away_once_and_never_by_whoever_built_it(office: Office) -> None:
    office.award()
    page = released(office)
    shown = words(office.at("gita").get(page))
    assert "1 payment, £150" in shown
    assert "The money arrives on 25 November 2026." in shown
    assert "Nobody has taken it away yet." in shown
    assert office.at("gita").get(f"{page}/file").mimetype == "text/html", "looking at the page takes nothing"
    assert office.at("ben").send(f"{page}/file").status_code == 403
    given = office.at("gita").send(f"{page}/file")
    assert [each.pence for each in read_standard18(given.data)] == [150_00]
    assert given.headers["Content-Disposition"] == "attachment; filename=bacs-000001.txt"
    assert given.headers["Cache-Control"] == "no-store"
    again = office.at("gita").send(f"{page}/file")
    assert again.status_code == 403
    assert "You have taken it away. A colleague may take it, once." in words(office.at("gita").get(page))
    done = office.at("gita").send(page, to=f"{page}/bank-took", follow_redirects=True)
    assert "The bank has it. The statement will say what was paid." in words(done)


def test_when_the_bank_did_not_take_the_file_somebody_else_says_so(office: Office) -> None:
    grant_id = office.award()
    page = released(office)
    office.at("gita").send(f"{page}/file")
    assert office.at("gita").send(f"{page}/bank-refused", {"why": "Not there"}).status_code == 403
    assert office.at("hugo").send(f"{page}/bank-refused", {"why": ""}).status_code == 422
    done = office.at("hugo").send(f"{page}/bank-refused", {"why": "The list does not have it"}, follow_redirects=True)
    assert "Nothing of this file was paid." in words(done)
    assert office.attempt(grant_id).state == "failed"


def test_a_statement_is_looked_over_taken_in_and_explained(office: Office, statements: Counting) -> None:
    grant_id = office.award()
    page = released(office)
    office.at("gita").send(f"{page}/file")
    office.at("gita").send(page, to=f"{page}/bank-took")
    reference = office.payment(grant_id).statement
    csv = f"""Harbour Trust,,,,
Date,Type,Description,Paid out,Paid in,Balance
25 Nov 2026,BGC,{reference} PREDA,150.00,,9850.00
25/11/26,CHG,Charges,"1,204.20",,8645.80
24/11/2026,DEP,Gift from <b>somebody</b>,,25.00,8670.80
"""
    looked = words(brought(office, csv))
    assert "3 lines are new, 1 of them matched." in looked
    assert "Paid out money out" in looked
    assert "Balance left out" in looked
    with office.desk() as desk:
        assert desk.session.scalars(select(BankLine)).all() == [], "looking over brings nothing in"
    done = words(taken_in(office, csv))
    assert "3 lines came in: 1 matched, 2 wait to be explained." in done
    assert office.attempt(grant_id).state == "settled"
    assert "Every line of this file was here already." in words(taken_in(office, csv))
    with statements() as sent:
        waits = office.at("gita").get("/staff/bank")
    assert len(sent) <= 12
    assert "Gift from <b>somebody</b>" in words(waits)
    with office.desk() as desk:
        gift, fee = desk.session.scalars(select(BankLine.id).where(BankLine.state == "suspense").order_by(BankLine.id))
    form = f"/staff/bank/lines/{gift}"
    nothing = office.at("gita").send(form, {"meaning": "contribution", "why": ""})
    assert (nothing.status_code, "Say how you know" in words(nothing)) == (422, True)
    said = {"meaning": "contribution", "why": "Their letter", "fund": str(office.fund.id if office.fund else 0)}
    assert "The line is explained." in words(office.at("gita").send(form, said, follow_redirects=True))
    assert "Their letter" in words(office.at("tess").get(form))
    assert "Explain it" not in words(office.at("tess").get(f"/staff/bank/lines/{fee}"))
    paid = office.at("gita").send(f"/staff/bank/lines/{fee}", {"meaning": "fee", "why": "Yearly"})
    assert paid.status_code == 303
    assert "Nothing waits." in words(office.at("gita").get("/staff/bank"))
    assert "Charges" in words(office.at("gita").get("/staff/bank?show=all"))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("csv", "told"),
    [
        ("", "This file is empty."),
        ("a,b\n1,2\n", "no column for the day, called “Date” and for the amount"),
        ("Date,Description\n1/1/2026,x\n", "no column for the amount"),
        ("Date,Amount,Description\n1/1/2026,five,x\n", "row 2: “five” is no amount, like 1,234.56"),
        ("Date,Amount,Description\n31/2/2026,5,x\n", "row 2: “31/2/2026” is no day"),
        ("Date,Paid out,Paid in,Description\n1/1/2026,5,6,x\n", "row 2: money out and money in on one line"),
        ("Date,Amount,Description\n,,\n", "no lines of money"),
        ("%PDF-1.4 nothing", "This is a PDF, not a spreadsheet."),
    ],
)
def test_a_file_that_cannot_be_read_says_what_to_mend(office: Office, csv: str, told: str) -> None:
    assert told in words(brought(office, csv))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_lines_that_were_changed_on_the_way_are_not_taken(office: Office) -> None:
    page = brought(office, "Date,Amount,Description\n1/11/2026,5,x\n")
    form = dict(_hidden(page))
    for lines in ("", "nonsense", form["lines"][:-8] + "AAAAAAA="):
        answer = office.at("ben").post("/staff/bank/take-in", data=form | {"lines": lines})
        assert (answer.status_code, "Bring it once more" in words(answer)) == (409, True)
    token = office.at("gita").token("/staff/bank")
    other = office.at("gita").post("/staff/bank/take-in", data={"csrf_token": token, "lines": form["lines"]})
    assert other.status_code == 409, "only whoever looked it over takes it in"


def test_the_page_of_a_payee_with_a_change_asks_little_of_the_database(office: Office, statements: Counting) -> None:
    payee_id = office.grant(office.award()).payee_id
    office.at("ben").send(f"/staff/payees/{payee_id}/details", DETAILS)
    office.at("gita").get("/staff/")
    with statements() as sent:
        office.at("gita").get(f"/staff/payees/{payee_id}")
    assert len(sent) <= 12
    with office.desk() as desk:
        assert desk.session.get_one(Payee, payee_id).hint != "78"


def test_whoever_types_an_application_in_is_told_of_a_number_that_no_bank_can_know(
    office: Office, settings: Settings
) -> None:
    (settings.home / "valacdos.txt").write_text(WEIGHTS, encoding="ascii")
    page = office.at("ann").get("/staff/enter", follow_redirects=True)
    form = dict(re.findall(r'type="hidden" name="(csrf_token|form_key|__named)" value="([^"]*)"', page.text))
    typed = {
        "name": "Severina Preda",
        "amount": "150",
        "need": "The boiler broke",
        "route": "phone",
        "channel": "none",
        "how": "bank",
        "sort_code": "99 00 00",
        "account_number": "10000101",
        "own_account": "yes",
    }
    told = words(office.at("ann").post(page.request.path, data=form | typed, follow_redirects=True))
    assert "It is in the queue" in told
    assert "The bank might not know this account number. Please check it once more." in told


@pytest.mark.parametrize(
    ("result", "said", "next_step"),
    [
        ("match", "The name matches the account", ""),
        ("close_match", "The name is close to the one on the account", "Ask the person how their name is written"),
        (
            "no_match",
            "The name is not the one on the account",
            "Perhaps a number is wrong, or the account is not theirs.",
        ),
        ("unavailable", "The bank could not check the name", "If you know the account is right, a second person may"),
    ],
)
def test_what_the_check_of_a_name_said_stands_on_its_page_with_what_to_do(
    office: Office, result: str, said: str, next_step: str
) -> None:
    payee_id = office.grant(office.award()).payee_id
    with office.desk() as desk:
        desk.session.get_one(Payee, payee_id).check = result
    shown = words(office.at("gita").get(f"/staff/payees/{payee_id}"))
    assert said in shown
    assert next_step in shown
    assert ("Accept it as it is, as the second person" in shown) is (result != "match")
    accepted = office.at("gita").send(
        "/staff/connections", {"why": "I rang her"}, to=f"/staff/payees/{payee_id}/accept"
    )
    assert accepted.status_code == (303 if result != "match" else 422)

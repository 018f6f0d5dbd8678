"""The pages of controls: hints before money goes, a trustee's look back, the register of losses, names looked up."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select, update

from grants.domain.money import Money
from grants.flow import pay
from grants.flow.controls import choices, incidents, look_back
from grants.model.applications import Decision
from grants.model.events import EventRow
from grants.model.grants import Grant
from grants.model.payments import Attempt
from grants.model.runs import Run
from grants.model.safety import HintLook, Incident, LookedBack
from tests.conftest import Clock
from tests.visitor import words
from tests.web.staff.conftest import Counting, Office

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

HOSTEL = {"sort_code": "20-00-00", "account_number": "55778899"}


def happened(office: Office, name: str) -> list[EventRow]:
    with office.desk() as desk:
        return list(desk.session.scalars(select(EventRow).where(EventRow.name == name).order_by(EventRow.id)))


def a_shared_run(office: Office) -> int:
    for _ in range(4):
        office.award(**HOSTEL)
    return office.build()


def test_who_checks_a_run_sees_the_hint_says_it_is_fine_and_the_run_goes(office: Office) -> None:
    run = a_shared_run(office)
    gita = office.at("gita")
    assert "See what is worth a look in this run" in words(gita.get(f"/staff/runs/{run}"))
    page = gita.get(f"/staff/runs/{run}/check")
    assert "One account is paid for 4 people" in words(page)
    assert "It may be the account of a family, a hostel, a carer or an agency." in words(page)
    assert "8899" not in page.text
    link = page.text.partition("/staff/hints/fine")[2].partition('"')[0].replace("&amp;", "&")
    form = f"/staff/hints/fine{link}"
    assert gita.send(form, {"why": " "}).status_code == 422
    assert gita.send(form, {"why": "It is the hostel’s own."}).location == f"/staff/runs/{run}/check"
    assert "Nothing to look at in this run." in words(gita.get(f"/staff/runs/{run}/check"))
    hints = words(gita.get("/staff/hints"))
    assert "Nothing to look at now." in hints
    assert "It is the hostel’s own." in hints
    assert gita.get(form).status_code == 404
    with office.desk() as desk:
        assert desk.session.scalars(select(HintLook.seen)).all() == [4]


def test_a_hint_holds_no_run_and_is_on_no_page_of_an_application(office: Office) -> None:
    run = a_shared_run(office)
    with office.desk() as desk:
        grant = desk.session.scalars(select(Grant).order_by(Grant.id)).first()
        assert grant is not None
        places = (f"/staff/applications/{grant.application.reference}", f"/staff/grants/{grant.reference}")
    for who in ("ann", "gita"):
        for place in places:
            shown = words(office.at(who).get(place))
            assert "One account is paid" not in shown
            assert "worth a look" not in shown
    assert office.at("gita").send(f"/staff/runs/{run}", {}, to=f"/staff/runs/{run}/release").status_code == 303
    assert office.run(run).state == "released"


def choose(office: Office, above: int) -> None:
    with office.desk("tess") as desk:
        choices.choose(desk, "by_hand", Money(above), "Small risk.", "Item 4", date(2026, 11, 1))


def test_trustees_record_their_choice_and_only_they(office: Office) -> None:
    tess = office.at("tess")
    page = words(tess.get("/staff/name-checks"))
    assert "The trustees have not chosen yet." in page
    assert "UK Sanctions List" in page
    typed = {"way": "by_hand", "above": "", "why": "Small risk.", "minutes": "Item 4", "chosen_on": "1 11 2026"}
    missing = tess.send("/staff/name-checks", typed)
    assert missing.status_code == 422
    assert "Enter the amount above which somebody looks" in words(missing)
    assert tess.send("/staff/name-checks", typed | {"above": "100"}).status_code == 303
    page = words(tess.get("/staff/name-checks"))
    assert "Somebody looks names up by hand for each payment above £100.00." in page
    assert "Item 4" in page
    assert "Record what you chose" not in words(office.at("gita").get("/staff/name-checks"))


def test_a_reminder_is_ticked_with_who_and_when_and_never_holds_the_run(office: Office) -> None:
    office.award()
    choose(office, 100_00)
    run = office.build()
    gita = office.at("gita")
    there = f"/staff/runs/{run}/check"
    page = words(gita.get(there))
    assert "There is 1 of them in this run." in page
    assert "Not looked up yet" in page
    assert "Severina" in page, "finance and managers know who it is"
    assert gita.send(f"/staff/runs/{run}/names", {"why": "Nobody."}).status_code == 422, "the tick is missing"
    assert gita.send(f"/staff/runs/{run}/names", {"looked": "yes", "why": "Nobody is on it."}).location == there
    page = words(gita.get(there))
    assert "Looked up Gita, 23 November 2026" in page
    [told] = happened(office, "run.names_looked_up")
    assert (told.subject_id, told.data["payments"], told.actor_id) == (run, 1, office.staff["gita"].id)
    office.award()
    other = office.build()
    with office.desk("gita") as desk:
        pay.release(desk, desk.session.get_one(Run, other))
    assert office.run(other).state == "released", "released with nobody having looked"


def test_below_the_amount_nothing_is_to_be_looked_up(office: Office) -> None:
    office.award()
    choose(office, 150_00)
    run = office.build()
    assert "Nothing is to be looked up for this run." in words(office.at("gita").get(f"/staff/runs/{run}/check"))
    assert office.at("gita").get(f"/staff/runs/{run}/names").status_code == 404


def test_whoever_pays_by_hand_is_reminded_in_the_same_words_and_never_refused(office: Office) -> None:
    page = f"/staff/payments/{office.payment(office.award(how='cash')).id}/record"
    reminder = "Somebody looks names up by hand for each payment above £149.99. This is one of them."
    ben = office.at("ben")
    assert "names up by hand" not in words(ben.get(page)), "the trustees have not chosen yet"
    choose(office, 150_00)
    assert "names up by hand" not in words(ben.get(page)), "it is not above the amount"
    choose(office, 149_99)
    assert reminder in words(ben.get(page))
    typed = {"how": "cash", "paid_on": "23/11/2026", "reference": "CASH 7"}
    assert "A colleague now looks for it" in words(ben.send(page, typed, follow_redirects=True)), "nobody had looked"
    with office.desk() as desk:
        number = desk.session.scalars(select(Attempt.id)).one()
    there = f"/staff/attempts/{number}"
    assert reminder in words(office.at("hugo").get(f"{there}/check"))
    done = office.at("hugo").send(f"{there}/check", to=f"{there}/confirm", follow_redirects=True)
    assert "The payment is confirmed." in words(done)
    assert reminder not in words(office.at("hugo").get(f"{there}/check"))
    with office.desk("tess") as desk:
        choices.choose(desk, "none", None, "Too rare.", "Item 9", date(2026, 11, 2))
    other = f"/staff/payments/{office.payment(office.award(how='cash')).id}/record"
    assert "names up by hand" not in words(ben.get(other))


def drawn(office: Office) -> int:
    """Ann awarded in October; November has come, and the month is drawn. Returns the drawn row's number."""
    office.award(need="Winter coats", name="Quillonia Zephyrbane")
    with office.desk() as desk:
        at = datetime(2026, 10, 5, 9, tzinfo=UTC)
        desk.session.execute(update(Decision).values(at=at, eligible="Quillonia rang me."))
        look_back.draw_due(desk)
        return desk.session.scalars(select(LookedBack.id)).one()


def test_a_trustee_looks_back_and_each_look_is_told(office: Office) -> None:
    number = drawn(office)
    tess = office.at("tess")
    page = words(tess.get("/staff/look-back"))
    assert "2026-10" in page
    assert happened(office, "look_back.opened") == []
    facts = tess.send("/staff/look-back", {}, to=f"/staff/look-back/{number}")
    assert "[name] rang me." in words(facts)
    assert "£150" in words(facts)
    for secret in ("Quillonia", "Zephyrbane", "Winter coats"):
        assert secret not in facts.text
    assert len(happened(office, "look_back.opened")) == 1
    finding = f"/staff/look-back/{number}/finding"
    wrong = tess.send("/staff/look-back", {"finding": "talk"}, to=finding)
    assert wrong.status_code == 422
    assert "Say what the talk is about" in words(wrong)
    assert "rang me" not in words(wrong), "what is not kept as a look is not shown"
    right = tess.send("/staff/look-back", {"finding": "talk", "words": "Why so little?"}, to=finding)
    assert right.location == "/staff/look-back"
    month = tess.get("/staff/look-back/months/1")
    assert "a talk would help" in words(month)
    for page_ in (month, tess.get("/staff/look-back")):
        assert "Why so little?" not in page_.text
        assert "Quillonia" not in page_.text
    assert "Sit down together" in words(office.at("mona").get("/staff/tasks/1"))


def test_the_numbers_of_a_month_are_a_file(office: Office) -> None:
    drawn(office)
    told = office.at("ben").get("/staff/look-back/months/1/numbers").get_json()
    assert (told["population"], told["numbers"], told["drawn_numbers"]) == (1, ["1"], ["1"])
    assert len(told["seed"]) == 32


def test_a_loss_is_written_down_reported_closed_and_taken_out(office: Office) -> None:
    ben = office.at("ben")
    typed = {"kind": "theft", "words": '=HYPERLINK("x") the cash box', "happened_on": "2 11 2026", "amount": "40"}
    assert ben.send("/staff/incidents/new", typed | {"happened_on": "31 11 2026"}).status_code == 422
    assert ben.send("/staff/incidents/new", typed | {"payment": "999"}).status_code == 422
    assert ben.send("/staff/incidents/new", typed).location == "/staff/incidents"
    assert ben.send("/staff/incidents/1/reported", {"reported_on": "3 11 2026"}).location == "/staff/incidents/1"
    assert ben.send("/staff/incidents/1/close", {"outcome": "-A new lock."}).location == "/staff/incidents/1"
    page = words(office.at("tess").get("/staff/incidents/1"))
    assert "Something was stolen" in page
    assert "Told the regulator 3 November 2026" in page
    file = office.at("tess").send("/staff/incidents", {"how": "file"}, to="/staff/incidents/take-out")
    [row] = csv.DictReader(io.StringIO(file.get_data(as_text=True)))
    assert row["what_happened"] == '\'=HYPERLINK("x") the cash box'
    assert row["what_came_of_it"] == "'-A new lock."
    assert (row["amount"], row["reported_on"], row["fund"]) == ("40.00", "2026-11-03", "")
    paper = office.at("tess").send("/staff/incidents", {"how": "paper", "number": "1"}, to="/staff/incidents/take-out")
    assert "Financial crimes: fraud, theft, cyber-crime and money laundering" in words(paper)
    told = [(each.data, each.subject_id) for each in happened(office, "incident.taken_out")]
    assert told == [({"how": "file", "count": 1}, 0), ({"how": "paper", "count": 1}, 1)]


def test_the_register_names_nobody_who_was_helped(office: Office) -> None:
    grant_id = office.award(name="Quillonia Zephyrbane")
    run = office.build()
    with office.desk() as desk:
        attempt = office.attempt(grant_id)
        incidents.enter_once(desk, incidents.twice(attempt, desk.today()))
        incidents.enter_once(desk, incidents.twice(attempt, desk.today()))
        assert len(desk.session.scalars(select(Incident)).all()) == 1, f"once, of run {run}"
    tess = office.at("tess")
    file = tess.send("/staff/incidents", {"how": "file"}, to="/staff/incidents/take-out").get_data(as_text=True)
    assert office.grant(grant_id).reference in file
    assert "Winter fund" in file
    for where in (file, tess.get("/staff/incidents").text, tess.get("/staff/incidents/1").text):
        assert "Quillonia" not in where


def test_pages_take_few_statements(office: Office, statements: Counting, clock: Clock) -> None:
    run = a_shared_run(office)
    choose(office, 100_00)
    drawn(office)
    clock.move(hours=1)
    for who, places in (
        ("gita", ("hints", f"runs/{run}", f"runs/{run}/check", "incidents", "name-checks", "look-back")),
        ("tess", ("look-back", "look-back/months/1", "incidents", "name-checks")),
    ):
        visitor = office.at(who)
        for place in places:
            with statements() as sent:
                assert visitor.get(f"/staff/{place}").status_code == 200
            assert len(sent) <= 12, (place, len(sent))

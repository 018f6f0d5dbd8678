"""Somebody asks what we hold of them: their worker makes sure who asks, hands it over, or a manager erases them."""

from __future__ import annotations

import io
import json
import zipfile

from sqlalchemy import func, select, text

from grants.domain.data_rights import Kind
from grants.flow.desk import Actor
from grants.flow.privacy import requests
from grants.model.events import EventRow
from grants.model.grants import Grant
from grants.model.people import Person
from grants.model.stories import DataRequest
from tests.conftest import Clock
from tests.scenes import a_grant
from tests.visitor import words
from tests.web.staff.conftest import Counting, Office

NAME = "Quillonia Zephyrbane"


def a_request(office: Office, kind: Kind) -> tuple[int, str]:
    """Somebody with a grant asks by their link; returns the request's number and the grant's reference."""
    with office.desk() as desk:
        assert office.fund is not None
        grant = a_grant(desk, office.fund, office.staff["ann"], name=NAME)
        themselves = desk.acting(Actor(kind="recipient"))
        row = requests.ask(themselves, grant.person_id, kind, "My <b>words</b>", grant_id=grant.id)
        return row.id, grant.reference


def test_what_we_hold_is_taken_out_only_after_a_safe_check_and_handed_over(office: Office, clock: Clock) -> None:
    number, reference = a_request(office, "see")
    page = f"/staff/data-requests/{number}"
    ann, ben = office.at("ann"), office.at("ben")
    assert ben.get(page).status_code == 403
    assert "Somebody asks to see what we hold about them" in words(ann.get("/staff/data-requests"))
    shown = ann.get(page)
    assert "My <b>words</b>" in words(shown)
    assert NAME not in words(shown)
    assert "Take the papers out" not in words(shown)
    refused = ann.send(page, {}, to=f"{page}/papers")
    assert "Make sure first" in words(refused)
    assert refused.status_code == 409
    assert "Choose the way" in words(ann.send(f"{page}/check", {}))
    assert ann.send(f"{page}/check", {"how": "link"}).status_code == 422
    assert ann.send(f"{page}/check", {"how": "phone"}).status_code == 303

    taken = ann.send(page, {}, to=f"{page}/papers")
    assert taken.mimetype == "application/zip"
    with zipfile.ZipFile(io.BytesIO(taken.data)) as papers:
        told = json.loads(papers.read("what-we-hold.json"))
        assert NAME in papers.read("what-we-hold.html").decode()
    assert any(field["value"] == NAME for row in told["rows"] for field in row["fields"])
    assert ann.send(f"{page}/hand-over", {"how": "person"}).status_code == 303
    assert "In person" in words(ann.get(page))
    assert "Nobody waits" in words(ann.get("/staff/data-requests"))
    assert ann.send(f"{page}/hand-over", {"how": "person"}).status_code == 422
    with office.desk() as desk:
        happened = set(desk.session.scalars(select(EventRow.name)))
        assert {"data_request.checked", "person.exported", "data_request.closed"} <= happened

    asked = f"/staff/grants/{reference}/data-request"
    assert "They ask about what we hold" in words(ann.get(f"/staff/grants/{reference}"))
    assert ann.send(asked, {"kind": "correct"}).status_code == 422
    assert ann.send(asked, {"kind": "correct", "how": "phone", "words": "My name has two l"}).status_code == 303
    clock.move(days=40)
    office.browsers.clear()  # they sign in again
    late = words(office.at("ann").get("/staff/data-requests"))
    assert "A little late: please answer first" in late
    correct = f"/staff/data-requests/{number + 1}"
    assert office.at("ann").send(f"{correct}/check", {"how": "person"}).status_code == 303
    told_where = words(office.at("ann").get(correct))
    assert "put it right there" in told_where
    assert "How to reach them" in told_where
    assert office.at("ann").send(f"{correct}/close", {"outcome": ""}).status_code == 422
    assert office.at("ann").send(f"{correct}/close", {"outcome": "It has two l now."}).status_code == 303


def test_a_manager_sees_what_goes_and_what_stays_then_erases(office: Office, statements: Counting) -> None:
    number, reference = a_request(office, "erase")
    page = f"/staff/data-requests/{number}"
    ann, gita = office.at("ann"), office.at("gita")
    assert "Make sure first" in words(gita.get(f"{page}/erase"))
    assert ann.send(f"{page}/check", {"how": "person"}).status_code == 303
    assert "A manager erases people" in words(ann.get(page))
    assert ann.get(f"{page}/erase").status_code == 403
    assert "still has money to pay" in words(gita.get(f"{page}/erase"))
    assert gita.send(f"{page}/check", {"how": "person"}).status_code == 303
    with office.desk() as desk:
        desk.session.execute(text("UPDATE grants SET state = 'cancelled'"))
    with statements() as sent:
        shown = words(gita.get(f"{page}/erase"))
    assert len(sent) <= 12
    assert "their name, home, household and how to reach them (1)" in shown
    assert "postings of the books" in shown
    assert gita.send(f"{page}/erase", {}).status_code == 422
    assert gita.send(f"{page}/erase", {"sure": "true"}).status_code == 303
    after = words(gita.get(page))
    assert "My <b>words</b>" not in after
    assert NAME not in words(gita.get(f"/staff/grants/{reference}"))
    with office.desk() as desk:
        grant = desk.session.scalars(select(Grant).where(Grant.reference == reference)).one()
        person = desk.session.get_one(Person, grant.person_id)
        assert person.name == person.number
        open_now = select(func.count()).select_from(DataRequest).where(DataRequest.closed_at.is_(None))
        assert desk.session.scalar(open_now) == 0
    assert gita.send(page, {}, to=f"{page}/erase").status_code == 409, "only once"
    asked = gita.send(f"/staff/grants/{reference}/data-request", {"kind": "see", "how": "phone"})
    assert "was erased" in words(asked)

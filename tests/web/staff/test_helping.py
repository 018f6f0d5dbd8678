"""The inbox for help: handed over only to who may see it, few statements, and said when no reader is named."""

from __future__ import annotations

from grants.flow import helping
from grants.flow.desk import Actor
from grants.model.grants import Grant
from grants.model.helping import HelpCall
from tests.conftest import add_user
from tests.visitor import words
from tests.web.staff.conftest import Counting, Office


def a_call(office: Office, grant_id: int) -> int:
    """The person says that something is wrong; returns the call."""
    with office.desk() as desk:
        grant, person = desk.session.get_one(Grant, grant_id), desk.acting(Actor(kind="recipient"))
        return helping.call(person, grant=grant, kind="help", code="wrong_amount", words="Only <b>£50</b> came").id


def test_a_call_is_handed_over_only_to_whom_it_may_be_seen_by(office: Office) -> None:
    number = a_call(office, office.award())
    page = f"/staff/help/{number}"
    form = words(office.at("hugo").get(f"{page}/hand-over"))
    assert "Gita" in form
    assert "Mona" in form
    for other in ("Ann", "Ben", "Tess"):
        assert other not in form.partition("Who answers instead?")[2].partition("Hand it over")[0], other
    ann = str(office.staff["ann"].id)
    assert office.at("hugo").send(f"{page}/hand-over", {"colleague": ann}).status_code == 422
    given = office.at("hugo").send(f"{page}/hand-over", {"colleague": str(office.staff["mona"].id)})
    assert given.status_code == 303
    assert "Yours" in words(office.at("mona").get("/staff/help"))
    with office.desk() as desk:
        assert desk.session.get_one(HelpCall, number).taken_by == office.staff["mona"].id


def test_only_a_safe_way_is_offered_for_an_answer(office: Office) -> None:
    email = a_call(office, office.award())
    unsafe = a_call(office, office.award(channel="none", contact_safe=False, email="kept@post.example.org"))
    offered = words(office.at("hugo").get(f"/staff/help/{email}/answer"))
    assert "By email" in offered
    assert "By text message" not in offered
    hidden = office.at("hugo").get(f"/staff/help/{unsafe}/answer")
    assert "No way to reach them is safe." in words(hidden)
    assert "By email" not in words(hidden)
    assert "kept@post.example.org" not in hidden.text
    forced = office.at("hugo").send(f"/staff/help/{unsafe}/answer", {"how": "email", "words": "Hello"})
    assert forced.status_code == 422
    with office.desk() as desk:
        assert desk.session.get_one(HelpCall, unsafe).answered_at is None


def test_the_inbox_takes_few_statements_however_many_call(office: Office, statements: Counting) -> None:
    for _ in range(3):
        number = a_call(office, office.award())
    for page in ("/staff/help", f"/staff/help/{number}", "/staff/help/promise", "/staff/"):
        client = office.at("hugo")
        with statements() as sent:
            assert client.get(page).status_code == 200
        assert len(sent) <= 12, (page, sent)


def test_the_home_page_says_when_nobody_reads_independently(office: Office) -> None:
    assert "No independent reader" in words(office.at("gita").get("/staff/"))
    assert "Nobody is the independent reader yet." in words(office.at("hugo").get("/staff/help"))
    with office.desk() as desk:
        add_user(desk, "trustee", "independent-reader")
    assert "No independent reader" not in words(office.at("gita").get("/staff/"))


def test_a_funder_reads_how_promises_were_kept_without_small_numbers(office: Office) -> None:
    for _ in range(2):
        a_call(office, office.award())
    assert office.fund is not None
    answer = office.at("gita").get(f"/funders/funds/{office.fund.slug}/statement")
    page_html = answer.text
    block = words(answer).partition("When people asked for help")[2]
    assert "Help with the money" in block
    assert "too few to show" in block
    assert ">2<" not in page_html.partition("When people asked for help")[2]

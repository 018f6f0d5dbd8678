"""What people say by phone, and what a manager may do with a grant."""

from __future__ import annotations

from sqlalchemy import select

from grants.flow import confirm, fund
from grants.model.asks import GrantAsk
from grants.model.confirmations import Confirmation
from grants.model.funds import Fund
from grants.model.grants import Grant
from grants.model.stories import Story
from grants.model.tasks import Task
from tests.scenes import a_fund
from tests.visitor import words
from tests.web.staff.conftest import Office


def page_of(office: Office, grant_id: int, act: str) -> str:
    return f"/staff/grants/{office.grant(grant_id).reference}/{act}"


def with_a_story(office: Office) -> tuple[int, int]:
    """A grant whose policy hopes for a story; returns the grant and the ask."""
    with office.desk() as desk:
        office.fund = a_fund(desk, policy="light-report")
    grant_id = office.award()
    with office.desk() as desk:
        return grant_id, desk.session.scalars(select(GrantAsk.id).where(GrantAsk.grant_id == grant_id)).one()


def test_it_came_is_written_down_once(office: Office) -> None:
    grant_id = office.award()
    page = page_of(office, grant_id, "by-phone")
    first = office.at("hugo").send(page, {"kind": "arrived"}, follow_redirects=True)
    assert "Written down: the money came." in words(first)
    second = office.at("hugo").send(page, {"kind": "arrived"}, follow_redirects=True)
    assert "They had said so before." in words(second)
    with office.desk() as desk:
        told = desk.session.scalars(select(Confirmation)).all()
        assert [(row.kind, row.how, row.recorded_by) for row in told] == [("arrived", "phone", office.staff["hugo"].id)]
    assert office.grant(grant_id).confirmed_at is not None


def test_a_problem_by_phone_calls_for_help_of_somebody_else(office: Office) -> None:
    grant_id = office.award()
    page = page_of(office, grant_id, "by-phone")
    nothing = office.at("ann").send(page, {"words": "She is upset"})
    assert nothing.status_code == 422
    assert "Choose what they said." in words(nothing)
    assert "She is upset" in nothing.text
    office.at("ann").send(page, {"kind": "not_safe", "words": "He took the phone"})
    with office.desk() as desk:
        task = desk.session.scalars(select(Task).where(Task.kind == "help_call")).one()
        assert office.staff["ann"].id in task.not_for
    assert office.grant(grant_id).state == "on_hold"


def test_too_many_words_are_refused_with_nothing_lost(office: Office) -> None:
    page = page_of(office, office.award(), "by-phone")
    long = "é" * 3000
    answer = office.at("hugo").send(page, {"kind": "other", "words": long})
    assert answer.status_code == 422
    assert "Use 2,000 characters or fewer. You have used 3,000." in words(answer)
    assert long in answer.text


def test_an_ask_is_answered_by_phone(office: Office) -> None:
    grant_id, ask_id = with_a_story(office)
    page = page_of(office, grant_id, f"asks/{ask_id}/answer")
    blank = office.at("hugo").send(page, {})
    assert blank.status_code == 422
    assert "Ask them this, and choose their answer." in words(blank), "each consent is asked for by itself"
    consents = {"to_charity": "yes", "to_funder": "no", "to_public": "no"}
    nothing = office.at("hugo").send(page, consents)
    assert "Write down what they said, or go back" in words(nothing)
    field = blank.text.partition("<textarea")[2].partition('name="')[2].partition('"')[0]
    told = office.at("hugo").send(page, consents | {field: "The boots fit 👢 <b>"}, follow_redirects=True)
    assert "Their answer is kept. Thank them." in words(told)
    with office.desk() as desk:
        ask = desk.session.get_one(GrantAsk, ask_id)
        assert (ask.state, ask.how) == ("met", "phone")
        assert ask.answers == {}
    listed = words(office.at("hugo").get("/staff/stories"))
    assert "The boots fit 👢 <b>" in listed
    assert "For us" in listed


def test_an_ask_is_let_go_by_a_manager_with_a_reason(office: Office) -> None:
    grant_id, ask_id = with_a_story(office)
    page = page_of(office, grant_id, f"asks/{ask_id}/let-go")
    assert office.at("hugo").get(page).status_code == 403
    assert office.at("gita").send(page, {"why": ""}).status_code == 422
    assert office.at("gita").send(page, {"why": "They are ill"}).status_code == 303
    again = office.at("mona").send(page, {"why": "They are ill"})
    assert again.status_code == 422
    assert "cannot be done" in words(again)
    other = office.award()
    assert office.at("gita").get(page_of(office, other, f"asks/{ask_id}/let-go")).status_code == 404


def test_a_grant_is_held_and_goes_on(office: Office) -> None:
    grant_id = office.award()
    hold, resume = page_of(office, grant_id, "hold"), page_of(office, grant_id, "resume")
    assert office.at("gita").send(hold, {"why": "We have to talk first"}).status_code == 303
    assert office.grant(grant_id).state == "on_hold"
    twice = office.at("mona").send(hold, {"why": "Me too"})
    assert twice.status_code == 422
    assert "Possible now: resume, cancel." in words(twice)
    assert "We have to talk first" in words(office.at("mona").get(resume))
    assert office.at("mona").send(resume, {"why": "We talked"}).status_code == 303
    assert office.grant(grant_id).state == "active"


def test_the_grant_page_offers_what_each_may_do(office: Office) -> None:
    grant_id, _ = with_a_story(office)
    page = f"/staff/grants/{office.grant(grant_id).reference}"
    worker, manager = words(office.at("ann").get(page)), words(office.at("gita").get(page))
    assert "They called: write down what they said" in worker
    assert "Write down their answer" in worker
    assert "Hold this grant" not in worker
    assert "Hold this grant" in manager
    assert "Let it go" in manager
    with office.desk("gita") as desk:
        ask = desk.session.scalars(select(GrantAsk).where(GrantAsk.grant_id == grant_id)).one()
        confirm.waive(desk, ask, "Not needed")
    assert "Let it go" not in words(office.at("gita").get(page))


def test_an_unknown_grant_is_not_found(office: Office) -> None:
    for act in ("hold", "resume", "cancel", "by-phone", "asks/1/answer", "asks/1/let-go"):
        assert office.at("gita").get(f"/staff/grants/G-NOTHERE/{act}").status_code == 404
    assert office.at("gita").get("/staff/grants/%00/hold").status_code == 404
    with office.desk() as desk:
        assert desk.session.scalars(select(Grant)).all() == []
        assert fund.terms_of(desk.session.scalars(select(Fund)).one()).asks == ()


def test_on_the_phone_they_say_not_yet_and_tell_a_story_that_goes_when_they_say_so(office: Office) -> None:
    grant_id, _ask_id = with_a_story(office)
    hugo, page = office.at("hugo"), page_of(office, grant_id, "")
    page = page.rstrip("/")
    said = hugo.send(page, {}, to=f"{page}/not-yet", follow_redirects=True)
    assert "Written down. Tell them: it should come by" in words(said)
    assert "They said that it has not come yet" in words(said)
    story = {"words": "The boots fit.", "to_charity": "no", "to_funder": "yes", "to_public": "yes"}
    for missing in story:
        told = hugo.send(f"{page}/story", {name: value for name, value in story.items() if name != missing})
        assert told.status_code == 422, f"{missing} is asked for by itself"
    hugo.send(f"{page}/story", story)
    listed = words(hugo.get("/staff/stories?to=public"))
    assert "The boots fit." in listed
    assert "by phone For the funder For everybody" in listed
    with office.desk() as desk:
        number = desk.session.scalars(select(Story.id)).one()
    assert hugo.send(f"{page}/story/{number}/gone", {}).status_code == 303
    assert "The boots fit." not in words(hugo.get("/staff/stories"))
    assert hugo.get(f"{page}/story/{number}/gone").status_code == 404

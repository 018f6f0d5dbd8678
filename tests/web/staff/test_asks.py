"""Asks at the staff door: typed answers, pictures that came, payments that wait, further grants, a fund lets go."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import event, select

from grants.domain.money import Money
from grants.flow import apply, decide
from grants.flow.confirm import further
from grants.model.applications import Application
from grants.model.asks import Attachment, FurtherQuestion, GrantAsk
from grants.model.funds import Fund
from grants.model.grants import Grant
from grants.model.payments import Payment
from grants.model.tasks import Task
from tests.conftest import Clock, SignIn
from tests.hoping import CONDITION, IN_PARTS, RECEIPTS, Asking, picture
from tests.scenes import ELIGIBLE, an_application, answers
from tests.visitor import Visitor, words

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def at(asking: Asking, sign_in: SignIn) -> Any:
    """Returns somebody’s browser, signed in: ``at("mona")``."""
    roles = {"mona": "manager", "gita": "manager", "hugo": "front-line", "ben": "finance", "petra": "partner"}
    roles |= {"tess": "trustee", "ella": "examiner", "olaf": "partner", "ann": "front-line"}
    found: dict[str, Visitor] = {}

    def go(who: str) -> Visitor:
        if who not in found or found[who].get("/account/").status_code != 200:
            user = asking.staff.get(who) or asking.join(who, roles[who])
            found[who] = asking.phone()
            sign_in(found[who], user=user)
        return found[who]

    return go


@contextmanager
def counted(asking: Asking) -> Iterator[list[str]]:
    sent: list[str] = []

    def note(*given: Any) -> None:
        if not given[2].startswith(("BEGIN", "PRAGMA")):
            sent.append(given[2])

    event.listen(asking.house.database.engine, "before_cursor_execute", note)
    yield sent
    event.remove(asking.house.database.engine, "before_cursor_execute", note)


def page_of(asking: Asking, grant: int, more: str = "") -> str:
    with asking.desk() as desk:
        return f"/staff/grants/{desk.session.get_one(Grant, grant).reference}{more}"


def answering(asking: Asking, grant: int) -> str:
    return page_of(asking, grant, f"/asks/{asking.ask(grant).id}/answer")


def sends(visitor: Visitor, page: str, **data: Any) -> Any:
    return visitor.send(page, data, content_type="multipart/form-data", follow_redirects=True)


def test_an_answer_by_letter_with_its_pictures_is_marked_as_typed_by_whom(asking: Asking, at: Any) -> None:
    grant = asking.award(asking.fund(RECEIPTS))
    page = answering(asking, grant)
    shown = words(at("hugo").get(page))
    assert "By letter" in shown
    assert "Any one of these is enough." in shown
    blank = sends(at("hugo"), page, how="letter")
    assert blank.status_code == 422
    assert "Write down what they said, or go back" in words(blank)
    wrong = sends(at("hugo"), page, how="letter", pictures=(io.BytesIO(b"%PDF"), "scan.pdf"))
    assert "We can take pictures: JPEG, PNG or WebP." in words(wrong)
    told = sends(at("hugo"), page, how="letter", bank_line="", pictures=(io.BytesIO(picture()), "IMG.jpg"))
    assert "Their answer is kept. Thank them." in words(told)
    assert (asking.ask(grant).state, asking.ask(grant).how) == ("met", "letter")
    read = words(at("hugo").get(page_of(asking, grant)))
    assert "By letter, typed by us." in read
    assert "The answer came · Hugo" in read
    assert at("hugo").get(page).status_code == 302, "answered already"


def test_a_picture_is_shown_as_ours_alone_and_only_to_those_who_may(asking: Asking, at: Any) -> None:
    grant = asking.award(asking.fund(RECEIPTS))
    sends(at("hugo"), answering(asking, grant), how="phone", pictures=(io.BytesIO(picture("PNG")), "x.html"))
    with asking.desk() as desk:
        number = desk.session.scalars(select(Attachment.id)).one()
    there = page_of(asking, grant, f"/pictures/{number}")
    assert there in at("hugo").get(page_of(asking, grant)).text
    answer = at("hugo").get(there)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["Content-Disposition"] == f'inline; filename="picture-{number}.jpg"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "script" not in policy
    assert Image.open(io.BytesIO(answer.data)).format == "JPEG"
    for who in ("tess", "ella", "petra"):
        assert at(who).get(there).status_code in (403, 404), who
    assert "Picture 1" not in at("ella").get(page_of(asking, grant)).text
    assert at("hugo").get(page_of(asking, grant, "/pictures/999")).status_code == 404
    assert asking.phone().get(there).status_code == 302


def test_a_page_still_has_the_usual_policy_after_a_picture_was_shown(asking: Asking, at: Any) -> None:
    grant = asking.award(asking.fund(RECEIPTS))
    at("hugo").get(page_of(asking, grant, "/pictures/1"))
    assert "style-src 'self'" in at("hugo").get("/staff/").headers["Content-Security-Policy"]


def test_a_held_payment_is_told_everywhere_in_few_statements(asking: Asking, at: Any, clock: Clock) -> None:
    for who in ("mona", "ben"):
        at(who)
    fund = asking.fund(CONDITION, schedule=IN_PARTS)
    grant = asking.award(fund)
    asking.award(fund)
    clock.move(days=35)
    asking.strikes("lapse_asks")
    told = "It waits for: Show what you bought. Mona, a manager, can let it go. A person decides by 7 January 2027."
    with asking.desk() as desk:
        [rail] = set(desk.session.scalars(select(Payment.rail)))
    for page in (page_of(asking, grant), f"/staff/payments/due/{rail}", "/staff/payments/waiting"):
        ben = at("ben")
        with counted(asking) as sent:
            read = words(ben.get(page))
        assert told in read, page
        assert len(sent) <= 12, [x[:90] + "~" + x[-60:] for x in sent]
    mona = at("mona")
    with counted(asking) as sent:
        home = words(mona.get("/staff/"))
    assert "2 payments wait for a person to decide" in home
    assert len(sent) <= 12, [x[:90] + "~" + x[-60:] for x in sent]
    clock.move(days=11)
    assert "2 are past their day" in words(at("mona").get("/staff/"))
    assert "Late" in words(at("ben").get("/staff/payments/waiting"))
    wait = page_of(asking, grant, f"/asks/{asking.ask(grant).id}/wait")
    assert at("ben").get(wait).status_code == 403
    done = at("mona").send(wait, {"why": "She sends it on Friday."}, follow_redirects=True)
    assert "Somebody decides again within 10 days" in words(done)
    assert "A person decides by 18 January 2027." in words(done)


def test_something_is_let_go_for_everybody_of_a_fund(asking: Asking, at: Any) -> None:
    fund = asking.fund(RECEIPTS, replace(RECEIPTS, slug="story", title="A story"))
    grants = [asking.award(fund) for _ in range(2)]
    page = f"/staff/funds/{fund}/let-go"
    assert page in at("mona").get(f"/staff/funds/{fund}").text
    assert page not in at("hugo").get(f"/staff/funds/{fund}").text
    assert at("hugo").get(page).status_code == 403
    shown = words(at("mona").get(page))
    for said in ("Everything that is asked (4)", "Show what you bought (2)", "A story (2)"):
        assert said in shown
    assert at("mona").send(page, {"what": "story"}).status_code == 422
    assert at("mona").send(page, {"what": "nothing", "why": "x"}).status_code == 422
    done = at("mona").send(page, {"what": "story", "why": "The funder agreed."}, follow_redirects=True)
    assert "Let go: 2." in words(done)
    assert "Something asked was let go for everybody" in words(done)
    with asking.desk() as desk:
        found = select(GrantAsk.slug, GrantAsk.state).where(GrantAsk.grant_id.in_(grants)).distinct()
        assert sorted(tuple(row) for row in desk.session.execute(found)) == [("receipts", "open"), ("story", "waived")]
    at("mona").send(page, {"what": "receipts", "why": "The funder agreed."})
    assert "Nothing is asked of anybody" in words(at("mona").get(page))


def test_a_partner_sees_and_answers_what_is_asked_of_them(asking: Asking, at: Any, clock: Clock) -> None:
    helper = replace(RECEIPTS, of="referrer", title="Say how the visit went")
    fund = asking.fund(helper)
    for who in ("petra", "olaf", "ann"):
        at(who)
    with asking.desk("petra") as desk:
        number = apply.submit(desk, desk.session.get_one(Fund, fund), answers(route="referred")).id
    with asking.desk("ann") as desk:
        made = decide.award(desk, number, Money(150_00), ELIGIBLE).grant
        assert made is not None
        grant = made.id
    assert "thing is asked of you" in words(at("petra").get("/staff/"))
    assert "Say how the visit went" in words(at("petra").get("/staff/asked"))
    assert "Nothing is asked now." in words(at("olaf").get("/staff/asked"))
    assert "Say how the visit went" in words(at("ann").get("/staff/asked"))
    assert "Answer this" in words(at("petra").get(page_of(asking, grant)))
    page = answering(asking, grant)
    assert at("olaf").get(page).status_code == 404
    assert "By letter" not in words(at("petra").get(page))
    assert "The answer is kept." in words(sends(at("petra"), page, own_words="It went well."))
    assert (asking.ask(grant).state, asking.ask(grant).how) == ("met", "here")


def test_a_partner_cannot_answer_for_the_person(asking: Asking, at: Any) -> None:
    fund = asking.fund(RECEIPTS)
    for who in ("petra", "ann"):
        at(who)
    with asking.desk("petra") as desk:
        number = apply.submit(desk, desk.session.get_one(Fund, fund), answers(route="referred")).id
    with asking.desk("ann") as desk:
        made = decide.award(desk, number, Money(150_00), ELIGIBLE).grant
        assert made is not None
        grant = made.id
    assert at("petra").get(answering(asking, grant)).status_code == 403
    assert "Write down their answer" not in words(at("petra").get(page_of(asking, grant)))


SEV = {"name": "Severina Preda", "email": "sev@post.example.org"}


@pytest.fixture
def asks_again(asking: Asking, at: Any, clock: Clock) -> str:
    """Severina’s receipts never came, and she applies again; returns the page of her application."""
    for who in ("ann", "hugo", "mona"):
        at(who)
    fund = asking.fund(replace(RECEIPTS, if_missed="further_grant"))
    asking.award(fund, **SEV)
    clock.move(days=41)
    asking.strikes("lapse_asks")
    with asking.desk() as desk:
        return f"/staff/applications/{an_application(desk, desk.session.get_one(Fund, fund), **SEV).reference}"


AWARD = {"amount": "150", "tick": "yes", "eligible": ELIGIBLE}


def test_the_award_page_asks_the_question_and_awarding_answers_it(asking: Asking, at: Any, asks_again: str) -> None:
    ann = at("ann")
    with counted(asking) as sent:
        page = words(ann.get(asks_again))
    assert len(sent) <= 12, [x[:90] + "~" + x[-60:] for x in sent]
    assert "Is a further grant right?" in page
    assert "Why is a further grant right?" in page
    long = at("ann").send(asks_again, AWARD | {"further_why": "x" * 501}, to=f"{asks_again}/award")
    assert long.status_code == 422
    done = at("ann").send(asks_again, AWARD | {"further_why": "She was ill."}, to=f"{asks_again}/award")
    assert done.status_code == 302
    with asking.desk() as desk:
        question = desk.session.scalars(select(FurtherQuestion)).one()
        assert (question.answer, question.why) == ("go_on", "She was ill.")


def test_not_now_is_said_on_the_award_page_appealed_and_answered_by_somebody_else(
    asking: Asking, at: Any, asks_again: str
) -> None:
    with asking.desk() as desk:
        number = desk.session.scalars(select(FurtherQuestion.id)).one()
        task = desk.session.scalars(select(Task.id).where(Task.kind == "further_grant")).one()
    page = f"/staff/further/{number}"
    assert page in at("hugo").get(f"/staff/tasks/{task}").text
    assert at("hugo").send(f"{page}/answer", {"answer": "not_now"}).status_code == 422
    said = at("hugo").send(
        f"{page}/answer", {"answer": "not_now", "why": "We could not reach her."}, follow_redirects=True
    )
    assert "Not now" in words(said)
    stopped = words(at("ann").get(asks_again))
    assert "Not now, a colleague said" in stopped
    refused = at("ann").send(asks_again, AWARD, to=f"{asks_again}/award")
    assert refused.status_code == 422
    assert "You can ask the question again, or the person can appeal." in words(refused)
    at("ann").send(f"{page}/appeal", {"words": "She was <b>ill</b>."})
    assert "You answered first, so somebody else looks again." in words(at("hugo").get(page))
    mine = at("hugo").send(f"{page}/second-look", {"answer": "go_on", "why": "Fine."})
    assert mine.status_code == 403
    at("mona").send(f"{page}/second-look", {"answer": "go_on", "why": "She was ill."})
    assert at("ann").send(asks_again, AWARD, to=f"{asks_again}/award").status_code == 302
    with asking.desk() as desk:
        assert {row.state for row in desk.session.scalars(select(Application))} == {"awarded"}


def test_the_question_is_asked_again_from_its_page(asking: Asking, at: Any, asks_again: str) -> None:
    with asking.desk("hugo") as desk:
        question = desk.session.scalars(select(FurtherQuestion)).one()
        further.answer(desk, question, "not_now", "We could not reach her.")
    page = f"/staff/further/{question.id}"
    assert "Something is new: ask the question again" in words(at("ann").get(page))
    at("ann").send(f"{page}/again", {"why": "She came by."})
    assert "Nobody has answered yet" in words(at("ann").get(page))
    assert at("ann").send(asks_again, AWARD, to=f"{asks_again}/award").status_code == 302


def test_questions_are_not_for_partners_trustees_or_nobody(asking: Asking, at: Any, asks_again: str) -> None:
    with asking.desk() as desk:
        number = desk.session.scalars(select(FurtherQuestion.id)).one()
    for who in ("petra", "tess"):
        assert at(who).get(f"/staff/further/{number}").status_code == 403
        assert at(who).get(f"/staff/further/{number}/answer").status_code in (403, 404)
    assert at("ann").get("/staff/further/999").status_code == 404


def test_a_worker_who_types_tells_the_person_of_conditions_first(asking: Asking, at: Any) -> None:
    fund = asking.fund(CONDITION, schedule=IN_PARTS)
    with asking.desk() as desk:
        slug = desk.session.get_one(Fund, fund).slug
    page = at("hugo").get(f"/staff/enter/{slug}")
    assert "Tell the person before you send this" in words(page)
    assert "their next payment waits" in words(page)
    filled = {
        "name": "Bo Reed",
        "amount": "100",
        "how": "cash",
        "channel": "none",
        "route": "phone",
        "own_account": "yes",
    }
    unread = at("hugo").send(f"/staff/enter/{slug}", filled)
    assert unread.status_code == 422
    assert "The conditions of this fund have changed." in words(unread)
    assert at("hugo").send(f"/staff/enter/{slug}", filled | {"__named": "receipts"}).status_code == 302
    with asking.desk() as desk:
        assert desk.session.scalars(select(Application.conditions)).one() == ["receipts"]

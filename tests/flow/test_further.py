"""A further grant after an ask lapsed: a person answers, “not now” ends by itself, and somebody else looks again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from grants.domain.errors import NotAllowed, Refusal
from grants.domain.money import Money
from grants.domain.names import name_key
from grants.flow import apply, decide, people
from grants.flow.confirm import further
from grants.flow.decide import Decided
from grants.flow.desk import Actor
from grants.model.asks import FurtherQuestion
from grants.model.funds import Fund
from grants.model.tasks import Task
from tests.conftest import Clock
from tests.hoping import RECEIPTS, Asking
from tests.scenes import ELIGIBLE, a_fund, answers

LOOKED_AT = replace(RECEIPTS, if_missed="further_grant")

SEV = {"name": "Severina Preda", "email": "sev@post.example.org"}


@pytest.fixture
def lapsed(asking: Asking, clock: Clock) -> int:
    """Severina had a grant, and nobody heard what she bought; returns the fund. Ann and Hugo decide, Mona manages."""
    for name, role in (("ann", "front-line"), ("hugo", "front-line"), ("mona", "manager")):
        asking.join(name, role)
    fund = asking.fund(LOOKED_AT)
    asking.award(fund, **SEV)
    clock.move(days=41)
    asking.strikes("lapse_asks", "lapse_asks")
    return fund


def asked(asking: Asking) -> FurtherQuestion:
    with asking.desk() as desk:
        return desk.session.scalars(select(FurtherQuestion)).one()


def tries(asking: Asking, fund: int, by: str = "ann", why: str = "", **who: Any) -> Decided:
    """She asks again, and somebody awards it."""
    with asking.desk() as desk:
        answered = answers(**(SEV | who))
        row = apply.submit(desk.acting(Actor(kind="recipient")), desk.session.get_one(Fund, fund), answered)
        number = row.id
    with asking.desk(by) as desk:
        return decide.award(desk, number, Money(150_00), ELIGIBLE, further_why=why)


def says(asking: Asking, who: str, said: str, why: str = "We could not reach her.", how: Any = further.answer) -> None:
    with asking.desk(who) as desk:
        question = desk.session.scalars(select(FurtherQuestion)).one()
        how(desk, question, said, why)


def test_a_lapse_asks_a_person_once_and_changes_nothing_about_the_grant(asking: Asking, lapsed: int) -> None:
    question = asked(asking)
    assert (question.answer, question.expires_on.isoformat()) == ("", "2028-01-03")
    with asking.desk() as desk:
        [task] = desk.session.scalars(select(Task).where(Task.kind == "further_grant")).all()
        assert "nobody is to blame" in task.words
        assert "Severina" not in task.title + task.words


def test_silence_never_blocks_and_whoever_decides_answers_in_the_same_step(asking: Asking, lapsed: int) -> None:
    made = tries(asking, lapsed, why="She was in hospital.")
    assert made.grant is not None
    question = asked(asking)
    assert (question.answer, question.why) == ("go_on", "She was in hospital.")
    assert question.answered_by == asking.staff["ann"].id
    with asking.desk() as desk:
        assert desk.session.scalars(select(Task).where(Task.kind == "further_grant")).one().closed_at is not None


def test_without_words_of_its_own_the_attestation_answers_it(asking: Asking, lapsed: int) -> None:
    tries(asking, lapsed)
    assert asked(asking).why == ELIGIBLE


def test_not_now_stops_the_same_person_and_funder_and_nobody_else(asking: Asking, lapsed: int) -> None:
    says(asking, "hugo", "not_now")
    with pytest.raises(Refusal, match="That ends on 3 January 2028"):
        tries(asking, lapsed)
    assert tries(asking, lapsed, email="other@post.example.org").grant is not None, "somebody else of her name"
    with asking.desk() as desk:
        other = a_fund(desk, policy="asks").id
    assert tries(asking, other).grant is not None, "another funder"


def test_not_now_ends_by_itself_after_twelve_months(asking: Asking, lapsed: int, clock: Clock) -> None:
    clock.move(days=100)
    says(asking, "hugo", "not_now")
    clock.move(days=365)  # there is a 29 February between
    with pytest.raises(Refusal, match="not now"):
        tries(asking, lapsed)
    clock.move(days=1)
    assert tries(asking, lapsed).grant is not None


def test_a_proposal_made_before_not_now_is_stopped_too_and_one_before_the_lapse_is_answered_by_agreeing(
    asking: Asking, lapsed: int
) -> None:
    with asking.desk() as desk:
        row = apply.submit(desk.acting(Actor(kind="recipient")), desk.session.get_one(Fund, lapsed), answers(**SEV))
        number = row.id
    asking.join("newt", "front-line")
    with asking.desk() as desk:
        people.end_limit(desk, desk.session.merge(asking.staff["newt"]))
    with asking.desk("newt") as desk:
        proposal = decide.award(desk, number, Money(150_00), ELIGIBLE).decision.id
    assert asked(asking).answer == "go_on", "the one who proposes has answered"
    with asking.desk() as desk:
        asking_again = desk.session.scalars(select(FurtherQuestion)).one()
        asking_again.answer = "not_now"
    with asking.desk("mona") as desk, pytest.raises(Refusal, match="not now"):
        decide.agree(desk, proposal)
    with asking.desk() as desk:
        desk.session.scalars(select(FurtherQuestion)).one().answer = ""
    with asking.desk("mona") as desk:
        assert decide.agree(desk, proposal).reference
    assert asked(asking).answered_by == asking.staff["mona"].id


def test_an_appeal_goes_to_somebody_else_whose_word_stands(asking: Asking, lapsed: int) -> None:
    says(asking, "hugo", "not_now")
    with asking.desk() as desk:
        recipient = desk.acting(Actor(kind="recipient"))
        question = desk.session.scalars(select(FurtherQuestion)).one()
        for _ in range(2):
            further.appeal(recipient, question, "I was ill.")
        [task] = desk.session.scalars(select(Task).where(Task.kind == "further_appeal")).all()
        assert task.not_for == [asking.staff["hugo"].id]
        assert task.assigned_to == asking.staff["mona"].id
    with pytest.raises(NotAllowed, match="somebody else"):
        says(asking, "hugo", "go_on", how=further.answer_appeal)
    says(asking, "mona", "go_on", "She was ill.", how=further.answer_appeal)
    assert tries(asking, lapsed).grant is not None
    with pytest.raises(Refusal, match="nothing to look at"), asking.desk() as desk:
        further.appeal(desk, desk.session.scalars(select(FurtherQuestion)).one())
    assert asking.events("further.appeal_answered") == [{"question": 1, "before": "not_now", "answer": "go_on"}]


def test_an_appeal_that_is_turned_down_keeps_the_first_day(asking: Asking, lapsed: int, clock: Clock) -> None:
    says(asking, "hugo", "not_now")
    ends = asked(asking).expires_on
    clock.move(days=60)
    with asking.desk("ann") as desk:
        further.appeal(desk, desk.session.scalars(select(FurtherQuestion)).one(), "They rang.")
    says(asking, "mona", "not_now", how=further.answer_appeal)
    assert asked(asking).expires_on == ends, "a second no never lasts longer than the first"
    with pytest.raises(Refusal, match="not now"):
        tries(asking, lapsed)


def test_the_question_can_be_asked_again_with_what_is_new(asking: Asking, lapsed: int) -> None:
    says(asking, "hugo", "not_now")
    with asking.desk("ann") as desk:
        question = desk.session.scalars(select(FurtherQuestion)).one()
        with pytest.raises(Refusal, match="what is new"):
            further.ask_again(desk, question, " ")
        further.ask_again(desk, question, "She came by with the receipts.")
    assert tries(asking, lapsed).grant is not None


def test_reasons_and_rights(asking: Asking, lapsed: int) -> None:
    asking.join("petra", "partner")
    asking.join("fay", "finance")
    for who in ("petra", "fay"):
        with pytest.raises(NotAllowed):
            says(asking, who, "go_on")
    for said, why in (("", "Why"), ("never", "Why"), ("not_now", "  ")):
        with pytest.raises(Refusal):
            says(asking, "hugo", said, why)
    with asking.desk() as desk:
        ann = desk.session.merge(asking.staff["ann"])
        people.declare_connection(desk, ann, "Severina Preda", name_key("Severina Preda"))
    with pytest.raises(NotAllowed, match="close to you"):
        says(asking, "ann", "go_on")
    says(asking, "hugo", "not_now")
    with pytest.raises(Refusal, match="already"):
        says(asking, "mona", "go_on")


def test_the_worker_who_answered_is_asked_to_tell_her(asking: Asking, lapsed: int) -> None:
    says(asking, "hugo", "not_now")
    with asking.desk() as desk:
        [task] = desk.session.scalars(select(Task).where(Task.kind == "tell_answer")).all()
        assert task.assigned_to == asking.staff["hugo"].id
        assert "look again" in task.words

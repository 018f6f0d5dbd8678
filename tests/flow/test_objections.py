"""“This rule gets in the way”: said by anybody, answered by a date, told outside without a name or not at all."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from grants.domain.errors import NotAllowed, Refusal
from grants.domain.money import Money
from grants.domain.terms import FunderQuestion, Statement, Terms
from grants.flow import objections, questions, turned_down
from grants.flow.desk import Actor, Desk
from grants.flow.forget import forget_due
from grants.model.events import EventRow
from grants.model.funds import Fund
from grants.model.grants import Grant
from tests.conftest import Clock
from tests.scenes import a_fund, a_grant, a_worker, at

POLICY = (
    FunderQuestion(slug="quick", text="Was it quick?", query="days_to_money"),
    FunderQuestion(slug="felt", text="What did they feel?"),
)
"""What a policy lists as its funder's questions."""


@pytest.fixture
def fund(desk: Desk) -> Fund:
    """A fund that hopes for a story."""
    return a_fund(desk, policy="light-report")


@pytest.fixture
def grant(desk: Desk, fund: Fund) -> Grant:
    """A grant from it."""
    return a_grant(desk, fund)


def test_a_worker_a_partner_and_a_recipient_say_it_and_it_is_answered_in_21_days(
    desk: Desk, fund: Fund, grant: Grant
) -> None:
    person = desk.acting(Actor(kind="recipient"))
    said = [
        objections.say(person, fund, "I have no phone.", grant, "story"),
        objections.say(at(desk, a_worker(desk)), fund, "Nobody reads the stories.", grant),
        objections.say(at(desk, a_worker(desk, "partner", limit=0)), fund, "It is asked too early."),
    ]
    assert [row.said_by for row in said] == ["recipient", "worker", "partner"]
    assert said[0].user_id is None
    assert {row.answer_by for row in said} == {desk.today() + timedelta(days=21)}
    assert [row.id for row in objections.waiting(desk).rows] == [row.id for row in said]
    events = desk.session.scalars(select(EventRow).where(EventRow.name == "objection.said")).all()
    assert len(events) == 3
    assert not any("phone" in str(event.data) + event.why for event in events), "the words stay out of events"


def test_an_answer_is_given_once_and_a_late_one_is_seen(desk: Desk, fund: Fund, clock: Clock) -> None:
    row = objections.say(at(desk, a_worker(desk)), fund, "It is asked too early.")
    manager = at(desk, a_worker(desk, "manager", limit=0))
    assert objections.late(desk) == 0
    clock.move(days=22)
    assert objections.late(desk) == 1
    with pytest.raises(NotAllowed):
        objections.answer(at(desk, a_worker(desk)), row.id, "No.")
    with pytest.raises(Refusal, match="Write an answer"):
        objections.answer(manager, row.id, " ")
    objections.answer(manager, row.id, "From May on it is asked after a year.")
    assert objections.late(desk) == 0
    assert [one.id for one in objections.answered(desk).rows] == [row.id]
    with pytest.raises(Refusal, match="answered this already"):
        objections.answer(manager, row.id, "And again.")


def test_outside_few_are_not_even_counted_and_their_words_never_told(desk: Desk, fund: Fund, grant: Grant) -> None:
    manager = at(desk, a_worker(desk, "manager", limit=0))
    person = desk.acting(Actor(kind="recipient"))
    rows = [objections.say(person, fund, f"Lina number {n} is ill.", grant) for n in range(4)]
    assert objections.told(desk, fund=fund) == objections.Told(None, False, ())
    objections.answer(manager, rows[0].id, "We let it go.", "Illness makes it hard to write.")
    assert objections.told(desk, fund=fund) == objections.Told(None, True, ("Illness makes it hard to write.",))
    objections.say(person, fund, "Me too.", grant)
    objections.say(person, fund, "And me.", grant)
    told = objections.told(desk, policy="light-report")
    assert told == objections.Told(5, True, ("Illness makes it hard to write.",))
    assert objections.told(desk, policy="unconditional") == objections.Told(None, False, ())


def test_what_somebody_said_of_a_partner_stays_with_the_charity(desk: Desk, fund: Fund, grant: Grant) -> None:
    partner = at(desk, a_worker(desk, "partner", limit=0))
    objections.say(desk.acting(Actor(kind="recipient")), fund, "The food bank made me.", grant)
    own = objections.say(partner, fund, "It is asked too early.", grant)
    assert [row.id for row in objections.of_grant(partner, grant)] == [own.id]
    assert len(objections.of_grant(at(desk, a_worker(desk)), grant)) == 2
    mine = objections.of_grant(desk.acting(Actor(kind="recipient")), grant, by_person=True)
    assert [row.said_by for row in mine] == ["recipient"]


def test_the_words_are_forgotten_90_days_after_the_answer_and_what_may_be_told_stays(
    desk: Desk, fund: Fund, grant: Grant, clock: Clock
) -> None:
    row = objections.say(desk.acting(Actor(kind="recipient")), fund, "Lina is ill.", grant)
    open_one = objections.say(desk.acting(Actor(kind="recipient")), fund, "Still waiting.", grant)
    objections.answer(at(desk, a_worker(desk, "manager", limit=0)), row.id, "We let it go, Lina.", "Illness.")
    clock.move(days=89)
    forget_due(desk)
    desk.session.expire_all()
    assert row.words == "Lina is ill."
    clock.move(days=2)
    assert forget_due(desk) >= 1
    desk.session.expire_all()
    assert (row.words, row.answer, row.told_as) == ("", "", "Illness.")
    assert open_one.words == "Still waiting.", "what has no answer yet is kept until it has"


def test_nothing_said_too_much_said_and_an_ask_that_is_not_there(desk: Desk, fund: Fund, grant: Grant) -> None:
    worker = at(desk, a_worker(desk))
    for words, ask in (("  ", ""), ("x" * 2001, ""), ("Why?", "receipts")):
        with pytest.raises(Refusal):
            objections.say(worker, fund, words, grant, ask)
    for role in ("examiner", "trustee"):
        with pytest.raises(NotAllowed):
            objections.say(at(desk, a_worker(desk, role, limit=0)), fund, "Why?")
    assert objections.waiting(desk).rows == ()


def test_money_turned_down_is_counted_by_year_and_currency(desk: Desk) -> None:
    manager = at(desk, a_worker(desk, "manager", limit=0))
    last = desk.today() - timedelta(days=365)

    def no(funder: str, amount: Money, on: object = None, **more: int) -> None:
        said = {"funder": funder, "amount": amount, "condition": "A receipt for each.", "on": on or desk.today()}
        turned_down.add(manager, turned_down.Declined(**said, **more))  # type: ignore[arg-type]

    no("A strict trust", Money(75_000_00), people=500, minutes=123)
    no("Another trust", Money(5_000_00), people=20)
    no("A strict trust", Money(10_000_00), last)
    no("A strict trust", Money(9_000_00, "EUR"), last)
    with pytest.raises(Refusal, match="in the list already"):
        no("a STRICT trust", Money(75_000_00))
    for words, wrong in (("Enter a name", {"funder": " "}), ("Say what", {"condition": ""})):
        given = {"funder": "B", "amount": Money(1), "condition": "C", "on": desk.today()} | wrong
        with pytest.raises(Refusal, match=words):
            turned_down.add(manager, turned_down.Declined(**given))  # type: ignore[arg-type]
    with pytest.raises(Refusal, match="today or an earlier day"):
        no("B", Money(1), desk.today() + timedelta(days=1))
    with pytest.raises(NotAllowed):
        turned_down.add(at(desk, a_worker(desk)), turned_down.Declined(**given))  # type: ignore[arg-type]
    years = [(year.year, year.times, year.amount, year.people) for year in turned_down.by_year(desk)]
    assert years == [
        (2026, 2, Money(80_000_00), 520),
        (2025, 1, Money(9_000_00, "EUR"), 0),
        (2025, 1, Money(10_000_00), 0),
    ]
    assert [row.funder for row in turned_down.register(desk).rows][-1] == "A strict trust"


def test_a_funders_question_is_answered_from_what_is_held_or_talked_about(desk: Desk) -> None:
    fund = a_fund(desk, pounds=9000)
    viewer = at(desk, a_worker(desk, "funder-viewer", limit=0, funder_id=fund.funder_id))
    manager = at(desk, a_worker(desk, "manager", limit=0))
    for _ in range(6):
        a_grant(desk, fund)
    many = questions.ask(viewer, fund, "How many people did you help?")
    spent = questions.ask(viewer, fund, "Did anybody gamble?")
    told = questions.questions(desk, fund, Terms())
    assert told.answered == ()
    assert told.to_talk == ("Did anybody gamble?", "How many people did you help?")
    questions.point(manager, fund, many.id, "how_many")
    told = questions.questions(desk, fund, Terms(statement=Statement(questions=POLICY)))
    assert [(one.words, one.answer.sentence) for one in told.answered] == [
        ("Was it quick?", "Nothing to tell so far."),
        ("How many people did you help?", "Grants made: 5."),
    ]
    assert told.to_talk == ("What did they feel?", "Did anybody gamble?")
    questions.close(manager, fund, spent.id, "We agreed that this is nobody's business.")
    assert questions.questions(desk, fund, Terms()).to_talk == ()
    with pytest.raises(Refusal, match="ended this question already"):
        questions.point(manager, fund, spent.id, "how_many")
    with pytest.raises(Refusal, match="Choose one"):
        questions.point(manager, fund, many.id, "names")
    with pytest.raises(Refusal, match="no such question"):
        questions.point(manager, a_fund(desk), many.id, "how_many")
    with pytest.raises(NotAllowed):
        questions.ask(at(desk, a_worker(desk)), fund, "Why?")

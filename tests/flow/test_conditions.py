"""Only what was named before acceptance may hold a later payment; a person decides by a day, and it can be let go."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from grants.domain.condition_words import conditions, if_not
from grants.domain.errors import NotAllowed, Refusal
from grants.domain.money import Money
from grants.domain.terms import Ask, Field, Terms
from grants.domain.terms_json import load
from grants.flow import apply, confirm, decide, pay, tasks
from grants.flow.confirm.conditions import DECIDE_DAYS
from grants.flow.desk import Actor
from grants.model.applications import Application
from grants.model.asks import GrantAsk
from grants.model.funds import Fund
from grants.model.grants import Grant
from grants.model.payments import Payment
from grants.model.tasks import Task
from tests.conftest import Clock
from tests.hoping import CONDITION, IN_PARTS, RECEIPTS, Asking
from tests.scenes import ELIGIBLE, answers


def applied(asking: Asking, fund: int, **how: object) -> int:
    with asking.desk() as desk:
        row = desk.session.get_one(Fund, fund)
        return apply.submit(desk.acting(Actor(kind="recipient")), row, answers(), **how).id  # type: ignore[arg-type]


def awarded(asking: Asking, application: int) -> Grant:
    if "ann" not in asking.staff:
        asking.join("ann", "front-line")
    with asking.desk("ann") as desk:
        made = decide.award(desk, application, Money(150_00), ELIGIBLE).grant
        assert made is not None
        return made


def due_numbers(asking: Asking) -> list[int]:
    with asking.desk() as desk:
        return [payment.number for payment in pay.due(desk)]


def test_what_was_named_may_hold_and_what_was_not_becomes_a_reminder(asking: Asking) -> None:
    fund = asking.fund(CONDITION, schedule=IN_PARTS)
    for how, kept, missed in (
        ({}, ["receipts"], "hold_next_payment"),
        ({"named": ["receipts"]}, ["receipts"], "hold_next_payment"),
        ({"named": []}, [], "remind"),
        ({"named": ["something-else"]}, [], "remind"),
        ({"import_key": "row-1"}, [], "remind"),
    ):
        number = applied(asking, fund, **how)
        with asking.desk() as desk:
            assert desk.session.get_one(Application, number).conditions == kept
        grant = awarded(asking, number)
        assert asking.ask(grant.id).if_missed == missed
        assert load(grant.terms).asks[0].if_missed == missed, "and the person’s page says the same"


def test_a_condition_that_the_fund_took_on_later_holds_nothing_of_those_who_came_before(asking: Asking) -> None:
    fund = asking.fund(RECEIPTS, schedule=IN_PARTS)
    number = applied(asking, fund)
    asking.terms = replace(asking.terms, asks=(CONDITION,))
    assert asking.ask(awarded(asking, number).id).if_missed == "remind"


def test_a_held_payment_has_a_day_by_which_a_person_decides_and_a_name(asking: Asking, clock: Clock) -> None:
    mona = asking.join("mona", "manager")
    grant = asking.award(asking.fund(CONDITION, schedule=IN_PARTS))
    assert due_numbers(asking) == [1], "a first payment never waits"
    clock.move(days=20)
    asking.strikes("lapse_asks")
    assert asking.ask(grant).decide_by is None, "nothing is held before the next payment is due"
    clock.move(days=15)
    asking.strikes("lapse_asks", "lapse_asks")
    with asking.desk() as desk:
        assert [payment.number for payment in pay.due(desk)] == [1]
        [task] = desk.session.scalars(select(Task).where(Task.kind == "condition")).all()
        assert task.assigned_to == mona.id
        [held] = confirm.held_payments(desk)
        assert (held.payment.number, held.waits.name, held.waits.late) == (2, "Mona", False)
        assert held.waits.by == desk.today() + timedelta(days=DECIDE_DAYS)
        assert f"Decide by {held.waits.by.day} " in task.words
        assert confirm.undecided(desk) == (1, 0)
    clock.move(days=DECIDE_DAYS + 1)
    asking.strikes("lapse_asks")
    with asking.desk() as desk:
        assert confirm.undecided(desk) == (1, 1), "and it shows when nobody has decided"
        waits = confirm.waits_for(desk, grant)
        assert waits is not None
        assert waits.late


def test_letting_it_go_lets_the_payment_go_and_ends_the_task(asking: Asking, clock: Clock) -> None:
    asking.join("mona", "manager")
    grant = asking.award(asking.fund(CONDITION, schedule=IN_PARTS))
    clock.move(days=35)
    asking.strikes("lapse_asks")
    with asking.desk("mona") as desk:
        confirm.waive(desk, desk.session.scalars(select(GrantAsk)).one(), "She was in hospital.")
    assert due_numbers(asking) == [1, 2]
    with asking.desk() as desk:
        assert confirm.waits_for(desk, grant) is None
        assert desk.session.scalars(select(Task).where(Task.kind == "condition")).one().closed_at is not None


def test_an_answer_lets_the_payment_go_too(asking: Asking, clock: Clock) -> None:
    grant = asking.award(asking.fund(CONDITION, schedule=IN_PARTS))
    clock.move(days=35)
    asking.strikes("lapse_asks")
    with asking.desk() as desk:
        recipient = desk.acting(Actor(kind="recipient"))
        confirm.answer_ask(recipient, desk.session.scalars(select(GrantAsk)).one(), {"own_words": "A bed."})
    assert due_numbers(asking) == [1, 2]
    assert asking.ask(grant).state == "met"


def test_it_waits_longer_only_because_a_person_says_so_and_never_for_nobody(asking: Asking, clock: Clock) -> None:
    asking.join("mona", "manager")
    asking.join("hugo", "front-line")
    grant = asking.award(asking.fund(CONDITION, schedule=IN_PARTS))
    clock.move(days=35)
    asking.strikes("lapse_asks")
    with asking.desk("hugo") as desk, pytest.raises(NotAllowed):
        confirm.wait_longer(desk, desk.session.scalars(select(GrantAsk)).one(), "Not yet.")
    clock.move(days=5)
    with asking.desk("mona") as desk:
        ask = desk.session.scalars(select(GrantAsk)).one()
        with pytest.raises(Refusal, match="agreed"):
            confirm.wait_longer(desk, ask, "")
        confirm.wait_longer(desk, ask, "She sends it next week.")
        assert ask.decide_by == desk.today() + timedelta(days=DECIDE_DAYS)
    with asking.desk("mona") as desk:
        [task] = desk.session.scalars(select(Task).where(Task.kind == "condition", Task.closed_at.is_(None))).all()
        tasks.close(desk, task, "We talked.")
    clock.move(days=DECIDE_DAYS)
    asking.strikes("lapse_asks")
    with asking.desk() as desk:
        assert confirm.undecided(desk) == (1, 0), "somebody is asked again"
    assert asking.ask(grant).state == "open"


def test_a_cancelled_grant_asks_for_nothing_any_more(asking: Asking, clock: Clock) -> None:
    asking.join("mona", "manager")
    asking.join("gita", "manager")
    grant = asking.award(asking.fund(CONDITION, schedule=IN_PARTS))
    clock.move(days=35)
    asking.strikes("lapse_asks")
    with asking.desk("mona") as desk:
        pay.propose_cancel(desk, desk.session.get_one(Grant, grant), "She moved.")
    with asking.desk("gita") as desk:
        pay.agree_cancel(desk, desk.session.get_one(Grant, grant))
    assert asking.ask(grant).state == "waived"
    with asking.desk() as desk:
        assert confirm.undecided(desk) == (0, 0)
        assert desk.session.scalars(select(Task).where(Task.kind == "condition")).one().closed_at is not None


def test_a_whole_fund_lets_go_and_its_payments_go_on(asking: Asking, clock: Clock) -> None:
    asking.join("mona", "manager")
    asking.join("hugo", "front-line")
    story = Ask(slug="story", title="A story", purpose="To learn.", minutes=5)
    fund = asking.fund(CONDITION, story, schedule=IN_PARTS)
    grants = [asking.award(fund) for _ in range(3)]
    other = asking.award(asking.fund(CONDITION, schedule=IN_PARTS))
    clock.move(days=35)
    asking.strikes("lapse_asks")
    with asking.desk("hugo") as desk, pytest.raises(NotAllowed):
        confirm.waive_fund(desk, desk.session.get_one(Fund, fund), "The funder agreed.")
    with asking.desk("mona") as desk:
        row = desk.session.get_one(Fund, fund)
        with pytest.raises(Refusal, match="few words"):
            confirm.waive_fund(desk, row, " ")
        assert confirm.waive_fund(desk, row, "The funder agreed.", "receipts") == 3
        with pytest.raises(Refusal, match="Nothing like this"):
            confirm.waive_fund(desk, row, "The funder agreed.", "receipts")
        assert [held.payment.grant_id for held in confirm.held_payments(desk)] == [other]
        second = select(Payment.grant_id).where(Payment.number == 2, Payment.id.in_([p.id for p in pay.due(desk)]))
        assert sorted(desk.session.scalars(second)) == grants
        assert confirm.waive_fund(desk, row, "All of it.") == 3
    assert asking.events("fund.asks_waived") == [{"slug": "receipts", "count": 3}, {"slug": "", "count": 3}]
    assert len(asking.events("ask.waived")) == 6
    assert asking.ask(other).state == "open"


def test_a_share_is_drawn_by_seed_and_reference_and_those_not_drawn_are_asked_nothing(asking: Asking) -> None:
    fund = asking.fund(replace(RECEIPTS, share=40, seed="a seed of this year"), pounds=10_000)
    grants = [asking.award(fund) for _ in range(30)]
    with asking.desk() as desk:
        rows = [desk.session.get_one(Grant, number) for number in grants]
        drawn = set(desk.session.scalars(select(GrantAsk.grant_id)))
        assert 3 <= len(drawn) <= 24
        for row in rows:
            assert len(load(row.terms).asks) == (row.id in drawn)
            assert row.minutes == (10 if row.id in drawn else 0)
            again = confirm.as_accepted(asking.terms, (), row.reference)
            assert bool(again.asks) is (row.id in drawn), "anybody can run the draw again"


def test_words_before_anybody_applies() -> None:
    terms = Terms(asks=(CONDITION, replace(CONDITION, slug="visit", of="referrer", title="Visit."), RECEIPTS))
    told = conditions(replace(terms, asks=(*terms.asks[:2], replace(RECEIPTS, slug="more"))))
    assert told == (
        "Show what you bought: by 10 days after the award, about 10 minutes.",
        "Visit (asked of whoever helps you): by 10 days after the award, about 10 minutes.",
    )
    assert "your next payment waits" in if_not()
    assert "The first payment never waits." in if_not("staff")


FIELDS = (
    Field(slug="what", label="What did you buy?", kind="text", required=True),
    Field(slug="fits", label="Does it fit?", kind="yes_no"),
    Field(slug="cost", label="How much was it?", kind="number"),
    Field(slug="shop", label="Where?", kind="choice", choices=("In town", "Far away")),
)


def test_a_form_written_as_data_is_checked_and_ends_with_anything_else(asking: Asking) -> None:
    grant = asking.award(asking.fund(replace(RECEIPTS, fields=FIELDS, accepts=())))
    with asking.desk() as desk:
        ask = desk.session.scalars(select(GrantAsk)).one()
        form = confirm.form_of(desk, ask)
        assert form is not None
        assert list(form.schema().fields) == ["what", "fits", "cost", "shop", "anything_else"]
        for wrong in (
            {},
            {"what": "x" * 201},
            {"what": "A bed", "fits": "perhaps"},
            {"what": "A bed", "cost": "lots"},
            {"what": "A bed", "cost": "1e999999999"},
            {"what": "A bed", "shop": "Elsewhere"},
        ):
            with pytest.raises(Exception, match=r"Answer this|Longer than|Choose one|Enter a number"):
                confirm.answer_ask(desk, ask, wrong)
        confirm.answer_ask(desk, ask, {"what": "A bed", "fits": "yes", "cost": "84.99", "shop": "In town"})
    assert asking.ask(grant).answers == {"what": "A bed", "fits": "yes", "cost": "84.99", "shop": "In town"}

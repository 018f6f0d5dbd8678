"""People pick how their grant comes, and change it, while something is unpaid and not under way."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from sqlalchemy import select

from grants.domain.errors import NotAllowed, Refusal
from grants.domain.money import Money
from grants.domain.terms import Ask, Pace, Schedule, Terms
from grants.domain.terms_json import load
from grants.flow import pay
from grants.flow.check import check
from grants.flow.desk import Actor, Desk
from grants.model.events import EventRow
from grants.model.grants import Grant
from grants.model.payments import Attempt, Payment
from tests.conftest import Clock, add_user
from tests.flow.assuring import a_written_policy
from tests.scenes import a_fund, a_grant, a_worker, at

ONCE, MONTHLY, FORTNIGHTLY = Pace(), Pace(parts=6), Pace(parts=12, every_days=14)


def person(desk: Desk) -> Desk:
    return desk.acting(Actor(kind="recipient"))


def spread_grant(desk: Desk, **more: object) -> Grant:
    """A grant of £150 over six months, of which £25 is due at once, paid by hand."""
    return a_grant(desk, a_fund(desk, policy="unconditional-instalments", **more), how="cash", channel="none")


def payments(desk: Desk, grant: Grant) -> Sequence[Payment]:
    found = select(Payment).where(Payment.grant_id == grant.id).order_by(Payment.number)
    return desk.session.scalars(found.execution_options(populate_existing=True)).all()


def planned(desk: Desk, grant: Grant) -> list[tuple[int, int]]:
    return [(payment.number, payment.amount) for payment in payments(desk, grant)]


def pay_first(desk: Desk, grant: Grant) -> Attempt:
    """Ben writes down that the first part was paid; nobody has confirmed it yet."""
    return pay.record_by_hand(at(desk, add_user(desk, "finance")), payments(desk, grant)[0], desk.today(), "Book 1")


def test_it_comes_as_the_fund_says_until_the_person_picks(desk: Desk) -> None:
    grant = spread_grant(desk)
    assert planned(desk, grant) == [(n, 25_00) for n in range(1, 7)]
    assert [(choice.key, choice.now) for choice in pay.pace_choices(desk, grant)] == [
        ("6-1-0", True),
        ("1-1-0", False),
        ("12-1-14", False),
    ]
    pay.choose_pace(person(desk), grant, ONCE)
    assert planned(desk, grant) == [(1, 150_00)]
    assert payments(desk, grant)[0].due_on == desk.today()
    assert grant.pace == {"parts": 1, "every_months": 1, "every_days": 0}
    assert check(desk) == []


def test_they_change_their_mind_and_what_stands_is_never_touched(desk: Desk, clock: Clock) -> None:
    grant = spread_grant(desk)
    under_way = pay_first(desk, grant)
    clock.move(days=3)
    pay.choose_pace(person(desk), grant, FORTNIGHTLY)
    assert planned(desk, grant) == [(1, 25_00), *((n, 12_50) for n in range(2, 12))]
    assert [(p.due_on - grant.awarded_on).days for p in payments(desk, grant)[:3]] == [0, 14, 28]
    pay.choose_pace(person(desk), grant, ONCE)
    assert planned(desk, grant) == [(1, 25_00), (2, 125_00)]
    assert payments(desk, grant)[1].due_on == desk.today()
    pay.choose_pace(person(desk), grant, MONTHLY)
    assert planned(desk, grant) == [(n, 25_00) for n in range(1, 7)]
    desk.session.refresh(under_way)
    assert (under_way.state, under_way.amount) == ("created", 25_00)
    assert [row.data["pace"] for row in chosen(desk)] == ["12-1-14", "1-1-0", "6-1-0"]
    assert check(desk) == []


def test_the_same_choice_again_changes_nothing(desk: Desk) -> None:
    grant = spread_grant(desk)
    pay.choose_pace(person(desk), grant, ONCE)
    before = [payment.id for payment in payments(desk, grant)]
    pay.choose_pace(person(desk), grant, ONCE)
    assert [payment.id for payment in payments(desk, grant)] == before
    assert len(chosen(desk)) == 1


def test_a_worker_picks_with_them_but_only_one_who_may_write_down_what_people_say(desk: Desk) -> None:
    grant = spread_grant(desk)
    with pytest.raises(NotAllowed):
        pay.choose_pace(at(desk, add_user(desk, "trustee")), grant, ONCE)
    ann = a_worker(desk)
    pay.choose_pace(at(desk, ann), grant, ONCE)
    [row] = chosen(desk)
    assert (row.actor_kind, row.actor_id) == ("staff", ann.id)


def test_only_what_the_frozen_terms_offer_can_be_picked(desk: Desk) -> None:
    grant = spread_grant(desk)
    with pytest.raises(Refusal) as refused:
        pay.choose_pace(person(desk), grant, Pace(parts=2))
    assert refused.value.code == "pace.not_offered"
    with pytest.raises(Refusal):
        pay.named_pace(load(grant.terms), "2-1-0")
    plain = a_grant(desk, a_fund(desk))
    assert pay.pace_choices(desk, plain) == ()


def test_nothing_can_be_changed_once_every_part_is_on_its_way(desk: Desk) -> None:
    grant = spread_grant(desk)
    pay.choose_pace(person(desk), grant, ONCE)
    pay_first(desk, grant)
    assert pay.pace_choices(desk, grant) == ()
    with pytest.raises(Refusal) as refused:
        pay.choose_pace(person(desk), grant, MONTHLY)
    assert refused.value.code == "pace.nothing_left"


def test_nothing_is_spread_anew_past_a_condition(desk: Desk) -> None:
    word = Ask(slug="word", title="A word", purpose="Why", minutes=5, due_days=20, if_missed="hold_next_payment")
    terms = Terms(asks=(word,), schedule=Schedule(parts=3, choices=(ONCE,)))
    fund = a_fund(desk, policy=a_written_policy(desk, "a-word-first", terms))
    grant = a_grant(desk, fund, how="cash", channel="none")
    assert pay.pace_choices(desk, grant) == ()
    with pytest.raises(Refusal, match="waits for one thing: A word"):
        pay.choose_pace(person(desk), grant, ONCE)
    assert planned(desk, grant) == [(n, 50_00) for n in range(1, 4)]


def test_a_cancelled_grant_is_not_spread_anew(desk: Desk) -> None:
    grant = spread_grant(desk)
    pay.propose_cancel(at(desk, add_user(desk, "manager")), grant, "They moved away.")
    pay.agree_cancel(at(desk, add_user(desk, "manager")), grant)
    with pytest.raises(Refusal) as refused:
        pay.choose_pace(person(desk), grant, ONCE)
    assert refused.value.code == "pace.grant_ended"


def test_paying_by_hand_finds_a_part_that_was_planned_anew_gone(desk: Desk) -> None:
    grant = spread_grant(desk)
    first = payments(desk, grant)[0]
    pay.choose_pace(person(desk), grant, ONCE)
    ben = at(desk, add_user(desk, "finance"))
    with pytest.raises(Refusal) as refused:
        pay.record_by_hand(ben, first, desk.today(), "Book 2")
    assert refused.value.code == "payment.not_due"
    assert Money(sum(p.amount for p in payments(desk, grant))) == Money(150_00)


def chosen(desk: Desk) -> Sequence[EventRow]:
    return desk.session.scalars(
        select(EventRow).where(EventRow.name == "grant.pace_chosen").order_by(EventRow.id)
    ).all()

"""The rest of a grant is spread at another pace: never more, never less, never earlier than it may be."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grants.domain import paces
from grants.domain.money import Money
from grants.domain.schedule import Instalment, plan
from grants.domain.terms import Pace, Schedule

FIRST = date(2026, 1, 31)
MONTHLY, FORTNIGHTLY, ONCE = Pace(parts=6), Pace(parts=12, every_days=14), Pace()

some_pace = st.builds(
    Pace, parts=st.integers(1, 40), every_months=st.integers(1, 12), every_days=st.sampled_from([0, 1, 7, 14, 30])
)


def test_the_rest_keeps_the_size_of_its_parts() -> None:
    whole = Money(150_00)
    assert paces.of_rest(MONTHLY, whole, Money(100_00)).parts == 4
    assert paces.of_rest(FORTNIGHTLY, whole, Money(100_00)).parts == 8
    assert paces.of_rest(ONCE, whole, Money(100_00)).parts == 1
    assert paces.of_rest(Pace(parts=3), Money(100_01), Money(66_68)).parts == 2, "a penny makes no part"


@given(pace=some_pace, rest=st.integers(1, 500_00), more=st.integers(0, 500_00), ago=st.integers(0, 400))
def test_whatever_is_picked_the_rest_is_paid_in_full(pace: Pace, rest: int, more: int, ago: int) -> None:
    today, earliest = FIRST + timedelta(days=ago), FIRST + timedelta(days=20)
    before = Instalment(3, FIRST, Money(more)) if more else None
    of_rest = paces.of_rest(pace, Money(rest + more), Money(rest))
    parts = paces.respread(of_rest, Money(rest), earliest, today, before)
    assert sum(part.amount.amount for part in parts) == rest
    assert all(part.amount.amount > 0 for part in parts)
    assert [part.number for part in parts] == list(range(4 if before else 1, len(parts) + (4 if before else 1)))
    assert parts[0].due_on >= earliest
    assert [part.due_on for part in parts] == sorted(part.due_on for part in parts)


@given(pace=some_pace, amount=st.integers(100, 500_00))
def test_nothing_paid_yet_is_planned_as_at_the_award(pace: Pace, amount: int) -> None:
    schedule = Schedule(parts=2, after_days=3, choices=(pace,))
    at_award = plan(schedule, Money(amount), FIRST, pace)
    first = paces.first_day(schedule, FIRST)
    whole = Money(amount)
    assert paces.respread(paces.of_rest(pace, whole, whole), whole, first, FIRST, None) == at_award


def test_a_provisional_award_is_never_due_before_it_is_firm() -> None:
    assert paces.first_day(Schedule(after_days=3, provisional_days=90), FIRST) == FIRST + timedelta(days=90)


@pytest.mark.parametrize(
    ("pace", "said"),
    [
        (ONCE, "all at once"),
        (MONTHLY, "6 parts of about £25, one each month"),
        (FORTNIGHTLY, "12 parts of about £12.50, one every 2 weeks"),
        (Pace(parts=2, every_months=3), "2 parts of about £75, one every 3 months"),
        (Pace(parts=2, every_days=7), "2 parts of about £75, one each week"),
        (Pace(parts=2, every_days=10), "2 parts of about £75, one every 10 days"),
        (Pace(parts=2, every_days=1), "2 parts of about £75, one each day"),
    ],
)
def test_a_pace_is_said_in_words(pace: Pace, said: str) -> None:
    assert paces.said(pace, Money(150_00)) == said

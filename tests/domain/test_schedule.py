"""The schedule: dated instalments that sum exactly to the award, at the usual pace or the one that was picked."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grants.domain.money import Money
from grants.domain.schedule import Instalment, later, plan, spread, step
from grants.domain.terms import Pace, Schedule
from tests.domain.some_terms import paces, patient, schedules

AWARDED = date(2026, 11, 30)
AMOUNT = Money(10_000)


def days(schedule: Schedule, pace: Pace | None = None) -> list[date]:
    """Returns the days on which an award of AWARDED falls due."""
    return [part.due_on for part in plan(schedule, AMOUNT, AWARDED, pace)]


def test_the_empty_schedule_pays_all_at_once() -> None:
    assert plan(Schedule(), AMOUNT, AWARDED) == (Instalment(1, AWARDED, AMOUNT),)


def test_months_end_where_the_month_ends_and_odd_pence_come_first() -> None:
    parts = plan(Schedule(parts=3), AMOUNT, AWARDED)
    assert [part.due_on for part in parts] == [AWARDED, date(2026, 12, 30), date(2027, 1, 30)]
    assert [part.amount.amount for part in parts] == [3_334, 3_333, 3_333]
    assert later(date(2027, 12, 31), 2) == date(2028, 2, 29)
    assert later(date(2026, 12, 31), 2) == date(2027, 2, 28)


def test_a_fortnight_counts_days_and_not_months() -> None:
    fortnightly = Schedule(parts=3, every_days=14)
    assert days(fortnightly) == [AWARDED, date(2026, 12, 14), date(2026, 12, 28)]


@pytest.mark.parametrize(
    ("after", "provisional", "first"), [(0, 0, 0), (5, 0, 5), (0, 90, 90), (100, 90, 100), (90, 100, 100)]
)
def test_nothing_is_due_before_it_is_firm(after: int, provisional: int, first: int) -> None:
    schedule = Schedule(parts=2, after_days=after, provisional_days=provisional)
    assert days(schedule)[0] == AWARDED + timedelta(days=first)


def test_the_person_picks_among_the_paces_and_the_usual_comes_first() -> None:
    monthly, weekly = Pace(parts=6), Pace(parts=4, every_days=7)
    schedule = Schedule(parts=6, choices=(Pace(), monthly, weekly))
    assert schedule.paces == (monthly, Pace(), weekly)
    assert days(schedule, weekly) == [AWARDED + timedelta(days=7 * i) for i in range(4)]
    assert len(days(schedule)) == 6


def test_what_is_left_is_spread_from_a_day_on_and_numbered_on() -> None:
    left = spread(Pace(parts=2, every_days=7), Money(501), date(2027, 1, 1), number=4)
    assert [(part.number, part.amount.amount) for part in left] == [(4, 251), (5, 250)]


@patient
@given(schedules(), st.integers(1, 10**9), st.dates(date(2020, 1, 1), date(2100, 1, 1)), st.data())
def test_every_pace_sums_to_the_award_in_rising_days(
    schedule: Schedule, pence: int, awarded: date, data: st.DataObject
) -> None:
    pace = data.draw(st.sampled_from(schedule.paces))
    parts = plan(schedule, Money(pence), awarded, pace)
    assert sum(part.amount.amount for part in parts) == pence
    assert max(part.amount.amount for part in parts) - min(part.amount.amount for part in parts) <= 1
    assert [part.number for part in parts] == list(range(1, pace.parts + 1))
    due = [part.due_on for part in parts]
    assert due == sorted(set(due))
    assert due[0] == awarded + timedelta(days=max(schedule.after_days, schedule.provisional_days))
    assert due[-1] <= due[0] + timedelta(days=3650 + 62), "the last part comes within ten years"


@patient
@given(paces(), st.dates(date(2020, 1, 1), date(2100, 1, 1)), st.integers(0, 60))
def test_each_step_leads_further(pace: Pace, first: date, count: int) -> None:
    assert step(pace, first, 0) == first
    assert step(pace, first, count + 1) > step(pace, first, count)

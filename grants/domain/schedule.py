"""From terms to dated instalments that sum exactly to the award."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta

from grants.domain.money import Money, split
from grants.domain.terms import Pace, Schedule


@dataclass(frozen=True, slots=True)
class Instalment:
    """One planned part of a grant, numbered from 1."""

    number: int
    due_on: date
    amount: Money


def plan(schedule: Schedule, amount: Money, awarded_on: date, pace: Pace | None = None) -> tuple[Instalment, ...]:
    """Returns the instalments of an award, at its usual pace or at the one that the person picked.

    The first is due after ``after_days``, or when a provisional award is firm, whichever is later.
    """
    first = awarded_on + timedelta(days=max(schedule.after_days, schedule.provisional_days))
    return spread(pace or schedule.usual, amount, first)


def spread(pace: Pace, amount: Money, first: date, number: int = 1) -> tuple[Instalment, ...]:
    """Returns an amount in the equal parts of a pace, from a day on, counted from ``number``."""
    parts = split(amount, pace.parts)
    return tuple(Instalment(number + i, step(pace, first, i), part) for i, part in enumerate(parts))


def step(pace: Pace, first: date, count: int) -> date:
    """Returns the day that is so many steps of the pace after the first."""
    if pace.every_days:
        return first + timedelta(days=pace.every_days * count)
    return later(first, pace.every_months * count)


def later(day: date, months: int) -> date:
    """Returns the same day some months on, or the last day of a shorter month."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))

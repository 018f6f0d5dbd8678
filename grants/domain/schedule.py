"""From terms to dated instalments that sum exactly to the award."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta

from grants.domain.money import Money, split
from grants.domain.terms import Schedule


@dataclass(frozen=True, slots=True)
class Instalment:
    """One planned part of a grant, numbered from 1."""

    number: int
    due_on: date
    amount: Money


def plan(schedule: Schedule, amount: Money, awarded_on: date) -> tuple[Instalment, ...]:
    """Returns the instalments of an award: the first after ``after_days``, the others month by month."""
    first = awarded_on + timedelta(days=schedule.after_days)
    parts = split(amount, schedule.parts)
    return tuple(Instalment(i + 1, later(first, i * schedule.every_months), part) for i, part in enumerate(parts))


def later(day: date, months: int) -> date:
    """Returns the same day some months on, or the last day of a shorter month."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))

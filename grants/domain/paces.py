"""Paces: the ways to be paid that a person may pick, how the rest of a grant is spread, and each way in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from grants.domain.money import Money
from grants.domain.saying import ENGLISH, Say
from grants.domain.schedule import Instalment, spread, step
from grants.domain.terms import Pace, Schedule


def key(pace: Pace) -> str:
    """Returns a short name for a pace, for forms: ``6-1-0`` is six parts, one each month."""
    return f"{pace.parts}-{pace.every_months}-{pace.every_days}"


def of_rest(pace: Pace, whole: Money, rest: Money) -> Pace:
    """Returns the pace for what is left of a grant: parts of about the same size as the whole would have had."""
    parts = (2 * rest.amount * pace.parts + whole.amount) // (2 * whole.amount)
    return replace(pace, parts=min(max(parts, 1), max(rest.amount, 1)))


def first_day(schedule: Schedule, awarded_on: date) -> date:
    """Returns the day before which nothing of a grant is due: after its wait, and once it is firm."""
    return step(Pace(every_days=1), awarded_on, max(schedule.after_days, schedule.provisional_days))


def respread(pace: Pace, rest: Money, earliest: date, today: date, before: Instalment | None) -> tuple[Instalment, ...]:
    """Returns what is left in the parts of a pace, after the last part that stands; ``before`` is that part.

    ``pace`` is already that of the rest. In one go means now; else the next part comes one step after the last.
    Nothing is due before ``earliest``, and no part is dated back behind today because of the change.
    """
    if before is None:
        return spread(pace, rest, earliest)
    next_day = today if pace.parts == 1 else max(today, step(pace, before.due_on, 1))
    return spread(pace, rest, max(earliest, next_day), before.number + 1)


def said(pace: Pace, amount: Money, say: Say = ENGLISH) -> str:
    """Returns ``all at once`` or ``6 parts of about £25, one each month``."""
    if pace.parts == 1:
        return say("all at once")
    each = say.money(Money(amount.amount // pace.parts, amount.currency)).removesuffix(".00")
    return say(
        "%(parts)d parts of about %(amount)s, one %(every)s", parts=pace.parts, amount=each, every=every(pace, say)
    )


def every(pace: Pace, say: Say = ENGLISH) -> str:
    """Returns how far apart the parts come: ``each month``, ``every 2 weeks``, ``every 10 days``."""
    if not pace.every_days:
        return say.many("each month", "every %(num)d months", pace.every_months)
    weeks, days = divmod(pace.every_days, 7)
    if not days:
        return say.many("each week", "every %(num)d weeks", weeks)
    return say.many("each day", "every %(num)d days", pace.every_days)

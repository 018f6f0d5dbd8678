"""Controls: the rules behind hints about accounts and pace, and which decisions trustees look back at.

A hint is a question to somebody who looks. It never refuses anything, is no score, and knows nothing of why a person
needs money, of who they are, or of whether they said that it came. The numbers are settings (``GRANTS_HINT_…``):

- ``hint_people`` (3): one account is paid for more people than this, within ``WINDOW_DAYS``.
- ``hint_day`` (20), ``hint_hour`` (10), ``hint_times`` (3): somebody decided alone at least so often on one day, or in
  one hour of the clock, and more than so many times their own usual. The usual is the median over the days (hours) on
  which they decided, in the ``USUAL_DAYS`` before; with fewer than ``KNOWN`` of them it takes twice the number instead.
- ``hint_changes`` (5): one person typed at least so many changes of bank details in one week, Monday to Sunday.
- ``hint_fresh_hours`` (72): a run was released, or waits, with less than this since changed details came to hold.

A hint that somebody found fine stays quiet until there is twice as much of what it counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from statistics import median_low

from grants.domain.sampling import draw

WINDOW_DAYS = 90
"""Days over which accounts are compared: bank details go 90 days after the last payment."""

USUAL_DAYS = 90
"""Days before a day from which somebody's own usual is known."""

KNOWN = 5
"""So many days (or hours) with decisions make a usual."""

AGAIN = 2
"""A hint that was found fine speaks again when there is this many times as much."""


def usual(counts: Sequence[int]) -> int | None:
    """Returns somebody's own usual count, the lower median, or None where too little is known."""
    return median_low(counts) if len(counts) >= KNOWN else None


def far_above(count: int, own_usual: int | None, least: int, times: int) -> bool:
    """Returns whether a count is worth a look: at least ``least`` and far above the usual, or twice ``least``."""
    if own_usual is None:
        return count >= AGAIN * least
    return count >= least and count > times * own_usual


def quiet(count: int, seen: int) -> bool:
    """Returns whether a hint stays quiet, after somebody found it fine when there were ``seen``."""
    return count < AGAIN * seen


def look_back_size(population: int, share: int) -> int:
    """Returns how many decisions are looked back at: ``share`` of 100, rounded up, so one at least if any."""
    return -(-population * share // 100)


def look_back_draw(seed: str, decision_ids: Iterable[int], share: int) -> tuple[int, ...]:
    """Returns the decisions that a seed draws, in order: by the SHA-256 of ``seed:number`` (``sampling``)."""
    numbers = {str(number) for number in decision_ids}
    return tuple(int(number) for number in draw(seed, numbers, look_back_size(len(numbers), share)))


def month_start(day: date) -> date:
    """Returns the first day of the month."""
    return day.replace(day=1)


def month_after(month: date) -> date:
    """Returns the first day of the next month."""
    return month_start(month_start(month) + timedelta(days=32))

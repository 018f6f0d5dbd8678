"""Small numbers hidden so that nobody can be picked out, nor found by taking one number from another.

Source: the usual rules of official statistics: primary suppression of cells below a smallest number,
then complementary suppression so that what is hidden cannot be had back from what is shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Hidden:
    """Which cells of a table with a shown total are hidden; ``whole`` means that the table cannot be shown at all."""

    cells: frozenset[int] = frozenset()
    whole: bool = False


def protect(counts: Sequence[int], smallest: int) -> Hidden:
    """Returns which cells to hide: those from 1 to below the smallest, and enough others to keep them safe.

    An empty cell may be shown: it is about nobody. The total of the counts is taken as known to all. The
    others are chosen by their place, never by their size: a choice by size would tell something.
    """
    hidden = {i for i, count in enumerate(counts) if 0 < count < smallest}
    if not hidden:
        return Hidden()
    spare = [i for i, count in enumerate(counts) if count >= smallest]
    while not _safe([counts[i] for i in hidden], smallest):
        if not spare:
            return Hidden(frozenset(range(len(counts))), whole=True)
        hidden.add(spare.pop(0))
    return Hidden(frozenset(hidden))


def _safe(counts: Sequence[int], smallest: int) -> bool:
    """Returns whether the hidden counts could be others, for somebody who knows their sum and our rule.

    There must be room downwards (each holds somebody) and, where all are small, upwards.
    """
    room_below = sum(counts) - len(counts) >= smallest
    room_above = sum(counts) < len(counts) * (smallest - 1) or max(counts) >= smallest
    return len(counts) > 1 and room_below and room_above


Shown = Literal["number", "few", "nearly_all"]
"""How one count may be told: itself, “a few” (1 to below the smallest), or “all but a few”."""


def steps(counts: Sequence[int], smallest: int) -> tuple[Shown, ...]:
    """Returns how each count of a narrowing row (awarded ≥ paid ≥ arrived) may be told.

    A count is told as a number only when the people that it leaves out, against every number told before
    it, are none or at least the smallest.
    """
    told: list[Shown] = []
    before: int | None = None
    for count in counts:
        if 0 < count < smallest:
            told.append("few")
        elif before is not None and 0 < before - count < smallest:
            told.append("nearly_all")
        else:
            told.append("number")
            before = count
    return tuple(told)

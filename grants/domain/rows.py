"""Rows: lines of grants for a funder's file, made coarser until nobody stands alone; pure.

A line may be told only in a group of at least the smallest number that are all the same. Where a group is smaller,
its most telling column is left blank, and the next, until it is large enough or tells nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

FIRST_TO_GO = ("amount", "reason", "purpose", "local_authority", "month")
"""In this order columns are left blank: what picks a person out most goes first."""

TELLS_TOO_MUCH = frozenset({"GTIR060"})
"""Reasons beside which no place is told: somebody may be looking for this person."""

Line = tuple[str, ...]


def coarse(lines: Sequence[Mapping[str, str]], columns: Sequence[str], smallest: int) -> list[dict[str, str]]:
    """Returns the lines with so much left blank that each is like at least ``smallest`` in all; in no order of time.

    With fewer lines than ``smallest`` nothing can be told at all, and there are none.
    """
    if len(lines) < smallest:
        return []
    kept = [tuple(_shown(line, column) for column in columns) for line in lines]
    for column in (name for name in FIRST_TO_GO if name in columns):
        counts = Counter(kept)
        place = list(columns).index(column)
        kept = [_blank(line, place) if counts[line] < smallest else line for line in kept]
    return [dict(zip(columns, line, strict=True)) for line in sorted(_together(kept, smallest))]


def _shown(line: Mapping[str, str], column: str) -> str:
    if column == "local_authority" and line.get("reason") in TELLS_TOO_MUCH:
        return ""
    return line.get(column, "")


def _blank(line: Line, place: int) -> Line:
    return (*line[:place], "", *line[place + 1 :])


def _together(lines: list[Line], smallest: int) -> list[Line]:
    """Returns the lines with whole groups joined to those that tell nothing, until these are none or enough."""
    counts = Counter(lines)
    nothing = tuple("" for _ in lines[0])
    small = [group for group, count in counts.items() if count < smallest]
    alone = sum(counts.pop(group) for group in small)
    for group, count in sorted(counts.items(), key=lambda item: (item[0] != nothing, item[1], item[0])):
        if alone == 0 or alone >= smallest:
            break
        alone += count
        del counts[group]
    return [*counts.elements(), *[nothing] * alone]

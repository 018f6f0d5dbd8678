"""Replay words: each figure of a replay with its name in plain words, the same on a page, a terminal and in a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from grants.domain.money import Money, format_amount
from grants.domain.replay import Result
from grants.domain.words import minutes

Unit = Literal["awards", "applications", "people", "minutes", "days", "money"]

NOTHING = "–"
"""What stands where there is no figure."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of a replay: a stable name, its label, its unit, and how it is read from a result."""

    name: str
    label: str
    unit: Unit
    of: Callable[[Result], int | None]


@dataclass(frozen=True, slots=True)
class Column:
    """One policy of a replay under the title that heads its column."""

    title: str
    result: Result


FIGURES: tuple[Figure, ...] = (
    Figure("awards", "Awards looked at", "awards", lambda r: r.touched.awards),
    Figure("declined", "Applications that were declined, and stay so", "applications", lambda r: r.touched.declined),
    Figure("broken", "Would wait: the policy itself does not work", "awards", lambda r: sum(n for _, n in r.broken)),
    Figure("refused", "Not made as it stands: too small for its parts", "awards", lambda r: r.touched.refused),
    Figure("slowed", "Slower to decide than it was", "awards", lambda r: r.touched.slowed),
    Figure("two_people", "Two people must agree", "awards", lambda r: r.touched.two_people),
    Figure("higher", "A manager or a trustee must agree", "awards", lambda r: r.touched.higher),
    Figure("papers", "Papers, or somebody else’s word, come first", "awards", lambda r: r.touched.papers),
    Figure("later", "First money planned later than it was", "awards", lambda r: r.touched.later),
    Figure("delayed", "First money not planned for the first day", "awards", lambda r: r.touched.delayed),
    Figure("provisional", "Can be taken back until a later day", "awards", lambda r: r.touched.provisional),
    Figure("in_parts", "Paid in parts", "awards", lambda r: r.touched.in_parts),
    Figure("held", "A later part can wait for an answer", "awards", lambda r: r.touched.held),
    Figure(
        "looked_at", "A missing answer is looked at before a further grant", "awards", lambda r: r.touched.looked_at
    ),
    Figure("elsewhere", "Paid to somebody else than the person", "awards", lambda r: r.touched.elsewhere),
    Figure("called", "People called, drawn by chance", "people", lambda r: r.called),
    Figure("applying", "Asked of people to apply, in all", "minutes", lambda r: r.applying),
    Figure("afterwards", "Asked of people after the award, in all", "minutes", lambda r: r.afterwards),
    Figure("each", "Asked of each person after the award", "minutes", lambda r: each(r)),
    Figure("referrers", "Asked of referrers, in all", "minutes", lambda r: r.referrers),
    Figure("staff", "Work of staff, in all", "minutes", lambda r: r.staff),
    Figure("out_of_pocket", "What people pay out of their own pocket", "money", lambda r: r.out_of_pocket),
    Figure("days_median", "Days to the first money: half within", "days", lambda r: r.days_median),
    Figure("days_p90", "Days to the first money: 9 in 10 within", "days", lambda r: r.days_p90),
    Figure("moved", "Money awarded", "money", lambda r: r.moved),
    Figure("cost", "What everybody’s time and cost is worth", "money", lambda r: r.cost),
    Figure("cost_per_100", "What time and cost are worth, for each 100 awarded", "money", lambda r: r.cost_per_100),
    Figure("net", "Left to people after their own time and cost", "money", lambda r: r.net),
)
"""Every figure, in the order in which it is shown."""

FEWEST = ("slowed", "later", "held", "staff", "each", "days_median", "cost_per_100", "net")
"""The figures that tell most, where there is little room."""


def each(result: Result) -> int:
    """Returns the minutes asked of each person after the award, rounded to the nearest."""
    made = result.touched.awards - result.touched.refused - sum(count for _, count in result.broken)
    return (2 * result.afterwards + made) // (2 * made) if made > 0 else 0


def value(figure: Figure, result: Result, currency: str) -> str:
    """Returns a figure in words: ``1,204``, ``3 hours 5 minutes``, ``£12.50``; a dash where there is none."""
    found = None if result.problem else figure.of(result)
    if found is None:
        return NOTHING
    if figure.unit == "money":
        return format_amount(Money(found, currency))
    return minutes(found) if figure.unit == "minutes" and found < 600 else _large(figure, found)


def rows(columns: Sequence[Column], currency: str, names: Iterable[str] = ()) -> Iterator[tuple[str, ...]]:
    """Yields a label and one value a column for each figure, or for those named."""
    wanted = set(names)
    for figure in FIGURES:
        if not wanted or figure.name in wanted:
            yield figure.label, *(value(figure, column.result, currency) for column in columns)


def problems(columns: Iterable[Column]) -> list[str]:
    """Returns what went wrong, one sentence each, with the policy's title in front."""
    told = []
    for column in columns:
        if column.result.problem:
            told.append(f"{column.title}: {column.result.problem}")
        for reason, count in column.result.broken:
            told.append(f"{column.title}: {'1 award' if count == 1 else f'{count:,} awards'} would wait ({reason}).")
    return told


def _large(figure: Figure, found: int) -> str:
    return f"{(found + 30) // 60:,} hours" if figure.unit == "minutes" else f"{found:,}"

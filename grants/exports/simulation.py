"""The file of a simulation: a line a figure, a column a policy, and every assumption below them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from grants.domain.replay_words import FIGURES, Column, Figure, problems
from grants.exports.tables import decimal, lines


def write_simulation(
    columns: Sequence[Column], currency: str, notes: Iterable[str], supposed: Iterable[tuple[str, str]]
) -> Iterator[bytes]:
    """Yields a CSV file: plain numbers, minutes as minutes, money as decimals of the currency; never a name."""
    head = ("figure", "what", "unit", *(column.title for column in columns))
    yield from lines(head, _rows(columns, currency, notes, supposed))


def _rows(
    columns: Sequence[Column], currency: str, notes: Iterable[str], supposed: Iterable[tuple[str, str]]
) -> Iterator[tuple[str, ...]]:
    for figure in FIGURES:
        unit = currency if figure.unit == "money" else figure.unit
        yield figure.name, figure.label, unit, *(_cell(figure, column, currency) for column in columns)
    for told in problems(columns):
        yield "problem", told
    for note in notes:
        yield "note", note
    for label, words in supposed:
        yield "assumption", label, words


def _cell(figure: Figure, column: Column, currency: str) -> str:
    found = None if column.result.problem else figure.of(column.result)
    if found is None:
        return ""
    return decimal(found, currency) if figure.unit == "money" else str(found)

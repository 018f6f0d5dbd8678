"""The year’s figures as a table: a line a figure, amounts as decimals; nobody is in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from grants.exports.tables import decimal, lines

COLUMNS = ("part", "what", "limit_on_use", "figure", "number", "currency", "amount")

Figure = tuple[str, str, str, str, int | None, str, int | None]
"""Part, what it is about, limit on use, figure, number of grants, currency, minor units; None is not told."""


def write(figures: Iterable[Figure]) -> Iterator[bytes]:
    """Yields the table."""
    return lines(COLUMNS, map(_row, figures))


def _row(figure: Figure) -> tuple[str | int, ...]:
    *told, number, currency, amount = figure
    return (*told, "" if number is None else number, currency, "" if amount is None else decimal(amount, currency))

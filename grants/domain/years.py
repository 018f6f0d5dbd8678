"""The charity’s financial year: it ends on the same day of each year."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class Year:
    """One financial year: its first and its last day."""

    first: date
    last: date

    @property
    def name(self) -> str:
        """Returns what people call it: ``2026/27``, or ``2026`` where it is a calendar year."""
        first, last = self.first.year, self.last.year
        return str(last) if first == last else f"{first}/{last % 100:02}"


def ending_in(year: int, end: str) -> Year:
    """Returns the financial year that ends in this calendar year, on a day and month like ``31/03``.

    An end on 28 February is the last day of that month in every year.
    """
    return Year(_end(year - 1, end) + timedelta(days=1), _end(year, end))


def year_of(day: date, end: str) -> Year:
    """Returns the financial year in which a day lies."""
    return ending_in(day.year if day <= _end(day.year, end) else day.year + 1, end)


def _end(year: int, end: str) -> date:
    day, month = (int(part) for part in end.split("/"))
    return date(year, month, monthrange(year, month)[1] if (day, month) == (28, 2) else day)

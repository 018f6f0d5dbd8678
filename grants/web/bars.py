"""Rows of bar charts and words for long waits: what staff and funders look at, drawn the same."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from flask_babel import format_date

from grants.flow.learn import Bar, Span
from grants.schemas.tongue import gettext as _
from grants.schemas.tongue import ngettext
from grants.web.filters import DAY, HOUR, money

SHORT = {
    "GTIP010": "Anything",
    "GTIP020": "Furniture, cookers",
    "GTIP030": "Equipment at home",
    "GTIP040": "Phone or computer",
    "GTIP050": "Gas, electric, water",
    "GTIP060": "Rent and housing",
    "GTIP070": "Food, daily needs",
    "GTIP080": "Clothes, uniform",
    "GTIP090": "Debt",
    "GTIP100": "Travel",
    "GTIP110": "Holiday or activity",
    "GTIP120": "Health and care",
    "GTIP130": "Course or training",
    "GTIP140": "Finding work",
    "GTIP150": "Art or music",
    "GTIP160": "Community",
    "GTIP170": "Something unusual",
}
"""The purposes in words short enough to stand before the figures of a bar."""

Row = tuple[str, int, str]
"""A label, how long the bar is, and the words at its end."""


def month_rows(bars: Iterable[Bar], currency: str) -> list[Row]:
    """Returns the rows of a chart by month."""
    return [row(month_name(bar.key), bar, currency) for bar in bars]


def purpose_rows(bars: Iterable[Bar], currency: str) -> list[Row]:
    """Returns the rows of a chart by main purpose, the largest first; what is hidden comes last."""
    rows = [row(purpose_name(bar.key), bar, currency) for bar in bars]
    return sorted(rows, key=lambda made: -made[1])


def row(label: str, bar: Bar, currency: str) -> Row:
    """Returns one row: as long as its money, or as its count where no money is shown; empty where hidden."""
    if bar.hidden:
        return label, 0, _("not shown")
    grants = ngettext("%(num)d grant", "%(num)d grants", bar.count) if bar.count is not None else ""
    amount = money((bar.amount, currency)) if bar.amount is not None else ""
    return label, bar.amount if bar.amount is not None else bar.count or 0, " · ".join(filter(None, (amount, grants)))


def month_name(key: str) -> str:
    """Returns ``November 2026`` for ``2026-11``."""
    year, _dash, month = key.partition("-")
    return str(format_date(date(int(year), int(month), 1), "LLLL y"))


def purpose_name(code: str) -> str:
    """Returns a purpose in a few plain words."""
    return SHORT.get(code, _("Not said"))


def wait(seconds: float) -> str:
    """Returns how long somebody waited, rounded to what people say: ``40 minutes``, ``5 hours``, ``3 days``."""
    if seconds >= 2 * DAY:
        return ngettext("%(num)d day", "%(num)d days", round(seconds / DAY))
    if seconds >= HOUR:
        return ngettext("%(num)d hour", "%(num)d hours", round(seconds / HOUR))
    return ngettext("%(num)d minute", "%(num)d minutes", max(round(seconds / 60), 1))


def wait_of(span: Span | None) -> str:
    """Returns the middle wait in words; empty where there is none to tell."""
    return wait(span.median) if span else ""

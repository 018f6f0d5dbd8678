"""Paces: the ways to be paid as radios, each with what it would bring and when."""

from __future__ import annotations

from collections.abc import Iterable

from marshmallow import Schema

from grants.domain import paces
from grants.domain.money import Money
from grants.domain.schedule import Instalment
from grants.domain.terms import Pace
from grants.schemas.fields import Choice
from grants.schemas.tongue import gettext as _

Way = tuple[str, Pace, tuple[Instalment, ...]]
"""The name of a way to be paid, its pace, and the parts that it would bring."""


def pace_schema(ways: Iterable[Way], label: str) -> Schema:
    """Returns the form in which one of several ways to be paid is picked."""
    offered = list(ways)
    about = {
        "label": label,
        "hint": _("If you get benefits, how it comes can matter. An advice centre can tell you for sure."),
        "notes": {key: _when(parts) for key, _pace, parts in offered},
        "widget": "radios",
    }
    asked = {"required": _("Choose how it comes.")}
    options = [(key, _way(pace, parts)) for key, pace, parts in offered]
    field = Choice(options, required=True, error_messages=asked, metadata=about)
    return Schema.from_dict({"pace": field}, name="Paces")()


def _way(pace: Pace, parts: tuple[Instalment, ...]) -> str:
    if len(parts) == 1:
        return _("All at once")
    return _("%(count)s parts, one %(every)s", count=len(parts), every=paces.every(pace))


def _when(parts: tuple[Instalment, ...]) -> str:
    first, last = parts[0], parts[-1]
    if len(parts) == 1:
        return _("%(amount)s on %(day)s.", amount=_short(first.amount), day=_day(first))
    return _(
        "%(amount)s on %(day)s, the last on %(end)s.", amount=_short(first.amount), day=_day(first), end=_day(last)
    )


def _short(amount: Money) -> str:
    return str(amount).removesuffix(".00")


def _day(part: Instalment) -> str:
    return f"{part.due_on.day} {part.due_on:%B %Y}"

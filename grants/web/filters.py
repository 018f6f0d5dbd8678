"""How money, days and minutes read on a page, in the reader's language."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time

from grants.domain.money import Money
from grants.schemas.tongue import gettext as _
from grants.schemas.tongue import locale, ngettext, of_policy, written

TIMEZONE = ZoneInfo("Europe/London")
"""Where the charity works."""

HOUR = 3600
DAY = 24 * HOUR


def money(value: Money | tuple[int, str]) -> str:
    """Returns an amount in the reader's way of writing it: ``£150``, ``£99.50``."""
    return written(value if isinstance(value, Money) else Money(*value))


def day(value: date | datetime) -> str:
    """Returns ``23 November 2026``; a moment is shown on the day that it is where the charity works."""
    return str(format_date(_here(value) if isinstance(value, datetime) else value, "long", locale=locale()))


def when(value: datetime) -> str:
    """Returns ``23 November 2026 at 14:05``, in the time of the place where the charity works."""
    return _("%(day)s at %(time)s", day=day(value), time=format_time(_here(value), "short", locale=locale()))


def _here(value: datetime) -> datetime:
    return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(TIMEZONE)


def ago(value: timedelta | datetime, now: datetime | None = None) -> str:
    """Returns how long it has been, in one unit: ``3 days``, ``5 hours``. A moment needs ``now`` as well."""
    if isinstance(value, datetime):
        if now is None:
            raise TypeError("how long ago a moment was needs to know what time it is now")
        value = now - value
    seconds = max(int(value.total_seconds()), 0)
    if seconds >= DAY:
        return ngettext("%(num)d day", "%(num)d days", seconds // DAY)
    if seconds >= HOUR:
        return ngettext("%(num)d hour", "%(num)d hours", seconds // HOUR)
    if seconds >= 60:
        return ngettext("%(num)d minute", "%(num)d minutes", seconds // 60)
    return _("less than a minute")


def minutes(value: float) -> str:
    """Returns ``0 minutes``, ``about 3 minutes`` or ``about 1 hour 10 minutes``; part of a minute counts as one."""
    whole = -int(-value // 1)
    if whole <= 0:
        return _("0 minutes")
    hours, rest = divmod(whole, 60)
    said = ngettext("%(num)d minute", "%(num)d minutes", rest)
    if hours:
        long = ngettext("%(num)d hour", "%(num)d hours", hours)
        said = _("%(hours)s %(minutes)s", hours=long, minutes=said) if rest else long
    return _("about %(time)s", time=said)


N_ = str
"""Marks a sentence for the catalogues; it is looked up when it is shown."""

STATES = {
    "draft": ("calm", N_("Not sent yet")),
    "submitted": ("soon", N_("Waiting for a decision")),
    "awarded": ("good", N_("Awarded")),
    "declined": ("calm", N_("Not this time")),
    "withdrawn": ("calm", N_("Withdrawn")),
    "active": ("good", N_("Going on")),
    "on_hold": ("soon", N_("On hold")),
    "completed": ("calm", N_("Complete")),
    "cancelled": ("calm", N_("Cancelled")),
    "created": ("calm", N_("Ready to pay")),
    "sending": ("soon", N_("Being sent")),
    "accepted": ("soon", N_("On its way")),
    "settled": ("good", N_("Paid")),
    "returned": ("late", N_("Came back")),
    "failed": ("late", N_("Did not go")),
    "unknown": ("late", N_("We are finding out")),
    "open": ("soon", N_("Open")),
    "met": ("good", N_("Done")),
    "waived": ("calm", N_("No longer asked")),
    "lapsed": ("calm", N_("Let go")),
}
"""How a state looks (calm, soon, good, late) and reads."""


def state_said(state: str) -> tuple[str, str]:
    """Returns how a state looks and what it is called, in the reader's language."""
    look, words = STATES.get(state, ("calm", state))
    return look, _(words)


FILTERS = {"money": money, "day": day, "when": when, "ago": ago, "minutes": minutes, "theirs": of_policy}
"""The filters that every page has, by name."""

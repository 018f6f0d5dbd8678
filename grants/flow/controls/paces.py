"""Hints about pace: somebody decided alone far more often than is usual for them, on a day or in an hour."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Select, func, select

from grants.domain import controls as rules
from grants.flow.controls.accounts import Hint
from grants.flow.desk import Desk
from grants.model.applications import Decision

BACK = timedelta(days=14)
"""How many days are looked at."""

ALONE: tuple[ColumnElement[bool], ...] = (
    Decision.second_by.is_(None),
    Decision.waiting.is_(False),
    Decision.withdrawn_at.is_(None),
)
"""What makes a decision one person's alone: nobody else agreed, and it is no proposal that waits or was taken back."""

PERHAPS = "It may be a list that was typed in at once, a bad week, or a colleague who is away."


def unusual(desk: Desk, only: Select[int] | None = None) -> list[Hint]:
    """Returns whose pace was far above their own usual, by day; of these users only, or of all; two statements."""
    busy = _busy(desk, only)
    if not busy:
        return []
    times: dict[int, list[datetime]] = {user: [] for user in busy}
    since = desk.now() - BACK - timedelta(days=rules.USUAL_DAYS)
    found = select(Decision.by, Decision.at).where(Decision.by.in_(busy), Decision.at >= since, *ALONE)
    for user, at in desk.session.execute(found.order_by(Decision.at)):
        times[user].append(at)
    return [hint for user, when in sorted(times.items()) for hint in _of(desk, user, when)]


def _busy(desk: Desk, only: Select[int] | None) -> list[int]:
    """Returns who decided often enough lately that a day or an hour of theirs could be worth a look."""
    least = min(desk.settings.hint_day, desk.settings.hint_hour)
    found = select(Decision.by).where(Decision.at >= desk.now() - BACK, *ALONE)
    if only is not None:
        found = found.where(Decision.by.in_(only))
    return list(desk.session.scalars(found.group_by(Decision.by).having(func.count() >= least)))


def _of(desk: Desk, user: int, times: list[datetime]) -> Iterator[Hint]:
    days = Counter(at.date() for at in times)
    hours = Counter(at.replace(minute=0, second=0, microsecond=0) for at in times)
    first = (desk.now() - BACK).date()
    for day in sorted(days):
        if day < first:
            continue
        before = day - timedelta(days=rules.USUAL_DAYS)
        own = rules.usual([count for other, count in days.items() if before <= other < day])
        if rules.far_above(days[day], own, desk.settings.hint_day, desk.settings.hint_times):
            yield _hint(user, day, days[day], "on", own, "day")
            continue
        own = rules.usual([count for other, count in hours.items() if before <= other.date() < day])
        most = max(count for hour, count in hours.items() if hour.date() == day)
        if rules.far_above(most, own, desk.settings.hint_hour, desk.settings.hint_times):
            yield _hint(user, day, most, "in one hour of", own, "hour")


def _hint(user: int, day: date, count: int, when: str, own: int | None, each: str) -> Hint:
    usual = "We do not know their usual yet." if own is None else f"Their usual {each} has {own}."
    told = f"{{name}} decided {count} times alone {when} {day.day} {day:%B %Y}. {usual}"
    return Hint(kind="pace", matter=f"{user}:{day.isoformat()}", count=count, words=told, perhaps=PERHAPS, about=user)

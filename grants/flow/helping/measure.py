"""Measure: how many people called for help, and whether somebody answered by the day that we promised."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from statistics import median_low

from sqlalchemy import func, select

from grants.domain.helping import MEASURED, measured_as, workdays_between
from grants.flow.desk import Desk
from grants.model.applications import Application
from grants.model.grants import Grant
from grants.model.helping import HelpCall

YEAR = timedelta(days=365)

COARSE = 10
"""Funders see shares in steps of so many points, so that one late answer cannot be told from a share."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One promise over a year: working days promised, calls, answers, and how many came by the promised day.

    ``due`` is how many were answered or should have been by now, ``median`` working days until the first answer.
    ``hidden`` says that there are too few to show: all numbers are None then.
    """

    kind: str
    title: str
    promised: int
    calls: int | None = 0
    answered: int | None = 0
    due: int | None = 0
    on_time: int | None = 0
    median: int | None = None
    hidden: bool = False

    @property
    def share(self) -> int | None:
        """Returns how many of 100 answers came on time; None when none was due."""
        return round(100 * (self.on_time or 0) / self.due) if self.due else None

    @property
    def coarse(self) -> int | None:
        """Returns the share as funders see it, rounded down."""
        return None if self.share is None else self.share // COARSE * COARSE


def kept(desk: Desk, fund_id: int | None = None) -> list[Kept]:
    """Returns how the promises were kept over the last year, by kind, for all or for one fund; one statement."""
    found = select(HelpCall).where(HelpCall.opened_at >= desk.now() - YEAR)
    if fund_id is not None:
        of_fund = func.coalesce(Grant.fund_id, Application.fund_id)
        found = found.outerjoin(Grant, Grant.id == HelpCall.grant_id)
        found = found.outerjoin(Application, Application.id == HelpCall.application_id).where(of_fund == fund_id)
    rows = desk.session.scalars(found).all()
    return [_of_kind(desk, kind, [row for row in rows if measured_as(row.kind, row.code) == kind]) for kind in MEASURED]


def for_funder(desk: Desk, fund_id: int, smallest: int) -> list[Kept]:
    """Returns the same as a funder may see it: a kind with fewer calls than the smallest cell shows no number."""
    return [_hidden(one) if one.calls and one.calls < smallest else one for one in kept(desk, fund_id)]


def _of_kind(desk: Desk, kind: str, rows: Iterable[HelpCall]) -> Kept:
    now, some = desk.now(), list(rows)
    answered = [(row, row.answered_at) for row in some if row.answered_at is not None]
    late = sum(row.answered_at is None and row.closed_at is None and row.answer_by < now for row in some)
    days = [workdays_between(row.opened_at.date(), at.date()) for row, at in answered]
    return Kept(
        kind=kind,
        title=MEASURED[kind],
        promised=getattr(desk.settings, f"answer_days_{kind}"),
        calls=len(some),
        answered=len(answered),
        due=len(answered) + late,
        on_time=sum(at <= row.answer_by for row, at in answered),
        median=median_low(days) if days else None,
    )


def _hidden(one: Kept) -> Kept:
    return Kept(one.kind, one.title, one.promised, None, None, None, None, None, hidden=True)

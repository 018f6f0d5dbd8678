"""Waiting: how much waits for this worker, counted only as far as anybody needs to know."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, or_, select

from grants.flow.desk import Desk
from grants.flow.find import reachable
from grants.flow.tasks import TAKES
from grants.model.applications import Application, Decision
from grants.model.tasks import Task

MOST = 100
"""Waiting things are counted up to here: nobody needs to know whether it is 140 or 150."""


@dataclass(frozen=True, slots=True)
class Count:
    """How many there are, counted up to MOST, and when the first of them came."""

    number: int = 0
    oldest: datetime | None = None

    @property
    def words(self) -> str:
        """Returns ``12``, or ``100+`` when there may be more."""
        return f"{MOST}+" if self.number >= MOST else str(self.number)


def applications(desk: Desk) -> Count:
    """Returns how many applications wait for a decision, and when the first of them came."""
    first = select(Application.submitted_at).where(Application.state == "submitted", reachable(desk))
    return _count(desk, first.order_by(Application.submitted_at, Application.id))


def proposals(desk: Desk) -> Count:
    """Returns how many proposed awards wait for this actor, as the second person."""
    waiting = select(Decision.at).where(Decision.waiting, Decision.by != (desk.actor.user_id or 0))
    return _count(desk, waiting.order_by(Decision.id))


def tasks(desk: Desk) -> Count:
    """Returns how many open tasks are this actor's, or nobody's and not kept from them."""
    me = desk.actor.user_id
    kept = [kind for kind, right in TAKES.items() if not desk.actor.may(right)]
    found = (
        select(Task.opened_at, Task.not_for)
        .where(
            Task.closed_at.is_(None), Task.kind.not_in(kept), or_(Task.assigned_to.is_(None), Task.assigned_to == me)
        )
        .order_by(Task.opened_at, Task.id)
        .limit(MOST)
    )
    mine = [at for at, not_for in desk.session.execute(found) if me not in not_for]
    return Count(len(mine), mine[0] if mine else None)


def _count(desk: Desk, times: Select[datetime]) -> Count:
    inner = times.limit(MOST).subquery()
    number, oldest = desk.session.execute(select(func.count(), func.min(inner.c[0])).select_from(inner)).one()
    return Count(number, oldest)

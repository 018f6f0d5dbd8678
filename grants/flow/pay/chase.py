"""Chasing what waits: runs that nobody goes on with, and outcomes that stay unknown."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import exists, func, select

from grants.flow.desk import Desk
from grants.flow.pay.record import unknown_task
from grants.model.payments import Attempt
from grants.model.runs import Run
from grants.model.tasks import Task

MOST_ASKED = 200
"""For how many attempts a task is opened at most in one look; the next look goes on."""

WAIT = timedelta(minutes=15)
"""How long an outcome may stay unknown before a person is asked to look."""


def nudge(desk: Desk) -> None:
    """Queues the sending of every run that is released or running: the same job is never queued twice."""
    for run_id in desk.session.scalars(select(Run.id).where(Run.state.in_(("released", "running")))):
        desk.later.queue(desk.session, "perform_run", run_id)


def ask_people(desk: Desk) -> int:
    """Opens a task for each attempt that has stayed unknown for a while; returns how many are unknown that long."""
    late = (Attempt.state == "unknown", Attempt.sent_at < desk.now() - WAIT)
    asked = exists().where(Task.kind == "payment_unknown", Task.subject_id == Attempt.id, Task.closed_at.is_(None))
    found = select(Attempt).where(*late, ~asked).order_by(Attempt.id).limit(MOST_ASKED)
    for attempt in desk.session.scalars(found):
        unknown_task(desk, attempt)
    return desk.session.scalar(select(func.count()).select_from(Attempt).where(*late)) or 0

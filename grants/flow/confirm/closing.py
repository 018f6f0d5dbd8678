"""Closing: tasks about an ask end by themselves when the ask does."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import update

from grants.flow.desk import Desk
from grants.model.tasks import Task

TOLD_BY_WORKER, TOLD_BY_HELPER, OURS, DECIDE = "ask_person", "ask_helper", "ask_charity", "condition"
"""Kinds of task about an open ask: reach the person, reach the helper, do our own part, decide whether it holds."""

KINDS = (TOLD_BY_WORKER, TOLD_BY_HELPER, OURS, DECIDE)


def close_of_asks(desk: Desk, ask_ids: Sequence[int], outcome: str) -> None:
    """Closes the open tasks about these asks, saying what came of them; one statement."""
    about = Task.subject == "ask", Task.subject_id.in_(ask_ids), Task.kind.in_(KINDS), Task.closed_at.is_(None)
    done = {"closed_at": desk.now(), "closed_by": desk.actor.user_id, "outcome": outcome}
    desk.session.execute(update(Task).where(*about).values(done).execution_options(synchronize_session="fetch"))

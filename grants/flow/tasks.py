"""Tasks: what waits for a person; nobody sees, takes or closes one that is not for them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import ColumnElement, select

from grants.domain.errors import Refusal
from grants.flow.desk import Desk
from grants.flow.step import record
from grants.model.tasks import Task

Whose = Literal["help", "mine", "anyone", "colleagues", "closed"]

HELP = ("help_call", "help_complaint", "help_appeal")
"""Tasks that only point to a call for help: who has it and what came of it is said in the inbox for help."""

CLOSE_THEMSELVES = frozenset({"payment_unknown", "payment_amount", "overpaid", "data_request"})
"""Tasks that end when the thing itself is known: nobody can say that they are done."""

TAKES = {
    "cancel_grant": "grant.act",
    "fund_return": "pay.release",
    "float_loss": "pay.float",
    "look_back_talk": "grant.act",
    "data_request": "data.answer",
    "help_call": "help.answer",
    "help_complaint": "help.complaint",
    "help_appeal": "help.answer",
}
"""What it takes to see and close a task of some kinds; ``task.take`` for all others."""

LONGEST = 2000


@dataclass(frozen=True, slots=True)
class TaskPage:
    """Some tasks of a list, and the id after which the list goes on; 0 when it ends here."""

    tasks: tuple[Task, ...]
    after: int = 0


def open_for(desk: Desk, whose: Whose, after: int = 0, limit: int = 50) -> TaskPage:
    """Returns tasks that the one who acts may see, oldest first (closed ones newest first); one statement.

    ``help`` are calls for help, whoever has them; the other lists leave them out.
    """
    desk.need("task.take")
    found = select(Task).where(*_conditions(desk, whose))
    if whose == "closed":
        found = found.order_by(Task.id.desc())
        found = found.where(Task.id < after) if after else found
    else:
        found = found.where(Task.id > after).order_by(Task.id)
    rows = list(desk.session.scalars(found.limit(limit + 1)))
    return TaskPage(tuple(_visible(desk, rows[:limit])), rows[limit - 1].id if len(rows) > limit else 0)


def of_kinds(desk: Desk, kinds: Collection[str], limit: int = 50) -> list[Task]:
    """Returns the open tasks of these kinds that the one who acts may see, oldest first; one statement."""
    desk.need("task.take")
    found = select(Task).where(Task.kind.in_(kinds), Task.closed_at.is_(None)).order_by(Task.id).limit(limit)
    return _visible(desk, desk.session.scalars(found))


def find(desk: Desk, number: int) -> Task | None:
    """Returns the task, or None when there is none or it is not for the one who acts."""
    task = desk.session.get(Task, number)
    return task if task is not None and _may_see(desk, task) else None


def take(desk: Desk, task: Task) -> None:
    """Makes the task that of the one who acts; it may be taken over from a colleague."""
    worker = desk.need("task.take")
    task = _held(desk, task)
    before, task.assigned_to = task.assigned_to, worker
    record(desk, "task.taken", "task", task.id, before=before, kind=task.kind)


def give_back(desk: Desk, task: Task) -> None:
    """Gives a task back to everybody who may take it."""
    desk.need("task.take")
    task = _held(desk, task)
    before, task.assigned_to = task.assigned_to, None
    record(desk, "task.given_back", "task", task.id, before=before, kind=task.kind)


def close(desk: Desk, task: Task, outcome: str) -> None:
    """Closes a task with what came of it, in the worker's own words.

    Raises Refusal for a task that closes itself, that is closed already, or without words.
    """
    worker = desk.need("task.take")
    task = _held(desk, task)
    if task.kind in CLOSE_THEMSELVES:
        raise Refusal("task.closes_itself", "This closes by itself, as soon as the matter itself is settled.")
    if not outcome.strip() or len(outcome) > LONGEST:
        raise Refusal("task.outcome", f"Say what came of it, in up to {LONGEST:,} characters.", "outcome")
    task.closed_at = desk.now()
    task.closed_by = worker
    task.outcome = outcome.strip()
    record(desk, "task.closed", "task", task.id, kind=task.kind)


def _conditions(desk: Desk, whose: Whose) -> Iterable[ColumnElement[bool]]:
    yield Task.closed_at.is_not(None) if whose == "closed" else Task.closed_at.is_(None)
    if whose == "help":
        yield Task.kind.in_(HELP)
    elif whose != "closed":
        yield Task.kind.not_in(HELP)
    if whose == "mine":
        yield Task.assigned_to == desk.actor.user_id
    elif whose == "anyone":
        yield Task.assigned_to.is_(None)
    elif whose == "colleagues":
        yield Task.assigned_to.is_not(None)
        yield Task.assigned_to != desk.actor.user_id


def _visible(desk: Desk, tasks: Iterable[Task]) -> list[Task]:
    return [task for task in tasks if _may_see(desk, task)]


def _may_see(desk: Desk, task: Task) -> bool:
    return desk.actor.user_id not in task.not_for and desk.actor.may(TAKES.get(task.kind, "task.take"))


def _held(desk: Desk, task: Task) -> Task:
    """Returns the task as it is now, held until the end of the transaction; raises Refusal when it is closed."""
    found = select(Task).where(Task.id == task.id).with_for_update().execution_options(populate_existing=True)
    held = desk.session.scalars(found).one()
    if not _may_see(desk, held):
        raise Refusal("task.not_yours", "This task is for somebody else.")
    if held.kind in HELP:
        raise Refusal("task.help", "Open the call itself: there you take it, answer it, and say what came of it.")
    if held.closed_at is not None:
        raise Refusal("task.closed", "Somebody has closed this task already.")
    return held

"""Tasks are opened once for each thing, and close by themselves when the thing is settled."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import select

from grants.flow.desk import Desk
from grants.model import rows
from grants.model.tasks import Task


def open_task(
    desk: Desk,
    kind: str,
    subject: str,
    subject_id: int,
    title: str,
    words: str = "",
    *,
    assigned_to: int | None = None,
    not_for: Iterable[int] = (),
) -> Task:
    """Opens a task for a person, or returns the one of this kind that is open for the same thing."""
    known = open_one(desk, kind, subject, subject_id)
    if known is not None:
        return known
    return new_task(desk, kind, subject, subject_id, title, words, assigned_to=assigned_to, not_for=not_for)


def new_task(
    desk: Desk,
    kind: str,
    subject: str,
    subject_id: int,
    title: str,
    words: str = "",
    *,
    assigned_to: int | None = None,
    not_for: Iterable[int] = (),
) -> Task:
    """Opens a task for a person about something that cannot have one of this kind yet."""
    task = Task(
        kind=kind,
        title=title,
        words=words,
        subject=subject,
        subject_id=subject_id,
        assigned_to=assigned_to,
        not_for=list(not_for),
        opened_at=desk.now(),
    )
    desk.session.add(task)
    desk.session.flush()
    return task


def open_one(desk: Desk, kind: str, subject: str, subject_id: int) -> Task | None:
    """Returns the open task of this kind about this thing, or None."""
    found = select(Task).where(
        Task.kind == kind, Task.subject == subject, Task.subject_id == subject_id, Task.closed_at.is_(None)
    )
    return desk.session.scalar(found.limit(1))


def close_tasks(desk: Desk, kinds: Iterable[str], subject: str, subject_id: int, outcome: str) -> None:
    """Closes the open tasks of these kinds about this thing, saying what came of it."""
    close_many(desk, kinds, subject, [subject_id], outcome)


def close_many(desk: Desk, kinds: Iterable[str], subject: str, subject_ids: Sequence[int], outcome: str) -> None:
    """Closes the open tasks of these kinds about any of these things; one statement, and one more for what it found."""
    if not subject_ids:
        return
    found = select(Task).where(
        Task.kind.in_(list(kinds)),
        Task.subject == subject,
        rows.among(desk.session, Task.subject_id, subject_ids),
        Task.closed_at.is_(None),
    )
    for task in desk.session.scalars(found):
        close_one(desk, task, outcome)


def close_one(desk: Desk, task: Task, outcome: str) -> None:
    """Closes one task by whoever acts, saying what came of it."""
    task.closed_at = desk.now()
    task.closed_by = desk.actor.user_id
    task.outcome = outcome

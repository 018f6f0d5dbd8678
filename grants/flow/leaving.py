"""Leaving: one act that ends every session of somebody who leaves and hands their open work to a colleague."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select, update

from grants.domain.errors import Refusal
from grants.domain.money import Money, format_amount
from grants.flow import tasks as waiting
from grants.flow.desk import Desk
from grants.flow.helping import follow_leaver
from grants.flow.opening import new_task
from grants.flow.people import end_limit, end_sessions, keep_a_manager
from grants.flow.step import record
from grants.model.applications import Application, Decision
from grants.model.floats import CashFloat
from grants.model.runs import Run
from grants.model.tasks import Task
from grants.model.users import User


@dataclass(frozen=True, slots=True)
class Left:
    """What was handed over, and the warnings that somebody must act on today."""

    tasks: int
    unassigned: int
    proposals: int
    runs: int
    warnings: tuple[str, ...]


def leave(desk: Desk, user: User, colleague: User) -> Left:
    """Lets somebody leave: all their sessions end at once and their open work goes to a named colleague.

    A task that the colleague must not see goes back to everyone else. Raises Refusal when the colleague
    cannot take over, or when nobody would be left to manage people.
    """
    desk.need("people.manage")
    _check(desk, user, colleague)
    tasks, unassigned = _hand_over_tasks(desk, user, colleague)
    proposals = _follow_proposals(desk, user, colleague)
    runs = _follow_runs(desk, user, colleague)
    warnings = _follow_floats(desk, user, colleague)
    end_limit(desk, user)
    user.active = False
    user.left_at = desk.now()
    user.recovery_asked_by = user.recovery_asked_at = None
    end_sessions(desk, user)
    # What they asked for as the first of two people does not outlive them.
    desk.session.execute(
        update(User).where(User.recovery_asked_by == user.id).values(recovery_asked_by=None, recovery_asked_at=None)
    )
    record(desk, "user.left", "user", user.id, colleague=colleague.id, tasks=tasks, proposals=proposals, runs=runs)
    return Left(tasks, unassigned, proposals, runs, warnings)


def _check(desk: Desk, user: User, colleague: User) -> None:
    if not user.active:
        raise Refusal("user.left", f"{user.name} has left already.")
    if colleague.id == user.id or not colleague.active or not colleague.is_staff or colleague.joined_at is None:
        raise Refusal("leave.colleague", "Choose a colleague who works here and has signed in.", "colleague")
    if "people.manage" in user.permissions:
        keep_a_manager(desk, user)


def _hand_over_tasks(desk: Desk, user: User, colleague: User) -> tuple[int, int]:
    """Moves the open tasks; returns how many the colleague got and how many went back to everyone."""
    tasks = desk.session.scalars(select(Task).where(Task.assigned_to == user.id, Task.closed_at.is_(None))).all()
    for task in tasks:
        task.assigned_to = colleague.id if _may_have(task, colleague) else None
        record(desk, "task.moved", "task", task.id, "its worker left", to=task.assigned_to)
    follow_leaver(desk, user)
    desk.session.flush()
    moved = sum(task.assigned_to is not None for task in tasks)
    return moved, len(tasks) - moved


def _may_have(task: Task, colleague: User) -> bool:
    """Returns whether a task may go to this colleague; a call for help goes only to who may read it."""
    right = task.kind not in waiting.HELP or waiting.TAKES[task.kind] in colleague.permissions
    return right and colleague.id not in task.not_for


def _follow_proposals(desk: Desk, user: User, colleague: User) -> int:
    """Opens a task for each award that the leaver proposed and that still waits for a second person."""
    waiting = desk.session.execute(
        select(Decision.application_id, Application.reference)
        .join(Application, Application.id == Decision.application_id)
        .where(Decision.by == user.id, Decision.waiting.is_(True))
    ).all()
    for application_id, reference in waiting:
        title = f"See that the award for {reference} is decided"
        words = f"{user.name} proposed it and has left. It waits for a second person."
        _open_task(desk, colleague, "proposal", title, words, "application", application_id)
    return len(waiting)


def _follow_runs(desk: Desk, user: User, colleague: User) -> int:
    """Opens a task for each payment run that the leaver built and nobody released yet."""
    runs = desk.session.scalars(select(Run.id).where(Run.built_by == user.id, Run.state == "built")).all()
    for run_id in runs:
        title = f"See that payment run {run_id} is released or dropped"
        _open_task(desk, colleague, "run", title, f"{user.name} built it and has left.", "run", run_id)
    return len(runs)


def _follow_floats(desk: Desk, user: User, colleague: User) -> tuple[str, ...]:
    """Opens a task for each cash float that the leaver still holds; returns a warning for each."""
    warnings = []
    held = select(CashFloat).where(CashFloat.holder_id == user.id, CashFloat.reconciled_at.is_(None))
    for cash in desk.session.scalars(held):
        amount = format_amount(Money(cash.amount, cash.currency))
        warning = f"{user.name} still holds a cash float of {amount}. Count it back with them today."
        _open_task(desk, colleague, "float", f"Count back a cash float of {amount}", warning, "float", cash.id)
        warnings.append(warning)
    return tuple(warnings)


def _open_task(desk: Desk, colleague: User, kind: str, title: str, words: str, subject: str, subject_id: int) -> None:
    new_task(desk, kind, subject, subject_id, title, words, assigned_to=colleague.id)

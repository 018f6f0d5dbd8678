"""Somebody leaves: out at once, and their work goes on."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from grants.domain.errors import NotAllowed, Refusal
from grants.flow import leaving, people
from grants.flow.desk import Desk
from grants.model.applications import Decision
from grants.model.delegations import Delegation
from grants.model.floats import CashFloat
from grants.model.runs import Run
from grants.model.tasks import Task
from grants.model.users import SignIn, User
from tests.conftest import add_application, add_user
from tests.staffing import AMINA, at, events, limit, with_second_factor


def test_a_leaver_is_out_at_once_and_their_work_goes_on(desk: Desk) -> None:
    maya, amina, bo = (
        add_user(desk, "manager"),
        add_user(desk, "front-line", name="Amina"),
        add_user(desk, "front-line"),
    )
    limit(at(desk, maya), amina)
    mine, secret, done = task(desk, amina), task(desk, amina, not_for=[bo.id]), task(desk, amina, closed_at=desk.now())
    run = Run(rail="stripe", state="built", built_by=amina.id, built_at=desk.now())
    cash = CashFloat(
        holder_id=amina.id,
        counted_by=maya.id,
        amount=20000,
        currency="GBP",
        opened_at=desk.now(),
        due_back_at=desk.now(),
    )
    session = SignIn(user_id=amina.id, started_at=desk.now())
    desk.session.add_all([run, cash, session])
    proposal = propose(desk, amina)
    before = amina.fs_uniquifier

    left = leaving.leave(at(desk, maya), amina, bo)

    assert not amina.active
    assert amina.left_at == desk.now()
    assert amina.fs_uniquifier != before
    assert session.ended_at == desk.now()
    assert (mine.assigned_to, secret.assigned_to, done.assigned_to) == (bo.id, None, amina.id)
    assert (left.tasks, left.unassigned, left.proposals, left.runs) == (1, 1, 1, 1)
    assert left.warnings == ("Amina still holds a cash float of £200.00. Count it back with them today.",)
    opened = desk.session.scalars(select(Task).where(Task.assigned_to == bo.id, Task.id != mine.id)).all()
    assert sorted((t.kind, t.subject_id) for t in opened) == sorted(
        [("proposal", proposal.application_id), ("run", run.id), ("float", cash.id)]
    )
    assert desk.session.scalars(select(Delegation.ended_at)).one() == desk.now()
    assert "user.left" in events(desk)


def test_a_leavers_first_half_of_a_recovery_leaves_with_them(desk: Desk) -> None:
    maya, otto, bo = (
        add_user(desk, "manager"),
        add_user(desk, "manager"),
        with_second_factor(add_user(desk, "front-line")),
    )
    people.ask_recovery(at(desk, otto), bo)
    leaving.leave(at(desk, maya), otto, bo)
    desk.session.refresh(bo)
    assert bo.recovery_asked_by is None


def test_the_last_manager_cannot_leave_nor_step_down(desk: Desk) -> None:
    maya, otto, amina = add_user(desk, "manager", name="Maya"), add_user(desk, "manager"), add_user(desk, "front-line")
    leaving.leave(at(desk, maya), otto, maya)
    with pytest.raises(Refusal, match="Maya is the only manager"):
        leaving.leave(at(desk, maya), maya, amina)
    with pytest.raises(Refusal, match="Maya is the only manager"):
        people.set_roles(desk, maya, ["front-line"])


@pytest.mark.parametrize("role", ["funder-viewer", "nobody-yet"])
def test_work_goes_only_to_a_colleague_who_is_here(desk: Desk, role: str) -> None:
    maya, amina = add_user(desk, "manager"), add_user(desk, "front-line")
    heir = add_user(desk, "funder-viewer") if role == "funder-viewer" else people.invite(desk, AMINA)
    with pytest.raises(Refusal) as refused:
        leaving.leave(at(desk, maya), amina, heir)
    assert refused.value.field == "colleague"
    with pytest.raises(Refusal):
        leaving.leave(at(desk, maya), amina, amina)
    assert amina.active


def test_only_who_manages_people_lets_somebody_leave(desk: Desk) -> None:
    amina, bo = add_user(desk, "front-line"), add_user(desk, "finance")
    with pytest.raises(NotAllowed):
        leaving.leave(at(desk, bo), amina, bo)


def task(desk: Desk, worker: User, **more: object) -> Task:
    row = Task(
        kind="help_call",
        title="Call",
        subject="grant",
        subject_id=1,
        assigned_to=worker.id,
        opened_at=desk.now(),
        **{"not_for": [], **more},
    )
    desk.session.add(row)
    desk.session.flush()
    return row


def propose(desk: Desk, worker: User) -> Decision:
    """An award that waits for a second person."""
    application = add_application(desk)
    decision = Decision(
        application_id=application.id,
        kind="award",
        amount=40000,
        by=worker.id,
        at=desk.now(),
        waiting=True,
        why_second="above the limit",
    )
    desk.session.add(decision)
    desk.session.flush()
    return decision

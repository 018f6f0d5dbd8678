"""Hands: who had a hand in a grant or an answer, and who among the staff has the fewest open tasks."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import Select, func, select, union

from grants.domain.names import name_key
from grants.flow.desk import Desk
from grants.model.applications import Decision
from grants.model.delegations import Connection
from grants.model.events import EventRow
from grants.model.floats import CashFloat
from grants.model.grants import Grant
from grants.model.payments import Attempt, Payment
from grants.model.people import Person
from grants.model.runs import Run
from grants.model.tasks import Task
from grants.model.users import User


def least_busy(desk: Desk, roles: Collection[str], not_for: Collection[int] = ()) -> int | None:
    """Returns who of these roles has the fewest open tasks and is not kept out, or None; the first role goes first."""
    busy = (
        select(Task.assigned_to, func.count().label("open"))
        .where(Task.closed_at.is_(None))
        .group_by(Task.assigned_to)
        .subquery()
    )
    people = (
        select(User)
        .outerjoin(busy, busy.c.assigned_to == User.id)
        .where(User.active, User.left_at.is_(None), User.id.not_in(not_for))
        .order_by(func.coalesce(busy.c.open, 0), User.id)
    )
    users = desk.session.scalars(people).all()
    return next((user.id for role in roles for user in users if role in user.role_names), None)


def on_grants(desk: Desk, grant_ids: Iterable[int]) -> Mapping[int, set[int]]:
    """Returns who had a hand in each of these grants: decided, agreed, built, released, paid or handed over, or
    changed how they are paid; one statement.
    """
    ids = list(grant_ids)
    found: dict[int, set[int]] = {number: set() for number in ids}
    if not ids:
        return found
    parts = [part.where(Grant.id.in_(ids)) for part in _parts()]
    for number, user in desk.session.execute(union(*parts)):
        if user is not None:
            found[number].add(user)
    return found


def on_applications(desk: Desk, application_ids: Iterable[int]) -> Mapping[int, set[int]]:
    """Returns who decided each of these applications, proposed an award for it, or agreed; one statement."""
    ids = list(application_ids)
    found: dict[int, set[int]] = {number: set() for number in ids}
    if not ids:
        return found
    decided = select(Decision.application_id, Decision.by, Decision.second_by)
    for number, first, second in desk.session.execute(decided.where(Decision.application_id.in_(ids))):
        found[number] |= {first} | ({second} if second else set())
    return found


def close_to(desk: Desk, person: Person) -> set[int]:
    """Returns who declared that they are close to a person of this name."""
    keys = {person.name_key, name_key(person.name)} - {""}
    return set(desk.session.scalars(select(Connection.user_id).where(Connection.name_key.in_(keys))))


def _parts() -> list[Select[int, int | None]]:
    """Returns one query for each hand that somebody can have in a grant, as (grant, user)."""
    attempts = select(Grant.id).join(Payment, Payment.grant_id == Grant.id).join(Attempt)
    runs = attempts.join(Run, Run.id == Attempt.run_id)
    floats = attempts.join(CashFloat, CashFloat.id == Attempt.float_id)
    payee = (EventRow.subject == "payee") & (EventRow.subject_id == Grant.payee_id)
    attempt = (EventRow.subject == "attempt") & (EventRow.subject_id == Attempt.id)
    return [
        select(Grant.id, Grant.decided_by),
        select(Grant.id, Grant.second_by),
        select(Grant.id, Decision.by).join(Decision, Decision.application_id == Grant.application_id),
        attempts.add_columns(Attempt.recorded_by),
        attempts.add_columns(Attempt.confirmed_by),
        attempts.join(EventRow, attempt).add_columns(EventRow.actor_id),
        runs.add_columns(Run.built_by),
        runs.add_columns(Run.released_by),
        floats.add_columns(CashFloat.holder_id),
        select(Grant.id, EventRow.actor_id).join(EventRow, payee),
    ]

"""Hands: who among the staff has the fewest open tasks, so that what waits lies with somebody by name."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import func, select

from grants.flow.desk import Desk
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

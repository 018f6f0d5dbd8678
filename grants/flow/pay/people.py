"""Who may take the other half of what two people do, in words."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select

from grants.flow.desk import Desk
from grants.model.grants import Grant
from grants.model.users import User

SHOWN = 3
"""How many names a sentence carries."""


def deciders(grants: Iterable[Grant]) -> set[int]:
    """Returns everybody who decided these grants or agreed to them as the second person."""
    found: set[int] = set()
    for grant in grants:
        found |= {grant.decided_by} | ({grant.second_by} if grant.second_by else set())
    return found


def who_may(desk: Desk, permission: str, excluding: Iterable[int] = ()) -> list[str]:
    """Returns the names of those who may do this and are not excluded, by name."""
    without = set(excluding)
    users = desk.session.scalars(select(User).where(User.active, User.left_at.is_(None)).order_by(User.name))
    return [user.name for user in users if user.id not in without and permission in user.permissions]


def second_problem(desk: Desk, by: int, did: str = "said") -> str:
    """Returns why the one who acts may not agree to what ``by`` said, and who may; empty when they may."""
    if not desk.actor.may("pay.release"):
        problem = "Your role does not include agreeing to this."
    elif desk.actor.user_id == by:
        problem = f"You {did} it, so somebody else agrees."
    else:
        return ""
    return f"{problem} {somebody(desk, 'pay.release', [by])}"


def somebody(desk: Desk, permission: str, excluding: Iterable[int]) -> str:
    """Returns who may do it instead, as a sentence."""
    names = who_may(desk, permission, excluding)
    if not names:
        return "Nobody else here may do it yet: ask a manager to give a colleague the role."
    more = " or a colleague" if len(names) > SHOWN else ""
    return f"{' or '.join(names[:SHOWN])}{more} may do it."

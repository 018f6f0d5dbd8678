"""Readers: the independent reader, whom “not safe” and complaints reach; each charity names one before going live."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select

from grants.domain.errors import Refusal
from grants.domain.roles import READER
from grants.flow.desk import Desk
from grants.model.users import User

NOBODY = (
    "Nobody is the independent reader yet. Name one under People: a trustee or somebody outside, who decides nothing "
    "and pays nothing. Calls that are not safe and complaints go to them."
)


def readers(desk: Desk, not_for: Collection[int] = ()) -> list[User]:
    """Returns the independent readers who are here, have joined and are not kept out, the first named first."""
    found = select(User).where(User.active, User.left_at.is_(None), User.joined_at.is_not(None)).order_by(User.id)
    return [user for user in desk.session.scalars(found) if READER in user.role_names and user.id not in not_for]


def refuse_without(desk: Desk) -> None:
    """Raises Refusal ``reader.missing`` in live mode while nobody who is here is the independent reader."""
    if desk.settings.mode == "live" and not readers(desk):
        raise Refusal("reader.missing", f"{NOBODY} Then a fund can be opened.")

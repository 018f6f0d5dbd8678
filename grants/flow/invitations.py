"""Invitations: signed links that work once, for some days, and tell nothing about whom they are for."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import select

from grants.domain.errors import Refusal
from grants.flow.desk import Desk
from grants.model.users import User

INVITATION_DAYS = 7


def invitation_link(desk: Desk, user: User) -> str:
    """Returns the address of the page on which an invited user chooses a password."""
    token = _signer(desk).dumps([user.id, _mark(user), int(desk.now().timestamp())])
    return f"{desk.settings.base_url.rstrip('/')}/joining/{token}"


def open_invitation(desk: Desk, token: str) -> User:
    """Returns whom the link is for; raises Refusal ``link.ended`` when it is old, used or changed."""
    try:
        user_id, mark, made = _signer(desk).loads(token)
        made_at = datetime.fromtimestamp(made, UTC)
    except (BadSignature, ValueError, TypeError, OverflowError, OSError) as error:
        raise _ended() from error
    user = desk.session.scalar(select(User).where(User.id == user_id))
    if user is None or user.joined_at is not None or not user.active or _mark(user) != mark:
        raise _ended()
    if desk.now() - made_at > timedelta(days=INVITATION_DAYS):
        raise _ended()
    return user


def _mark(user: User) -> str:
    return hashlib.sha256(f"invitation {user.fs_uniquifier}".encode()).hexdigest()[:24]


def _signer(desk: Desk) -> URLSafeSerializer:
    return URLSafeSerializer(desk.settings.secret_key, salt="grants invitation 1")


def _ended() -> Refusal:
    return Refusal("link.ended", "This invitation has ended, or was used already. Ask for a new one, or sign in.")

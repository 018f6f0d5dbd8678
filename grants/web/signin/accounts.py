"""Accounts: how the sign-in library finds and keeps users in this request’s session, and one row a sign-in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Flask, g, request, session
from flask_login import user_logged_in, user_logged_out
from flask_security import UserDatastore, password_changed, password_reset, tf_disabled, tf_profile_changed
from flask_security.utils import set_request_attr
from sqlalchemy import select, update

from grants.domain.roles import ROLES, Role
from grants.flow.step import record
from grants.model.engine import SAFE_METHODS, reading
from grants.model.users import SignIn, User
from grants.web.edge import actor_of, desk_for_request, house, session_for_request
from grants.web.guard import now

SESSION_HOURS = 12
"""A session ends after a working day, however busy it was."""


class Accounts(UserDatastore):
    """Users in this request’s session; the edge commits, never this."""

    def __init__(self) -> None:
        super().__init__(User, Role)

    def put(self, model: User) -> User:
        """Keeps a changed user."""
        session_for_request().add(model)
        return model

    def commit(self) -> None:
        """Leaves the commit to the edge."""

    def find_user(self, case_insensitive: bool = False, **by: Any) -> User | None:
        """Returns the user by one attribute, who may be asked for before anyone is signed in.

        By e-mail the read is over at once, so that nobody else waits while the password is tried. By the
        session’s mark, in a request that may write, the row is held, so that a one-time code counts once.
        """
        ((name, value),) = by.items()
        statement = select(User).where(getattr(User, name) == (value.lower() if name == "email" else value))
        database = session_for_request()
        if name == "email" and not database.in_transaction():
            with reading():
                user = database.scalar(statement)
                database.commit()
            return user
        if request.method not in SAFE_METHODS:
            statement = statement.with_for_update().execution_options(populate_existing=True)
        return database.scalar(statement)

    def find_role(self, role: str) -> Role | None:
        """Returns the role of this name."""
        return ROLES.get(role)

    def mf_delete_recovery_code(self, user: User, idx: int) -> bool:
        """Takes one used recovery code away."""
        user.mf_recovery_codes = [code for place, code in enumerate(user.mf_recovery_codes or ()) if place != idx]
        _tell("user.recovery_code_used", user)
        return True

    def mf_set_recovery_codes(self, user: User, rcs: list[str] | None) -> None:
        """Keeps fresh recovery codes, and writes down that there are some."""
        super().mf_set_recovery_codes(user, rcs)
        _tell("user.recovery_codes_made", user)

    def tf_reset(self, user: User) -> None:
        """Takes the second factor away."""
        user.tf_primary_method = user.tf_totp_secret = user.tf_last_counter = None
        user.mf_recovery_codes = None


def load(mark: str) -> User | None:
    """Returns the user of this browser’s session: active, with a sign-in that has not ended, in one statement."""
    row = session.get("sign_in")
    if not mark or not isinstance(row, int):
        return None
    user = session_for_request().scalar(
        select(User)
        .join(SignIn, SignIn.user_id == User.id)
        .where(
            User.fs_uniquifier == mark,
            User.active.is_(True),
            SignIn.id == row,
            SignIn.ended_at.is_(None),
            SignIn.started_at > house().clock() - timedelta(hours=SESSION_HOURS),
        )
    )
    if user is not None:
        set_request_attr("fs_authn_via", "session")
        set_request_attr("fs_paa", session.get("fs_paa", 0))
    return user


def follow_sessions(app: Flask) -> None:
    """Writes a row at each sign-in and ends it at sign-out; a changed password ends all other rows.

    A changed password or second factor is an event as well.
    """
    user_logged_in.connect(_signed_in, app)
    user_logged_out.connect(_signed_out, app)
    password_changed.connect(_changed, app)
    password_reset.connect(_changed, app)
    tf_profile_changed.connect(_second_factor_set, app)
    tf_disabled.connect(_second_factor_ended, app)


def _signed_in(_app: Flask, user: User, **_rest: Any) -> None:
    database = session_for_request()
    _end_this()
    row = SignIn(user_id=user.id, how=g.get("sign_in_how", "password"), started_at=house().clock())
    database.add(row)
    database.flush()
    session["sign_in"] = row.id
    session["seen"] = session["proved"] = now()
    session["by_link"] = row.how == "practice"
    session.pop("csrf_token", None)


def _signed_out(_app: Flask, **_rest: Any) -> None:
    if request.method not in SAFE_METHODS:
        _end_this()
    for name in ("sign_in", "seen", "proved", "by_link"):
        session.pop(name, None)


def _changed(_app: Flask, user: User, **_rest: Any) -> None:
    here = session.get("sign_in", 0)
    others = (SignIn.user_id == user.id, SignIn.ended_at.is_(None), SignIn.id != here)
    session_for_request().execute(update(SignIn).where(*others).values(ended_at=house().clock()))
    _tell("user.password_changed", user)


def _second_factor_set(_app: Flask, user: User, **_rest: Any) -> None:
    _tell("user.second_factor_set", user)


def _second_factor_ended(_app: Flask, user: User, **_rest: Any) -> None:
    _tell("user.second_factor_ended", user)


def _tell(name: str, user: User) -> None:
    """Writes an event about a user who changed how they sign in, as themselves."""
    record(desk_for_request().acting(actor_of(user)), name, "user", user.id)


def _end_this() -> None:
    row = session.get("sign_in")
    if isinstance(row, int):
        ended = update(SignIn).where(SignIn.id == row, SignIn.ended_at.is_(None)).values(ended_at=house().clock())
        session_for_request().execute(ended)

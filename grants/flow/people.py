"""People: who works here, is invited, leaves, and gets back in when a second factor is lost."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from grants.domain.errors import NotAllowed, Refusal
from grants.domain.money import Money
from grants.domain.roles import (
    AUDITOR,
    BESIDE_READER,
    FUNDER_VIEWER,
    MANAGER,
    PARTNER,
    READER,
    ROLES,
    STAFF_ROLES,
)
from grants.flow import letters
from grants.flow.desk import Desk
from grants.flow.invitations import INVITATION_DAYS, invitation_link, open_invitation
from grants.flow.step import record
from grants.model.delegations import Connection, Delegation
from grants.model.funds import Funder
from grants.model.users import SignIn, User


@dataclass(frozen=True, slots=True, kw_only=True)
class NewUser:
    """Who is invited: a funder’s viewer names the funder, a partner their organisation."""

    name: str
    email: str
    roles: tuple[str, ...]
    funder_id: int | None = None
    organisation: str = ""


def invite(desk: Desk, new: NewUser) -> User:
    """Makes a user who can do nothing yet, and writes them a link with which to choose a password.

    Raises Refusal when the address is taken or the roles do not fit, NotAllowed without ``people.manage``.
    """
    inviter = _manager(desk)
    check_roles(desk, new.roles, new.funder_id, new.organisation)
    email = new.email.strip().lower()
    if desk.session.scalar(select(User.id).where(User.email == email)):
        raise Refusal("user.exists", "Somebody with this e-mail address is here already.", "email")
    user = User(
        name=new.name.strip(),
        email=email,
        active=True,
        fs_uniquifier=secrets.token_hex(16),
        role_names=list(new.roles),
        funder_id=new.funder_id,
        organisation=new.organisation.strip(),
        invited_by=inviter,
        invited_at=desk.now(),
    )
    desk.session.add(user)
    desk.session.flush()
    record(desk, "user.invited", "user", user.id, roles=list(new.roles))
    _write_invitation(desk, user)
    return user


def invite_again(desk: Desk, user: User) -> None:
    """Writes a fresh link to somebody who has not joined yet; the links before it stop working."""
    _manager(desk)
    if user.joined_at is not None or not user.active:
        raise Refusal("user.joined", f"{user.name} needs no invitation now.")
    user.fs_uniquifier = secrets.token_hex(16)
    user.invited_at = desk.now()
    desk.session.flush()
    record(desk, "user.invited", "user", user.id, "again")
    _write_invitation(desk, user)


def join(desk: Desk, token: str, password_hash: str) -> User:
    """Takes up an invitation: sets the password, and ends the link.

    Raises Refusal ``link.ended`` for a link that is old, used or changed.
    """
    user = open_invitation(desk, token)
    user.password = password_hash
    user.joined_at = desk.now()
    user.fs_uniquifier = secrets.token_hex(16)
    desk.session.flush()
    record(desk, "user.joined", "user", user.id)
    return user


def set_roles(desk: Desk, user: User, roles: Iterable[str]) -> None:
    """Gives a user other roles, at once: their next click is judged by the new ones."""
    if _manager(desk) == user.id:
        raise NotAllowed("user.own_roles", "Somebody else must change your own roles.")
    wanted = tuple(dict.fromkeys(roles))
    check_roles(desk, wanted, user.funder_id, user.organisation)
    if MANAGER in user.role_names and MANAGER not in wanted:
        keep_a_manager(desk, user)
    before = list(user.role_names)
    user.role_names = list(wanted)
    desk.session.flush()
    record(desk, "user.roles_changed", "user", user.id, before=before, after=list(wanted))


def set_limit(
    desk: Desk, user: User, *, per_grant: Money, per_day: Money, per_person_per_year: Money, approved_on: date
) -> Delegation:
    """Records how much a worker may award alone, as trustees approved it; the limit before it ends."""
    recorder = _manager(desk)
    if recorder == user.id:
        raise NotAllowed("user.own_limit", "Somebody else must record your own limit.")
    amounts = (per_grant, per_day, per_person_per_year)
    if len({money.currency for money in amounts}) > 1 or any(money.amount <= 0 for money in amounts):
        raise Refusal("limit.amounts", "Give three amounts above zero, in one currency.", "per_grant")
    if approved_on > desk.today():
        raise Refusal(
            "limit.approved_later", "Give the day on which trustees approved this: it cannot lie ahead.", "approved_on"
        )
    _end_limits(desk, user)
    limit = Delegation(
        user_id=user.id,
        currency=per_grant.currency,
        per_grant=per_grant.amount,
        per_day=per_day.amount,
        per_person_per_year=per_person_per_year.amount,
        approved_on=approved_on,
        recorded_by=recorder,
        recorded_at=desk.now(),
    )
    desk.session.add(limit)
    desk.session.flush()
    record(desk, "user.limit_set", "user", user.id, delegation=limit.id)
    return limit


def end_limit(desk: Desk, user: User) -> None:
    """Ends a worker’s limit: from now on a second person agrees to each of their awards."""
    _manager(desk)
    if _end_limits(desk, user):
        record(desk, "user.limit_ended", "user", user.id)


def declare_connection(desk: Desk, user: User, name: str, name_key: str) -> Connection:
    """Writes down that a worker and a person of this name are connected, so that they decide nothing for them.

    Workers declare their own; a manager may declare for anyone. ``name_key`` is the name as people are matched.
    """
    if desk.actor.user_id != user.id:
        _manager(desk)
    connection = Connection(user_id=user.id, name=name.strip(), name_key=name_key, declared_at=desk.now())
    desk.session.add(connection)
    desk.session.flush()
    record(desk, "user.connection_declared", "user", user.id, connection=connection.id)
    return connection


def ask_recovery(desk: Desk, user: User) -> None:
    """Asks, as the first of two people, that somebody’s lost second factor is taken away."""
    asker = _manager(desk)
    if asker is None or asker == user.id:
        raise NotAllowed("recovery.self", "Two of your colleagues must do this for you: you cannot do it yourself.")
    if not user.active or not user.has_second_factor:
        raise Refusal("recovery.nothing", f"{user.name} has no second sign-in step that could be lost.")
    user.recovery_asked_by = asker
    user.recovery_asked_at = desk.now()
    desk.session.flush()
    record(desk, "user.recovery_asked", "user", user.id)


def confirm_recovery(desk: Desk, user: User) -> None:
    """Confirms, as the second of two people, a recovery: takes the second factor away and ends all sessions."""
    confirmer = _manager(desk)
    if user.recovery_asked_by is None:
        raise Refusal("recovery.not_asked", "Nobody asked for this yet. Ask first; a colleague then confirms.")
    if confirmer is None or confirmer in (user.recovery_asked_by, user.id):
        raise NotAllowed(
            "recovery.same_person", "Another person must confirm this: not the one who asked, nor the one it is for."
        )
    user.tf_primary_method = user.tf_totp_secret = user.tf_last_counter = None
    user.mf_recovery_codes = None
    asked_by, user.recovery_asked_by, user.recovery_asked_at = user.recovery_asked_by, None, None
    end_sessions(desk, user)
    record(desk, "user.recovery_confirmed", "user", user.id, asked_by=asked_by)
    letters.write(desk, user, "recovery")


def drop_recovery(desk: Desk, user: User) -> None:
    """Takes a recovery back that was asked for and is not needed."""
    _manager(desk)
    if user.recovery_asked_by is not None:
        user.recovery_asked_by = user.recovery_asked_at = None
        desk.session.flush()
        record(desk, "user.recovery_dropped", "user", user.id)


def sign_out_everywhere(desk: Desk, user: User) -> None:
    """Signs somebody out on every device, because a manager or they themselves ask for it, and writes it down."""
    if desk.actor.user_id != user.id:
        _manager(desk)
    end_sessions(desk, user)
    record(desk, "user.signed_out_everywhere", "user", user.id)


def end_sessions(desk: Desk, user: User) -> None:
    """Signs a user out everywhere: no cookie, link or half-finished sign-in of theirs works any more."""
    user.fs_uniquifier = secrets.token_hex(16)
    for row in desk.session.scalars(select(SignIn).where(SignIn.user_id == user.id, SignIn.ended_at.is_(None))):
        row.ended_at = desk.now()
    desk.session.flush()


def check_roles(desk: Desk, roles: tuple[str, ...], funder_id: int | None, organisation: str) -> None:
    """Raises Refusal when roles are missing, unknown, or lack the funder or organisation that they need."""
    if not roles or any(name not in ROLES for name in roles):
        raise Refusal("user.roles", "Choose at least one role from the list.", "roles")
    if FUNDER_VIEWER in roles:
        if not STAFF_ROLES.isdisjoint(roles):
            raise Refusal("user.roles", "A funder’s viewer cannot also work here. Choose one or the other.", "roles")
        if funder_id is None or desk.session.get(Funder, funder_id) is None:
            raise Refusal("user.funder", "Say which funder this person belongs to.", "funder_id")
    if AUDITOR in roles and len(set(roles)) > 1:
        raise Refusal("user.roles", "An auditor only looks at files. Give this person no other role.", "roles")
    if READER in roles and set(roles) - BESIDE_READER - {READER}:
        words = "An independent reader decides nothing and pays nothing. They may be a trustee as well; no other role."
        raise Refusal("user.roles", words, "roles")
    if PARTNER in roles and not organisation.strip():
        raise Refusal("user.organisation", "Say which organisation this partner works for.", "organisation")


def keep_a_manager(desk: Desk, user: User) -> None:
    """Raises Refusal when nobody but this user could manage people here."""
    others = desk.session.scalars(
        select(User).where(User.id != user.id, User.active.is_(True), User.joined_at.is_not(None))
    )
    if not any(MANAGER in other.role_names for other in others):
        raise Refusal("user.last_manager", f"{user.name} is the only manager. Make somebody else a manager first.")


def _manager(desk: Desk) -> int | None:
    """Returns who manages people in this act; None when the system itself does (the command line)."""
    return None if desk.actor.kind == "system" else desk.need("people.manage")


def _write_invitation(desk: Desk, user: User) -> None:
    link = invitation_link(desk, user)
    letters.write(
        desk, user, "invitation", link=link, days=INVITATION_DAYS, inviter=desk.actor.name or desk.settings.charity_name
    )


def _end_limits(desk: Desk, user: User) -> int:
    open_limits = desk.session.scalars(
        select(Delegation).where(Delegation.user_id == user.id, Delegation.ended_at.is_(None))
    ).all()
    for limit in open_limits:
        limit.ended_at = desk.now()
    desk.session.flush()
    return len(open_limits)

"""Links: the recipient's own way to their grant, unguessable, kept only as a hash, ended at will.

A link is a capability: it proves nothing about who holds it, so its page shows no name and no reason.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from sqlalchemy import bindparam, or_, select, update

from grants.domain.errors import NotAllowed
from grants.flow.desk import Desk
from grants.flow.step import record
from grants.model.applications import Application
from grants.model.grants import Grant, Link

LINK_DAYS = 30
"""How many days a link works, from the day on which it was made or extended."""

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's base 32: no i, l, o or u, so that a link can be read aloud."""

LENGTH = 32
"""Characters of a token: 32 × 5 bits = 160 bits."""

_FOUND = (
    select(Grant)
    .join(Link, Link.grant_id == Grant.id)
    .where(Link.token_hash == bindparam("hash"), Link.revoked_at.is_(None), Link.expires_at > bindparam("now"))
)
"""Built once: a recipient's page and their tap begin with it."""

_HEARD = str.maketrans({"o": "0", "i": "1", "l": "1"})


def new_link(desk: Desk, grant: Grant, *, beside: bool = False) -> str:
    """Makes a fresh link to the grant, ends those before it, and returns its token: the only time it is seen.

    ``beside`` leaves those before it: for a message that goes the same safe way, so that an older one still opens.
    """
    _refuse_strangers(desk, grant)
    if not beside:
        _end(desk, grant)
    return made_link(desk, grant)


def made_link(desk: Desk, grant: Grant) -> str:
    """Makes a fresh link for whoever was let in already, and returns its token."""
    token = new_token()
    now = desk.now()
    link = Link(
        grant_id=grant.id, token_hash=_hashed(token), created_at=now, expires_at=now + timedelta(days=LINK_DAYS)
    )
    desk.session.add(link)
    desk.session.flush()
    record(desk, "grant.link_made", "grant", grant.id, link=link.id)
    return token


def new_token() -> str:
    """Returns a token that nobody can guess: 32 characters drawn by the system's own source of chance."""
    drawn = secrets.randbits(5 * LENGTH)
    return "".join(ALPHABET[drawn >> 5 * place & 31] for place in range(LENGTH))


def extend_links(desk: Desk, grant: Grant) -> bool:
    """Lets a link that was not revoked work for another 30 days; returns whether there was one."""
    _refuse_strangers(desk, grant)
    until = desk.now() + timedelta(days=LINK_DAYS)
    change = update(Link).where(Link.grant_id == grant.id, Link.revoked_at.is_(None)).values(expires_at=until)
    found = desk.session.scalars(change.returning(Link.id)).all()
    if found:
        record(desk, "grant.link_extended", "grant", grant.id)
    return bool(found)


def revoke_links(desk: Desk, grant: Grant) -> None:
    """Ends every link to the grant at once."""
    _refuse_strangers(desk, grant)
    if _end(desk, grant):
        record(desk, "grant.link_revoked", "grant", grant.id)


def find_grant(desk: Desk, token: str) -> Grant | None:
    """Returns the grant that a token leads to, or None when it is unknown, expired or revoked; one statement.

    Reads what a person may have copied: capitals, spaces, dashes, a full stop at the end.
    """
    tidy = _tidy(token)
    if len(tidy) != LENGTH:
        return None
    return desk.session.scalar(_FOUND, {"hash": _hashed(tidy), "now": desk.now()})


def new_application_link(desk: Desk, application: Application) -> str:
    """Makes a fresh link to an application without a grant, ends those before it, and returns its token, seen once.

    Raises NotAllowed for whoever neither works with applicants nor referred this one.
    """
    if not desk.actor.may("confirm.record") and application.partner_id != (desk.actor.user_id or -1):
        raise NotAllowed("not_allowed", "Your role does not include this. Ask a colleague who knows the person.")
    token, now = new_token(), desk.now()
    before = update(Link).where(Link.application_id == application.id, Link.revoked_at.is_(None))
    desk.session.execute(before.values(revoked_at=now))
    link = Link(application_id=application.id, token_hash=_hashed(token), created_at=now)
    link.expires_at = now + timedelta(days=LINK_DAYS)
    desk.session.add(link)
    desk.session.flush()
    record(desk, "application.link_made", "application", application.id, link=link.id)
    return token


def find_application(desk: Desk, token: str) -> Application | None:
    """Returns the application that a token leads to, or None when it is unknown, expired or revoked; one statement."""
    tidy = _tidy(token)
    if len(tidy) != LENGTH:
        return None
    alive = Link.token_hash == _hashed(tidy), Link.revoked_at.is_(None), Link.expires_at > desk.now()
    found = select(Application).join(Link, Link.application_id == Application.id)
    return desk.session.scalar(found.where(*alive))


def link_url(desk: Desk, token: str) -> str:
    """Returns the address of the recipient's page for a token."""
    return f"{desk.settings.pages_url}/r/{token}"


def application_url(desk: Desk, token: str) -> str:
    """Returns the address of an applicant's page for a token."""
    return f"{desk.settings.pages_url}/a/{token}"


def end_all(desk: Desk, person_id: int) -> None:
    """Ends every link of a person, to grants and applications: what lies in their old inbox opens nothing any more."""
    grants = select(Grant.id).where(Grant.person_id == person_id)
    asked = select(Application.id).where(Application.person_id == person_id)
    theirs = or_(Link.grant_id.in_(grants), Link.application_id.in_(asked))
    desk.session.execute(update(Link).where(theirs, Link.revoked_at.is_(None)).values(revoked_at=desk.now()))


def _end(desk: Desk, grant: Grant) -> bool:
    change = update(Link).where(Link.grant_id == grant.id, Link.revoked_at.is_(None)).values(revoked_at=desk.now())
    return bool(desk.session.scalars(change.returning(Link.id)).all())


def _refuse_strangers(desk: Desk, grant: Grant) -> None:
    if desk.actor.may("confirm.record"):
        return
    if desk.actor.kind == "partner" and desk.actor.user_id is not None:
        whose = desk.session.scalar(select(Application.partner_id).where(Application.id == grant.application_id))
        if whose == desk.actor.user_id:
            return
    raise NotAllowed("not_allowed", "Your role does not include this. Ask a colleague who knows the person.")


def _tidy(token: str) -> str:
    known = (c for c in token[:200].casefold().translate(_HEARD) if c in ALPHABET)
    return "".join(known)


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode("ascii")).hexdigest()

"""A new way to reach somebody, on its way to being proven: whose it is, and the code that goes to it alone."""

from __future__ import annotations

import secrets

from sqlalchemy import select

from grants.domain.typable import ALPHABET, LENGTH, spaced, whole
from grants.flow.desk import Desk
from grants.flow.person_keys import open_for, seal_for
from grants.model.helping import ContactChange
from grants.model.messages import OutboxMessage

KEY = "contact_code:"
"""What the key of a code's message begins with; the number of the change comes next."""

CODE_DAYS = 2
"""How many days a code works: a quiet night lies in them."""


def change_of(desk: Desk, row: OutboxMessage) -> ContactChange | None:
    """Returns the change that a code's message is for, while it waits for its code."""
    number = (row.key or "").removeprefix(KEY)
    waits = select(ContactChange).where(
        ContactChange.id == int(number),
        ContactChange.proven,
        ContactChange.applied_at.is_(None),
        ContactChange.dropped_at.is_(None),
        ContactChange.expires_at > desk.now(),
    )
    return desk.session.scalar(waits.with_for_update())


def address_in(desk: Desk, change: ContactChange) -> str:
    """Returns the new number or address; empty once the person's key was destroyed."""
    return str(open_for(desk, change.person_id, change.sealed).get("address", ""))


def code_for(desk: Desk, row: OutboxMessage, change: ContactChange) -> str:
    """Returns the code of a change as it is read; the same one when its message is tried again."""
    kept = str(open_for(desk, change.person_id, row.secret).get("code", ""))
    if not kept:
        kept = whole("".join(secrets.choice(ALPHABET) for _ in range(LENGTH - 1)))
        change.code_hash = hashed(desk, kept)
        row.secret = seal_for(desk, change.person_id, {"code": kept})
    return spaced(kept)


def hashed(desk: Desk, code: str) -> str:
    """Returns the hash of a code under our own key: without it a stolen table could be tried out."""
    return desk.vault.fingerprint("contact code", code)

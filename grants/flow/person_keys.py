"""Each person's own key: what is sealed under it can be read by nobody any more once the key is destroyed.

The keys themselves are sealed by the vault. Erasure destroys one; the sealed values may then stay where they are,
also in old backups (``reliability.md`` D.2: erasure is not absolute where the accounts need the record).
"""

from __future__ import annotations

import json
from typing import Any, cast

from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy import delete

from grants.flow.desk import Desk
from grants.model.people import PersonKey


def seal_for(desk: Desk, person_id: int, value: dict[str, Any]) -> str:
    """Returns a JSON value as text that only this person's key opens; their key is made when they have none."""
    return seal_bytes_for(desk, person_id, json.dumps(value, ensure_ascii=False).encode()).decode()


def open_for(desk: Desk, person_id: int, sealed: str) -> dict[str, Any]:
    """Returns the sealed value; empty when nothing was sealed, or the person's key was destroyed."""
    found = open_bytes_for(desk, person_id, sealed.encode()) if sealed else b""
    return cast(dict[str, Any], json.loads(found)) if found else {}


def seal_bytes_for(desk: Desk, person_id: int, value: bytes) -> bytes:
    """Returns bytes, such as a picture, as bytes that only this person's key opens."""
    return _key(desk, person_id).encrypt(value)


def open_bytes_for(desk: Desk, person_id: int, sealed: bytes) -> bytes:
    """Returns the sealed bytes; empty when the person's key was destroyed or is another one."""
    row = desk.session.get(PersonKey, person_id)
    kept = desk.vault.open(row.sealed).get("key", "") if row is not None else ""
    if not kept:
        return b""
    try:
        return Fernet(kept).decrypt(sealed)
    except InvalidToken:
        return b""


def destroy_key(desk: Desk, person_id: int) -> bool:
    """Destroys a person's key for ever; returns whether there was one."""
    gone = delete(PersonKey).where(PersonKey.person_id == person_id).returning(PersonKey.person_id)
    return desk.session.scalar(gone) is not None


def _key(desk: Desk, person_id: int) -> Fernet:
    row = desk.session.get(PersonKey, person_id)
    kept = desk.vault.open(row.sealed).get("key", "") if row is not None else ""
    if kept:
        return Fernet(kept)
    made = Fernet.generate_key()
    desk.session.merge(PersonKey(person_id=person_id, sealed=desk.vault.seal({"key": made.decode()})))
    desk.session.flush()
    return Fernet(made)

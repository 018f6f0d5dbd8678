"""One by one: acts that must not happen side by side wait for each other, until the transaction ends."""

from __future__ import annotations

import hashlib

from sqlalchemy import text

from grants.flow.desk import Desk
from grants.model import rows

_HOLD = text("SELECT pg_advisory_xact_lock(:number)")


def one_by_one(desk: Desk, name: str) -> None:
    """Waits until nobody else holds this name, and holds it until the transaction ends.

    On SQLite writers queue already (one write transaction at a time), so nothing is done there.
    """
    if rows.on_postgres(desk.session):
        number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)
        desk.session.connection().execute(_HOLD, {"number": number})

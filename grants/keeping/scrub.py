"""Scrub: what was erased leaves the files of the database too, not only its tables.

SQLite writes zeros over what is deleted (``secure_delete``), but the log beside the file keeps older pages until it is
emptied. PostgreSQL does the same when it cleans up by itself (autovacuum).
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import make_url

from grants.model.engine import Database


def scrub(database: Database) -> None:
    """Empties the log of a SQLite file, as far as nobody reads from it now; does nothing on PostgreSQL."""
    if database.engine.name != "sqlite":
        return
    with database.engine.connect() as connection:
        raw = connection.connection.driver_connection
        if raw is not None:
            raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").close()


def asides(database_url: str) -> list[Path]:
    """Returns older copies of a SQLite file that a restore left beside it."""
    url = make_url(database_url)
    if url.get_backend_name() != "sqlite":
        return []
    file = Path(url.database or "grants.db").absolute()
    return sorted(file.parent.glob(f"{file.name}.before-*"))

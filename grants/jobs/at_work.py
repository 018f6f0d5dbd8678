"""Whether any server or worker has this database open, as a restore must know."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import NullPool, create_engine, make_url, text

from grants.jobs.liveness import is_locked

OTHERS = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
    "AND application_name LIKE 'grants%'"
)


def anybody_at_work(database_url: str) -> bool:
    """Returns whether another process serves or works on this database now."""
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite":
        folder = Path(f"{url.database}.executors")
        return any(is_locked(file) for file in folder.glob("*.lock"))
    engine = create_engine(database_url, poolclass=NullPool, connect_args={"application_name": "restoring"})
    with engine.connect() as connection:
        return bool(connection.scalar(OTHERS))

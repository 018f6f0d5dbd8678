"""The history of the tables: bringing a database up to date, and saying when it is too old or too new."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, inspect, text

from grants.folders import migrations_folder
from grants.model.base import Base

if TYPE_CHECKING:  # Alembic is loaded when tables are changed, not whenever the program starts
    from alembic.config import Config

ENGINE_TABLES = frozenset(
    {
        "application_versions",
        "dbos_migrations",
        "event_dispatch_kv",
        "notifications",
        "operation_outputs",
        "queues",
        "streams",
        "workflow_events",
        "workflow_events_history",
        "workflow_input",
        "workflow_output",
        "workflow_schedules",
        "workflow_status",
    }
)
"""Tables of the work engine that live beside ours on SQLite; our history leaves them alone."""


_REVISION = re.compile(r'^(down_revision|revision)\b[^=]*=\s*(?:"([^"]*)"|None)', re.MULTILINE)


def upgrade(engine: Engine) -> None:
    """Brings an empty or older database to the tables of this code, in one transaction."""
    with engine.begin() as connection:
        upgrade_within(connection)


def upgrade_within(connection: Connection, revision: str = "head") -> None:
    """Brings the tables to a revision of the history within the caller's transaction."""
    from alembic import command

    command.upgrade(_config(connection), revision)


def known_revisions() -> frozenset[str]:
    """Returns every revision that this code can make."""
    return _history(migrations_folder())[0]


def newest_revision() -> str:
    """Returns the revision of the tables of this code."""
    return _history(migrations_folder())[1]


def problem(engine: Engine) -> str:
    """Returns why this database does not fit this code, and what to do; empty when it fits."""
    known, newest = _history(migrations_folder())
    with engine.connect() as connection:
        there = inspect(connection).has_table("alembic_version")
        current = connection.scalar(text("SELECT version_num FROM alembic_version")) if there else None
    if current == newest:
        return ""
    if current is None:
        return "The database is empty. Run “grants init” once."
    if current not in known:
        return f"The database is newer than this program (it is at {current}). Install the newer program again."
    return f"The database is older than this program (it is at {current}). Run “grants init” to bring it up to date."


@cache
def _history(folder: Path) -> tuple[frozenset[str], str]:
    """Returns the revisions of the history and the newest of them, as their files say."""
    told = [dict(_REVISION.findall(file.read_text("utf-8"))) for file in (folder / "versions").glob("*.py")]
    known = frozenset(each["revision"] for each in told)
    (newest,) = known - {each["down_revision"] for each in told}
    return known, newest


def differences(engine: Engine) -> list[Any]:
    """Returns how the tables in the database differ from the models (none when history and models agree)."""
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    with engine.connect() as connection:
        options = {"include_object": ours, "compare_type": True}
        context = MigrationContext.configure(connection, opts=options)
        return list(compare_metadata(context, Base.metadata))


def ours(_thing: object, name: str | None, kind: str, _reflected: bool, _compared: object) -> bool:
    """Returns whether a table belongs to our history and not to the work engine."""
    return not (kind == "table" and name in ENGINE_TABLES)


def _config(connection: Connection | None) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(migrations_folder()).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config

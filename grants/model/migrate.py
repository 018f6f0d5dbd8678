"""The history of the tables: bringing a database up to date, and saying when it is too old or too new."""

from __future__ import annotations

from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from grants.folders import migrations_folder
from grants.model.base import Base

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


def upgrade(engine: Engine) -> None:
    """Brings an empty or older database to the tables of this code, in one transaction."""
    with engine.begin() as connection:
        command.upgrade(_config(connection), "head")


def problem(engine: Engine) -> str:
    """Returns why this database does not fit this code, and what to do; empty when it fits."""
    script = ScriptDirectory.from_config(_config(None))
    with engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    if current == script.get_current_head():
        return ""
    if current is None:
        return "The database is empty. Run “grants init” once."
    if current not in {revision.revision for revision in script.walk_revisions()}:
        return f"The database is newer than this program (it is at {current}). Install the newer program again."
    return f"The database is older than this program (it is at {current}). Run “grants init” to bring it up to date."


def differences(engine: Engine) -> list[Any]:
    """Returns how the tables in the database differ from the models (none when history and models agree)."""
    from alembic.autogenerate import compare_metadata

    with engine.connect() as connection:
        options = {"include_object": ours, "compare_type": True}
        context = MigrationContext.configure(connection, opts=options)
        return list(compare_metadata(context, Base.metadata))


def ours(_thing: object, name: str | None, kind: str, _reflected: bool, _compared: object) -> bool:
    """Returns whether a table belongs to our history and not to the work engine."""
    return not (kind == "table" and name in ENGINE_TABLES)


def _config(connection: Connection | None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(migrations_folder()).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config

"""The engine's manners: its own tables, its own name, no port and no noise."""

from __future__ import annotations

import logging
import os
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import inspect

from grants.jobs.engine import POSTGRESQL_SCHEMA, Retry
from grants.model.engine import Database
from grants.model.migrate import ENGINE_TABLES
from tests.jobs.worker import engine_for


def test_the_engine_keeps_to_its_own_tables(database: Database) -> None:
    names = set(inspect(database.engine).get_table_names())
    if database.engine.name == "sqlite":
        assert "workflow_status" in names
        assert names - ENGINE_TABLES == {"diary"}
    else:
        assert names == {"diary"}
        assert "workflow_status" in inspect(database.engine).get_table_names(schema=POSTGRESQL_SCHEMA)


def test_the_engine_is_quiet_and_opens_no_port(
    database: Database, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    before = listening()
    engine = engine_for(database, "one")

    def come_and_go() -> tuple[set[str], bool]:
        engine.launch()
        return listening(), engine.stop()

    # In a thread of its own: a browser driven by an earlier test leaves an event loop in this one.
    with ThreadPoolExecutor(1) as fresh:
        during, rested = fresh.submit(come_and_go).result(60)
    assert rested
    assert during == before
    said_by_engine = [record for record in caplog.records if record.name.startswith("dbos")]
    assert [record.getMessage() for record in said_by_engine if record.levelno >= logging.WARNING] == []
    assert capfd.readouterr() == ("", "")


def listening() -> set[str]:
    """The addresses this process listens on, from the system's own table."""
    mine = {link.readlink().name for link in Path("/proc/self/fd").iterdir() if link.is_symlink()}
    sockets = {name.removeprefix("socket:[").removesuffix("]") for name in mine if name.startswith("socket:")}
    rows = [line.split() for line in Path("/proc/self/net/tcp").read_text().splitlines()[1:]]
    return {row[1] for row in rows if row[3] == "0A" and row[9] in sockets}


def test_the_pauses_between_tries_grow_up_to_a_bound() -> None:
    retry = Retry(first=5, factor=3, longest=60)
    assert [retry.pause(attempt) for attempt in range(1, 6)] == [5, 15, 45, 60, 60]


def test_every_process_has_a_name_of_its_own(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'grants.db'}")
    names = {engine_for(database, "one").executor for _ in range(5)}
    assert len(names) == 5
    assert all(name.startswith(f"{socket.gethostname()}-{os.getpid()}-") for name in names)
    database.close()

"""``grants init``: an empty place becomes a charity’s, and doing it again does nothing."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect, text

from tests.cli.conftest import Grants
from tests.postgres import Server


def tables(address: str) -> set[str]:
    engine = create_engine(address)
    found = set(inspect(engine).get_table_names())
    engine.dispose()
    return found


def test_an_empty_place_is_made_ready_once(typed: Grants, tmp_path: Path) -> None:
    assert typed("init").out == "The database is ready.\n"
    made = tables(f"sqlite:///{tmp_path / 'var' / 'grants.db'}")
    assert {"grants", "payments", "journals", "workflow_status"} <= made
    assert typed("init").out == "The database was ready already.\n"
    assert typed("check").out == "Everything adds up.\n"
    assert tables(f"sqlite:///{tmp_path / 'var' / 'grants.db'}") == made


def test_the_secret_that_is_made_is_for_its_owner_alone(typed: Grants, tmp_path: Path) -> None:
    typed("init")
    secret = tmp_path / "var" / "secret-key"
    assert len(secret.read_text(encoding="ascii")) >= 32
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600


@pytest.mark.postgres
def test_an_empty_postgresql_is_made_ready_once(typed: Grants, postgres_url: str) -> None:
    assert typed("init", database_url=postgres_url).out == "The database is ready.\n"
    assert typed("init", database_url=postgres_url).out == "The database was ready already.\n"
    assert typed("check", database_url=postgres_url).out == "Everything adds up.\n"


@pytest.mark.postgres
def test_a_database_that_does_not_exist_yet_is_asked_for(typed: Grants, postgres: Server) -> None:
    refused = typed("init", database_url=postgres.url("nobody_made_this"), code=69)
    assert "The database cannot be reached" in refused.err


def test_a_ready_database_of_tables_without_history_is_left_alone(typed: Grants, tmp_path: Path) -> None:
    typed("init")
    address = f"sqlite:///{tmp_path / 'var' / 'grants.db'}"
    engine = create_engine(address)
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM alembic_version"))
    before = tables(address)
    refused = typed("init", code=69)
    assert "already exists" in refused.err
    assert tables(address) == before
    engine.dispose()

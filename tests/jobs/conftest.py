"""A database with the engine's tables and a diary, and a way to queue jobs in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from grants.jobs.engine import prepare
from grants.jobs.later import DbosLater
from grants.model.engine import Database
from tests.jobs.worker import make_diary
from tests.postgres import DATABASES


@pytest.fixture(params=DATABASES)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    postgres = request.param == "postgres"
    url = request.getfixturevalue("postgres_url") if postgres else f"sqlite:///{tmp_path / 'grants.db'}"
    prepare(url)
    made = Database(url)
    make_diary(made)
    yield made
    made.close()


@pytest.fixture
def later(database: Database) -> Iterator[DbosLater]:
    made = DbosLater(database.url)
    yield made
    made.close()

"""The tables: models and history agree, and the database itself refuses what must never happen."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, insert, text
from sqlalchemy.exc import DBAPIError

from grants.model import migrate
from grants.model.books import Account
from grants.model.engine import Database
from tests.conftest import AtDesk


@pytest.fixture
def engine(database_url: str) -> Engine:
    return Database(database_url).engine


def test_models_and_history_agree(engine: Engine) -> None:
    assert migrate.differences(engine) == []
    assert migrate.problem(engine) == ""


def test_an_empty_older_or_newer_database_is_named_with_what_to_do(engine: Engine) -> None:
    for revision, words in (("9999", "newer"), (None, "empty")):
        with engine.begin() as connection:
            connection.execute(text("DELETE FROM alembic_version"))
            if revision:
                connection.execute(text("INSERT INTO alembic_version VALUES (:r)"), {"r": revision})
        assert words in migrate.problem(engine)


@pytest.mark.parametrize("change", ["UPDATE {} SET id = id + 1000", "DELETE FROM {}"])
@pytest.mark.parametrize("table", ["journals", "lines", "events"])
def test_the_books_and_the_events_cannot_be_changed(table: str, change: str, engine: Engine, at_desk: AtDesk) -> None:
    from tests.scenes import a_fund

    with at_desk() as desk:
        a_fund(desk)
    with pytest.raises(DBAPIError, match="never changed"), engine.begin() as connection:
        connection.execute(text(change.format(table)))


def test_the_database_itself_refuses_to_overspend_a_fund(engine: Engine) -> None:
    with pytest.raises(DBAPIError), engine.begin() as connection:
        connection.execute(insert(Account).values(name="F.1", kind="F", currency="GBP", balance=1))

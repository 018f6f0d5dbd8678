"""Who is alive is told by locks that the system frees, never by a guess."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from grants.jobs.liveness import FileLiveness, Liveness, PostgresLiveness, liveness_for, lock_key
from tests.postgres import DATABASES


@pytest.fixture(params=DATABASES)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgres":
        return str(request.getfixturevalue("postgres_url"))
    return f"sqlite:///{tmp_path / 'grants.db'}"


@pytest.fixture
def mine(url: str) -> Iterator[Liveness]:
    made = liveness_for(url, 2)
    made.hold("mine")
    yield made
    made.release()


def hold_in_a_process(url: str, told: Connection) -> None:
    liveness = liveness_for(url, 2)
    liveness.hold("other")
    told.send("held")
    told.recv()
    os._exit(0)


def is_gone(liveness: Liveness, executor: str) -> bool:
    with liveness.gone(executor) as gone:
        return gone


def test_each_database_has_its_way(tmp_path: Path) -> None:
    assert isinstance(liveness_for(f"sqlite:///{tmp_path / 'grants.db'}", 2), FileLiveness)
    assert isinstance(liveness_for("postgresql+psycopg://nobody@127.0.0.1:1/none", 2), PostgresLiveness)


def test_a_process_that_was_killed_is_gone_at_once(url: str, mine: Liveness) -> None:
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    other = context.Process(target=hold_in_a_process, args=(url, there))
    other.start()
    assert here.recv() == "held"
    assert not is_gone(mine, "other")
    other.kill()
    other.join()
    assert any(is_gone(mine, "other") for _ in range(1000))


def test_one_that_never_was_counts_as_gone(mine: Liveness) -> None:
    assert is_gone(mine, "from a backup")


def test_only_one_is_told_of_a_death_at_a_time(url: str, mine: Liveness) -> None:
    second = liveness_for(url, 2)
    second.hold("second")
    with mine.gone("dead") as gone:
        assert gone
        assert not is_gone(second, "dead")
    assert is_gone(second, "dead")
    assert not is_gone(second, "mine")
    second.release()
    assert any(is_gone(mine, "second") for _ in range(1000))  # a server may need a moment to end a connection


def test_the_living_do_not_lose_their_lock_to_a_look(url: str, mine: Liveness) -> None:
    second = liveness_for(url, 2)
    second.hold("second")
    for _ in range(3):
        assert not is_gone(second, "mine")
        mine.keep()
    second.release()


def test_files_of_the_dead_are_cleared_away(tmp_path: Path) -> None:
    folder = tmp_path / "executors"
    folder.mkdir()
    (folder / "dead.lock").touch()
    living = FileLiveness(folder)
    living.hold("living")
    later = FileLiveness(folder)
    later.hold("later")
    assert sorted(path.name for path in folder.iterdir()) == ["later.lock", "living.lock"]
    living.release()
    later.release()
    assert list(folder.iterdir()) == []


@pytest.mark.postgres
def test_a_lost_connection_takes_its_lock_again(postgres_url: str) -> None:
    first, second = PostgresLiveness(postgres_url, 2), PostgresLiveness(postgres_url, 2)
    first.hold("first")
    second.hold("second")
    cut(postgres_url)
    second.keep()
    assert is_gone(second, "first")
    first.keep()
    assert not is_gone(first, "second")
    assert not is_gone(second, "first")
    first.release()
    second.release()


def cut(url: str) -> None:
    """Ends every connection to the database but this one, as a restart of the server does."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    engine.dispose()


@pytest.mark.postgres
def test_a_lost_host_is_given_up_after_the_lease(postgres_url: str) -> None:
    liveness = PostgresLiveness(postgres_url, 60)
    liveness.hold("first")
    connection = liveness._connection
    assert connection is not None
    names = ["tcp_keepalives_idle", "tcp_keepalives_interval", "tcp_keepalives_count"]
    idle, interval, count = (int(connection.execute(text(f"SHOW {name}")).scalar_one()) for name in names)
    assert idle + interval * count == 60
    liveness.release()


@pytest.mark.postgres
def test_two_processes_never_share_a_name(postgres_url: str) -> None:
    first, second = PostgresLiveness(postgres_url, 2), PostgresLiveness(postgres_url, 2)
    first.hold("same")
    with pytest.raises(RuntimeError, match="another process"):
        second.hold("same")
    second.release()
    first.release()


def test_a_lock_is_a_number_of_sixty_four_bits() -> None:
    numbers = {lock_key(f"host-{n}") for n in range(1000)}
    assert len(numbers) == 1000
    assert all(-(2**63) <= number < 2**63 for number in numbers)

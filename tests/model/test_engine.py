"""The way to the database: nobody's write is lost, and what only reads cannot write."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from grants.model.engine import (
    Database,
    NestedWrite,
    ReadOnlyGet,
    Turn,
    WroteWhileReading,
    make_engine,
    read_only,
    reading,
)
from tests.postgres import DATABASES

ADD_ONE = text("UPDATE tally SET number = number + 1")


@pytest.fixture(params=DATABASES)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    url = f"sqlite:///{tmp_path / 'grants.db'}"
    if request.param == "postgres":
        url = request.getfixturevalue("postgres_url")
    made = Database(url)
    prepare(made)
    yield made
    made.close()


@pytest.fixture
def on_sqlite(tmp_path: Path) -> Iterator[Database]:
    made = Database(f"sqlite:///{tmp_path / 'grants.db'}")
    prepare(made)
    yield made
    made.close()


def prepare(database: Database) -> None:
    with database.transaction() as session:
        session.execute(text("CREATE TABLE tally (number INTEGER NOT NULL CHECK (number < 100000))"))
        session.execute(text("INSERT INTO tally VALUES (0)"))


def count(database: Database) -> int:
    with database.session() as session:
        return int(session.execute(text("SELECT number FROM tally")).scalar_one())


def read_then_add(database: Database, times: int) -> None:
    """Adds one, many times, by reading first and writing what was read plus one."""
    for _ in range(times):
        with database.transaction() as session:
            lock = " FOR UPDATE" if database.engine.name == "postgresql" else ""
            before = session.execute(text(f"SELECT number FROM tally{lock}")).scalar_one()
            session.execute(text("UPDATE tally SET number = :n"), {"n": before + 1})


def test_sixteen_writers_lose_nothing(database: Database) -> None:
    with ThreadPoolExecutor(16) as pool:
        for done in [pool.submit(read_then_add, database, 50) for _ in range(16)]:
            done.result()
    assert count(database) == 800


def test_two_engines_on_one_file_take_turns(on_sqlite: Database) -> None:
    other = Database(on_sqlite.url)
    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(read_then_add, one, 25) for one in (on_sqlite, other) * 4]:
            done.result()
    other.close()
    assert count(on_sqlite) == 200


def test_sqlite_is_set_for_safety(on_sqlite: Database) -> None:
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30000, "query_only": 0}
    with on_sqlite.session() as session:
        found = {name: session.execute(text(f"PRAGMA {name}")).scalar_one() for name in wanted}
    assert found == wanted


def test_a_migration_may_leave_foreign_keys_off(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'grants.db'}", foreign_keys=False)
    with engine.connect() as connection:
        assert connection.execute(text("PRAGMA foreign_keys")).scalar_one() == 0
    engine.dispose()


def test_the_folder_of_the_file_is_made(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'var' / 'new' / 'grants.db'}")
    prepare(database)
    assert count(database) == 0
    database.close()


def test_a_rolled_back_piece_of_work_leaves_nothing(database: Database) -> None:
    def work() -> None:
        with database.transaction() as session:
            session.execute(ADD_ONE)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        work()
    assert count(database) == 0


def test_writing_while_reading_is_refused_by_name(database: Database) -> None:
    with reading(), database.session() as session:
        assert session.execute(text("SELECT number FROM tally")).scalar_one() == 0
        with pytest.raises(WroteWhileReading, match="UPDATE was refused"):
            session.execute(ADD_ONE)
    assert count(database) == 0


def test_the_same_connection_can_write_again_after_reading(database: Database) -> None:
    for _ in range(3):
        with reading():
            before = count(database)
        with database.transaction() as session:
            session.execute(ADD_ONE)
        assert count(database) == before + 1


def test_one_connection_kept_open_follows_the_switch(database: Database) -> None:
    with database.engine.connect() as connection:
        with reading(), connection.begin(), pytest.raises(WroteWhileReading):
            connection.execute(ADD_ONE)
        with connection.begin():
            connection.execute(ADD_ONE)
        with connection.begin():
            connection.execute(ADD_ONE)
    assert count(database) == 2


def test_a_fault_of_the_data_is_not_called_a_write_while_reading(database: Database) -> None:
    with pytest.raises(IntegrityError), database.transaction() as session:
        session.execute(text("UPDATE tally SET number = 100000"))


def test_errors_hold_no_values(database: Database) -> None:
    with pytest.raises(DBAPIError) as caught, database.transaction() as session:
        session.execute(text("UPDATE nothing SET name = :name"), {"name": "Amina Yusuf"})
    assert "Amina" not in str(caught.value)


def test_readers_go_on_while_somebody_writes(database: Database) -> None:
    with database.transaction() as session:
        session.execute(ADD_ONE)
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(read_now, database).result(timeout=10) == 0
    assert count(database) == 1


def read_now(database: Database) -> int:
    with reading():
        return count(database)


def test_a_second_write_in_one_thread_is_refused_at_once(on_sqlite: Database) -> None:
    with on_sqlite.transaction() as session:
        session.execute(ADD_ONE)
        with pytest.raises(NestedWrite), on_sqlite.transaction() as second:
            second.execute(ADD_ONE)
    with on_sqlite.transaction() as session:
        session.execute(ADD_ONE)
    assert count(on_sqlite) == 2


def test_a_forgotten_session_gives_its_turn_back(on_sqlite: Database) -> None:
    def forget() -> None:
        on_sqlite.session().execute(ADD_ONE)

    thread = threading.Thread(target=forget)
    thread.start()
    thread.join()
    gc.collect()
    with on_sqlite.transaction() as session:
        session.execute(ADD_ONE)
    assert count(on_sqlite) == 1


def test_a_turn_is_given_back_only_by_its_holder() -> None:
    turn, mine, other = Turn(), object(), object()
    turn.take(mine)
    turn.take(mine)
    turn.give_back(other)
    with pytest.raises(NestedWrite):
        turn.take(other)
    turn.give_back(mine)
    turn.take(other)


def serve(
    database: Database, method: str, *, path: str = "/", act: Callable[[], Iterable[bytes]]
) -> tuple[list[bytes], list[bool]]:
    """Serves one request and returns the pieces of its body, and whether each moment only read."""
    moments: list[bool] = []

    class Body:
        def __iter__(self) -> Iterator[bytes]:
            moments.append(read_only.get())
            for piece in act():
                moments.append(read_only.get())
                yield piece

        def close(self) -> None:
            moments.append(read_only.get())

    def app(environ: Any, start_response: Any) -> Iterable[bytes]:
        moments.append(read_only.get())
        return Body()

    environ = {"REQUEST_METHOD": method, "PATH_INFO": path}
    body: Any = ReadOnlyGet(app, exempt=frozenset({"/staff/oidc/back"}))(environ, lambda *_: lambda _: None)
    pieces = []
    for piece in body:
        assert not read_only.get()  # what runs between two pieces is not this request
        pieces.append(piece)
    body.close()
    assert not read_only.get()
    return pieces, moments


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_a_safe_request_reads_only_until_its_last_byte(on_sqlite: Database, method: str) -> None:
    pieces, moments = serve(on_sqlite, method, act=lambda: [b"one", b"two"])
    assert pieces == [b"one", b"two"]
    assert moments == [True] * 5


def test_a_post_may_write(on_sqlite: Database) -> None:
    _, moments = serve(on_sqlite, "POST", act=lambda: [b"one"])
    assert not any(moments)


def test_the_way_back_from_sign_in_alone_may_write(on_sqlite: Database) -> None:
    _, exempt = serve(on_sqlite, "GET", path="/staff/oidc/back", act=lambda: [b""])
    _, longer = serve(on_sqlite, "GET", path="/staff/oidc/back/more", act=lambda: [b""])
    assert not any(exempt)
    assert all(longer)


def test_a_streamed_page_that_writes_is_refused(database: Database) -> None:
    def write() -> Iterator[bytes]:
        yield b"first"
        with database.transaction() as session:
            session.execute(ADD_ONE)

    with pytest.raises(WroteWhileReading):
        serve(database, "GET", act=write)
    assert not read_only.get()
    assert count(database) == 0
    pieces, _ = serve(database, "POST", act=write)
    assert pieces == [b"first"]
    assert count(database) == 1

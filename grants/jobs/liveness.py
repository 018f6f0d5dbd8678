"""Who is alive: each process that works holds a lock which the system frees when the process is gone.

On SQLite the lock is a file beside the database, so it is free the moment the process ends. On PostgreSQL
it is an advisory lock of one connection; a host that is lost is found by the server's own keepalive.

A process can also be there and do nothing: frozen, or on a host that vanished while the network still answers for it.
So each gives a sign of life every second. Whoever waits for its work and sees the same old sign for a whole lease cuts
it off: takes the lock from it. When it wakes it takes the lock again; work that others took over is no longer its own.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Protocol

from sqlalchemy import Connection, Engine, NullPool, create_engine, make_url, text
from sqlalchemy.exc import DBAPIError

from grants.jobs.silence import Silence
from grants.model.one_host import OneHost, mark_for

HOLDER = text(
    "SELECT holder.pid, holder.state_change FROM pg_locks AS lock JOIN pg_stat_activity AS holder USING (pid) "
    "WHERE lock.locktype = 'advisory' AND lock.granted AND lock.objsubid = 1 "
    "AND lock.database = (SELECT oid FROM pg_database WHERE datname = current_database()) "
    "AND lock.classid::bigint = :high AND lock.objid::bigint = :low"
)
"""Who holds a lock, and when the server heard of them last; both by the server's own clock."""


class Liveness(Protocol):
    """Tells the living from the gone. Used by one thread at a time."""

    looks: int
    """How many looks in a row, a second apart, must find a lock free before its holder counts as gone."""

    def hold(self, executor: str) -> None:
        """Takes this process's own lock, for as long as it lives."""

    def keep(self) -> None:
        """Gives a sign of life, and takes the lock again if it was lost; raises Displaced when the process must end."""

    @contextmanager
    def gone(self, executor: str) -> Iterator[bool]:
        """Tells whether an executor's process is gone; while inside, nobody else is told so.

        One that was seen to be silent for a lease is cut off, and is gone at the next look.
        """

    def release(self) -> None:
        """Frees this process's lock, when nothing of its work is left running."""


class Displaced(RuntimeError):
    """Says that another machine has the database by now: this process must end and write nothing more."""


def liveness_for(database_url: str, lease_seconds: float) -> Liveness:
    """Returns the way of this database; ``lease_seconds`` is how soon a silent process or a lost host is given up."""
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite":
        mark = mark_for(database_url, lease_seconds)
        return FileLiveness(Path(f"{url.database}.executors"), lease_seconds, mark)
    return PostgresLiveness(database_url, lease_seconds)


def lives(database_url: str, executor: str) -> bool:
    """Returns whether an executor's lock is held now. Takes no lock itself, and may be asked by any thread."""
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite":
        return is_locked(Path(f"{url.database}.executors") / f"{executor}.lock")
    engine = create_engine(database_url, poolclass=NullPool, connect_args={"application_name": "grants liveness"})
    with engine.connect() as connection:
        return connection.execute(HOLDER, halves(executor)).first() is not None


def is_locked(path: Path) -> bool:
    """Returns whether some process holds the lock on a file; makes no file."""
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


class FileLiveness:
    """One locked file for each process, in a folder beside the SQLite database."""

    looks = 1

    def __init__(self, folder: Path, lease_seconds: float = 60.0, mark: OneHost | None = None) -> None:
        """``mark`` says which machine has the database; without one nobody asks."""
        self._folder = folder
        self._mark = mark
        self._silence = Silence(lease_seconds)
        self._own: IO[bytes] | None = None
        self._executor = ""

    def hold(self, executor: str) -> None:
        """Takes the lock on this process's file, and clears away files of processes that are gone.

        Raises CannotStart, naming the other machine, when the database is open there.
        """
        if self._mark is not None:
            self._mark.take()
        self._executor = executor
        self._take()
        for other in self._folder.glob("*.lock"):
            if other != self._path(executor):
                with self.gone(other.stem):
                    pass

    def keep(self) -> None:
        """Touches the mark of this machine and the file, which is made and locked anew if it was cut off."""
        if self._mark is not None and not self._mark.keep():
            raise Displaced("another machine has the database file by now")
        if self._own is not None and self._is_in_place(self._own):
            os.utime(self._own.fileno())
        else:
            self._drop()
            self._take()

    @contextmanager
    def gone(self, executor: str) -> Iterator[bool]:
        """Tells whether the lock is free, and removes its file if so."""
        path = self._path(executor)
        with path.open("ab") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if self._silence.is_over(executor, os.fstat(file.fileno()).st_mtime_ns):
                    path.unlink(missing_ok=True)
                yield False
                return
            yield True
            path.unlink(missing_ok=True)

    def release(self) -> None:
        """Removes the file and frees the lock; the last process of this machine takes the mark away."""
        if self._own is not None and self._is_in_place(self._own):
            Path(self._own.name).unlink(missing_ok=True)
        self._drop()
        if self._mark is not None and not any(is_locked(file) for file in self._folder.glob("*.lock")):
            self._mark.release()

    def _take(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        while self._own is None:
            file = self._path(self._executor).open("ab")
            fcntl.flock(file, fcntl.LOCK_EX)
            if self._is_in_place(file):
                self._own = file
            else:  # another process cleared the file away before it was locked
                file.close()

    def _drop(self) -> None:
        if self._own is not None:
            self._own.close()
            self._own = None

    def _is_in_place(self, file: IO[bytes]) -> bool:
        """Returns whether an open file is still the one of its name."""
        with suppress(FileNotFoundError):
            return Path(file.name).stat().st_ino == os.fstat(file.fileno()).st_ino
        return False

    def _path(self, executor: str) -> Path:
        return self._folder / f"{executor}.lock"


class PostgresLiveness:
    """One advisory lock for each process, held by a connection of its own."""

    looks = 2

    def __init__(self, database_url: str, lease_seconds: float) -> None:
        self._engine: Engine = create_engine(
            database_url,
            poolclass=NullPool,
            isolation_level="AUTOCOMMIT",
            connect_args={"application_name": "grants liveness"},
        )
        self._lease = max(3, round(lease_seconds))
        self._silence = Silence(lease_seconds)
        self._connection: Connection | None = None
        self._executor = ""

    def hold(self, executor: str) -> None:
        """Takes the lock; raises RuntimeError when another process holds it."""
        self._executor = executor
        if not self._take():
            raise RuntimeError(f"executor {executor} is at work in another process")

    def keep(self) -> None:
        """Asks the server for a sign of life; after a lost connection takes the lock again."""
        try:
            if self._connection is not None:
                self._connection.execute(text("SELECT 1"))
                return
        except DBAPIError:
            self._drop()
        if not self._take():
            self._drop()

    @contextmanager
    def gone(self, executor: str) -> Iterator[bool]:
        """Tells whether the lock is free; without a connection of our own, nobody counts as gone."""
        connection = self._connection
        if connection is None or executor == self._executor:
            yield False
            return
        key = {"key": lock_key(executor)}
        free = bool(connection.execute(text("SELECT pg_try_advisory_lock(:key)"), key).scalar_one())
        if not free:
            self._cut_off_if_silent(connection, executor)
        try:
            yield free
        finally:
            if free:
                connection.execute(text("SELECT pg_advisory_unlock(:key)"), key)

    def release(self) -> None:
        """Frees the lock by closing its connection."""
        self._drop()
        self._engine.dispose()

    def _cut_off_if_silent(self, connection: Connection, executor: str) -> None:
        """Ends the connection that holds a lock when the server has heard nothing on it for a lease.

        The server tells this only of connections of the same user; of another's nobody is cut off.
        """
        holder = connection.execute(HOLDER, halves(executor)).first()
        if holder is None or holder.state_change is None:
            return
        if self._silence.is_over(executor, (holder.pid, holder.state_change)):
            connection.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": holder.pid})

    def _take(self) -> bool:
        connection = self._connection = self._engine.connect()
        pause = max(1, self._lease // 3)
        connection.execute(text(f"SET tcp_keepalives_idle = {pause}"))
        connection.execute(text(f"SET tcp_keepalives_interval = {pause}"))
        connection.execute(text("SET tcp_keepalives_count = 2"))
        connection.execute(text(f"SET tcp_user_timeout = {self._lease * 1000}"))
        key = {"key": lock_key(self._executor)}
        return bool(connection.execute(text("SELECT pg_try_advisory_lock(:key)"), key).scalar_one())

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.invalidate()
            connection.close()


def halves(executor: str) -> dict[str, int]:
    """Returns the number of an executor's lock in two halves, as PostgreSQL lists its locks."""
    key = lock_key(executor) % 2**64
    return {"high": key >> 32, "low": key % 2**32}


def lock_key(executor: str) -> int:
    """Returns the number of an executor's advisory lock: 64 bits, signed."""
    return int.from_bytes(hashlib.blake2b(f"grants executor {executor}".encode(), digest_size=8).digest(), signed=True)

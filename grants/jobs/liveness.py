"""Who is alive: each process that works holds a lock which the system frees when the process is gone.

On SQLite the lock is a file beside the database, so it is free the moment the process ends. On PostgreSQL
it is an advisory lock of one connection; a host that is lost is found by the server's own keepalive.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Protocol

from sqlalchemy import Connection, Engine, NullPool, create_engine, make_url, text
from sqlalchemy.exc import DBAPIError


class Liveness(Protocol):
    """Tells the living from the gone. Used by one thread at a time."""

    looks: int
    """How many looks in a row, a second apart, must find a lock free before its holder counts as gone."""

    def hold(self, executor: str) -> None:
        """Takes this process's own lock, for as long as it lives."""

    def keep(self) -> None:
        """Makes sure that the lock is still held, and takes it again if its connection was lost."""

    @contextmanager
    def gone(self, executor: str) -> Iterator[bool]:
        """Tells whether an executor's process is gone; while inside, nobody else is told so."""

    def release(self) -> None:
        """Frees this process's lock, when nothing of its work is left running."""


def liveness_for(database_url: str, lease_seconds: float) -> Liveness:
    """Returns the way of this database; ``lease_seconds`` is how soon PostgreSQL gives up a lost host."""
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite":
        return FileLiveness(Path(f"{url.database}.executors"))
    return PostgresLiveness(database_url, lease_seconds)


class FileLiveness:
    """One locked file for each process, in a folder beside the SQLite database."""

    looks = 1

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._own: IO[bytes] | None = None

    def hold(self, executor: str) -> None:
        """Takes the lock on this process's file, and clears away files of processes that are gone."""
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._path(executor)
        while self._own is None:
            file = path.open("ab")
            fcntl.flock(file, fcntl.LOCK_EX)
            if path.exists() and path.stat().st_ino == os.fstat(file.fileno()).st_ino:
                self._own = file
            else:  # another process cleared the file away before it was locked
                file.close()
        for other in self._folder.glob("*.lock"):
            if other != path:
                with self.gone(other.stem):
                    pass

    def keep(self) -> None:
        """Does nothing: the system keeps the lock until the process ends."""

    @contextmanager
    def gone(self, executor: str) -> Iterator[bool]:
        """Tells whether the lock is free, and removes its file if so."""
        path = self._path(executor)
        with path.open("ab") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
                return
            yield True
            path.unlink(missing_ok=True)

    def release(self) -> None:
        """Removes the file and frees the lock."""
        if self._own is not None:
            Path(self._own.name).unlink(missing_ok=True)
            self._own.close()
            self._own = None

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
        try:
            yield free
        finally:
            if free:
                connection.execute(text("SELECT pg_advisory_unlock(:key)"), key)

    def release(self) -> None:
        """Frees the lock by closing its connection."""
        self._drop()
        self._engine.dispose()

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


def lock_key(executor: str) -> int:
    """Returns the number of an executor's advisory lock: 64 bits, signed."""
    return int.from_bytes(hashlib.blake2b(f"grants executor {executor}".encode(), digest_size=8).digest(), signed=True)

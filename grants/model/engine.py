"""The way to the database: one writer at a time on SQLite, and pages that only read cannot write.

SQLite runs with WAL and ``synchronous=FULL``; a transaction begins with ``BEGIN IMMEDIATE`` under one
lock of this process for each file, held until the connection goes back to the pool, so writers queue
fairly here instead of colliding in the file. While ``reading()`` is in force a transaction begins read
only, on both databases. The work engine opens the same file with connections of its own, never these.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any, Protocol, cast
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from sqlalchemy import Connection, Engine, ExceptionContext, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry

BUSY_SECONDS = 30
"""How long a writer waits for the file when another process holds it."""

TURN_SECONDS = 60
"""How long a writer waits for its turn in this process."""

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})

CONNECT_SECONDS = 10
"""How long PostgreSQL may take to answer a new connection."""

_READING = "grants.reading"

read_only: ContextVar[bool] = ContextVar("read_only", default=False)
"""Whether transactions that begin now may only read."""


class WroteWhileReading(RuntimeError):
    """Says that a page or a command that only reads tried to write; nothing was written."""


class NestedWrite(RuntimeError):
    """Says that a thread began a second write while its first was open, and would wait for itself."""


@contextmanager
def reading() -> Iterator[None]:
    """Makes every transaction that begins inside read only; a write there raises WroteWhileReading."""
    token = read_only.set(True)
    try:
        yield
    finally:
        read_only.reset(token)


class Database:
    """One database: its engine, and sessions on it."""

    def __init__(self, database_url: str) -> None:
        self.url = database_url
        self.engine = make_engine(database_url)
        self._sessions = session_factory(self.engine)

    def session(self) -> Session:
        """Returns a fresh session; whoever asked closes it, and the edge alone commits it."""
        return self._sessions()

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Gives a session whose work is committed at the end, or rolled back if anything was raised."""
        with self._sessions.begin() as session:
            yield session

    def close(self) -> None:
        """Closes the pooled connections."""
        self.engine.dispose()


def session_factory(engine: Engine) -> sessionmaker[Session]:
    """Returns a maker of sessions whose rows stay readable after the commit."""
    return sessionmaker(engine, expire_on_commit=False)


def make_engine(database_url: str, *, foreign_keys: bool = True) -> Engine:
    """Returns an engine for ``sqlite:///FILE`` or ``postgresql+psycopg://…``, with the rules of this house.

    ``foreign_keys=False`` is for a migration that builds a SQLite table anew; PostgreSQL ignores it.
    Values never appear in errors or logs (``hide_parameters``).
    """
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite":
        path = Path(url.database or "grants.db").absolute()
        path.parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(
            url,
            connect_args={"isolation_level": None, "timeout": BUSY_SECONDS, "check_same_thread": False},
            pool_size=32,
            max_overflow=64,
            hide_parameters=True,
        )
        _listen_sqlite(engine, _turn_for(path), foreign_keys)
    else:
        engine = create_engine(
            url,
            connect_args={"application_name": "grants", "connect_timeout": CONNECT_SECONDS},
            pool_size=16,
            max_overflow=16,
            pool_pre_ping=True,
            hide_parameters=True,
        )
        # Many rows in one statement, also where nothing is given back: this driver would send them one by one.
        engine.dialect.use_insertmanyvalues_wo_returning = True
        _listen_postgresql(engine)
    event.listen(engine, "handle_error", _name_the_fault)
    return engine


class Turn:
    """The one writer's place for a SQLite file in this process.

    A holder is any object that stands for a pooled connection; it may take its own turn again, and
    may be given back by another thread (a connection that the collector returned).
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._holder: object | None = None
        self._thread = 0

    def take(self, holder: object) -> None:
        """Waits for the turn; raises NestedWrite when this thread has it already by another holder."""
        if self._holder is holder:
            return
        if self._holder is not None and self._thread == threading.get_ident():
            raise NestedWrite("this thread has a write open already: end that session before the next one")
        if not self._lock.acquire(timeout=TURN_SECONDS):
            raise TimeoutError(f"no turn to write within {TURN_SECONDS} s: some session was left open")
        self._holder, self._thread = holder, threading.get_ident()

    def give_back(self, holder: object) -> None:
        """Ends the holder's turn, if it has it."""
        if self._holder is holder:
            self._holder, self._thread = None, 0
            self._lock.release()


_turns: dict[Path, Turn] = {}
_turns_lock = threading.Lock()


def _turn_for(path: Path) -> Turn:
    with _turns_lock:
        return _turns.setdefault(path.resolve(), Turn())


def _listen_sqlite(engine: Engine, turn: Turn, foreign_keys: bool) -> None:
    def connect(raw: Any, _entry: ConnectionPoolEntry) -> None:
        raw.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")
        raw.execute("PRAGMA journal_mode=WAL")
        raw.execute("PRAGMA synchronous=FULL")
        raw.execute(f"PRAGMA foreign_keys={'ON' if foreign_keys else 'OFF'}")

    def begin(connection: Connection) -> None:
        raw: Any = connection.connection.dbapi_connection
        if read_only.get():
            connection.info[_READING] = True
            raw.execute("PRAGMA query_only=ON")
            connection.exec_driver_sql("BEGIN")
            return
        if connection.info.pop(_READING, False):
            raw.execute("PRAGMA query_only=OFF")
        turn.take(connection.connection.record_info)
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    def checkin(raw: Any, entry: ConnectionPoolEntry) -> None:
        try:
            if entry.info.pop(_READING, False) and raw is not None:
                raw.execute("PRAGMA query_only=OFF")
        finally:
            turn.give_back(entry.record_info)

    event.listen(engine, "connect", connect)
    event.listen(engine, "begin", begin)
    event.listen(engine, "checkin", checkin)


class _ReadOnlySwitch(Protocol):
    read_only: bool | None


def _listen_postgresql(engine: Engine) -> None:
    def begin(connection: Connection) -> None:
        raw = cast(_ReadOnlySwitch, connection.connection.dbapi_connection)
        if read_only.get():
            connection.info[_READING] = True
            raw.read_only = True
        elif connection.info.pop(_READING, False):
            raw.read_only = None

    def checkin(raw: DBAPIConnection | None, entry: ConnectionPoolEntry) -> None:
        if entry.info.pop(_READING, False) and raw is not None:
            cast(_ReadOnlySwitch, raw).read_only = None

    event.listen(engine, "begin", begin)
    event.listen(engine, "checkin", checkin)


_READ_ONLY_STATE = "25006"
"""PostgreSQL's code for a write in a read-only transaction."""


def _name_the_fault(context: ExceptionContext) -> WroteWhileReading | None:
    if context.connection is None or _READING not in context.connection.info:
        return None
    error = context.original_exception
    if getattr(error, "sqlstate", "") == _READ_ONLY_STATE or "readonly database" in str(error):
        verb = (context.statement or "").split(maxsplit=1)[:1]
        return WroteWhileReading(f"{' '.join(verb) or 'a write'} was refused: this page or command only reads")
    return None


class ReadOnlyGet:
    """WSGI middleware: a GET, HEAD or OPTIONS cannot write, from before the app starts until its last byte.

    ``exempt`` names the exact paths that may write all the same (the way back from an OIDC sign-in).
    """

    def __init__(self, app: WSGIApplication, exempt: frozenset[str] = frozenset()) -> None:
        self._app = app
        self._exempt = exempt

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serves one request."""
        if environ["REQUEST_METHOD"] not in SAFE_METHODS or environ.get("PATH_INFO", "") in self._exempt:
            return self._app(environ, start_response)
        with reading():
            return _ReadOnlyBody(self._app(environ, start_response))


class _ReadOnlyBody:
    """A response body whose every piece, and whose end, is made while reading."""

    def __init__(self, body: Iterable[bytes]) -> None:
        self._pieces = iter(body)
        self._close: Callable[[], None] = getattr(body, "close", lambda: None)

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        with reading():
            return next(self._pieces)

    def close(self) -> None:
        """Ends the response: what the app does at the end of a request can only read, too."""
        with reading():
            self._close()

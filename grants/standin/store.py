"""What the stand-in remembers: things, idempotency keys, settings, and the record of true executions.

All of it lives in `standin.db` in the state folder. Each execution is also one line of `executions.jsonl`,
written after the transaction that made it true; lines that a kill kept back are added at the next start. So the
file is the oracle: one line for each payment that truly went out, and never a line more.
"""

from __future__ import annotations

import fcntl
import json
import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grants.standin.refusals import Json

_TABLES = """
CREATE TABLE IF NOT EXISTS things (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, id TEXT NOT NULL UNIQUE,
    owner TEXT NOT NULL, status TEXT NOT NULL, created TEXT NOT NULL, body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS things_by_owner ON things (kind, owner, seq);
CREATE INDEX IF NOT EXISTS things_by_status ON things (kind, status, seq);
CREATE TABLE IF NOT EXISTS keys (
    scope TEXT NOT NULL, key TEXT NOT NULL, request TEXT NOT NULL, thing TEXT, at REAL NOT NULL,
    PRIMARY KEY (scope, key)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS executions (seq INTEGER PRIMARY KEY AUTOINCREMENT, line TEXT NOT NULL);
"""


class StateInUse(RuntimeError):
    """Another stand-in already works on this state folder."""


@dataclass(frozen=True, slots=True)
class Key:
    """An idempotency key: the hash of its request, what it made (if it succeeded), and since when."""

    request: str
    thing: str | None
    at: float


@dataclass(frozen=True, slots=True)
class Filter:
    """Which things a list wants, newest first; `before` is the page token (a sequence number)."""

    owner: str | None = None
    statuses: Sequence[str] = ()
    types: Sequence[str] = ()
    since: Sequence[tuple[str, str]] = ()
    before: int | None = None
    limit: int = 20

    def sql(self, kind: str) -> tuple[str, list[object]]:
        """Returns the WHERE … LIMIT part of the query and its values."""
        wheres, values = ["kind = ?"], list[object]([kind])
        if self.owner is not None:
            wheres.append("owner = ?")
            values.append(self.owner)
        for column, wanted in (("status", self.statuses), ("json_extract(body, '$.type')", self.types)):
            if wanted:
                wheres.append(f"{column} IN ({', '.join('?' * len(wanted))})")
                values += wanted
        for sign, moment in self.since:
            wheres.append(f"created {sign} ?")
            values.append(moment)
        if self.before is not None:
            wheres.append("seq < ?")
            values.append(self.before)
        return f"WHERE {' AND '.join(wheres)} ORDER BY seq DESC LIMIT {int(self.limit)}", values


class Store:
    """One connection behind one lock; in memory if no folder is given."""

    def __init__(self, folder: Path | None) -> None:
        """Opens or makes the state; raises StateInUse if another process has it."""
        self._lock = threading.RLock()
        self._depth = 0
        self._fresh: list[str] = []
        self._file: int | None = None
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            self._claim = _claim(folder / "standin.lock")
        path = ":memory:" if folder is None else str(folder / "standin.db")
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.executescript(_TABLES)
        if folder is not None:
            self._file = os.open(folder / "executions.jsonl", os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
            self._catch_up()

    def close(self) -> None:
        """Closes the database, the record and the claim on the folder."""
        with self._lock:
            self._db.close()
            if self._file is not None:
                os.close(self._file)
                os.close(self._claim)
                self._file = None

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Holds the lock for one transaction: all of it is true afterwards, or none; turns may be nested."""
        with self._lock:
            if self._depth == 0:
                self._db.execute("BEGIN")
            self._depth += 1
            try:
                yield
            except BaseException:
                self._end("ROLLBACK")
                raise
            self._end("COMMIT")

    def _end(self, how: str) -> None:
        self._depth -= 1
        if self._depth == 0:
            self._db.execute(how)
            lines, self._fresh = self._fresh, []
            if how == "COMMIT" and lines and self._file is not None:
                os.write(self._file, "".join(line + "\n" for line in lines).encode())

    def put(self, thing: Json, *, owner: str = "", status: str = "") -> Json:
        """Stores a thing (new or changed) and returns it; `owner` and `status` are what lists filter by."""
        with self.turn():
            self._db.execute(
                "INSERT INTO things (kind, id, owner, status, created, body) VALUES (?, ?, ?, ?, ?, ?) "
                "ON CONFLICT (id) DO UPDATE SET status = excluded.status, body = excluded.body",
                (thing["object"], thing["id"], owner, status, thing["created"], json.dumps(thing)),
            )
        return thing

    def get(self, kind: str, ident: str) -> Json | None:
        """Returns the thing of this kind and id, or None."""
        with self._lock:
            row = self._db.execute("SELECT kind, body FROM things WHERE id = ?", (ident,)).fetchone()
        return None if row is None or row[0] != kind else _json(row[1])

    def find(self, kind: str, wanted: Filter) -> list[tuple[int, Json]]:
        """Returns matching things with their sequence numbers, newest first."""
        where, values = wanted.sql(kind)
        with self._lock:
            query = f"SELECT seq, body FROM things {where}"  # noqa: S608 - of constants; the values are bound
            rows = self._db.execute(query, values).fetchall()
        return [(seq, _json(body)) for seq, body in rows]

    def key(self, scope: str, key: str) -> Key | None:
        """Returns what is known of an idempotency key, or None."""
        with self._lock:
            row = self._db.execute(
                "SELECT request, thing, at FROM keys WHERE scope = ? AND key = ?", (scope, key)
            ).fetchone()
        return None if row is None else Key(*row)

    def keep_key(self, scope: str, key: str, entry: Key) -> None:
        """Stores what is known of an idempotency key."""
        with self.turn():
            self._db.execute(
                "INSERT OR REPLACE INTO keys (scope, key, request, thing, at) VALUES (?, ?, ?, ?, ?)",
                (scope, key, entry.request, entry.thing, entry.at),
            )

    def setting(self, name: str, default: Any = None) -> Any:
        """Returns a stored setting, decoded from JSON, or the default."""
        with self._lock:
            row = self._db.execute("SELECT value FROM settings WHERE name = ?", (name,)).fetchone()
        return default if row is None else json.loads(row[0])

    def set(self, name: str, value: Any) -> None:
        """Stores a setting as JSON."""
        with self.turn():
            self._db.execute("INSERT OR REPLACE INTO settings VALUES (?, ?)", (name, json.dumps(value)))

    def execute(self, line: Json) -> None:
        """Records one true execution; it counts, and is written to the file, once this turn is over."""
        with self.turn():
            text = json.dumps(line, sort_keys=True)
            self._db.execute("INSERT INTO executions (line) VALUES (?)", (text,))
            self._fresh.append(text)

    def executions(self) -> list[Json]:
        """Returns every true execution, oldest first."""
        with self._lock:
            rows = self._db.execute("SELECT line FROM executions ORDER BY seq").fetchall()
        return [_json(row[0]) for row in rows]

    def _catch_up(self) -> None:
        """Adds to the file the lines that a kill kept from it, and drops a line that was cut short."""
        assert self._file is not None
        size = os.fstat(self._file).st_size
        whole = os.pread(self._file, size, 0)
        kept = whole[: whole.rfind(b"\n") + 1]
        os.ftruncate(self._file, len(kept))
        rows = self._db.execute(
            "SELECT line FROM executions ORDER BY seq LIMIT -1 OFFSET ?", (kept.count(b"\n"),)
        ).fetchall()
        os.write(self._file, "".join(row[0] + "\n" for row in rows).encode())


def _claim(path: Path) -> int:
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as problem:
        os.close(handle)
        raise StateInUse(f"Another stand-in already works in {path.parent}.") from problem
    return handle


def _json(text: str) -> Json:
    value: Json = json.loads(text)
    return value

"""Writing a backup while everything runs: one moment of the database, row by row, into one sealed file.

All rows are read in a single transaction that only reads: on SQLite a snapshot of the write-ahead log, on
PostgreSQL one of REPEATABLE READ. Nobody waits for it, no second copy lies about unsealed, and the same file
goes back into either kind of database. Left out: the work engine's own tables (what was queued then must not
run again after a restore; the reconcile queues what is still to do), and the secret key.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import IO, Any, Literal

from sqlalchemy import Connection

from grants.config import CannotStart, Settings
from grants.domain.errors import Refusal
from grants.keeping.rows import count, kind, tables, written
from grants.keeping.sealing import Sealed, Sealer, file_key
from grants.model import migrate
from grants.model.engine import Database, reading

FILES = ("plugins.json", "chain-heads.txt")
"""Files of HOME that belong to a backup. The file ``secret-key`` never does."""

EX_CANTCREAT = 73
"""From sysexits.h: the output cannot be made."""

KeyFrom = Literal["GRANTS_BACKUP_KEY", "GRANTS_SECRET_KEY"]


@dataclass(frozen=True, slots=True)
class Kept:
    """What a backup says of itself: ``counts`` are rows by table, ``made_at`` is UTC, just before its moment."""

    made_at: datetime
    program: str
    revision: str
    database: str
    key_from: KeyFrom
    counts: dict[str, int]
    kinds: dict[str, dict[str, str]]
    salt: bytes
    key_mark: str
    secret_mark: str


def write(database: Database, settings: Settings, path: Path, now: Callable[[], datetime]) -> tuple[Kept, str]:
    """Writes a backup to a new file, readable by its owner alone; returns what it says and its SHA-256.

    Raises CannotStart (73) when the file is there already. A crash leaves no file of this name.
    """
    if path.exists():
        raise CannotStart(
            f"{path} is there already. Choose another name: a backup is never written over.", EX_CANTCREAT
        )
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        part.touch(mode=0o600, exist_ok=False)
        with part.open("wb") as file:
            told = _write(database, settings, file, now)
            file.flush()
            os.fsync(file.fileno())
        path.hardlink_to(part)  # fails rather than writes over a file that came meanwhile
    except FileExistsError:
        raise CannotStart(f"{path} is there already. Choose another name.", EX_CANTCREAT) from None
    finally:
        part.unlink(missing_ok=True)
    return told


def read_header(sealed: Sealed) -> Kept:
    """Returns what a backup says of itself, without any key."""
    told = sealed.header
    return Kept(
        made_at=datetime.fromisoformat(told["made_at"]),
        program=told["program"],
        revision=told["revision"],
        database=told["database"],
        key_from=told["key_from"],
        counts=told["counts"],
        kinds=told["kinds"],
        salt=bytes.fromhex(told["salt"]),
        key_mark=told["key_mark"],
        secret_mark=told["secret_mark"],
    )


def key_for(kept: Kept, settings: Settings) -> bytes:
    """Returns the key of a backup, or raises Refusal ``backup.key`` naming the setting that does not fit."""
    own = [settings.backup_key] if kept.key_from == "GRANTS_BACKUP_KEY" else known_secrets(settings)
    for secret in own:
        if secret and mark(secret, kept.salt, "key mark") == kept.key_mark:
            return file_key(secret, kept.salt, "chunks")
    words = f"This backup was sealed with another {kept.key_from} than the one that is set here. Set that one."
    raise Refusal("backup.key", words)


def known_secrets(settings: Settings) -> list[str]:
    """Returns the secret key of now and those of before."""
    return [settings.secret_key, *settings.earlier_secrets]


def verify(path: Path, settings: Settings) -> Kept:
    """Reads a whole backup and proves every byte and every count of it; raises Refusal naming what is wrong."""
    with path.open("rb") as file:
        sealed = Sealed(file)
        kept = read_header(sealed)
        counts: dict[str, int] = {}
        table = ""
        for line in sealed.lines(key_for(kept, settings)):
            record = json.loads(line)
            if isinstance(record, list):
                counts[table] += 1
            elif "table" in record:
                table = record["table"]
                counts[table] = 0
    if counts != kept.counts:
        raise Refusal("backup.counts", "This backup does not hold the rows that it says. Use another copy.")
    return kept


def mark(secret: str, salt: bytes, use: str) -> str:
    """Returns a mark by which a secret is known again, and that tells nothing of it."""
    return file_key(secret, salt, use)[:16].hex()


def _write(database: Database, settings: Settings, file: IO[bytes], now: Callable[[], datetime]) -> tuple[Kept, str]:
    made_at = now()
    with one_moment(database) as connection:
        kept = _described(connection, settings, made_at)
        secret = settings.backup_key or settings.secret_key
        sealer = Sealer(file, _header(kept), file_key(secret, kept.salt, "chunks"))
        for line in _files(settings.home):
            sealer.add(line)
        for table in tables():
            sealer.add(json.dumps({"table": table.name, "columns": list(kept.kinds[table.name])}).encode())
            for line in written(connection, table):
                sealer.add(line)
        return kept, sealer.close()


@contextmanager
def one_moment(database: Database) -> Iterator[Connection]:
    """Gives a connection that sees the database as it is at one moment, and cannot write."""
    with reading(), database.engine.connect() as plain:
        postgres = database.engine.name == "postgresql"
        yield plain.execution_options(isolation_level="REPEATABLE READ") if postgres else plain


def _described(connection: Connection, settings: Settings, made_at: datetime) -> Kept:
    salt = secrets.token_bytes(32)
    own_key = settings.backup_key or settings.secret_key
    return Kept(
        made_at=made_at,
        program=version("grants-on-trust"),
        revision=migrate.newest_revision(),
        database=connection.engine.name,
        key_from="GRANTS_BACKUP_KEY" if settings.backup_key else "GRANTS_SECRET_KEY",
        counts={table.name: count(connection, table) for table in tables()},
        kinds={table.name: {column.name: kind(column) for column in table.columns} for table in tables()},
        salt=salt,
        key_mark=mark(own_key, salt, "key mark"),
        secret_mark=mark(settings.secret_key, salt, "secret mark"),
    )


def _header(kept: Kept) -> dict[str, Any]:
    return {
        "made_at": kept.made_at.isoformat(),
        "program": kept.program,
        "revision": kept.revision,
        "database": kept.database,
        "cipher": "AES-256-GCM, HKDF-SHA-256, zlib",
        "key_from": kept.key_from,
        "counts": kept.counts,
        "kinds": kept.kinds,
        "salt": kept.salt.hex(),
        "key_mark": kept.key_mark,
        "secret_mark": kept.secret_mark,
    }


def _files(home: Path) -> Iterator[bytes]:
    for name in FILES:
        path = home / name
        if path.is_file():
            data = base64.b64encode(path.read_bytes()).decode()
            yield json.dumps({"file": name, "data": data}).encode()

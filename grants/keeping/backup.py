"""Writing a backup while everything runs: one moment of the database, row by row, into one sealed file.

All rows are read in a single transaction that only reads: on SQLite a snapshot of the write-ahead log, on
PostgreSQL one of REPEATABLE READ. Nobody waits for it, no second copy lies about unsealed, and the same file
goes back into either kind of database. Left out: the work engine's own tables (what was queued then must not
run again after a restore; the reconcile queues what is still to do), and the secret key. What it says of people is
sealed under their own keys (``keeping/personal.py``), and those go into a second, small file (``keeping/keys.py``).
"""

from __future__ import annotations

import base64
import json
import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import IO, Any, Literal

from sqlalchemy import Connection, Table

from grants.config import CannotStart, Settings
from grants.domain.data_classes import KEYS, TABLES
from grants.domain.errors import Refusal
from grants.keeping import keys as keeping_keys
from grants.keeping.personal import Ciphers, KeyMissing, blanks, sealed_lines
from grants.keeping.rows import count, kind, tables, written
from grants.keeping.sealing import Sealed, Sealer, file_key
from grants.model import migrate
from grants.model.engine import Database, reading
from grants.model.vault import Vault

FILES = ("plugins.json", "chain-heads.txt")
"""Files of HOME that belong to a backup. The file ``secret-key`` never does."""

EX_CANTCREAT = 73
"""From sysexits.h: the output cannot be made."""

MOST_TRIES = 20
"""How often a backup begins again because somebody was written down, without a key yet, in the very moment before."""

EX_TEMPFAIL = 75
"""From sysexits.h: try again later."""

KeyFrom = Literal["GRANTS_BACKUP_KEY", "GRANTS_SECRET_KEY"]


@dataclass(frozen=True, slots=True)
class Kept:
    """What a backup says of itself: ``counts`` are rows by table, ``made_at`` is UTC, just before its moment.

    ``personal`` are, by table, the columns that are sealed for people, with what they hold when blank; none in a backup
    from before there were such. ``erased`` is filled from the file of keys when a backup is put back.
    """

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
    personal: dict[str, dict[str, Any]] = field(default_factory=dict)
    erased: Mapping[str, datetime] = field(default_factory=dict)


def write(database: Database, settings: Settings, path: Path, now: Callable[[], datetime]) -> tuple[Kept, str]:
    """Writes a backup and its file of keys, readable by their owner alone; returns what it says and its SHA-256.

    Raises CannotStart (73) when one of the files is there already. A crash leaves no backup of this name.
    """
    beside = keeping_keys.beside(path)
    for known in (path, beside):
        if known.exists():
            words = f"{known} is there already. Choose another name: a backup is never written over."
            raise CannotStart(words, EX_CANTCREAT)
    vault = Vault(settings.secret_key, settings.earlier_secrets)
    for _ in range(MOST_TRIES):
        keeping_keys.make_missing(database, vault)
        try:
            with _fresh(beside) as keys, _fresh(path) as file:
                return _write(database, settings, (file, keys), now)
        except KeyMissing:
            continue
    raise CannotStart("Very many people are being written down just now. Try again in a minute.", EX_TEMPFAIL)


@contextmanager
def _fresh(path: Path) -> Iterator[IO[bytes]]:
    """Gives a file that gets its name only when it is whole; fails rather than writes over one that came meanwhile."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        part.touch(mode=0o600, exist_ok=False)
        with part.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        path.hardlink_to(part)
    except FileExistsError:
        raise CannotStart(f"{path} is there already. Choose another name.", EX_CANTCREAT) from None
    finally:
        part.unlink(missing_ok=True)


def read_header(sealed: Sealed) -> Kept:
    """Returns what a backup says of itself, without any key."""
    told = sealed.header
    if told.get("kind") == keeping_keys.KIND:
        raise Refusal("backup.not_one", "This is the file of keys of a backup, not the backup itself.")
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
        personal=told.get("personal", {}),
    )


def key_for(kept: Kept, settings: Settings) -> bytes:
    """Returns the key of a backup, or raises Refusal ``backup.key`` naming the setting that does not fit."""
    return file_key(_secret_of(kept.key_from, kept.salt, kept.key_mark, settings), kept.salt, "chunks")


def _secret_of(key_from: KeyFrom, salt: bytes, known_by: str, settings: Settings) -> str:
    own = [settings.backup_key] if key_from == "GRANTS_BACKUP_KEY" else known_secrets(settings)
    for secret in own:
        if secret and mark(secret, salt, "key mark") == known_by:
            return secret
    words = f"This backup was sealed with another {key_from} than the one that is set here. Set that one."
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


def _write(
    database: Database, settings: Settings, files: tuple[IO[bytes], IO[bytes]], now: Callable[[], datetime]
) -> tuple[Kept, str]:
    made_at = now()
    ciphers = Ciphers(Vault(settings.secret_key, settings.earlier_secrets))
    with one_moment(database) as connection:
        kept = _described(connection, settings, made_at)
        key = file_key(settings.backup_key or settings.secret_key, kept.salt, "chunks")
        sealer = Sealer(files[0], _header(kept), key)
        for line in _files(settings.home):
            sealer.add(line)
        for table in _kept_tables():
            sealer.add(json.dumps({"table": table.name, "columns": list(kept.kinds[table.name])}).encode())
            sealed = sealed_lines(connection, table, ciphers) if table.name in kept.personal else None
            for line in sealed if sealed is not None else written(connection, table):
                sealer.add(line)
        digest = sealer.close()
        _write_keys(connection, settings, files[1], kept)
        return kept, digest


def _write_keys(connection: Connection, settings: Settings, file: IO[bytes], kept: Kept) -> None:
    """Writes the file of keys, at the same moment, under a salt of its own."""
    salt = secrets.token_bytes(32)
    secret = settings.backup_key or settings.secret_key
    header = {
        "kind": keeping_keys.KIND,
        "made_at": kept.made_at.isoformat(),
        "key_from": kept.key_from,
        "salt": salt.hex(),
        "key_mark": mark(secret, salt, "key mark"),
    }
    sealer = Sealer(file, header, file_key(secret, salt, "keys"))
    keeping_keys.write(sealer, connection, settings.home)
    sealer.close()


def keys_for(path: Path, kept: Kept, settings: Settings) -> keeping_keys.KeysFile:
    """Returns the proven file of keys for a backup; raises Refusal for another file, key, or one that is too old."""
    with path.open("rb") as file:
        told = Sealed(file).header
    if told.get("kind") != keeping_keys.KIND:
        raise Refusal("backup.keys", keeping_keys.NOT_KEYS)
    if datetime.fromisoformat(told["made_at"]) < kept.made_at:
        raise Refusal("backup.keys", keeping_keys.OLDER)
    secret = _secret_of(told["key_from"], bytes.fromhex(told["salt"]), told["key_mark"], settings)
    return keeping_keys.proven(path, file_key(secret, bytes.fromhex(told["salt"]), "keys"))


def _kept_tables() -> list[Table]:
    return [table for table in tables() if table.name not in KEYS]


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
        counts={table.name: count(connection, table) for table in _kept_tables()},
        kinds={table.name: {column.name: kind(column) for column in table.columns} for table in _kept_tables()},
        salt=salt,
        key_mark=mark(own_key, salt, "key mark"),
        secret_mark=mark(settings.secret_key, salt, "secret mark"),
        personal={table.name: blanks(table) for table in _kept_tables() if TABLES[table.name].personal},
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
        "personal": kept.personal,
    }


def _files(home: Path) -> Iterator[bytes]:
    for name in FILES:
        path = home / name
        if path.is_file():
            data = base64.b64encode(path.read_bytes()).decode()
            yield json.dumps({"file": name, "data": data}).encode()

"""Putting a backup back: proven first, then loaded whole or not at all, into either kind of database.

The tables are made as they were at the backup's revision, the rows go in, and the history of the tables runs
on to this program's own. On SQLite all of it happens in a new file beside the old one, which takes its place
with a rename; on PostgreSQL in one transaction. The work engine's queue is left empty on purpose.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, inspect, literal, make_url, select, sql, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from grants.config import CannotStart, Settings
from grants.domain.errors import Refusal
from grants.keeping import backup
from grants.keeping.backup import EX_CANTCREAT, FILES, Kept
from grants.keeping.keys import MISSING, KeysFile, at_hand, beside
from grants.keeping.loading import People, load
from grants.keeping.personal import Ciphers
from grants.keeping.rows import tables
from grants.keeping.sealing import Sealed
from grants.model import migrate
from grants.model.engine import make_engine
from grants.model.vault import Vault

Begin = Callable[[Session, Kept], None]
"""What is written into the restored books before anybody sees them, in the same transaction."""

POSTGRESQL_QUEUE = "dbos"
"""The schema of the work engine on PostgreSQL."""

OTHER_KEY = (
    "This backup belongs to another GRANTS_SECRET_KEY than the one that is set here. The key is not in the backup: "
    "without it nobody can read the bank details and pictures, and payments would get other keys. Set that key first."
)


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put back, which file keeps what was there before (SQLite), and which files of HOME were written."""

    kept: Kept
    aside: Path | None
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Work:
    """What is put back, proven, with the keys of people, and what is written before anybody sees it."""

    path: Path
    settings: Settings
    kept: Kept
    keys: KeysFile
    begin: Begin


def restore(
    path: Path,
    settings: Settings,
    begin: Begin,
    now: datetime,
    *,
    over: bool = False,
    keys: Path | None = None,
    without_keys: bool = False,
) -> Restored:
    """Puts a backup back, with the file of keys beside it or another one. Nobody else may be at work on the database.

    ``without_keys`` puts people back as numbers. Raises Refusal (65) for a file that is spoilt, missing, of another key
    or newer than this program, and CannotStart (73) for a database that is not empty unless ``over``; then nothing
    was changed.
    """
    kept = backup.verify(path, settings)
    marks = [backup.mark(secret, kept.salt, "secret mark") for secret in backup.known_secrets(settings)]
    if kept.secret_mark not in marks:
        raise Refusal("backup.secret", OTHER_KEY)
    if kept.revision not in migrate.known_revisions():
        words = f"This backup is newer than this program (it was made by {kept.program}). Install that one first."
        raise Refusal("backup.newer", words)
    file = _keys_of(path, keys, without_keys, kept, settings)
    work = Work(path, settings, replace(kept, erased=file.erased), file, begin)
    if make_url(settings.database_url).get_backend_name() == "sqlite":
        aside = _into_sqlite(work, now, over)
    else:
        aside = None
        _into_postgresql(work, over)
    return Restored(work.kept, aside, tuple(_put_files_back(work, over)))


def _keys_of(path: Path, keys: Path | None, without: bool, kept: Kept, settings: Settings) -> KeysFile:
    """Returns the proven file of keys; a backup from before there were such needs none. Raises Refusal."""
    chosen = keys or beside(path)
    if keys is None and (without or not (kept.personal or chosen.exists())):
        return KeysFile()
    if not chosen.exists():
        raise Refusal("backup.keys", MISSING.format(path=chosen))
    return backup.keys_for(chosen, kept, settings)


def _into_sqlite(work: Work, now: datetime, over: bool) -> Path | None:
    settings = work.settings
    target = Path(make_url(settings.database_url).database or "grants.db").absolute()
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists():
        _refuse_full(settings.database_url, over)
    fresh = target.with_name(f"{target.name}.restoring-{secrets.token_hex(4)}")
    try:
        _fill(f"sqlite:///{fresh}", work)
        fresh.chmod(0o600)
        aside = _set_aside(target, now) if target.exists() else None
        fresh.replace(target)
    finally:
        for end in ("", "-wal", "-shm", "-journal"):
            fresh.with_name(fresh.name + end).unlink(missing_ok=True)
    _to_disk(target.parent)
    return aside


def _fill(url: str, work: Work) -> None:
    """Makes a SQLite file with everything in it, in a single piece: no log beside it is needed any more."""
    engine = make_engine(url, foreign_keys=False)
    try:
        with engine.begin() as connection:
            _fill_within(connection, work)
            if connection.execute(text("PRAGMA foreign_key_check")).first() is not None:
                raise Refusal("backup.counts", "This backup points to rows that it does not hold. Use another copy.")
        with engine.connect() as connection:
            raw = connection.connection.driver_connection
            assert raw is not None
            raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            raw.execute("PRAGMA journal_mode=DELETE")
    finally:
        engine.dispose()


def _set_aside(target: Path, now: datetime) -> Path:
    """Gives the old file a second name, with everything in it that its log still held; the old name stays."""
    engine = make_engine(f"sqlite:///{target}")
    try:
        with engine.connect() as connection:
            raw = connection.connection.driver_connection
            assert raw is not None
            raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            raw.execute("PRAGMA journal_mode=DELETE")
    except (DBAPIError, sqlite3.OperationalError) as error:
        raise _in_use() from error
    finally:
        engine.dispose()
    if any(target.with_name(target.name + end).exists() for end in ("-wal", "-shm")):
        raise _in_use()
    aside = target.with_name(f"{target.name}.before-{now:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}")
    aside.hardlink_to(target)
    return aside


def _into_postgresql(work: Work, over: bool) -> None:
    _refuse_full(work.settings.database_url, over)
    engine = make_engine(work.settings.database_url)
    try:
        with engine.begin() as connection:
            connection.execute(text("SET LOCAL lock_timeout = '10s'"))
            try:
                _clear(connection)
            except DBAPIError as error:
                raise _in_use() from error
            _fill_within(connection, work)
    finally:
        engine.dispose()


def _fill_within(connection: Connection, work: Work) -> None:
    vault = Vault(work.settings.secret_key, work.settings.earlier_secrets)
    migrate.upgrade_within(connection, work.kept.revision)
    with at_hand(connection, work.keys) as keys, _records(work) as lines:
        load(connection, work.kept, lines, People(keys, Ciphers(vault), work.kept.personal))
        if work.kept.personal:
            keys.settle()
    migrate.upgrade_within(connection)
    with Session(connection, join_transaction_mode="create_savepoint") as session:
        work.begin(session, work.kept)
        session.commit()  # ends the savepoint alone


def _clear(connection: Connection) -> None:
    """Takes away our tables, their guards and the engine's queue, within the transaction."""
    there = set(inspect(connection).get_table_names())
    ours = [table.name for table in tables()] + ["buckets", "alembic_version"]
    for name in ours:
        if name in there:
            connection.execute(text(f'DROP TABLE "{name}" CASCADE'))
    guards = "SELECT oid::regprocedure::text FROM pg_proc WHERE proname LIKE 'grants\\_%' AND pronamespace = "
    for (guard,) in list(connection.execute(text(guards + "current_schema()::regnamespace"))):
        connection.execute(text(f"DROP FUNCTION {guard}"))
    connection.execute(text(f"DROP SCHEMA IF EXISTS {POSTGRESQL_QUEUE} CASCADE"))


def _refuse_full(database_url: str, over: bool) -> None:
    """Raises CannotStart for a database that holds something, unless it may be written over; never for a newer one."""
    engine = make_engine(database_url)
    try:
        if "newer" in migrate.problem(engine):
            raise CannotStart("The database is newer than this program. Install the newer program, then restore.")
        with engine.connect() as connection:
            there = set(inspect(connection).get_table_names())
            held = [table.name for table in tables() if table.name in there and _holds(connection, table.name)]
    finally:
        engine.dispose()
    if held and not over:
        words = "The database is not empty. To put the backup in place of everything in it, say --over."
        raise CannotStart(words, EX_CANTCREAT)


def _holds(connection: Connection, name: str) -> bool:
    return connection.execute(select(literal(1)).select_from(sql.table(name)).limit(1)).first() is not None


@contextmanager
def _records(work: Work) -> Iterator[Iterator[bytes]]:
    with work.path.open("rb") as file:
        yield Sealed(file).lines(backup.key_for(work.kept, work.settings))


def _put_files_back(work: Work, over: bool) -> Iterator[str]:
    """Writes the files of HOME that are missing, or that may be written over; heads of the chain never are."""
    home = work.settings.home
    with _records(work) as lines:
        for line in lines:
            record = json.loads(line)
            if not isinstance(record, dict) or "file" not in record:
                return
            place = home / record["file"]
            if record["file"] in FILES and (not place.exists() or (over and record["file"] == "plugins.json")):
                home.mkdir(parents=True, exist_ok=True)
                fresh = place.with_name(f".{place.name}.{os.getpid()}")
                fresh.write_bytes(base64.b64decode(record["data"]))
                fresh.replace(place)
                yield record["file"]


def _in_use() -> CannotStart:
    return CannotStart("Something still uses the database. Stop “grants serve” and every worker first.", EX_CANTCREAT)


def _to_disk(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)

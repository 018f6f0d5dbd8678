"""The small file of keys beside a backup: each person's key and each bank file's, still sealed, and who was erased.

Only the newest is kept. A key that was destroyed since is not in it, so no older backup tells of that person any
more. It is sealed like a backup, and what it holds is sealed by the secret key besides.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet
from sqlalchemy import Column, Connection, MetaData, String, Table, Text, insert, literal, select
from sqlalchemy.dialects import postgresql, sqlite

from grants.domain.errors import Refusal
from grants.keeping import erased
from grants.keeping.rows import AT_A_TIME
from grants.keeping.sealing import Sealed, Sealer
from grants.model.bank import BankFile, BankFileKey
from grants.model.engine import Database
from grants.model.people import Person, PersonKey
from grants.model.vault import Vault

KIND = "keys"
"""What the header of a file of keys says that it is."""

MISSING = (
    "The file of keys is missing: {path}. Without it nobody can read what the backup says of people. Name the newest "
    "one with --keys FILE. If there is none any more, --without-keys puts back the money, and people as numbers."
)
NOT_KEYS = "This is not the file of keys of a backup. It is called like the backup, with “.keys” at its end."
OLDER = "This file of keys is older than the backup, so it does not know everybody in it. Use the newest one."

_PEOPLE, _FILES = (
    Table(
        name, MetaData(), Column("mark", String(80), primary_key=True), Column("sealed", Text), prefixes=["TEMPORARY"]
    )
    for name in ("restoring_people", "restoring_files")
)
"""Keys while a backup is put back, by the number of a person and the mark of a bank file."""

_OF = {"person": _PEOPLE, "bank_file": _FILES}


@dataclass(frozen=True, slots=True)
class KeysFile:
    """A file of keys that was proven to its last byte: what opens it, and who was erased, by number."""

    path: Path | None = None
    key: bytes = b""
    erased: Mapping[str, datetime] = field(default_factory=dict)


def beside(path: Path) -> Path:
    """Returns the name of the file of keys of a backup."""
    return path.with_name(f"{path.name}.keys")


def make_missing(database: Database, vault: Vault) -> None:
    """Makes a key for each person who has none and was not erased, in lots."""
    more = True
    while more:
        with database.transaction() as session:
            without = select(Person.id).outerjoin(PersonKey, PersonKey.person_id == Person.id)
            without = without.where(PersonKey.person_id.is_(None), Person.erased_at.is_(None)).order_by(Person.id)
            ids = list(session.scalars(without.limit(AT_A_TIME)))
            rows = [{"person_id": one, "sealed": vault.seal({"key": Fernet.generate_key().decode()})} for one in ids]
            if rows:
                into = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
                session.execute(into(PersonKey).on_conflict_do_nothing(), rows)
            more = len(ids) == AT_A_TIME


def write(sealer: Sealer, connection: Connection, home: Path) -> None:
    """Writes every key and everybody who was erased, as they are at the backup's own moment."""
    people = select(Person.number, PersonKey.sealed).join(PersonKey, PersonKey.person_id == Person.id)
    _lines(sealer, connection, "person", people.order_by(Person.id))
    files = select(BankFile.digest, BankFileKey.sealed).join(BankFileKey, BankFileKey.file_id == BankFile.id)
    _lines(sealer, connection, "bank_file", files.order_by(BankFile.id))
    gone = select(Person.number, Person.erased_at).where(Person.erased_at.is_not(None)).order_by(Person.id)
    known = erased.read(home)
    for number, at in connection.execute(gone, execution_options={"yield_per": AT_A_TIME}):
        if at is not None:
            known.setdefault(number, at)
    for number, at in known.items():
        sealer.add(json.dumps(["erased", number, at.astimezone(UTC).isoformat()]).encode())


def proven(path: Path, key: bytes) -> KeysFile:
    """Reads a file of keys to its end and returns who was erased; raises Refusal when it is spoilt."""
    gone: dict[str, datetime] = {}
    for what, number, value in _records(path, key):
        if what == "erased":
            gone[number] = datetime.fromisoformat(value)
    return KeysFile(path, key, gone)


class Keys:
    """Keys of people while a backup is put back: in temporary tables, so that memory does not grow with them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, numbers: list[str]) -> dict[str, str]:
        """Returns the sealed keys of people by number; those without one are left out."""
        wanted = select(_PEOPLE.c.mark, _PEOPLE.c.sealed).where(_PEOPLE.c.mark.in_(numbers))
        return {row.mark: row.sealed for row in self._connection.execute(wanted)}

    def settle(self) -> None:
        """Gives the restored people and bank files their keys."""
        people = select(Person.id, _PEOPLE.c.sealed).join(_PEOPLE, _PEOPLE.c.mark == Person.number)
        self._connection.execute(insert(PersonKey).from_select(["person_id", "sealed"], people))
        files = select(BankFile.id, _FILES.c.sealed).join(_FILES, _FILES.c.mark == BankFile.digest)
        self._connection.execute(insert(BankFileKey).from_select(["file_id", "sealed"], files))


@contextmanager
def at_hand(connection: Connection, file: KeysFile) -> Iterator[Keys]:
    """Gives the keys of a proven file while a backup is put back; without a file there are none."""
    for table in (_PEOPLE, _FILES):
        table.create(connection)
    lots: dict[str, list[dict[str, str]]] = {what: [] for what in _OF}
    for what, mark, value in _records(file.path, file.key) if file.path is not None else ():
        if what in lots:
            lots[what].append({"mark": mark, "sealed": value})
            _put(connection, what, lots[what], AT_A_TIME)
    for what, lot in lots.items():
        _put(connection, what, lot, 1)
    yield Keys(connection)
    for table in (_PEOPLE, _FILES):
        table.drop(connection)


def _put(connection: Connection, what: str, lot: list[dict[str, str]], enough: int) -> None:
    if len(lot) >= enough:
        connection.execute(insert(_OF[what]), lot)
        lot.clear()


def _lines(sealer: Sealer, connection: Connection, what: str, wanted: Any) -> None:
    asked = wanted.add_columns(literal(what))
    for mark, sealed, named in connection.execute(asked, execution_options={"yield_per": AT_A_TIME}):
        sealer.add(json.dumps([named, mark, sealed]).encode())


def _records(path: Path, key: bytes) -> Iterator[tuple[str, str, str]]:
    with path.open("rb") as file:
        sealed = Sealed(file)
        if sealed.header.get("kind") != KIND:
            raise Refusal("backup.keys", NOT_KEYS)
        for line in sealed.lines(key):
            what, number, value = json.loads(line)
            yield what, number, value

"""Export: everything that we hold of one person, as one frozen value; what may name others is marked.

Source: UK GDPR, article 15; other people's data is not handed over with it (article 15(4)).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Table, select

from grants.domain.data_classes import OTHERS, TABLES
from grants.domain.data_held import SHOWN, By, Class, Held
from grants.domain.redaction import may_name_others
from grants.flow.desk import Desk
from grants.flow.person_keys import open_bytes_for, open_for
from grants.flow.step import record
from grants.model import Base
from grants.model.belonging import theirs
from grants.model.people import Person
from grants.model.users import User


@dataclass(frozen=True, slots=True)
class Field:
    """One thing that we hold; ``look`` says that it may name somebody else, so that a person looks first.

    ``value`` is text, a number, yes or no, nothing, or lists and objects of those.
    """

    name: str
    kind: Class
    value: Any
    look: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One row of one table; ``number`` is its id."""

    table: str
    number: int
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that they sent: the name of its file, and its bytes."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Export:
    """All that we hold of one person, in the order of the tables."""

    number: str
    made_at: datetime
    rows: tuple[Row, ...]
    pictures: tuple[Picture, ...]

    @property
    def to_look_at(self) -> int:
        """Returns how many things may name somebody else."""
        return sum(field.look for row in self.rows for field in row.fields)


def export(desk: Desk, person_id: int) -> Export:
    """Returns everything of one person that a row of ours leads to, and writes down that it was taken out.

    Raises NotAllowed without ``data.answer``.
    """
    if desk.actor.kind != "system":
        desk.need("data.answer")
    person = desk.session.get_one(Person, person_id)
    maker = _Maker(desk, person)
    rows = tuple(row for table in Base.metadata.sorted_tables for row in maker.rows(table))
    record(desk, "person.exported", "person", person_id, rows=len(rows), pictures=len(maker.pictures))
    return Export(person.number, desk.now(), rows, tuple(maker.pictures))


class _Maker:
    """Reads rows of one person and opens what is sealed in them."""

    def __init__(self, desk: Desk, person: Person) -> None:
        self._desk = desk
        self._person = person
        self._known = self._others()
        self.pictures: list[Picture] = []

    def rows(self, table: Table) -> Iterator[Row]:
        """Yields the person's rows of a table, with what they are shown."""
        held = TABLES[table.name]
        if not held.to_person or not held.of(SHOWN):
            return
        found = select(table).where(theirs(table, self._person.id)).order_by(*table.primary_key)
        for row in self._desk.session.execute(found).mappings():
            values = dict(row)
            if table.name == "messages" and values["user_id"] is not None:
                continue
            fields = tuple(self._field(table, held, name, values) for name in held.of(SHOWN))
            yield Row(table.name, int(values["id"]), fields)

    def _field(self, table: Table, held: Held, name: str, values: dict[str, Any]) -> Field:
        column, kind = table.c[name], held.classes[name]
        value = self._opened(held, name, values, f"{table.name}-{values['id']}")
        worker = any(key.column.table.name == "users" for key in column.foreign_keys)
        words = kind in "RBSC" and isinstance(value, str | dict | list)
        named = words and (table.name, name) != ("people", "name") and self._names(value)
        others = bool(value) and (name in OTHERS or worker or named)
        return Field(name, kind, value, others)

    def _opened(self, held: Held, name: str, values: dict[str, Any], file: str) -> Any:
        value = values[name]
        by = held.sealed.get(name)
        if isinstance(value, bytes | memoryview):
            return self._picture(bytes(value), by, values, file)
        if by is not None and value:
            return open_for(self._desk, self._person.id, value) if by == "person" else self._desk.vault.open(value)
        return value.isoformat() if isinstance(value, date | datetime) else value

    def _picture(self, sealed: bytes, by: By | None, values: dict[str, Any], file: str) -> str:
        desk = self._desk
        data = desk.vault.open_bytes(sealed) if by == "vault" else open_bytes_for(desk, self._person.id, sealed)
        if not data:
            return ""
        name = f"{file}.{str(values['media_type']).rpartition('/')[2]}"
        self.pictures.append(Picture(name, data))
        return name

    def _names(self, value: Any) -> bool:
        return any(may_name_others(text, self._person.name, self._known) for text in _texts(value))

    def _others(self) -> frozenset[str]:
        """Returns the names of others whom we know around this person: helpers, whose account, people who work here."""
        names = set(self._desk.session.scalars(select(User.name)))
        for table, column in (("applications", "helper_name"), ("payees", "whose")):
            made = Base.metadata.tables[table]
            names |= set(self._desk.session.scalars(select(made.c[column]).where(theirs(made, self._person.id))))
        return frozenset(names - {""})


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)

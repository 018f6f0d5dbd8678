"""Loading rows: each table in turn, in lots, with what points back to its own table filled in last."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from psycopg.sql import SQL, Identifier
from sqlalchemy import Connection, func, select, sql

from grants.domain.errors import Refusal
from grants.keeping.backup import Kept
from grants.keeping.keys import Keys
from grants.keeping.personal import Ciphers, opened, put_in
from grants.keeping.rows import AT_A_TIME, own, reader, tables


class People:
    """Opens what a backup says of people, in lots, as far as their keys are there; else a row tells of nobody."""

    def __init__(self, keys: Keys, ciphers: Ciphers, personal: Mapping[str, Mapping[str, Any]]) -> None:
        """``personal`` are the sealed columns by table, each with what it holds when blank."""
        self.personal = personal
        self._keys = keys
        self._ciphers = ciphers

    def open(self, table: str, columns: list[str], rows: list[list[Any]]) -> None:
        """Takes the last value off each row, and puts what it seals, or what is blank, in its places."""
        blank = self.personal.get(table)
        if blank is None:
            return
        names = sorted(blank)
        places = [columns.index(name) for name in names]
        sealed = [row.pop() for row in rows]
        unknown = {seal[0] for seal in sealed if seal is not None and self._ciphers.known(seal[0]) is None}
        keys = self._keys.of(sorted(unknown)) if unknown else {}
        for row, seal in zip(rows, sealed, strict=True):
            if seal is not None:
                number, token = seal
                cipher = self._ciphers.of(number, keys[number]) if number in keys else self._ciphers.known(number)
                values = opened(cipher, token, table, len(places))
                nobody = {**blank, "name": number} if table == "people" else blank
                put_in(row, places, [nobody[name] for name in names] if values is None else values)


class Lot:
    """Some rows of one table on their way in. What points forward to its own table waits until all are there."""

    def __init__(self, connection: Connection, table: str, kinds: Mapping[str, str], people: People) -> None:
        """``kinds`` are the columns in the order of the lines, each with how its values are written."""
        self.table = table
        self.count = 0
        self._connection = connection
        self._columns = list(kinds)
        self._people = people
        self._turn = reader(list(kinds.values()), connection.engine.name)
        known = next((each for each in tables() if each.name == table), None)
        back = own(known) if known is not None else []
        self._pointing = [self._columns.index(name) for name in back if name in kinds]
        self._rows: list[list[Any]] = []
        self._later: list[tuple[str, Any, Any]] = []

    def add(self, values: list[Any]) -> None:
        """Takes one line’s values."""
        self._rows.append(values)
        self.count += 1
        if len(self._rows) >= AT_A_TIME:
            self.flush()

    def flush(self) -> None:
        """Opens what is gathered, and writes it."""
        if self._rows:
            self._people.open(self.table, self._columns, self._rows)
            put(self._connection, self.table, self._columns, [self._ready(row) for row in self._rows])
        self._rows = []

    def _ready(self, values: list[Any]) -> list[Any]:
        row = self._turn(values)
        for place in self._pointing:
            if row[place] is not None and row[place] >= row[0]:
                self._later.append((self._columns[place], row[place], row[0]))
                row[place] = None
        return row

    def close(self) -> None:
        """Writes the rest, then what pointed forward, and lets new rows be numbered after the last one."""
        self.flush()
        for column, value, number in self._later:
            there = sql.table(self.table, sql.column("id"), sql.column(column))
            self._connection.execute(there.update().where(there.c.id == number).values({column: value}))
        if self._connection.engine.name == "postgresql" and "id" in self._columns:
            number_on(self._connection, self.table)


def load(connection: Connection, kept: Kept, lines: Iterator[bytes], people: People) -> None:
    """Puts every row of a backup into the empty tables of its own revision, or raises Refusal ``backup.counts``."""
    lot: Lot | None = None
    counts: dict[str, int] = {}
    for line in lines:
        record = json.loads(line)
        if isinstance(record, list) and lot is not None:
            lot.add(record)
        elif "table" in record:
            _end(lot, counts)
            kinds = {column: kept.kinds[record["table"]][column] for column in record["columns"]}
            lot = Lot(connection, record["table"], kinds, people)
    _end(lot, counts)
    if counts != kept.counts:
        raise Refusal("backup.counts", "This backup does not hold the rows that it says. Use another copy.")


def put(connection: Connection, table: str, columns: Sequence[str], rows: list[list[Any]]) -> None:
    """Writes rows whose values are ready for the driver: by COPY on PostgreSQL."""
    raw: Any = connection.connection.driver_connection
    if connection.engine.name == "postgresql":
        names = SQL(", ").join(map(Identifier, columns))
        with raw.cursor() as cursor, cursor.copy(SQL("COPY {} ({}) FROM STDIN").format(Identifier(table), names)) as to:
            for row in rows:
                to.write_row(row)
        return
    into = sql.table(table, *[sql.column(name) for name in columns]).insert()
    raw.executemany(str(into.compile(dialect=connection.dialect)), rows)


def number_on(connection: Connection, table: str) -> None:
    """Sets the sequence of a table's ids to its last one."""
    there = sql.table(table, sql.column("id"))
    last = func.max(there.c.id)
    counter = func.pg_get_serial_sequence(table, "id")
    connection.execute(select(func.setval(counter, func.coalesce(last, 1), last.is_not(None))).select_from(there))


def _end(lot: Lot | None, counts: dict[str, int]) -> None:
    if lot is not None:
        lot.close()
        counts[lot.table] = lot.count

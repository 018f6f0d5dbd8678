"""Loading rows: each table in turn, in lots, with what points back to its own table filled in last."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from psycopg.sql import SQL, Identifier
from sqlalchemy import Connection, func, select, sql

from grants.domain.errors import Refusal
from grants.keeping.backup import Kept
from grants.keeping.rows import AT_A_TIME, own, reader, tables


class Lot:
    """Some rows of one table on their way in. What points forward to its own table waits until all are there."""

    def __init__(self, connection: Connection, table: str, kinds: Mapping[str, str]) -> None:
        """``kinds`` are the columns in the order of the lines, each with how its values are written."""
        self.table = table
        self.count = 0
        self._connection = connection
        self._columns = list(kinds)
        self._turn = reader(list(kinds.values()), connection.engine.name)
        known = next((each for each in tables() if each.name == table), None)
        back = own(known) if known is not None else []
        self._pointing = [self._columns.index(name) for name in back if name in kinds]
        self._rows: list[list[Any]] = []
        self._later: list[tuple[str, Any, Any]] = []

    def add(self, values: list[Any]) -> None:
        """Takes one line’s values."""
        row = self._turn(values)
        for place in self._pointing:
            if row[place] is not None and row[place] >= row[0]:
                self._later.append((self._columns[place], row[place], row[0]))
                row[place] = None
        self._rows.append(row)
        self.count += 1
        if len(self._rows) >= AT_A_TIME:
            self.flush()

    def flush(self) -> None:
        """Writes what is gathered."""
        if self._rows:
            put(self._connection, self.table, self._columns, self._rows)
        self._rows = []

    def close(self) -> None:
        """Writes the rest, then what pointed forward, and lets new rows be numbered after the last one."""
        self.flush()
        for column, value, number in self._later:
            there = sql.table(self.table, sql.column("id"), sql.column(column))
            self._connection.execute(there.update().where(there.c.id == number).values({column: value}))
        if self._connection.engine.name == "postgresql" and "id" in self._columns:
            number_on(self._connection, self.table)


def load(connection: Connection, kept: Kept, lines: Iterator[bytes]) -> None:
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
            lot = Lot(connection, record["table"], kinds)
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

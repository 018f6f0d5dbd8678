"""Rows as lines: one JSON list for each row, the same whichever database it came from or goes to."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import JSON, Boolean, Column, Connection, Date, LargeBinary, Table, Text, cast, func, select

from grants.model import Base
from grants.model.base import UtcDateTime

LEFT_OUT = frozenset({"buckets"})
"""Tables that hold only what is true for a moment: the pace that workers share."""

AT_A_TIME = 500
"""Rows read or written together."""

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

Fill = Callable[[Any], Any]


def tables() -> list[Table]:
    """Returns the tables that a backup holds, each after those that it points to."""
    return [table for table in Base.metadata.sorted_tables if table.name not in LEFT_OUT]


def kind(column: Column[Any]) -> str:
    """Returns how a column's values are written: time, date, bytes, json, yes or plain."""
    for found, name in ((UtcDateTime, "time"), (Date, "date"), (LargeBinary, "bytes"), (JSON, "json")):
        if isinstance(column.type, found):
            return name
    return "yes" if isinstance(column.type, Boolean) else "plain"


def own(table: Table) -> list[str]:
    """Returns the columns of a table that point to other rows of the same table."""
    return [column.name for column in table.columns if any(key.column.table is table for key in column.foreign_keys)]


def count(connection: Connection, table: Table) -> int:
    """Returns how many rows a table has."""
    return int(connection.scalar(select(func.count()).select_from(table)) or 0)


def written(connection: Connection, table: Table) -> Iterator[bytes]:
    """Yields every row of a table as a line, by primary key; memory does not grow with the table."""
    kinds = [kind(column) for column in table.columns]
    parts = [
        cast(column, Text) if each == "json" else column for column, each in zip(table.columns, kinds, strict=True)
    ]
    wanted = select(*parts).order_by(*table.primary_key)
    turn = lined(table)
    for row in connection.execute(wanted, execution_options={"yield_per": AT_A_TIME}):
        yield as_line(turn(list(row)))


def as_line(values: list[Any]) -> bytes:
    """Returns values as the JSON of one line."""
    return _encode(values).encode()


def lined(table: Table) -> Callable[[list[Any]], list[Any]]:
    """Returns what turns a row's values into those of its line, in place; JSON is text already."""
    plain = [(place, _WRITE[each]) for place, column in enumerate(table.columns) if (each := kind(column)) in _WRITE]

    def turn(values: list[Any]) -> list[Any]:
        for place, write in plain:
            if values[place] is not None:
                values[place] = write(values[place])
        return values

    return turn


def reader(kinds: Sequence[str], dialect: str) -> Callable[[list[Any]], list[Any]]:
    """Returns what turns a line's values into those that the driver of this database takes."""
    fills = _FOR_SQLITE if dialect == "sqlite" else _FOR_POSTGRESQL
    turns = [(place, fills[each]) for place, each in enumerate(kinds) if each in fills]

    def turn(values: list[Any]) -> list[Any]:
        for place, fill in turns:
            if values[place] is not None:
                values[place] = fill(values[place])
        return values

    return turn


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _sqlite_time(text: str) -> str:
    return _time(text).replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")


_WRITE: dict[str, Fill] = {
    "time": lambda value: value.isoformat(),
    "date": lambda value: value.isoformat(),
    "bytes": lambda value: base64.b64encode(value).decode(),
}
_FOR_SQLITE: dict[str, Fill] = {"time": _sqlite_time, "bytes": base64.b64decode, "yes": int}
_FOR_POSTGRESQL: dict[str, Fill] = {"time": _time, "date": date.fromisoformat, "bytes": base64.b64decode}

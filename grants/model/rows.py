"""Many rows in one statement: found, changed and added, in the way that each database does best.

On PostgreSQL all values travel as one JSON text, so a statement is the same for any number of rows and is prepared
once; SQLite takes one row after the other, inside the process.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any, cast

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Insert,
    Integer,
    Row,
    String,
    Table,
    TableValuedAlias,
    Text,
    Update,
    any_,
    bindparam,
    column,
    func,
    insert,
    inspect,
    literal,
    select,
    update,
)
from sqlalchemy import cast as sql_cast
from sqlalchemy.dialects.postgresql import JSON
from sqlalchemy.orm import InstrumentedAttribute, Session, make_transient_to_detached
from sqlalchemy.orm.attributes import set_committed_value

from grants.model.base import Base

PLACE, ROWS = "place", "given_rows"
"""Where among the rows one stands; the parameter that holds them all."""


def among(session: Session, attribute: InstrumentedAttribute[Any], values: Collection[Any]) -> ColumnElement[bool]:
    """Returns the condition that a column's value is one of these (whole numbers, or texts)."""
    if on_postgres(session):
        kind = BigInteger() if isinstance(attribute.type, Integer) else Text()
        return attribute == any_(sql_cast(literal(_array(values), Text()), ARRAY(kind)))
    listed = func.json_each(json.dumps(list(values))).table_valued("value")
    return attribute.in_(select(listed.c.value))


def change(session: Session, things: Sequence[Base], changes: Sequence[Mapping[str, object]]) -> None:
    """Writes what changes on many things of one table, one statement for all that change the same columns.

    ``changes`` holds, for each thing in order, its new values by attribute. What else waits in the session is written
    before; afterwards the things show what was written.
    """
    if not things:
        return
    session.flush()
    table = cast(Table, type(things[0]).__table__)
    alike: dict[tuple[str, ...], list[tuple[int, Mapping[str, object]]]] = {}
    for thing, changed in zip(things, changes, strict=True):
        alike.setdefault(tuple(changed), []).append((_number(thing), changed))
    for names, rows in alike.items():
        if names:
            _write(session, table, names, rows)
    for thing, changed in zip(things, changes, strict=True):
        for name, value in changed.items():
            set_committed_value(thing, name, value)


def add(
    session: Session, table: Table, rows: Sequence[Mapping[str, object]], given_back: Sequence[str] = ()
) -> Sequence[Row[Any]]:
    """Inserts rows that all have the same columns, in order; returns the columns to be given back, in any order."""
    if not rows:
        return ()
    back = [table.c[name] for name in given_back]
    if on_postgres(session):
        names = tuple(rows[0])
        made, values = _insert_of(table, names), _json({**row, PLACE: place} for place, row in enumerate(rows))
        return session.execute(made.returning(*back), values).all() if back else _none(session, made, values)
    made = insert(table)
    return session.execute(made.returning(*back), list(rows)).all() if back else _none(session, made, list(rows))


def put(session: Session, thing: Base) -> None:
    """Inserts one new thing straight into its table; from then on it is the session’s, as after a flush.

    For what everybody does, at a third of what a flush costs. What else waits in the session is written before.
    """
    session.flush()
    statement, nothing = _insert_into(cast(Table, type(thing).__table__))
    held = inspect(thing).dict
    made = session.connection().execute(statement, {name: held[name] for name in nothing if name in held})
    (number,) = made.inserted_primary_key or (None,)
    given = cast(Mapping[str, object], made.last_inserted_params())
    for name, value in {**nothing, **given, "id": number}.items():
        if name not in held:
            set_committed_value(thing, name, value)
    make_transient_to_detached(thing)
    session.add(thing)


def on_postgres(session: Session) -> bool:
    """Returns whether the session's database is PostgreSQL."""
    return session.get_bind().dialect.name == "postgresql"


def _number(thing: Base) -> int:
    (number,) = inspect(thing).identity or (0,)
    return int(number)


def _none(session: Session, made: Insert, values: Any) -> Sequence[Row[Any]]:
    session.execute(made, values)
    return ()


def _write(
    session: Session, table: Table, names: tuple[str, ...], rows: Sequence[tuple[int, Mapping[str, object]]]
) -> None:
    if on_postgres(session):
        values = _json({**changed, "id": number} for number, changed in rows)
        session.connection().execute(_update_of_many(table, names), values)
        return
    named = [{"row_id": number, **{f"new_{name}": changed[name] for name in names}} for number, changed in rows]
    session.connection().execute(_update_of_one(table, names), named)


@cache
def _insert_into(table: Table) -> tuple[Insert, Mapping[str, None]]:
    """Returns how a row comes into a table, and its columns with nothing in them."""
    return insert(table), {str(each.key): None for each in table.c}


@cache
def _update_of_one(table: Table, names: tuple[str, ...]) -> Update:
    changed: dict[str, Any] = {name: bindparam(f"new_{name}") for name in names}
    return update(table).where(table.c.id == bindparam("row_id")).values(changed)


@cache
def _update_of_many(table: Table, names: tuple[str, ...]) -> Update:
    given = _given([table.c[name] for name in ("id", *names)])
    return update(table).where(table.c.id == given.c.id).values({name: given.c[name] for name in names})


@cache
def _insert_of(table: Table, names: tuple[str, ...]) -> Insert:
    given = _given([*(table.c[name] for name in names), column(PLACE, Integer())])
    return insert(table).from_select(names, select(*(given.c[name] for name in names)).order_by(given.c[PLACE]))


def _given(columns: Sequence[ColumnElement[Any]]) -> TableValuedAlias:
    """Returns the rows of the one parameter; texts without a length, so that what is too long is refused, not cut."""
    plain = [column(str(each.key), Text() if isinstance(each.type, String) else each.type) for each in columns]
    rows = sql_cast(bindparam(ROWS, type_=Text()), JSON)
    return func.json_to_recordset(rows).table_valued(*plain).render_derived(name="given", with_types=True)


def _json(rows: Iterable[Mapping[str, object]]) -> dict[str, str]:
    return {ROWS: json.dumps(list(rows), default=_moment)}


def _moment(value: object) -> str:
    """Returns a day or a time as text; raises ValueError for a time without its zone, TypeError for anything else."""
    if isinstance(value, datetime) and value.tzinfo is None:
        raise ValueError("a time needs its time zone")
    if not isinstance(value, date):
        raise TypeError(f"{type(value).__name__} is no value of a row")
    return value.isoformat()


def _array(values: Iterable[object]) -> str:
    """Returns numbers or texts as PostgreSQL reads an array."""
    return f"{{{','.join(str(v) if isinstance(v, int) else _quoted(str(v)) for v in values)}}}"


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'

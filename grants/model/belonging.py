"""Belonging: whose row it is, as SQL, by the one table of data classes; and what a column holds when it is blank."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    LargeBinary,
    ScalarSelect,
    Table,
    and_,
    case,
    false,
    func,
    or_,
    select,
)

from grants.domain.data_classes import SUBJECTS, TABLES
from grants.model import Base


def person_of(table: Table) -> ColumnElement[int] | None:
    """Returns the id of the person whom a row of the table is about, as SQL; None where rows are about nobody."""
    way = TABLES[table.name].to_person
    if not way:
        return None
    if way == "subject":
        found = [
            (table.c.subject == subject, _followed(Base.metadata.tables[name], path, table.c.subject_id))
            for subject, (name, path) in SUBJECTS.items()
        ]
        return case(*found)
    ways = [_from(table, each) for each in way.split("|")]
    return func.coalesce(*ways) if len(ways) > 1 else ways[0]


def theirs(table: Table, *people: int) -> ColumnElement[bool]:
    """Returns the condition for the rows of a table that are about these people; it goes by the indexes."""
    way = TABLES[table.name].to_person
    if not way:
        return false()
    if way == "subject":
        return or_(*(_about(table, subject, people) for subject in SUBJECTS))
    return or_(*(_leads(table, each.split("."), people) for each in way.split("|")))


def blank(column: Column[Any]) -> Any:
    """Returns what a column holds that tells of nobody: what it starts with, nothing, or an empty value."""
    if column.default is not None and (column.default.is_scalar or column.default.is_callable):
        arg: Any = getattr(column.default, "arg", None)
        return arg(None) if callable(arg) else arg
    if column.nullable:
        return None
    if isinstance(column.type, LargeBinary):
        return b""
    return {} if isinstance(column.type, JSON) else ""


def _about(table: Table, subject: str, people: Sequence[int]) -> ColumnElement[bool]:
    name, path = SUBJECTS[subject]
    thing = Base.metadata.tables[name]
    ids = select(thing.c.id).where(_leads(thing, path.split("."), people))
    return and_(table.c.subject == subject, table.c.subject_id.in_(ids))


def _leads(table: Table, steps: list[str], people: Sequence[int]) -> ColumnElement[bool]:
    column = table.c[steps[0]]
    if len(steps) == 1:
        return column == people[0] if len(people) == 1 else column.in_(people)
    there = _target(column)
    return column.in_(select(there.c.id).where(_leads(there, steps[1:], people)))


def _from(table: Table, path: str) -> ColumnElement[int]:
    first, _, rest = path.partition(".")
    return _followed(_target(table.c[first]), rest, table.c[first]) if rest else table.c[first]


def _followed(table: Table, path: str, number: ColumnElement[int]) -> ScalarSelect[int]:
    """Returns the person whom the row of this number in a table leads to."""
    one = table.alias()
    first, _, rest = path.partition(".")
    wanted = _followed(_target(table.c[first]), rest, one.c[first]) if rest else one.c[first]
    return select(wanted).where(one.c.id == number).scalar_subquery()


def _target(column: Column[Any]) -> Table:
    (key,) = column.foreign_keys
    return key.column.table

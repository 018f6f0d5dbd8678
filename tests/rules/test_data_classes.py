"""Every column has a class, and nothing else is in the table of classes; rows lead where the table says."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from sqlalchemy import JSON, Column, LargeBinary, Table, Text

import grants
from grants.domain.data_classes import KEYS, OTHERS, SUBJECTS, TABLES
from grants.domain.data_held import CLASSES, PERSONAL, page
from grants.model import Base
from grants.model.belonging import blank, person_of, theirs

ROOT = Path(grants.__file__).parent

TABLES_MADE = list(Base.metadata.sorted_tables)

OF_NOBODY = {
    *("bank", "bank_file", "books", "choice", "draw", "error", "float", "freeze", "fund", "funder", "hint", "key"),
    *(
        "line",
        "look_back_month",
        "language_review",
        "message_words",
        "policy",
        "rail",
        "run",
        "suspense",
        "task",
        "turned_down",
        "user",
    ),
    *("subject", "kind", "proposal", "credit", "method", "account", "verification"),
}
"""Subjects of events and tasks that are about the charity, a run, a fund: not about one person."""


def test_every_column_has_a_class_and_nothing_else_is_classed() -> None:
    made = {f"{table.name}.{column.name}" for table in TABLES_MADE for column in table.columns}
    classed = {f"{name}.{column}" for name, held in TABLES.items() for column in held.classes}
    assert made - classed == set(), "class these in grants/domain/data_classes.py"
    assert classed - made == set(), "these are no more"
    assert {each for held in TABLES.values() for each in held.classes.values()} == set(CLASSES)


@pytest.mark.parametrize("table", TABLES_MADE, ids=lambda table: table.name)
def test_a_row_leads_to_its_person_both_ways(table: Table) -> None:
    held = TABLES[table.name]
    assert (person_of(table) is None) == (held.to_person == "")
    if held.to_person:
        assert "person" in str(person_of(table)) or table.name == "people"
        assert str(theirs(table, 1))
    elif table.name != "bank_files":
        assert not held.of(PERSONAL), "who is it about?"


@pytest.mark.parametrize("table", TABLES_MADE, ids=lambda table: table.name)
def test_what_tells_of_a_person_can_be_blank(table: Table) -> None:
    for name in TABLES[table.name].personal:
        column: Column[object] = table.columns[name]
        empty = blank(column)
        assert empty is not None or column.nullable, name
        for fixed in (column.unique, column.primary_key, column.foreign_keys):
            assert not fixed, name
        if isinstance(column.type, Text | LargeBinary | JSON):
            assert not empty, f"{name} starts with something"
    held = TABLES[table.name]
    assert set(held.sealed) <= set(held.classes)
    sealed = {column.name for column in table.columns if column.name == "sealed"}
    assert sealed <= set(held.sealed) or table.name == "bank_files", "sealed by what?"


def test_people_who_are_no_recipients_are_known_by_their_columns() -> None:
    assert {column.name for table in TABLES_MADE for column in table.columns} >= OTHERS
    assert set(KEYS) <= set(TABLES)


def test_events_and_tasks_are_about_something_known() -> None:
    """A new subject leads to a person, or is said to be about nobody; else nobody would be shown or erased by it."""
    written: dict[str, str] = {}
    for path in sorted((ROOT / "flow").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name = getattr(node.func, "id", "") if isinstance(node, ast.Call) else ""
            if (
                isinstance(node, ast.Call)
                and name in ("record", "new_task", "open_task", "_note")
                and len(node.args) > 2
            ):
                subject = node.args[2]
                if isinstance(subject, ast.Constant) and isinstance(subject.value, str):
                    written[subject.value] = f"{path.name}:{node.lineno}"
    assert len(written) > 20
    assert {name: place for name, place in written.items() if name not in SUBJECTS and name not in OF_NOBODY} == {}
    for name, way in SUBJECTS.values():
        assert set(way.split(".")[:1]) <= set(TABLES[name].classes)


def test_the_page_of_classes_tells_of_every_table() -> None:
    told = page(TABLES)
    assert all(f"| `{table.name}` |" in told for table in TABLES_MADE)
    assert "account_number" not in told, "columns alone, never a value"

"""A link of the chain: SHA-256 over a tag, the digest before, and the sealed row in one fixed form.

The form names its columns one by one and is the same on both databases, so a chain outlives a backup that
goes from one to the other. A later form gets another tag. A journal is sealed with its lines, and these with
the names of their accounts.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, cast

from sqlalchemy import Column, ColumnElement, Table, select
from sqlalchemy.orm import Session

from grants.model.books import Account, Journal, Line, Seal
from grants.model.events import EventRow

EVENT, JOURNAL = "event", "journal"
SOURCES = (EVENT, JOURNAL)

START = "0" * 64
"""The digest before the first."""

_EVENTS, _JOURNALS, _LINES, _ACCOUNTS = (cast(Table, model.__table__) for model in (EventRow, Journal, Line, Account))
SEALS = cast(Table, Seal.__table__)

_FORMS = {
    EVENT: ("id", "at", "name", "subject", "subject_id", "actor_kind", "actor_id", "why", "data"),
    JOURNAL: ("id", "key", "kind", "posted_on", "at", "fund_id", "grant_id", "attempt_id", "why"),
}
"""The sealed columns, in order. Never changed: another form is another tag."""

TABLES = {EVENT: _EVENTS, JOURNAL: _JOURNALS}

_COLUMNS = {source: [TABLES[source].c[name] for name in names] for source, names in _FORMS.items()}

_TAGS = {source: f"grants chain 1 {source}\x00".encode() for source in SOURCES}

Form = list[Any]
"""One row as it is sealed."""


@dataclass(frozen=True, slots=True)
class Head:
    """The newest link: how many there are, and the digest that proves them all."""

    number: int
    digest: str
    at: datetime

    def __str__(self) -> str:
        return f"{self.at.astimezone(UTC).isoformat(timespec='seconds')} {self.number} {self.digest}"


def digest(before: str, number: int, at: datetime, source: str, row_id: int, row: Form) -> str:
    """Returns the digest of a link: of the one before, the link’s own number and time, and the whole row."""
    text = _encoder.encode([number, at, row_id, row]).encode()
    return hashlib.sha256(_TAGS[source] + bytes.fromhex(before) + text).hexdigest()


def forms(session: Session, source: str, ids: Sequence[int]) -> dict[int, Form]:
    """Returns rows of one source as they are sealed, by id; an id that is not there is left out."""
    if not ids:
        return {}
    columns = _COLUMNS[source]
    found = {row[0]: list(row) for row in session.execute(select(*columns).where(_among(columns[0], ids)))}
    if source == JOURNAL:
        _add_lines(session, found, _among(_LINES.c.journal_id, ids))
    return found


def head(session: Session) -> Head | None:
    """Returns the newest link, or None when nothing is sealed yet."""
    row = session.execute(select(SEALS.c.id, SEALS.c.digest, SEALS.c.at).order_by(SEALS.c.id.desc()).limit(1)).first()
    return Head(*row) if row is not None else None


def _among(column: Column[Any], ids: Sequence[int]) -> ColumnElement[bool]:
    """Returns the condition that a column holds one of these ids, or lies among them when they lie close together."""
    low, high = min(ids), max(ids)
    return column.between(low, high) if high - low < 2 * len(ids) else column.in_(ids)


def _add_lines(session: Session, journals: dict[int, Form], wanted: ColumnElement[bool]) -> None:
    for form in journals.values():
        form.append([])
    lines = (
        select(
            _LINES.c.journal_id,
            _LINES.c.id,
            _LINES.c.account_id,
            _ACCOUNTS.c.name,
            _ACCOUNTS.c.currency,
            _LINES.c.amount,
        )
        .join(_ACCOUNTS, _ACCOUNTS.c.id == _LINES.c.account_id)
        .where(wanted)
        .order_by(_LINES.c.id)
    )
    for number, *line in session.execute(lines):
        if number in journals:
            journals[number][-1].append(line)


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat(timespec="microseconds")
    assert isinstance(value, date)
    return value.isoformat()


_encoder = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True, default=_plain)

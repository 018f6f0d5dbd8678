"""Forget, continued: what people told beside their grants, how they were reached, and links and codes that ended.

What is counted in lots writes one event with its count: an event for each message would say more than it forgets.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Table, delete, exists, func, or_, select, update

from grants.domain.data_classes import SUBJECTS, TABLES
from grants.flow.desk import Desk
from grants.flow.step import record
from grants.model import Base
from grants.model.belonging import blank, theirs

WORDS_DAYS = 90
"""Days that words and addresses stay after a matter is closed, a message went, or a picture came."""

LINK_DAYS = 30
"""Days that links, codes and proofs of a new way to be reached stay after they ended."""

KEPT_WITHOUT_NAME = frozenset({"people", "incidents", "drawn", "looked_back"})
"""Tables whose words stay when a name goes: those name nobody, and the charity answers for them longer."""


def forget_told(desk: Desk, limit: int) -> int:
    """Forgets what is due, at most ``limit`` rows of each table, and returns how many were forgotten."""
    words = desk.now() - timedelta(days=WORDS_DAYS)
    ended = desk.now() - timedelta(days=LINK_DAYS)
    t = Base.metadata.tables
    calls, asked, tasks, sent = t["help_calls"].c, t["data_requests"].c, t["tasks"].c, t["messages"].c
    gone = func.coalesce(sent.sent_at, sent.gave_up_at, sent.printed_at)
    about = tasks.subject.in_(SUBJECTS)
    return (
        _blank(desk, "help_calls", calls.closed_at < words, limit)
        + _blank(desk, "data_requests", asked.closed_at < words, limit)
        + _blank(desk, "tasks", about & (tasks.closed_at < words), limit)
        + _blank(desk, "messages", (gone < words) & (sent.to != ""), limit)
        + _blank(desk, "referrals", _over("referrals", ended, "used_at", "withdrawn_at"), limit)
        + _delete(desk, "story_pictures", _for_nobody(words), limit)
        + _delete(desk, "contact_changes", _over("contact_changes", ended, "applied_at", "dropped_at"), limit)
        + _delete(desk, "letter_codes", _over("letter_codes", ended, "used_at", "revoked_at"), limit)
        + _delete(desk, "links", _over("links", ended, "revoked_at"), limit)
    )


def forget_with_name(desk: Desk, person_ids: Sequence[int]) -> None:
    """Blanks, for people whose name goes, all words of theirs that are left; their stories and pictures go as well."""
    for name, held in TABLES.items():
        if not held.personal or name in KEPT_WITHOUT_NAME or not person_ids:
            continue
        table = Base.metadata.tables[name]
        if held.whole:
            desk.session.execute(delete(table).where(theirs(table, *person_ids)))
        else:
            desk.session.execute(update(table).where(theirs(table, *person_ids)).values(_empty(table)))


def _blank(desk: Desk, name: str, due: ColumnElement[bool], limit: int) -> int:
    table = Base.metadata.tables[name]
    empty = _empty(table)
    says = or_(*(table.c[column] != value for column, value in empty.items()))
    ids = list(desk.session.scalars(select(table.c.id).where(due, says).limit(limit)))
    if ids:
        desk.session.execute(update(table).where(table.c.id.in_(ids)).values(empty))
        record(desk, "words.forgotten", "books", 0, table=name, count=len(ids))
    return len(ids)


def _delete(desk: Desk, name: str, due: ColumnElement[bool], limit: int) -> int:
    table = Base.metadata.tables[name]
    ids = list(desk.session.scalars(select(table.c.id).where(due).limit(limit)))
    if ids:
        desk.session.execute(delete(table).where(table.c.id.in_(ids)))
        record(desk, "rows.forgotten", "books", 0, table=name, count=len(ids))
    return len(ids)


def _over(name: str, before: datetime, *ends: str) -> ColumnElement[bool]:
    columns = Base.metadata.tables[name].c
    return or_(columns.expires_at < before, *(columns[end] < before for end in ends))


def _for_nobody(before: datetime) -> ColumnElement[bool]:
    """Says which pictures came long ago and may be shown to nobody: no consent to their story stands."""
    pictures, consents = Base.metadata.tables["story_pictures"].c, Base.metadata.tables["consents"].c
    stands = exists().where(consents.story_id == pictures.story_id, consents.withdrawn_at.is_(None))
    return (pictures.added_at < before) & ~stands


def _empty(table: Table) -> dict[str, Any]:
    return {name: blank(table.c[name]) for name in TABLES[table.name].personal}

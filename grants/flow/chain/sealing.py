"""Sealing: each event and journal gets its link, once, soon after it was committed.

Rows are sealed in the order of their ids as they become visible. On PostgreSQL a transaction may commit after
others with higher ids: such late rows are looked for under the newest sealed id and sealed after them. One
that stands there unsealed for longer than any transaction lasts was put in afterwards: it is never sealed,
so the check goes on naming it. On SQLite writers go one by one and nothing comes late.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, exists, func, insert, select
from sqlalchemy.orm import Session

from grants.flow.chain.links import SEALS, SOURCES, START, TABLES, digest, forms, head
from grants.flow.desk import Desk
from grants.flow.one_by_one import one_by_one

LOT = 1000
"""Rows of each source sealed in one transaction."""

NEAR = 2000
"""How many ids under the newest sealed one are looked at each time for rows that came late."""

LATE = timedelta(hours=3)
"""After so long no transaction is still open: a row that is unsealed among sealed ones was put in."""


@dataclass(frozen=True, slots=True)
class Unsealed:
    """How many rows wait for their link, and since when the oldest does."""

    count: int
    since: datetime | None


def seal(desk: Desk, lot: int = LOT, *, sweep: bool = False) -> int:
    """Seals what waits, at most so many rows of each source, and returns how many it sealed.

    Everybody else who seals waits until this transaction ends. ``sweep`` looks for late rows everywhere.
    """
    one_by_one(desk, "seal the chain")
    session, now = desk.session, desk.now()
    last = head(session)
    number, before = (last.number, last.digest) if last else (0, START)
    links = []
    for source in SOURCES:
        ids = list(_wanting(session, source, now, lot, sweep=sweep))
        rows = forms(session, source, ids)
        for row_id in ids:
            number += 1
            before = digest(before, number, now, source, row_id, rows[row_id])
            links.append({"id": number, "source": source, "row_id": row_id, "digest": before, "at": now})
    if links:
        session.execute(insert(SEALS), links)
    return len(links)


def unsealed(session: Session) -> Unsealed:
    """Returns what waits for its link after the newest sealed row of each source."""
    count, since = 0, None
    for source in SOURCES:
        table = TABLES[source]
        found = select(func.count(), func.min(table.c.at)).where(table.c.id > top(session, source))
        more, oldest = session.execute(found).one()
        count += more
        since = min(filter(None, (since, oldest)), default=None)
    return Unsealed(count, since)


def top(session: Session, source: str) -> int:
    """Returns the highest sealed id of a source; 0 when none is sealed."""
    return session.scalar(select(func.max(SEALS.c.row_id)).where(SEALS.c.source == source)) or 0


def without_link(source: str) -> ColumnElement[bool]:
    """Returns the condition that a row of this source has no link."""
    return ~exists().where(SEALS.c.source == source, SEALS.c.row_id == TABLES[source].c.id)


def comes_late(session: Session) -> bool:
    """Returns whether rows may become visible after others with higher ids."""
    return session.get_bind().dialect.name == "postgresql"


def _wanting(session: Session, source: str, now: datetime, lot: int, *, sweep: bool) -> Iterator[int]:
    table, newest = TABLES[source], top(session, source)
    if newest and comes_late(session):
        low = 0 if sweep else newest - NEAR
        late = select(table.c.id).where(
            table.c.id > low, table.c.id < newest, table.c.at > now - LATE, without_link(source)
        )
        yield from session.scalars(late.order_by(table.c.id).limit(lot))
    yield from session.scalars(select(table.c.id).where(table.c.id > newest).order_by(table.c.id).limit(lot))

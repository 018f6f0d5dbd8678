"""Proving the chain: every link is worked out again from the first row, and what does not fit is named.

What a chain alone cannot show: that its end was cut off together with the rows, or that somebody with the
whole database worked out a new end. Both show against a head that was exported earlier and kept elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from grants.flow.chain.links import SEALS, SOURCES, START, TABLES, Form, Head, digest, forms
from grants.flow.chain.sealing import LATE, comes_late, top, without_link

Kind = Literal["changed", "deleted", "inserted", "swapped", "link", "cut", "rebuilt"]

PAGE = 2000

SHOWN = 20
"""How many findings of one kind are told."""

WORDS: dict[Kind, str] = {
    "changed": "{source} {row} is not as it was sealed",
    "deleted": "{source} {row} is gone",
    "inserted": "{source} {row} was put in among sealed ones",
    "swapped": "{source} {row} changed places with another",
    "link": "link {row} of the chain is missing or not as it was made",
    "cut": "link {row} is known from outside and gone: the end was cut off",
    "rebuilt": "link {row} is another than the one known from outside: the end was made anew",
}


@dataclass(frozen=True, slots=True)
class Wrong:
    """One thing that does not fit: of which kind, in which source, at which row (or link)."""

    kind: Kind
    source: str
    row: int

    def __str__(self) -> str:
        return f"C {WORDS[self.kind].format(source=self.source, row=self.row)}"


@dataclass(slots=True)
class Verdict:
    """What a proof found: how many links there are, the newest, and what is wrong, first things first."""

    links: int = 0
    digest: str = START
    wrong: list[Wrong] = field(default_factory=list)

    def add(self, kind: Kind, source: str, row: int) -> None:
        """Adds a finding, unless there are many of its kind already."""
        if sum(1 for each in self.wrong if each.kind == kind) < SHOWN:
            self.wrong.append(Wrong(kind, source, row))

    def first(self) -> dict[Kind, Wrong]:
        """Returns the first finding of each kind."""
        return {each.kind: each for each in reversed(self.wrong)}


class _Link(NamedTuple):
    id: int
    source: str
    row_id: int
    digest: str
    at: datetime


@dataclass(slots=True)
class _Odd:
    """A link whose digest is another than its row gives: which of the two was changed is seen at the next."""

    link: _Link
    row: Form
    before: str
    due: str


def verify(session: Session, now: datetime, heads: Iterable[Head] = ()) -> Verdict:
    """Works out the whole chain again and returns what it found; heads from outside prove the end as well."""
    verdict = Verdict()
    known = {head.number: head.digest for head in heads}
    odd = list(_links(session, verdict, known))
    for each in odd:
        kind: Kind = "swapped" if any(_fits(each, other) for other in odd if other is not each) else "changed"
        verdict.add(kind, each.link.source, each.link.row_id)
    for number in sorted(number for number in known if number > verdict.links):
        verdict.add("cut", "", number)
    for source in SOURCES:
        for row_id in _put_in(session, source, now):
            verdict.add("inserted", source, row_id)
    return verdict


def _links(session: Session, verdict: Verdict, known: dict[int, str]) -> Iterator[_Odd]:
    """Goes through the links; yields those whose row was changed, and adds to the verdict what else is wrong."""
    before: str | None = START
    doubt: _Odd | None = None
    for page in _pages(session):
        rows = {
            source: forms(session, source, [link.row_id for link in page if link.source == source])
            for source in SOURCES
        }
        for link in page:
            if link.id != verdict.links + 1:
                verdict.add("link", "", verdict.links + 1)
                before = None
            if known.get(link.id, link.digest) != link.digest:
                verdict.add("rebuilt", "", link.id)
            row = rows.get(link.source, {}).get(link.row_id)
            due = _due(link, row, before)
            if doubt is not None:
                if row is not None and _due(link, row, doubt.due) == link.digest != due:
                    verdict.add("link", "", doubt.link.id)
                    due = link.digest
                else:
                    yield doubt
                doubt = None
            if row is None:
                verdict.add("deleted", link.source, link.row_id)
            elif due is not None and due != link.digest:
                doubt = _Odd(link, row, before or START, due)
            before = link.digest
            verdict.links, verdict.digest = link.id, link.digest
    if doubt is not None:
        yield doubt


def _due(link: _Link, row: Form | None, before: str | None) -> str | None:
    if row is None or before is None:
        return None
    return digest(before, link.id, link.at, link.source, link.row_id, row)


def _fits(one: _Odd, other: _Odd) -> bool:
    """Returns whether one link fits the other’s row under its own id: then the two changed places."""
    if one.link.source != other.link.source:
        return False
    row = [one.row[0], *other.row[1:]]
    return _due(one.link, row, one.before) == one.link.digest


def _pages(session: Session) -> Iterator[Sequence[_Link]]:
    columns = (SEALS.c.id, SEALS.c.source, SEALS.c.row_id, SEALS.c.digest, SEALS.c.at)
    after = 0
    wanted = select(*columns).order_by(SEALS.c.id).limit(PAGE)
    while page := [_Link._make(row) for row in session.execute(wanted.where(SEALS.c.id > after))]:
        yield page
        after = page[-1].id


def _put_in(session: Session, source: str, now: datetime) -> Iterator[int]:
    table = TABLES[source]
    found = select(table.c.id).where(table.c.id < top(session, source), without_link(source))
    if comes_late(session):
        found = found.where(table.c.at <= now - LATE)
    yield from session.scalars(found.order_by(table.c.id).limit(SHOWN))

"""The books as a file: every journal with its lines, as a table or in Beancount’s language; nobody is in it by name.

What people wrote stays out: a journal is told by its kind, its day, its accounts, its fund and its grant’s
reference. Everything is read in one snapshot, so that what is asserted at the end is what was written above it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain
from typing import Any, Literal

from sqlalchemy import ColumnElement, String, and_, case, cast, func, literal, select, true

from grants.domain.errors import Refusal
from grants.domain.journals import KINDS
from grants.exports import beancount
from grants.exports.tables import write_ledger
from grants.flow.audit import account_words
from grants.flow.desk import Desk
from grants.flow.step import record
from grants.model.books import Account, Journal, Line
from grants.model.funds import Fund
from grants.model.grants import Grant

Form = Literal["csv", "beancount"]

MEDIA_TYPES: dict[Form, str] = {"csv": "text/csv", "beancount": "text/plain"}

BATCH = 1000
"""Rows that are in memory at a time."""

Row = dict[str, Any]

Follow = Callable[[Iterable[Row], int], Iterator[Row]]


@dataclass(frozen=True, slots=True)
class Span:
    """Which journals: from a day on, and up to and with a day; None stands for no limit."""

    since: date | None = None
    until: date | None = None

    def __post_init__(self) -> None:
        """Raises Refusal where the last day lies before the first."""
        if self.since and self.until and self.until < self.since:
            raise Refusal("ledger.span", "The last day is before the first. Check both days.", "until")


ALL = Span()


def note_taken(desk: Desk, form: Form, span: Span) -> None:
    """Writes down that somebody takes the books away as a file."""
    desk.need("books.take", "Your role does not include taking the books away. Ask finance.")
    days = {name: day.isoformat() for name, day in (("since", span.since), ("until", span.until)) if day}
    record(desk, "books.taken", "books", 0, form=form, **days)


def file_name(form: Form, span: Span) -> str:
    """Returns what the file is called: ``ledger-2026-04-01-2027-03-31.csv``."""
    days = "".join(f"-{day}" for day in (span.since, span.until) if day)
    return f"ledger{days}.{form}"


def snapshot(desk: Desk) -> None:
    """Lets all that this session reads from now on be of one moment; call it before the session reads anything."""
    if desk.session.get_bind().dialect.name == "postgresql":
        desk.session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


def write(desk: Desk, form: Form, span: Span, follow: Follow | None = None) -> Iterator[bytes]:
    """Yields the file in blocks, in constant memory; ``follow`` is given the lines and how many there are."""
    lines = rows(desk, span) if follow is None else follow(rows(desk, span), count(desk, span))
    if form == "csv":
        yield from write_ledger(lines)
        return
    first, last = desk.session.execute(select(func.min(Journal.on), func.max(Journal.on)).where(within(span))).one()
    begins = span.since or first or desk.today()
    head = beancount.Head(
        title=f"The books of {desk.settings.charity_name}",
        currencies=tuple(desk.session.scalars(select(Account.currency).distinct().order_by(Account.currency))),
        begins=begins,
        ends=max(span.until or last or begins, begins),
    )
    before = begins - timedelta(days=1)
    carried = beancount.brought_forward(balances(desk, before, span.until), begins) if span.since else iter(())
    opens, closes = balances(desk, before, span.until), balances(desk, span.until, span.until)
    yield from beancount.write(head, opens, chain(carried, lines), closes)


def rows(desk: Desk, span: Span = ALL) -> Iterator[Row]:
    """Yields one dict a line of the books, in the order of posting, in constant memory; amounts in minor units."""
    wanted = (
        select(
            Journal.id.label("journal"),
            Journal.on.label("day"),
            Journal.kind.label("kind"),
            Journal.key.label("key"),
            Account.name.label("account"),
            Account.currency.label("currency"),
            Line.amount.label("amount"),
            func.coalesce(Fund.name, "").label("fund"),
            func.coalesce(Grant.reference, "").label("grant"),
        )
        .join(Line, Line.journal_id == Journal.id)
        .join(Account, Account.id == Line.account_id)
        .outerjoin(Fund, Fund.id == Journal.fund_id)
        .outerjoin(Grant, Grant.id == Journal.grant_id)
        .where(within(span))
        .order_by(Journal.id, Line.id)
    )
    for row in desk.session.execute(wanted, execution_options={"yield_per": BATCH}).mappings():
        yield {**row, "what": KINDS.get(row["kind"], row["kind"]), "words": account_words(row["account"])}


def count(desk: Desk, span: Span) -> int:
    """Returns how many rows ``rows`` will yield, for a progress bar."""
    counted = select(func.count()).select_from(Line).join(Journal, Journal.id == Line.journal_id).where(within(span))
    return desk.session.scalar(counted) or 0


def balances(desk: Desk, last: date | None, known: date | None = None) -> Iterator[Row]:
    """Yields every account with its balance at the end of the day ``last`` (None: now), in constant memory.

    Accounts are those with a line up to the day ``known``.
    """
    counted = case((Journal.on <= last, Line.amount), else_=0) if last else Line.amount
    of_fund = and_(Account.kind == "F", Account.name == literal("F.") + cast(Fund.id, String))
    wanted = (
        select(Account.name, Account.currency, func.sum(counted).label("balance"), func.max(Fund.name).label("fund"))
        .join(Line, Line.account_id == Account.id)
        .join(Journal, Journal.id == Line.journal_id)
        .outerjoin(Fund, of_fund)
        .where(within(Span(until=known)))
        .group_by(Account.id, Account.name, Account.currency)
        .order_by(Account.id)
    )
    for row in desk.session.execute(wanted, execution_options={"yield_per": BATCH}).mappings():
        yield {**row, "balance": int(row["balance"]), "words": row["fund"] or account_words(row["name"])}


def within(span: Span) -> ColumnElement[bool]:
    """Returns the SQL condition “the journal was posted in this span”."""
    sides = [Journal.on >= span.since] if span.since else []
    return and_(true(), *sides, *([Journal.on <= span.until] if span.until else []))

"""The year’s end: what the trustees’ accounts need, made from postings up to that day alone; nobody is named.

Restricted funds and their movements, grants owed with those that still hang on a condition apart, and grants to
people by number and purpose follow the Charities SORP (FRS 102). The accounts are published, so small numbers of
people are hidden here as they are wherever figures leave the house.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta

from sqlalchemy import ColumnElement, and_, case, exists, func, select

from grants.domain.codes import PURPOSES
from grants.domain.suppress import protect
from grants.domain.years import Year, ending_in, year_of
from grants.flow.confirm.conditions import HOLDS
from grants.flow.desk import Desk
from grants.flow.learn.rows import SMALLEST
from grants.flow.step import record
from grants.ledger import accounts
from grants.model.applications import Application
from grants.model.asks import GrantAsk
from grants.model.books import Account, Journal, Line
from grants.model.events import EventRow
from grants.model.funds import Fund
from grants.model.grants import Grant
from grants.model.payments import Attempt, Payment
from grants.model.safety import Incident

CAME, GIVEN_BACK, AWARDED, CANCELLED, RETURNED = "J0", "J11", "J1", "J8", "J14"

COSTS = ("J9", "J13")
"""How kinds of journals begin that let a fund bear a fee or a loss."""

OWED = ("L.payable", "L.in_flight")


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """One fund over the year, in minor units; each amount counts as it changed the fund: what left it is below zero.

    ``brought`` and all changes together make ``carried``. ``other`` is what no column names: corrections.
    """

    fund: Fund
    brought: int = 0
    came: int = 0
    given_back: int = 0
    awarded: int = 0
    cancelled: int = 0
    costs: int = 0
    returned: int = 0
    other: int = 0
    carried: int = 0

    @property
    def restricted(self) -> bool:
        """Returns whether the funder wrote down what the money is for."""
        return bool(self.fund.restriction.strip())


@dataclass(frozen=True, slots=True)
class Commitment:
    """What is owed on grants of one fund as the year ends; ``conditional`` may be held by a condition still open."""

    fund: Fund
    unconditional: int = 0
    conditional: int = 0


@dataclass(frozen=True, slots=True)
class Purpose:
    """Grants to people for one main purpose; a hidden row tells nothing."""

    words: str
    hidden: bool = False
    count: int = 0
    amount: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """One currency as the year ends; ``purposes`` is None where too few people are in it to show anything.

    ``fees`` and ``losses`` are those of the year that no fund bore; ``incidents`` are how many and how much.
    """

    currency: str
    movements: tuple[Movement, ...] = ()
    commitments: tuple[Commitment, ...] = ()
    grants: int = 0
    granted: int = 0
    purposes: tuple[Purpose, ...] | None = ()
    places: Mapping[str, int] = field(default_factory=dict)
    suspense: int = 0
    fees: int = 0
    losses: int = 0
    incidents: tuple[int, int] = (0, 0)

    @property
    def few(self) -> bool:
        """Returns whether so few grants were made that even their number is not told."""
        return 0 < self.grants < SMALLEST


@dataclass(frozen=True, slots=True)
class Pack:
    """Everything of one year, one book for each currency."""

    year: Year
    books: tuple[Book, ...]


def pack(desk: Desk, year: Year) -> Pack:
    """Returns the year’s figures from what was posted up to its last day; six statements."""
    funds = desk.session.scalars(select(Fund).order_by(Fund.name, Fund.id)).all()
    moved, owed = _movements(desk, year, funds), _commitments(desk, year, funds)
    kinds, granted, incidents = _kinds(desk, year), _granted(desk, year), _incidents(desk, year)
    names = sorted({fund.currency for fund in funds} | set(kinds))
    return Pack(year, tuple(_book(name, moved, owed, kinds, granted, incidents) for name in names))


def years(desk: Desk) -> list[Year]:
    """Returns the years that have a posting, and the one that runs now, newest first; one statement."""
    end = desk.settings.year_end
    first = desk.session.scalar(select(func.min(Journal.on))) or desk.today()
    last = year_of(desk.today(), end).last.year
    return [ending_in(year, end) for year in range(last, year_of(first, end).last.year - 1, -1)]


def note_taken(desk: Desk, year: Year) -> None:
    """Writes down that somebody takes the year’s figures away as a file."""
    desk.need("books.take", "Your role does not include taking the books away. Ask finance.")
    record(desk, "books.year_taken", "books", 0, year=year.last.isoformat())


def _book(
    currency: str,
    moved: Sequence[Movement],
    owed: Sequence[Commitment],
    kinds: Mapping[str, Mapping[str, tuple[int, int]]],
    granted: Mapping[str, Mapping[str, tuple[int, int]]],
    incidents: Mapping[str, tuple[int, int]],
) -> Book:
    sums, purposes = kinds.get(currency, {}), granted.get(currency, {})
    ends = {kind: end for kind, (end, _) in sums.items()}
    return Book(
        currency=currency,
        movements=tuple(each for each in moved if each.fund.currency == currency),
        commitments=tuple(each for each in owed if each.fund.currency == currency),
        grants=sum(count for count, _ in purposes.values()),
        granted=sum(amount for _, amount in purposes.values()),
        purposes=_purposes(purposes),
        places={kind: end for kind, end in ends.items() if kind.startswith("A.") and end},
        suspense=-ends.get(accounts.SUSPENSE, 0),
        fees=sums.get(accounts.FEES, (0, 0))[1],
        losses=sums.get(accounts.LOSS, (0, 0))[1],
        incidents=incidents.get(currency, (0, 0)),
    )


def _movements(desk: Desk, year: Year, funds: Sequence[Fund]) -> list[Movement]:
    before = Journal.on < year.first
    found = (
        select(Account.name, Journal.kind, before, -func.sum(Line.amount))
        .join(Line, Line.account_id == Account.id)
        .join(Journal, Journal.id == Line.journal_id)
        .where(Account.kind == "F", Journal.on <= year.last)
        .group_by(Account.name, Journal.kind, before)
    )
    sums: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for name, kind, earlier, amount in desk.session.execute(found):
        sums[name]["brought" if earlier else _column(kind)] += int(amount)
    made = [(fund, sums.get(accounts.fund(fund.id), {})) for fund in funds]
    return [Movement(fund=fund, **amounts, carried=sum(amounts.values())) for fund, amounts in made if amounts]


def _column(kind: str) -> str:
    known = {CAME: "came", GIVEN_BACK: "given_back", AWARDED: "awarded", CANCELLED: "cancelled", RETURNED: "returned"}
    return known.get(kind) or ("costs" if kind.startswith(COSTS) else "other")


def _commitments(desk: Desk, year: Year, funds: Sequence[Fund]) -> list[Commitment]:
    """Returns what is owed by fund: a later part of a grant whose condition is open as the year ends stands apart.

    What is on its way, and a first part, no condition can hold.
    """
    first = func.coalesce(Payment.number == 1, False)
    held = case((and_(Account.kind == "L.payable", ~first), -Line.amount), else_=0)
    by_grant = (
        select(
            Journal.grant_id.label("grant_id"),
            func.sum(-Line.amount).label("owed"),
            func.sum(held).label("rest"),
        )
        .join(Line, Line.journal_id == Journal.id)
        .join(Account, Account.id == Line.account_id)
        .outerjoin(Attempt, Attempt.id == Journal.attempt_id)
        .outerjoin(Payment, Payment.id == Attempt.payment_id)
        .where(Account.kind.in_(OWED), Journal.on <= year.last)
        .group_by(Journal.grant_id)
        .subquery("by_grant")
    )
    # What the grant owes without the movements of its first part, less that part, is owed of later parts.
    opening = select(Payment.grant_id, Payment.amount).where(Payment.number == 1).subquery("opening")
    later = by_grant.c.rest - func.coalesce(opening.c.amount, 0)
    hangs = case((and_(_open_condition(year), later > 0), later), else_=0)
    found = (
        select(Grant.fund_id, func.sum(by_grant.c.owed), func.sum(hangs))
        .join(by_grant, by_grant.c.grant_id == Grant.id)
        .outerjoin(opening, opening.c.grant_id == Grant.id)
        .group_by(Grant.fund_id)
    )
    sums = {fund: (int(owed), int(apart)) for fund, owed, apart in desk.session.execute(found)}
    known = [(fund, *sums.get(fund.id, (0, 0))) for fund in funds]
    return [Commitment(fund, owed - apart, apart) for fund, owed, apart in known if owed]


def _open_condition(year: Year) -> ColumnElement[bool]:
    """Returns the SQL condition “something that may hold the grant’s next part was still open as the year ended”."""
    ended = exists().where(
        EventRow.subject == "ask",
        EventRow.subject_id == GrantAsk.id,
        EventRow.name.in_(("ask.met", "ask.waived", "ask.lapsed")),
        EventRow.at < datetime.combine(year.last + timedelta(days=1), time(), UTC),
    )
    return exists().where(GrantAsk.grant_id == Grant.id, GrantAsk.if_missed == HOLDS, ~ended)


def _kinds(desk: Desk, year: Year) -> dict[str, dict[str, tuple[int, int]]]:
    """Returns by currency and kind of account how it stands as the year ends, and how the year changed it."""
    of_year = case((Journal.on >= year.first, Line.amount), else_=0)
    found = (
        select(Account.currency, Account.kind, func.sum(Line.amount), func.sum(of_year))
        .join(Line, Line.account_id == Account.id)
        .join(Journal, Journal.id == Line.journal_id)
        .where(Journal.on <= year.last)
        .group_by(Account.currency, Account.kind)
    )
    sums: dict[str, dict[str, tuple[int, int]]] = defaultdict(dict)
    for currency, kind, ends, changed in desk.session.execute(found):
        sums[currency][kind] = (int(ends), int(changed))
    return sums


def _granted(desk: Desk, year: Year) -> dict[str, dict[str, tuple[int, int]]]:
    """Returns by currency and main purpose (the first one chosen) how many grants were awarded, and how much."""
    found = (
        select(Grant.currency, Application.purposes, func.count(), func.sum(Line.amount))
        .join(Journal, Journal.grant_id == Grant.id)
        .join(Line, Line.journal_id == Journal.id)
        .join(Application, Application.id == Grant.application_id)
        .where(Journal.kind == AWARDED, Line.amount > 0, Journal.on.between(year.first, year.last))
        .group_by(Grant.currency, Application.purposes)
    )
    sums: dict[str, dict[str, tuple[int, int]]] = defaultdict(dict)
    for currency, purposes, count, amount in desk.session.execute(found):
        main = purposes[0] if purposes else ""
        had = sums[currency].get(main, (0, 0))
        sums[currency][main] = (had[0] + count, had[1] + int(amount))
    return sums


def _purposes(sums: Mapping[str, tuple[int, int]]) -> tuple[Purpose, ...] | None:
    rows = [(words, *sums[code]) for code, words in WORDS.items() if code in sums]
    hidden = protect([count for _, count, _ in rows], SMALLEST)
    if hidden.whole:
        return None
    return tuple(
        Purpose(words, hidden=True) if place in hidden.cells else Purpose(words, False, count, amount)
        for place, (words, count, amount) in enumerate(rows)
    )


WORDS = {**PURPOSES, "": "Not said"}


def _incidents(desk: Desk, year: Year) -> dict[str, tuple[int, int]]:
    found = (
        select(Incident.currency, func.count(), func.sum(Incident.amount))
        .where(Incident.happened_on.between(year.first, year.last))
        .group_by(Incident.currency)
    )
    return {currency: (count, int(amount)) for currency, count, amount in desk.session.execute(found)}

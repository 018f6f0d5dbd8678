"""Treasurer: how the money stands by fund and by account, what waits, and the journals that make each figure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from sqlalchemy import ColumnElement, ScalarSelect, exists, func, or_, select
from sqlalchemy.orm import joinedload

from grants.domain.money import Money
from grants.flow.desk import Desk
from grants.flow.keyset import PAGE, Page
from grants.flow.pay import overpaid, suspense
from grants.ledger import figures
from grants.ledger.figures import CAME_BACK, CAME_IN, COSTS, FIGURES, IN_FLIGHT, LEFT, OWED, PAID, RETURNED, Figure
from grants.model.bank import BankLine
from grants.model.books import Account, Journal, Line
from grants.model.funds import Fund
from grants.model.payments import Attempt
from grants.model.safety import Freeze, Incident
from grants.model.tasks import Task

OWN = "own"
"""The name under which an address asks for all of a fund's own accounts together."""

WORDS: Mapping[str, str] = {
    CAME_IN.slug: "Came in",
    CAME_BACK.slug: "Came back",
    LEFT.slug: "Left to award",
    OWED.slug: "Awarded, not sent",
    IN_FLIGHT.slug: "On its way",
    PAID.slug: "Paid",
    COSTS.slug: "Costs it bore",
    RETURNED.slug: "Back to the funder",
}
"""What pages call each figure of a fund."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Which journals are asked for: of a fund or a grant, that touch these accounts (names or kinds), of these kinds.

    ``out`` turns the sum round: what left the accounts counts above zero.
    """

    fund_id: int = 0
    grant_id: int = 0
    accounts: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    out: bool = False

    @property
    def own(self) -> tuple[str, ...]:
        """The names and kinds of the accounts meant."""
        return tuple(each for name in self.accounts for each in (figures.OWN if name == OWN else (name,)))

    def address(self) -> str:
        """Returns these choices as the query of an address."""
        parts = [("fund", str(self.fund_id))] if self.fund_id else []
        parts += [("account", name) for name in self.accounts] + [("kind", kind) for kind in self.kinds]
        return urlencode([*parts, *([("way", "out")] if self.out else [])])


@dataclass(frozen=True, slots=True)
class Told:
    """One figure: what it is, how much, and the journals that make it."""

    words: str
    amount: Money
    journals: Chosen


@dataclass(frozen=True, slots=True)
class FundRow:
    """A fund with its figures; ``off`` is by how much they do not add up, 0 when all is well."""

    fund: Fund
    figures: Mapping[str, Told]
    off: int = 0


def of_funds(desk: Desk) -> list[FundRow]:
    """Returns how every fund stands, by name; two statements however many they are."""
    sums = figures.sums(desk.session)
    return [_row(fund, sums.get(fund.id, {})) for fund in desk.session.scalars(select(Fund).order_by(Fund.name))]


def chosen_of(fund: Fund, figure: Figure) -> Chosen:
    """Returns the journals that make one figure of a fund."""
    meant = (OWN,) if figure.accounts == figures.OWN else figure.accounts
    return Chosen(fund_id=fund.id, accounts=meant, kinds=figure.kinds, out=figure.out)


def _row(fund: Fund, sums: figures.Sums) -> FundRow:
    told = {
        each.slug: Told(WORDS[each.slug], Money(figures.figure(sums, each), fund.currency), chosen_of(fund, each))
        for each in FIGURES
    }
    return FundRow(fund, told, figures.difference(sums))


def total(desk: Desk, chosen: Chosen) -> list[Money]:
    """Returns the sum of the chosen lines by currency: of assets and costs what came in, of all else what was put in.

    One statement. What an account holds is read from its balance, which the checks compare with its lines.
    """
    sign = _sign(chosen)
    if not (chosen.fund_id or chosen.grant_id or chosen.kinds):
        found = select(Account.currency, func.sum(Account.balance)).where(_meant(chosen)).group_by(Account.currency)
    else:
        found = (
            select(Account.currency, func.sum(Line.amount))
            .join(Line, Line.account_id == Account.id)
            .join(Journal, Journal.id == Line.journal_id)
            .where(_meant(chosen), *conditions(chosen, of_accounts=False))
            .group_by(Account.currency)
        )
    return [Money(sign * int(amount), currency) for currency, amount in desk.session.execute(found)]


def conditions(chosen: Chosen, *, of_accounts: bool = True) -> list[ColumnElement[bool]]:
    """Returns what a journal has to be so that it is among the chosen ones."""
    found: list[ColumnElement[bool]] = []
    if chosen.fund_id:
        found.append(Journal.fund_id == chosen.fund_id)
    if chosen.grant_id:
        found.append(Journal.grant_id == chosen.grant_id)
    if chosen.kinds:
        found.append(Journal.kind.in_(chosen.kinds))
    if chosen.accounts and of_accounts:
        touches = exists().where(Line.journal_id == Journal.id, Account.id == Line.account_id, _meant(chosen))
        found.append(touches)
    return found


def _meant(chosen: Chosen) -> ColumnElement[bool]:
    return or_(Account.kind.in_(chosen.own), Account.name.in_(chosen.own))


def _sign(chosen: Chosen) -> int:
    held = all(name.startswith(("A.", "E.")) for name in chosen.own)
    return (1 if held else -1) * (-1 if chosen.out else 1)


def exceptions(desk: Desk) -> dict[str, int]:
    """Returns how many things wait for somebody, by slug; one statement."""
    counted = {slug: _count(*where) for slug, where in _WAITING.items()}
    row = desk.session.execute(select(*(count.label(slug) for slug, count in counted.items()))).one()
    return {slug: int(number) for slug, number in row._mapping.items()}


def attempts_that_wait(desk: Desk, slug: str, after: int = 0) -> Page[Attempt]:
    """Returns the attempts behind “unknown”, “amounts” or “overpaid”, oldest first, with payment and grant."""
    found = select(Attempt).where(Attempt.id > after).order_by(Attempt.id).limit(PAGE + 1)
    found = found.options(joinedload(Attempt.payment))
    if slug == "unknown":
        found = found.where(Attempt.state == "unknown")
    else:
        of_task = select(Task.subject_id).where(*_WAITING[slug][1:])
        found = found.where(Attempt.id.in_(of_task))
    rows = list(desk.session.scalars(found))
    return Page(tuple(rows[:PAGE]), str(rows[PAGE - 1].id) if len(rows) > PAGE else "")


def open_incidents(desk: Desk, after: int = 0) -> Page[Incident]:
    """Returns the incidents that are open, oldest first; one statement."""
    found = select(Incident).where(*_WAITING["incidents"][1:], Incident.id > after).order_by(Incident.id)
    rows = list(desk.session.scalars(found.limit(PAGE + 1)))
    return Page(tuple(rows[:PAGE]), str(rows[PAGE - 1].id) if len(rows) > PAGE else "")


def _open_task(kinds: Iterable[str]) -> tuple[ColumnElement[bool], ...]:
    return (Task.kind.in_(list(kinds)), Task.closed_at.is_(None))


_WAITING: Mapping[str, tuple[type, *tuple[ColumnElement[bool], ...]]] = {
    "unknown": (Attempt, Attempt.state == "unknown"),
    "amounts": (Task, *_open_task(["payment_amount"])),
    "overpaid": (Task, *_open_task([overpaid.TASK])),
    "lines": (BankLine, BankLine.state == "suspense"),
    "suspense": (Journal, *suspense.WAITS),
    "freezes": (Freeze, Freeze.lifted_at.is_(None)),
    "incidents": (Incident, Incident.closed_at.is_(None)),
    "findings": (Task, *_open_task(["books"])),
}
"""What waits: the table, and what a row of it has to be."""


def _count(kind: type, *where: ColumnElement[bool]) -> ScalarSelect[int]:
    return select(func.count()).select_from(kind).where(*where).scalar_subquery()

"""Figures of funds: money in, awarded, paid, confirmed, how long it took, and what it asked of people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import case, func, select

from grants.domain import burden
from grants.flow.desk import Desk
from grants.flow.fund import terms_of
from grants.flow.learn.spans import DECISION, MONEY, WHOLE, Span, spans
from grants.ledger import accounts
from grants.model.applications import Application, Decision
from grants.model.books import Account, Journal, Line
from grants.model.funds import Fund
from grants.model.grants import Grant
from grants.model.payments import Payment

__all__ = ["FundFigures", "Span", "Tally", "declined_reasons", "figures", "funds_of"]


@dataclass(frozen=True, slots=True)
class Tally:
    """How many grants, and how much money in minor units."""

    count: int = 0
    amount: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FundFigures:
    """Everything counted of one fund; money in minor units of its currency, times in seconds.

    ``returned`` went back to the funder. ``awarded`` leaves out cancelled grants; ``paid`` counts grants with money
    that arrived, and that money; ``confirmed`` counts grants whose recipient said so, and what was awarded to them.
    ``asked_each`` is what the policy asks of a recipient after the award in minutes, ``asked_in_all`` what was asked
    of everybody, applying included. ``books_agree`` says that the fund's account is the sum of its lines, and its
    awards are the grants.
    """

    fund: Fund
    money_in: int = 0
    returned: int = 0
    left: int = 0
    books_agree: bool = True
    awarded: Tally = Tally()
    paid: Tally = Tally()
    confirmed: Tally = Tally()
    held: int = 0
    applications: int = 0
    declined: int = 0
    waiting: int = 0
    applying: int = 0
    asked_each: int = 0
    asked_after: int = 0
    asked_in_all: int = 0
    to_decision: Span = field(default_factory=Span)
    to_money: Span = field(default_factory=Span)
    in_all: Span = field(default_factory=Span)


def funds_of(desk: Desk, funder_id: int | None = None) -> Sequence[Fund]:
    """Returns the funds of one funder, or of all, by name; one statement."""
    found = select(Fund).order_by(Fund.name, Fund.id)
    if funder_id is not None:
        found = found.where(Fund.funder_id == funder_id)
    return desk.session.scalars(found).all()


def figures(desk: Desk, funds: Sequence[Fund]) -> list[FundFigures]:
    """Returns the figures of these funds, in their order, in five statements however many funds there are."""
    ids = [fund.id for fund in funds]
    if not ids:
        return []
    books, grants, paid = books_of(desk, ids), _grants(desk, ids), _paid(desk, ids)
    applications, took = _applications(desk, ids), spans(desk, ids)
    made = []
    for fund in funds:
        counted, states = grants.get(fund.id, _Grants()), applications.get(fund.id, {})
        made.append(_figures(fund, books.get(fund.id, Books()), counted, paid.get(fund.id, Tally()), states, took))
    return made


def declined_reasons(desk: Desk, fund: Fund | None = None, most: int = 5) -> list[tuple[str, int]]:
    """Returns the commonest reasons given for declining, with their counts; for staff only, they are free words."""
    counted = func.count().label("counted")
    found = (
        select(Decision.reason, counted)
        .join(Application, Application.id == Decision.application_id)
        .where(Decision.kind == "decline", Application.state == "declined")
        .group_by(Decision.reason)
        .order_by(counted.desc(), Decision.reason)
        .limit(most)
    )
    if fund is not None:
        found = found.where(Application.fund_id == fund.id)
    return [(reason, count) for reason, count in desk.session.execute(found)]


@dataclass(frozen=True, slots=True)
class Books:
    """What the books say of a fund: sums of its lines by kind of journal, and the balance of its account."""

    kinds: dict[str, int] = field(default_factory=dict)
    balance: int = 0


@dataclass(frozen=True, slots=True)
class _Grants:
    """What the grants of a fund add up to; ``every`` counts the cancelled ones in."""

    awarded: int = 0
    amount: int = 0
    every: int = 0
    confirmed: int = 0
    confirmed_amount: int = 0
    held: int = 0
    minutes: int = 0


def _figures(
    fund: Fund,
    books: Books,
    counted: _Grants,
    paid: Tally,
    states: dict[str, int],
    took: dict[tuple[int, str], Span],
) -> FundFigures:
    terms = terms_of(fund)
    applying = burden.of_applicant(terms).minutes
    came = sum(count for state, count in states.items() if state != "draft")
    return FundFigures(
        fund=fund,
        money_in=-books.kinds.get("J0", 0),
        returned=books.kinds.get("J14", 0),
        left=-books.balance,
        books_agree=sum(books.kinds.values()) == books.balance <= 0 and books.kinds.get("J1", 0) == counted.every,
        awarded=Tally(counted.awarded, counted.amount),
        paid=paid,
        confirmed=Tally(counted.confirmed, counted.confirmed_amount),
        held=counted.held,
        applications=came,
        declined=states.get("declined", 0),
        waiting=states.get("submitted", 0),
        applying=applying,
        asked_each=burden.after_award(terms).minutes,
        asked_after=counted.minutes,
        asked_in_all=counted.minutes + came * applying,
        to_decision=took.get((fund.id, DECISION), Span()),
        to_money=took.get((fund.id, MONEY), Span()),
        in_all=took.get((fund.id, WHOLE), Span()),
    )


def books_of(desk: Desk, ids: Sequence[int]) -> dict[int, Books]:
    """Returns what the books say of funds, by fund id; one statement."""
    names = {accounts.fund(fund_id): fund_id for fund_id in ids}
    sums = (
        select(Account.name, Account.balance, Journal.kind, func.sum(Line.amount))
        .join(Line, Line.account_id == Account.id)
        .join(Journal, Journal.id == Line.journal_id)
        .where(Account.name.in_(names))
        .group_by(Account.name, Account.balance, Journal.kind)
    )
    books: dict[int, Books] = {}
    for name, balance, kind, total in desk.session.execute(sums):
        books.setdefault(names[name], Books({}, balance)).kinds[kind] = int(total)
    return books


def _grants(desk: Desk, ids: Sequence[int]) -> dict[int, _Grants]:
    stands = Grant.state != "cancelled"
    said = Grant.confirmed_at.is_not(None)
    sums = (
        select(
            Grant.fund_id,
            func.count(case((stands, 1))),
            func.sum(case((stands, Grant.amount), else_=0)),
            func.sum(Grant.amount),
            func.count(case((said, 1))),
            func.sum(case((said, Grant.amount), else_=0)),
            func.count(case((Grant.state == "on_hold", 1))),
            func.sum(Grant.minutes),
        )
        .where(Grant.fund_id.in_(ids))
        .group_by(Grant.fund_id)
    )
    return {fund: _Grants(*map(int, rest)) for fund, *rest in desk.session.execute(sums)}


def _paid(desk: Desk, ids: Sequence[int]) -> dict[int, Tally]:
    sums = (
        select(Grant.fund_id, func.count(Grant.id.distinct()), func.sum(Payment.amount))
        .join(Payment, Payment.grant_id == Grant.id)
        .where(Grant.fund_id.in_(ids), Payment.done)
        .group_by(Grant.fund_id)
    )
    return {fund: Tally(count, int(amount)) for fund, count, amount in desk.session.execute(sums)}


def _applications(desk: Desk, ids: Sequence[int]) -> dict[int, dict[str, int]]:
    sums = (
        select(Application.fund_id, Application.state, func.count())
        .where(Application.fund_id.in_(ids))
        .group_by(Application.fund_id, Application.state)
    )
    found: dict[int, dict[str, int]] = {}
    for fund, state, count in desk.session.execute(sums):
        found.setdefault(fund, {})[state] = count
    return found

"""Fund money: how each fund stands, for its page and for the list of funds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from grants.domain.money import Money
from grants.flow.desk import Desk
from grants.ledger import accounts
from grants.ledger.book import balances
from grants.model.books import Journal, Line
from grants.model.funds import Fund
from grants.model.grants import Grant
from grants.model.payments import Payment

CAME, WENT = "J0", "J14"
"""Journals that move money between a funder and a fund: in, and back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FundMoney:
    """What came in, what is left to award, what is awarded but not yet with people, and what reached them.

    ``returned`` went back to the funder.
    """

    money_in: Money
    returned: Money
    left: Money
    committed: Money
    paid: Money


def stand(desk: Desk, funds: Sequence[Fund]) -> dict[int, FundMoney]:
    """Returns how these funds stand, by id, in three statements however many they are."""
    ids = [fund.id for fund in funds]
    moved, left, sums = (
        _with_funder(desk, ids),
        balances(desk.session, [accounts.fund(n) for n in ids]),
        _paid(desk, ids),
    )
    return {
        fund.id: FundMoney(
            money_in=Money(moved.get((fund.id, CAME), 0), fund.currency),
            returned=Money(moved.get((fund.id, WENT), 0), fund.currency),
            left=Money(-left[accounts.fund(fund.id)], fund.currency),
            committed=Money(sums.get((fund.id, False), 0), fund.currency),
            paid=Money(sums.get((fund.id, True), 0), fund.currency),
        )
        for fund in funds
    }


def came_in(desk: Desk, fund: Fund) -> Money:
    """Returns what came into one fund, in all; one statement."""
    return Money(_with_funder(desk, [fund.id]).get((fund.id, CAME), 0), fund.currency)


def contributions(desk: Desk, fund: Fund) -> Sequence[tuple[Journal, int]]:
    """Returns the money that came into a fund or went back, newest first, each with minor units; one statement."""
    found = (
        select(Journal, Line.amount)
        .join(Line, Line.journal_id == Journal.id)
        .where(Journal.fund_id == fund.id, Journal.kind.in_((CAME, WENT)), Line.amount > 0)
        .order_by(Journal.id.desc())
        .limit(50)
    )
    return desk.session.execute(found).all()


def _with_funder(desk: Desk, ids: Sequence[int]) -> dict[tuple[int, str], int]:
    """Returns what came from the funder and what went back, by fund and kind of journal; one statement."""
    found = (
        select(Journal.fund_id, Journal.kind, func.sum(Line.amount))
        .join(Line, Line.journal_id == Journal.id)
        .where(Journal.fund_id.in_(ids), Journal.kind.in_((CAME, WENT)), Line.amount > 0)
        .group_by(Journal.fund_id, Journal.kind)
    )
    return {(number or 0, kind): int(amount) for number, kind, amount in desk.session.execute(found)}


def _paid(desk: Desk, ids: Sequence[int]) -> dict[tuple[int, bool], int]:
    found = (
        select(Grant.fund_id, Payment.done, func.sum(Payment.amount))
        .join(Payment, Payment.grant_id == Grant.id)
        .where(Grant.fund_id.in_(ids), Grant.state != "cancelled")
        .group_by(Grant.fund_id, Payment.done)
    )
    return {(number, done): int(amount) for number, done, amount in desk.session.execute(found)}

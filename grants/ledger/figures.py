"""How a fund's money stands, as sums of its journals: eight figures of which two sides are equal.

    came in + came back = left + owed + on its way + paid + costs it bore + back to the funder

All are sums of lines on the fund's own accounts: what is left (F), what its grants are owed (L.payable) and what is
on its way to their people (L.in_flight). A journal between two of them moves nothing in or out; every other kind is
named by exactly one figure, so a kind that nobody named shows as a difference.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from grants.ledger import accounts
from grants.model.books import Account, Journal, Line

OWN = ("F", "L.payable", "L.in_flight")
"""The kinds of account that hold a fund's own money."""

WITHIN = ("J1", "J2", "J4", "J8")
"""Journals between a fund's own accounts: an award, set aside, owed again, cancelled."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of a fund: the sum of the lines of some accounts, of some kinds of journal (all when none are named).

    ``out`` says that it counts what left those accounts (debit); otherwise what came into them (credit).
    """

    slug: str
    accounts: tuple[str, ...]
    kinds: tuple[str, ...] = ()
    out: bool = False


CAME_IN = Figure("came_in", OWN, ("J0",))
CAME_BACK = Figure("came_back", OWN, ("J6", "J6m", "J10b", "J11"))
LEFT = Figure("left", ("F",))
OWED = Figure("owed", ("L.payable",))
IN_FLIGHT = Figure("in_flight", ("L.in_flight",))
PAID = Figure("paid", OWN, ("J3", "J3m", "J5", "J7a"), out=True)
COSTS = Figure("costs", OWN, ("J9b", "J13", "J13b"), out=True)
RETURNED = Figure("returned", OWN, ("J14",), out=True)

FIGURES = (CAME_IN, CAME_BACK, LEFT, OWED, IN_FLIGHT, PAID, COSTS, RETURNED)
"""All of them; the first two are together what the other six are."""

Sums = Mapping[tuple[str, str], int]
"""Sums of lines, debit positive, by kind of journal and kind of account."""


def sums(session: Session, fund_ids: Iterable[int] | None = None) -> dict[int, dict[tuple[str, str], int]]:
    """Returns the sums of the lines on the own accounts of these funds, or of all, by fund; one statement."""
    found = (
        select(Journal.fund_id, Journal.kind, Account.kind, func.sum(Line.amount))
        .join(Line, Line.journal_id == Journal.id)
        .join(Account)
        .where(Journal.fund_id.is_not(None), Account.kind.in_(OWN))
        .group_by(Journal.fund_id, Journal.kind, Account.kind)
    )
    if fund_ids is not None:
        found = found.where(Journal.fund_id.in_(list(fund_ids)))
    by_fund: dict[int, dict[tuple[str, str], int]] = {}
    for fund_id, kind, account, total in session.execute(found):
        by_fund.setdefault(fund_id or 0, {})[kind, account] = int(total)
    return by_fund


def figure(of_fund: Sums, wanted: Figure) -> int:
    """Returns one figure of a fund in minor units."""
    total = sum(
        amount
        for (kind, account), amount in of_fund.items()
        if account in wanted.accounts and (not wanted.kinds or kind in wanted.kinds)
    )
    return total if wanted.out else -total


def difference(of_fund: Sums) -> int:
    """Returns by how much the two sides of a fund differ, 0 when it adds up."""
    values = {each.slug: figure(of_fund, each) for each in FIGURES}
    into = values.pop("came_in") + values.pop("came_back")
    return into - sum(values.values())


def strays(of_fund: Sums) -> list[str]:
    """Returns the kinds of journal that move a fund's own money and that no figure names."""
    named = {kind for each in FIGURES for kind in each.kinds} | set(WITHIN)
    return sorted({kind for kind, _ in of_fund} - named)


def left_by_accounts(session: Session) -> dict[int, int]:
    """Returns the balance of each fund's account (debit positive), by fund; one statement."""
    found = select(Account.name, Account.balance).where(Account.kind == "F")
    stem = len(accounts.fund(0)) - 1
    return {int(name[stem:]): balance for name, balance in session.execute(found)}

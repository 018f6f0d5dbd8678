"""Costs: a fee or a loss lands with no fund (E.fees, E.loss), until a named fund that may bear it takes it.

A fee is taken by one person (J9b), a loss by two (J13, in losses.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from grants.domain.errors import Refusal
from grants.domain.money import Money, format_amount
from grants.flow.desk import Desk
from grants.flow.one_by_one import one_by_one
from grants.flow.pay import attempts
from grants.flow.step import record
from grants.ledger import accounts
from grants.ledger.book import Entry, posted
from grants.model.books import Account
from grants.model.funds import Fund

LONGEST = 500
"""The most characters of a reason."""

SOURCES = {"psp": accounts.PSP, "bank": accounts.BANK}
"""Where a fee was taken: by the payment service from what it holds, or by the bank."""


@dataclass(frozen=True, slots=True)
class Cost:
    """One sort of cost: where it stands while no fund bears it, and the journal by which a fund takes it."""

    slug: str
    many: str
    account: str
    kind: str


FEE = Cost("fee", "fees", accounts.FEES, "J9b")
LOSS = Cost("loss", "losses", accounts.LOSS, "J13")

COSTS = {cost.slug: cost for cost in (FEE, LOSS)}


@dataclass(frozen=True, slots=True)
class Fee:
    """A fee as somebody writes it down: what the paper says, its day, and the fund that bears it (0: none yet)."""

    amount: Money
    on: date
    reference: str
    source: str = "psp"
    fund_id: int = 0


def without_fund(desk: Desk) -> dict[str, Money]:
    """Returns how much of each sort of cost no fund bears yet, by its slug; one statement."""
    found = select(Account.name, Account.balance, Account.currency).where(
        Account.name.in_([cost.account for cost in COSTS.values()])
    )
    rows = {name: Money(balance, currency) for name, balance, currency in desk.session.execute(found)}
    return {cost.slug: rows.get(cost.account, Money(0)) for cost in COSTS.values()}


def may_bear(cost: Cost, fund: Fund) -> bool:
    """Returns whether a fund's funder agreed that it bears this sort of cost."""
    return fund.fees_allowed if cost is FEE else fund.losses_allowed


def bearers(desk: Desk, cost: Cost) -> list[Fund]:
    """Returns the funds that may bear this sort of cost, by name; one statement."""
    allowed = Fund.fees_allowed if cost is FEE else Fund.losses_allowed
    return list(desk.session.scalars(select(Fund).where(allowed).order_by(Fund.name)))


def bear_problem(desk: Desk, cost: Cost, fund: Fund) -> str:
    """Returns why a fund does not bear this sort of cost, naming the funds that may; empty when it may."""
    if may_bear(cost, fund):
        return ""
    names = [f"“{each.name}”" for each in bearers(desk, cost)]
    others = f"These may: {', '.join(names)}." if names else f"No fund may bear {cost.many} yet."
    return f"“{fund.name}” may not bear {cost.many}: its funder did not agree to that. {others}"


def write_fee(desk: Desk, fee: Fee, form_key: str) -> bool:
    """Writes down a fee that was taken (J9), and lets the named fund bear it (J9b); returns whether it was new.

    A second sending of the same form (``form_key``, at most 64 characters) changes nothing.
    """
    desk.need("pay.release", "Your role does not include writing fees down. Ask finance.")
    if fee.source not in SOURCES:
        raise Refusal("cost.where", "Choose who took the fee: the payment service or the bank.", "source")
    if fee.amount.amount <= 0:
        raise Refusal("amount.out_of_range", "Enter an amount above 0, like 1.50.", "amount")
    if fee.on > desk.today():
        raise Refusal("cost.day", "This day has not come yet. Enter the day on which it was taken.", "on")
    if not fee.reference.strip():
        raise Refusal("cost.reference", "Enter what stands on the invoice or the statement.", "reference")
    one_by_one(desk, f"form {form_key}")
    if posted(desk.session, f"J9.form.{form_key}"):
        return False
    fund = _fund(desk, fee.fund_id, fee.amount) if fee.fund_id else None
    record(
        desk, "cost.fee_written", "fund", fee.fund_id, fee.reference, amount=fee.amount.amount, on=fee.on.isoformat()
    )
    why = f"{fee.reference.strip()} ({fee.on:%d/%m/%Y})"
    entries = [entry(f"J9.form.{form_key}", "J9", accounts.FEES, SOURCES[fee.source], fee.amount, why)]
    attempts.post_all(desk, [*entries, *([borne(FEE, fund, fee.amount, f"form.{form_key}", why)] if fund else [])])
    return True


def bear_line(desk: Desk, fund_id: int, amount: Money, line_id: int, why: str) -> Entry:
    """Returns J9b for a fee that a line of the bank's statement shows; raises Refusal when the fund may not bear it."""
    fund = _fund(desk, fund_id, amount)
    record(desk, "fund.bore_fee", "fund", fund.id, why, amount=amount.amount, line=line_id)
    return borne(FEE, fund, amount, f"line.{line_id}", why)


def bear_fee(desk: Desk, fund: Fund, amount: Money, why: str, form_key: str) -> bool:
    """Lets a fund bear fees that stand with no fund (J9b); returns whether it was new, by the key of its form."""
    desk.need("pay.release", "Your role does not include this. Ask finance.")
    need_why(why)
    one_by_one(desk, f"form {form_key}")
    if posted(desk.session, f"J9b.form.{form_key}"):
        return False
    refuse(desk, FEE, fund, amount)
    record(desk, "fund.bore_fee", "fund", fund.id, why, amount=amount.amount)
    attempts.post_all(desk, [borne(FEE, fund, amount, f"form.{form_key}", why.strip())])
    return True


def refuse(desk: Desk, cost: Cost, fund: Fund, amount: Money) -> None:
    """Raises Refusal unless the fund may bear this cost and so much of it stands with no fund."""
    problem = bear_problem(desk, cost, fund)
    if problem:
        raise Refusal("cost.fund_may_not", problem, "fund")
    if amount.amount <= 0:
        raise Refusal("amount.out_of_range", "Enter an amount above 0, like 1.50.", "amount")
    held = select(Account.balance, Account.currency).where(Account.name == cost.account).with_for_update()
    row = desk.session.execute(held).one_or_none()
    there = Money(row.balance, row.currency) if row else Money(0, fund.currency)
    if fund.currency != there.currency or amount.currency != there.currency or amount > there:
        words = f"Only {format_amount(there)} of {cost.many} stands with no fund."
        raise Refusal("cost.too_much", words, "amount")


def _fund(desk: Desk, fund_id: int, amount: Money) -> Fund:
    fund = desk.session.get(Fund, fund_id)
    if fund is None or fund.currency != amount.currency:
        raise Refusal("cost.fund", "Choose the fund that bears it.", "fund")
    problem = bear_problem(desk, FEE, fund)
    if problem:
        raise Refusal("cost.fund_may_not", problem, "fund")
    return fund


def borne(cost: Cost, fund: Fund, amount: Money, source: str, why: str) -> Entry:
    """Returns J9b or J13: the fund takes the cost."""
    return entry(f"{cost.kind}.{source}", cost.kind, accounts.fund(fund.id), cost.account, amount, why, fund.id)


def entry(key: str, kind: str, debit: str, credit: str, amount: Money, why: str, fund_id: int | None = None) -> Entry:
    """Returns a journal of a cost."""
    return Entry(
        key=key,
        kind=kind,
        debit=debit,
        credit=credit,
        amount=amount.amount,
        currency=amount.currency,
        fund_id=fund_id,
        why=why,
    )


def need_why(why: str) -> None:
    """Raises Refusal for a reason that is missing or too long."""
    if not why.strip() or len(why) > LONGEST:
        raise Refusal("why.missing", f"Say why, in up to {LONGEST} characters.", "why")

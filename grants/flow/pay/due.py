"""What is due: which payments can be made now, by which rail, and how much that is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Exists, Select, and_, exists, func, or_, select
from sqlalchemy.orm import contains_eager

from grants.domain.lifecycle import OPEN_ATTEMPT
from grants.domain.money import Money
from grants.flow.confirm import holds_back
from grants.flow.desk import Desk
from grants.flow.pay.changes import changing
from grants.model.funds import Fund
from grants.model.grants import Grant
from grants.model.payments import Attempt, Payment
from grants.model.people import Payee

BLOCKED = ("close_match", "no_match", "unavailable", "problem", "returned")
"""What a payee's ``check`` says when nothing is sent to them by itself until a person has looked."""


@dataclass(frozen=True, slots=True)
class DueTotal:
    """How many payments are due by one rail in one currency, and how much that is."""

    rail: str
    title: str
    automatic: bool
    count: int
    amount: Money


@dataclass(frozen=True, slots=True)
class FundTotal:
    """How many payments a run would make from one fund, and how much that is."""

    fund: str
    count: int
    amount: Money


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """One payment that a run would make, without a name."""

    payment_id: int
    grant: str
    fund: str
    amount: Money
    due_on: date
    rail: str


def due(desk: Desk, rail: str = "", after: int = 0, limit: int = 50) -> list[Payment]:
    """Returns payments that can be made now, by id from ``after`` on: of one rail, or of all."""
    found = due_query(desk, rail).where(Payment.id > after).order_by(Payment.id).limit(limit)
    return list(desk.session.scalars(found))


def due_totals(desk: Desk) -> list[DueTotal]:
    """Returns what is due or sent anew, by rail and currency; a rail that is not set up now is left out."""
    totals = []
    for slug, rail in desk.catalogue.rails.items():
        part = next_run_query(desk, slug).with_only_columns(Payment.currency, func.count(), func.sum(Payment.amount))
        for currency, count, amount in desk.session.execute(part.group_by(Payment.currency)):
            totals.append(DueTotal(slug, rail.title, rail.automatic, count, Money(int(amount), currency)))
    return totals


def fund_totals(desk: Desk, rail: str) -> list[FundTotal]:
    """Returns what a run over this rail would pay now from each fund, by the fund's name; one statement."""
    counted = (
        next_run_query(desk, rail)
        .join(Fund, Fund.id == Grant.fund_id)
        .with_only_columns(Fund.name, Payment.currency, func.count(), func.sum(Payment.amount))
        .group_by(Fund.id, Fund.name, Payment.currency)
        .order_by(Fund.name, Fund.id)
    )
    return [
        FundTotal(name, count, Money(int(total), currency))
        for name, currency, count, total in desk.session.execute(counted)
    ]


def preview(desk: Desk, rail: str) -> Iterator[PreviewRow]:
    """Yields what a run over this rail would pay now; nothing is changed."""
    wanted = (
        next_run_query(desk, rail)
        .join(Fund, Fund.id == Grant.fund_id)
        .with_only_columns(
            Payment.id, Grant.reference, Fund.name, Payment.amount, Payment.currency, Payment.due_on, Payment.rail
        )
        .order_by(Payment.id)
    )
    found = desk.session.execute(wanted, execution_options={"yield_per": 500})
    for number, grant, fund, amount, currency, day, slug in found:
        yield PreviewRow(number, grant, fund, Money(amount, currency), day, slug)


def is_due(desk: Desk, payment: Payment) -> bool:
    """Returns whether this payment can be made now."""
    return desk.session.scalar(due_query(desk, payment.rail).where(Payment.id == payment.id)) is not None


def due_query(desk: Desk, rail: str = "") -> Select[Payment]:
    """Returns the query of payments that can be made now.

    The grant is active, the day has come, nothing is under way, no condition is open; and by an automatic
    rail: the payee can be paid, and nothing was ever sent that did not arrive (a person sends that anew).
    """
    return _owed(rail).where(_due(desk))


def next_run_query(desk: Desk, rail: str = "") -> Select[Payment]:
    """Returns the query of what is due together with what a person sends anew: all that the next run would make."""
    sent_anew = and_(
        Payment.rail.in_(_automatic(desk)),
        payable(),
        _attempt(Attempt.state == "created", Attempt.run_id.is_(None)),
    )
    return _owed(rail).where(or_(_due(desk), sent_anew))


def payable() -> ColumnElement[bool]:
    """Returns the condition that a payee can be paid: nothing is open about their account, and it does not change."""
    return and_(Payee.check.not_in(BLOCKED), ~changing())


def _owed(rail: str) -> Select[Payment]:
    wanted = (
        select(Payment)
        .join(Grant, Grant.id == Payment.grant_id)
        .join(Payee, Payee.id == Grant.payee_id)
        .where(Grant.state == "active", Payment.done.is_(False))
        .options(contains_eager(Payment.grant))
    )
    return wanted.where(Payment.rail == rail) if rail else wanted


def _due(desk: Desk) -> ColumnElement[bool]:
    today = desk.today()
    never_sent = and_(payable(), ~_attempt(Attempt.sent_at.is_not(None)))
    return and_(
        Payment.due_on <= today,
        ~_attempt(Attempt.state.in_(OPEN_ATTEMPT)),
        ~holds_back(today),
        or_(Payment.rail.not_in(_automatic(desk)), never_sent),
    )


def _automatic(desk: Desk) -> list[str]:
    return [slug for slug, offered in desk.catalogue.rails.items() if offered.automatic]


def _attempt(*conditions: ColumnElement[bool]) -> Exists:
    return exists().where(Attempt.payment_id == Payment.id, *conditions)

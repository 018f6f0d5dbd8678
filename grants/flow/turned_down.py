"""Turned down: money that the charity did not take because of a condition, with the condition; counted by year."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import extract, func, select

from grants.domain.errors import Refusal
from grants.domain.money import LARGEST, Money
from grants.flow.desk import Desk
from grants.flow.keyset import PAGE, Page
from grants.flow.one_by_one import one_by_one
from grants.flow.step import record
from grants.model.lines import TurnedDown

MOST_PEOPLE = 10_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Declined:
    """Money that was not taken: whose, how much, the condition in words, and what it would have asked of how many."""

    funder: str
    amount: Money
    condition: str
    on: date
    people: int = 0
    minutes: int = 0


@dataclass(frozen=True, slots=True)
class Year:
    """What was turned down in one year, in one currency: how often, how much, and for how many people."""

    year: int
    times: int
    amount: Money
    people: int


def add(desk: Desk, declined: Declined) -> TurnedDown:
    """Writes down money that was turned down; the same funder, amount and day a second time is refused."""
    by = desk.need("fund.manage")
    funder, condition = " ".join(declined.funder.split()), declined.condition.strip()
    if not funder or len(funder) > 200:
        raise Refusal("turned_down.funder", "Enter a name of up to 200 characters.", "funder")
    if not condition:
        raise Refusal("turned_down.condition", "Say what they asked for that could not be.", "condition")
    if not 0 < declined.amount.amount <= LARGEST:
        raise Refusal("amount.out_of_range", "Enter an amount above 0, like 75000.", "amount")
    if declined.on > desk.today():
        raise Refusal("turned_down.day", "Enter today or an earlier day.", "on")
    if not (0 <= declined.people <= MOST_PEOPLE and 0 <= declined.minutes <= MOST_PEOPLE):
        raise Refusal("turned_down.count", "Enter a number from 0 on, with no minus.", "people")
    one_by_one(desk, "money turned down")
    _refuse_twin(desk, funder, declined)
    row = TurnedDown(
        funder=funder,
        amount=declined.amount.amount,
        currency=declined.amount.currency,
        condition=condition,
        minutes=declined.minutes,
        people=declined.people,
        on=declined.on,
        recorded_by=by,
        recorded_at=desk.now(),
    )
    desk.session.add(row)
    desk.session.flush()
    record(desk, "funder.turned_down", "turned_down", row.id, amount=row.amount, currency=row.currency)
    return row


def register(desk: Desk, before: int = 0) -> Page[TurnedDown]:
    """Returns what was turned down, the newest record first."""
    found = select(TurnedDown).order_by(TurnedDown.id.desc()).limit(PAGE + 1)
    rows = desk.session.scalars(found.where(TurnedDown.id < before) if before else found).all()
    shown = tuple(rows[:PAGE])
    return Page(shown, str(shown[-1].id) if len(rows) > PAGE else "")


def by_year(desk: Desk) -> Sequence[Year]:
    """Returns the totals of each year and currency, the newest year first; one statement."""
    year = extract("year", TurnedDown.on)
    sums = (
        select(year, TurnedDown.currency, func.count(), func.sum(TurnedDown.amount), func.sum(TurnedDown.people))
        .group_by(year, TurnedDown.currency)
        .order_by(year.desc(), TurnedDown.currency)
    )
    return [
        Year(int(y), times, Money(int(amount), currency), int(people))
        for y, currency, times, amount, people in desk.session.execute(sums)
    ]


def _refuse_twin(desk: Desk, funder: str, declined: Declined) -> None:
    twin = select(TurnedDown.id).where(
        func.lower(TurnedDown.funder) == funder.lower(),
        TurnedDown.amount == declined.amount.amount,
        TurnedDown.on == declined.on,
    )
    if desk.session.scalar(twin):
        raise Refusal("turned_down.again", "This is in the list already, with the same day and amount.", "amount")

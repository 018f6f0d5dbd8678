"""Look: what the staff pages about money and people read, each list by keyset and in few statements."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from sqlalchemy import exists, func, select
from sqlalchemy.orm import contains_eager, joinedload

from grants.domain.money import Money
from grants.flow.desk import Desk
from grants.flow.keyset import PAGE, Page
from grants.flow.pay.choose import BY_HAND
from grants.flow.pay.due import BLOCKED, due_query, next_run_query
from grants.ledger import accounts
from grants.ledger.book import balances
from grants.model.applications import Decision
from grants.model.delegations import Connection, Delegation
from grants.model.floats import CashFloat
from grants.model.funds import Fund
from grants.model.grants import Grant
from grants.model.payments import Attempt, Payment
from grants.model.people import Payee
from grants.model.runs import Run
from grants.model.tasks import Task
from grants.model.users import User


class Numbered(Protocol):
    """A row with an id."""

    id: Any


T = TypeVar("T", bound=Numbered)


@dataclass(frozen=True, slots=True)
class RunTotal:
    """How many payments a run holds, and how much that is."""

    count: int
    amount: Money


@dataclass(frozen=True, slots=True)
class OpenWork:
    """What moves to a colleague when somebody leaves."""

    tasks: int
    proposals: int
    runs: int
    floats: int


def due(desk: Desk, rail: str, after: int = 0) -> Page[Payment]:
    """Returns payments that can be made now by one rail, or are sent anew, with people and funds; one statement."""
    found = next_run_query(desk, rail).where(Payment.id > after).order_by(Payment.id).limit(PAGE + 1)
    return _listed(desk.session.scalars(found.options(contains_eager(Payment.grant).options(*_of_grant()))).all())


def payment(desk: Desk, number: int) -> Payment | None:
    """Returns one payment with its grant, person, fund and payee, or None; one statement."""
    found = select(Payment).where(Payment.id == number).options(joinedload(Payment.grant).options(*_of_grant()))
    return desk.session.scalar(found)


def attempts(desk: Desk, payment: Payment) -> list[Attempt]:
    """Returns every attempt of a payment, newest first."""
    found = select(Attempt).where(Attempt.payment_id == payment.id).order_by(Attempt.number.desc())
    return list(desk.session.scalars(found))


def attempt(desk: Desk, number: int) -> Attempt | None:
    """Returns one attempt with its payment, grant, person, fund and payee, or None; one statement."""
    return desk.session.scalar(select(Attempt).where(Attempt.id == number).options(_to_grant()))


def waiting_by_hand(desk: Desk, after: int = 0) -> Page[Attempt]:
    """Returns payments that one person recorded and nobody confirmed yet, oldest first; one statement."""
    found = select(Attempt).where(Attempt.state == "created", Attempt.recorded_by.is_not(None), Attempt.id > after)
    return _listed(desk.session.scalars(found.options(_to_grant()).order_by(Attempt.id).limit(PAGE + 1)).all())


def runs(desk: Desk, before: int = 0) -> Page[Run]:
    """Returns payment runs, newest first."""
    found = select(Run).order_by(Run.id.desc()).limit(PAGE + 1)
    return _listed(desk.session.scalars(found.where(Run.id < before) if before else found).all())


def run_totals(desk: Desk, some: Iterable[Run]) -> dict[int, RunTotal]:
    """Returns the totals of these runs by their id; one statement."""
    counted = select(Attempt.run_id, func.count(), func.sum(Attempt.amount), func.min(Attempt.currency))
    of_these = counted.where(Attempt.run_id.in_([run.id for run in some])).group_by(Attempt.run_id)
    found = desk.session.execute(of_these)
    return {run: RunTotal(count, Money(int(total), currency)) for run, count, total, currency in found if run}


def of_run(desk: Desk, run: Run, after: int = 0) -> Page[Attempt]:
    """Returns the attempts of a run with who, how much and from which fund; one statement."""
    found = select(Attempt).where(Attempt.run_id == run.id, Attempt.id > after).order_by(Attempt.id)
    return _listed(desk.session.scalars(found.options(_to_grant()).limit(PAGE + 1)).all())


def run_funds(desk: Desk, run: Run) -> list[tuple[str, int, Money]]:
    """Returns how many payments of a run, and how much, come from each fund, by its name; one statement."""
    counted = (
        select(Fund.name, func.count(), func.sum(Attempt.amount), Fund.currency)
        .join(Grant, Grant.fund_id == Fund.id)
        .join(Payment, Payment.grant_id == Grant.id)
        .join(Attempt, Attempt.payment_id == Payment.id)
        .where(Attempt.run_id == run.id)
        .group_by(Fund.id, Fund.name, Fund.currency)
        .order_by(Fund.name)
    )
    found = desk.session.execute(counted)
    return [(name, count, Money(int(total), currency)) for name, count, total, currency in found]


def payees_to_look_at(desk: Desk) -> list[Grant]:
    """Returns grants with money to pay whose payee a person has to look at first; one statement."""
    unpaid = exists().where(Payment.grant_id == Grant.id, Payment.done.is_(False), Payment.rail != BY_HAND)
    found = (
        select(Grant)
        .join(Payee, Payee.id == Grant.payee_id)
        .where(Grant.state == "active", Payee.check.in_(BLOCKED), unpaid)
        .options(*_of_grant())
        .order_by(Grant.id)
        .limit(PAGE)
    )
    return list(desk.session.scalars(found))


def grants_of_payee(desk: Desk, payee: Payee) -> list[Grant]:
    """Returns the newest grants that are paid to this payee."""
    found = select(Grant).where(Grant.payee_id == payee.id).options(*_of_grant()).order_by(Grant.id.desc())
    return list(desk.session.scalars(found.limit(PAGE)))


def left_in(desk: Desk, floats: Sequence[CashFloat]) -> dict[int, Money]:
    """Returns what should be left in each of these floats, by its id; one statement."""
    found = balances(desk.session, [accounts.cash_float(each.id) for each in floats])
    return {each.id: Money(found[accounts.cash_float(each.id)], each.currency) for each in floats}


def floats(desk: Desk, before: int = 0) -> Page[CashFloat]:
    """Returns the floats that were counted back, newest first."""
    found = select(CashFloat).where(CashFloat.reconciled_at.is_not(None)).order_by(CashFloat.id.desc()).limit(PAGE + 1)
    return _listed(desk.session.scalars(found.where(CashFloat.id < before) if before else found).all())


def handed_over(desk: Desk, cash_float: CashFloat) -> list[Attempt]:
    """Returns the payments that were handed over from a float, oldest first."""
    found = select(Attempt).where(Attempt.float_id == cash_float.id).options(_to_grant()).order_by(Attempt.id)
    return list(desk.session.scalars(found.limit(4 * PAGE)))


def cash_to_hand_over(desk: Desk, user_id: int) -> list[Payment]:
    """Returns cash payments that are due and that this user did not decide, oldest first; one statement."""
    found = due_query(desk, BY_HAND).where(Payee.how == "cash", Grant.decided_by != user_id)
    found = found.where(Grant.second_by.is_(None) | (Grant.second_by != user_id)).order_by(Payment.id).limit(2 * PAGE)
    return list(desk.session.scalars(found.options(contains_eager(Payment.grant).options(*_of_grant()))))


def names(desk: Desk, ids: Iterable[int | None]) -> dict[int, str]:
    """Returns the names of these users by their id; one statement, or none when nobody is asked for."""
    wanted = {number for number in ids if number}
    if not wanted:
        return {}
    return dict(desk.session.execute(select(User.id, User.name).where(User.id.in_(wanted))).all())


def people(desk: Desk, after: int = 0, *, left: bool = False) -> Page[User]:
    """Returns the users who work here, or those who left, in the order in which they came."""
    found = select(User).where(User.id > after, User.active.is_(not left)).order_by(User.id).limit(PAGE + 1)
    return _listed(desk.session.scalars(found).all())


def colleagues(desk: Desk, permission: str, excluding: Iterable[int] = ()) -> list[User]:
    """Returns those who work here, have joined and may do this, by name."""
    without = set(excluding)
    users = desk.session.scalars(select(User).where(User.active, User.joined_at.is_not(None)).order_by(User.name))
    return [user for user in users if user.id not in without and permission in user.permissions]


def limits(desk: Desk, users: Iterable[User]) -> dict[int, Delegation]:
    """Returns the limit in force of each of these users, by their id; one statement."""
    ids = [user.id for user in users]
    found = select(Delegation).where(Delegation.user_id.in_(ids), Delegation.ended_at.is_(None))
    return {limit.user_id: limit for limit in desk.session.scalars(found.order_by(Delegation.id))}


def past_limits(desk: Desk, user: User) -> list[Delegation]:
    """Returns every limit that a user had and has, newest first."""
    found = select(Delegation).where(Delegation.user_id == user.id).order_by(Delegation.id.desc()).limit(PAGE)
    return list(desk.session.scalars(found))


def connections(desk: Desk, user_id: int) -> list[Connection]:
    """Returns whom a user declared to be close to, newest first."""
    found = select(Connection).where(Connection.user_id == user_id).order_by(Connection.id.desc()).limit(4 * PAGE)
    return list(desk.session.scalars(found))


def open_work(desk: Desk, user: User) -> OpenWork:
    """Returns how much open work a user has; four statements."""
    tasks = select(func.count()).select_from(Task).where(Task.assigned_to == user.id, Task.closed_at.is_(None))
    proposed = select(func.count()).select_from(Decision).where(Decision.by == user.id, Decision.waiting)
    built = select(func.count()).select_from(Run).where(Run.built_by == user.id, Run.state == "built")
    held = select(func.count()).select_from(CashFloat)
    held = held.where(CashFloat.holder_id == user.id, CashFloat.reconciled_at.is_(None))
    return OpenWork(*(desk.session.scalar(part) or 0 for part in (tasks, proposed, built, held)))


def _of_grant() -> tuple[Any, ...]:
    return joinedload(Grant.person), joinedload(Grant.fund), joinedload(Grant.payee)


def _to_grant() -> Any:
    return joinedload(Attempt.payment).joinedload(Payment.grant).options(*_of_grant())


def _listed(rows: Sequence[T]) -> Page[T]:
    shown = tuple(rows[:PAGE])
    return Page(shown, str(shown[-1].id) if len(rows) > PAGE else "")

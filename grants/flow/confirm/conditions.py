"""Conditions: only what was named before acceptance may hold a later instalment, and a person decides by a date."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TypeVarTuple

from sqlalchemy import ColumnElement, Select, and_, exists, func, select
from sqlalchemy.orm import contains_eager, joinedload

from grants.domain.errors import Refusal
from grants.domain.roles import MANAGER
from grants.domain.sampling import drawn
from grants.domain.terms import Ask, Terms
from grants.flow.confirm.closing import DECIDE, close_of_asks
from grants.flow.desk import Desk
from grants.flow.hands import least_busy
from grants.flow.opening import new_task
from grants.flow.step import record
from grants.model.asks import GrantAsk
from grants.model.grants import Grant
from grants.model.payments import Payment
from grants.model.tasks import Task
from grants.model.users import User

DECIDE_DAYS = 10
"""Within so many days of the first held instalment a person decides whether it still waits."""

HOLDS = "hold_next_payment"

OPEN_GRANT = ("awarded", "active", "on_hold")


Columns = TypeVarTuple("Columns")


@dataclass(frozen=True, slots=True)
class Waits:
    """What an instalment waits for: the ask, by when a person decides, and whom to ask for (may be empty)."""

    ask: GrantAsk
    by: date
    name: str
    late: bool


@dataclass(frozen=True, slots=True)
class HeldPayment:
    """One payment that is due and waits, with its grant, and what it waits for."""

    payment: Payment
    waits: Waits


def named(terms: Terms) -> tuple[str, ...]:
    """Returns the slugs of what could hold a payment under these terms: what an applicant must be told of."""
    return tuple(ask.slug for ask in terms.asks if ask.condition)


def as_accepted(terms: Terms, told: Collection[str], reference: str) -> Terms:
    """Returns the terms as they may be frozen: asks drawn for this grant, conditions only where they were named.

    An ask of a share is drawn by its seed and the grant's reference, which nobody chooses. A condition that
    the person was not told of before they applied becomes a reminder: that is lighter, never heavier.
    """
    kept = (ask for ask in terms.asks if drawn(ask.seed or ask.slug, reference, ask.share))
    return replace(terms, asks=tuple(_as_told(ask, told) for ask in kept))


def _as_told(ask: Ask, told: Collection[str]) -> Ask:
    return replace(ask, if_missed="remind") if ask.condition and ask.slug not in told else ask


def holds_back(today: date) -> ColumnElement[bool]:
    """Returns the SQL condition “this Payment waits for an ask”, to be used where Payment is selected.

    True of a second or later instalment while an open ask of its grant that may hold the next payment
    is past its date. A first payment is never held: nobody accounts for money that they have not had.
    """
    return exists().where(GrantAsk.grant_id == Payment.grant_id, *_holding(today), Payment.number > 1)


def held_back(desk: Desk, payment: Payment) -> GrantAsk | None:
    """Returns the ask that this payment waits for, or None when nothing holds it."""
    if payment.number == 1 or payment.done:
        return None
    found = select(GrantAsk).where(GrantAsk.grant_id == payment.grant_id, *_holding(desk.today()))
    return desk.session.scalar(found.order_by(GrantAsk.due_on, GrantAsk.id).limit(1))


def waits_for(desk: Desk, grant_id: int) -> Waits | None:
    """Returns what the grant's later instalments wait for now, or None; one statement."""
    still = select(func.min(Payment.due_on)).where(Payment.grant_id == grant_id, Payment.number > 1, ~Payment.done)
    found = _with_names(select(GrantAsk, User.name, still.scalar_subquery()))
    found = found.where(GrantAsk.grant_id == grant_id, *_holding(desk.today()))
    row = desk.session.execute(found.order_by(GrantAsk.due_on, GrantAsk.id).limit(1)).first()
    return _waits(desk, row[0], row[1], row[2]) if row and row[2] is not None else None


def held_payments(desk: Desk, rail: str = "", limit: int = 50) -> list[HeldPayment]:
    """Returns payments that are due but wait for a condition, the earliest decision first; one statement."""
    today = desk.today()
    holding = and_(GrantAsk.grant_id == Payment.grant_id, *_holding(today))
    found = (
        _with_names(select(Payment, GrantAsk, User.name).join(GrantAsk, holding))
        .join(Grant, Grant.id == Payment.grant_id)
        .where(Payment.number > 1, Payment.done.is_(False), Payment.due_on <= today, Grant.state == "active")
        .options(contains_eager(Payment.grant).options(joinedload(Grant.person), joinedload(Grant.fund)))
        .order_by(GrantAsk.decide_by, Payment.id, GrantAsk.due_on)
        .limit(limit)
    )
    rows = desk.session.execute(found.where(Payment.rail == rail) if rail else found).all()
    first = {payment.id: HeldPayment(payment, _waits(desk, ask, name)) for payment, ask, name in reversed(rows)}
    return sorted(first.values(), key=lambda held: (held.waits.by, held.payment.id))


def undecided(desk: Desk) -> tuple[int, int]:
    """Returns how many conditions wait for a person's decision, and how many of those past their day; one statement."""
    waiting = (
        select(func.count(), func.count().filter(GrantAsk.decide_by < desk.today()))
        .select_from(GrantAsk)
        .join(Task, _deciding())
        .where(GrantAsk.state == "open")
    )
    number, late = desk.session.execute(waiting).one()
    return number, late


def mark_held(desk: Desk, limit: int = 500) -> int:
    """Gives every condition that holds an instalment a day by which a person decides, and asks one of them to.

    Asked again when that day has passed and nobody is asked any more: a payment never waits for nobody.
    """
    due = Payment.grant_id == GrantAsk.grant_id, Payment.number > 1, Payment.done.is_(False)
    holds = exists().where(*due, Payment.due_on <= desk.today(), Grant.id == Payment.grant_id, Grant.state == "active")
    asked = exists().where(_deciding())
    stale = GrantAsk.decide_by.is_(None) | (GrantAsk.decide_by <= desk.today())
    found = select(GrantAsk).where(*_holding(desk.today()), holds, stale, ~asked).order_by(GrantAsk.id).limit(limit)
    rows = desk.session.scalars(found.with_for_update(of=GrantAsk)).all()
    for ask in rows:
        _ask_decision(desk, ask)
    return len(rows)


def wait_longer(desk: Desk, ask: GrantAsk, why: str) -> None:
    """Leaves a held payment waiting because a person decided so, with the reason; somebody decides again in 10 days."""
    desk.need("grant.act")
    if not why.strip():
        raise Refusal("wait.reason", "Say what you agreed with the person, in a few words.", "why")
    desk.session.refresh(ask, with_for_update=True)
    if ask.state != "open" or not ask.if_missed == HOLDS:
        raise Refusal("ask.closed", "Nothing waits for this any more.")
    close_of_asks(desk, [ask.id], "It waits a little longer.")
    record(desk, "ask.waits_longer", "ask", ask.id, why.strip())
    _ask_decision(desk, ask)


def never_lapses() -> ColumnElement[bool]:
    """Returns the SQL condition “an instalment still hangs on this ask”, so that a person decides, not the date."""
    still = Payment.grant_id == GrantAsk.grant_id, Payment.number > 1, Payment.done.is_(False)
    alive = Grant.id == Payment.grant_id, Grant.state.in_(OPEN_GRANT)
    return (GrantAsk.if_missed == HOLDS) & exists().where(*still, *alive)


def _holding(today: date) -> tuple[ColumnElement[bool], ...]:
    return GrantAsk.state == "open", GrantAsk.if_missed == HOLDS, GrantAsk.due_on < today


def _deciding() -> ColumnElement[bool]:
    about = Task.subject == "ask", Task.subject_id == GrantAsk.id
    return and_(Task.kind == DECIDE, *about, Task.closed_at.is_(None))


def _with_names(found: Select[*Columns]) -> Select[*Columns]:
    return found.outerjoin(Task, _deciding()).outerjoin(User, User.id == Task.assigned_to)


def _waits(desk: Desk, ask: GrantAsk, name: str | None, due_on: date | None = None) -> Waits:
    """Returns what is waited for; before the job has marked it, the day counts from when a payment first waits."""
    today = desk.today()
    by = ask.decide_by or max(due_on or today, today) + timedelta(days=DECIDE_DAYS)
    return Waits(ask=ask, by=by, name=name or "", late=by < today)


def _ask_decision(desk: Desk, ask: GrantAsk) -> None:
    ask.decide_by = desk.today() + timedelta(days=DECIDE_DAYS)
    day = f"{ask.decide_by.day} {ask.decide_by:%B %Y}"
    words = (
        f"It waits for: {ask.title}. Talk with the person, then let it go or agree what would help. Decide by {day}."
    )
    title = "Decide whether a payment still waits"
    manager = least_busy(desk, (MANAGER,))
    new_task(desk, DECIDE, "ask", ask.id, title, words, assigned_to=manager)
    record(desk, "ask.decision_asked", "ask", ask.id, by=ask.decide_by.isoformat())

"""Check: the books, the states and the pending work, each finding one sentence; none when all is well."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import exists, func, or_, select

from grants.flow.desk import Desk
from grants.keeping import erased
from grants.ledger.checks import findings
from grants.model.floats import CashFloat
from grants.model.grants import Grant
from grants.model.payments import Attempt, Payment, ProviderEvent
from grants.model.people import Person
from grants.model.runs import Run
from grants.model.tasks import Task

SHOWN = 20
"""How many findings of one kind are listed."""

ASKED_AT_ONCE = 500
"""How many numbers one statement looks for."""

PATIENCE = timedelta(minutes=15)
"""How long sending, an unknown outcome or a stored event may wait without anybody knowing."""


def check(desk: Desk) -> list[str]:
    """Returns everything that is off, for ``grants check``: an empty list when all is well."""
    return [*books(desk), *_waiting(desk), *_brought_back(desk)]


def books(desk: Desk) -> list[str]:
    """Returns what is off in the books and the states, as a run asks before it starts and after it ended."""
    return [*findings(desk.session), *_payments(desk), *_grants(desk)]


def _payments(desk: Desk) -> Iterator[str]:
    """Finds payments whose mark “done” does not agree with a settled attempt.

    The settled ones are gathered once and joined: asked for each payment by itself, a database that never counted its
    rows went through all of them each time.
    """
    settled = select(Attempt.payment_id).where(Attempt.state == "settled").distinct().subquery()
    wrong = (
        select(Payment.id, Payment.done)
        .outerjoin(settled, settled.c.payment_id == Payment.id)
        .where(Payment.done != settled.c.payment_id.is_not(None))
        .order_by(Payment.id)
        .limit(SHOWN)
    )
    for number, done in desk.session.execute(wrong):
        says = "done without a settled attempt" if done else "not done though an attempt is settled"
        yield f"S1 payment {number} is marked {says}"


def _grants(desk: Desk) -> Iterator[str]:
    """Finds grants that are completed with a payment open, or active with every payment settled."""
    left = exists().where(Payment.grant_id == Grant.id, Payment.done.is_(False))
    planned = exists().where(Payment.grant_id == Grant.id)
    wrong = (
        select(Grant.reference, Grant.state)
        .where(or_((Grant.state == "completed") & left, (Grant.state == "active") & planned & ~left))
        .order_by(Grant.id)
        .limit(SHOWN)
    )
    for reference, state in desk.session.execute(wrong):
        yield f"S2 grant {reference} is {state}, and its payments say otherwise"
    planned_total = func.coalesce(
        select(func.sum(Payment.amount)).where(Payment.grant_id == Grant.id).scalar_subquery(), 0
    )
    short = select(Grant.reference, Grant.amount, planned_total).where(planned_total != Grant.amount).limit(SHOWN)
    for reference, awarded, plan in desk.session.execute(short):
        yield f"S3 grant {reference}: its payments sum to {plan}, awarded {awarded}"


def _waiting(desk: Desk) -> Iterator[str]:
    """Finds work that waits too long with nobody asked to look."""
    late = desk.now() - PATIENCE
    asked = exists().where(Task.subject == "attempt", Task.subject_id == Attempt.id, Task.closed_at.is_(None))
    stuck = select(Attempt.id, Attempt.state).where(
        Attempt.sent_at < late, or_(Attempt.state == "sending", (Attempt.state == "unknown") & ~asked)
    )
    for number, state in desk.session.execute(stuck.order_by(Attempt.id).limit(SHOWN)):
        yield f"W1 attempt {number} is {state} for more than 15 minutes: run grants reconcile"
    for number in desk.session.scalars(select(Run.id).where(Run.state == "released", Run.released_at < late)):
        yield f"W2 run {number} is released and has not started: is a worker running?"
    unseen = select(func.count()).select_from(ProviderEvent)
    waiting = desk.session.scalar(unseen.where(ProviderEvent.handled_at.is_(None), ProviderEvent.received_at < late))
    if waiting:
        yield f"W3 {waiting} stored webhooks were not looked up: is a worker running?"
    overdue = select(CashFloat.id).where(CashFloat.reconciled_at.is_(None), CashFloat.due_back_at < desk.now())
    for number in desk.session.scalars(overdue):
        yield f"W4 cash float {number} is not counted back yet"


def _brought_back(desk: Desk) -> Iterator[str]:
    """Finds people on the list of the erased, in HOME, who are not erased in the database."""
    numbers = list(erased.read(desk.settings.home))
    for start in range(0, len(numbers), ASKED_AT_ONCE):
        there = Person.number.in_(numbers[start : start + ASKED_AT_ONCE])
        wrong = select(Person.number).where(there, or_(Person.erased_at.is_(None), Person.name_key != ""))
        for number in desk.session.scalars(wrong.order_by(Person.id)):
            yield f"P1 person {number} was erased, and is here again: run grants person erase {number} --yes"

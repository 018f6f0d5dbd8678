"""A payment that we had closed went out after all: it pays what is owed (J5), or it was one too many (J7)."""

from __future__ import annotations

from sqlalchemy import exists, select

from grants.domain.errors import Refusal
from grants.domain.lifecycle import OPEN_ATTEMPT
from grants.flow.desk import Desk
from grants.flow.opening import open_task
from grants.flow.pay import attempts, overpaid
from grants.flow.step import advance
from grants.ledger.book import Entry
from grants.model.grants import Grant
from grants.model.payments import Attempt, Payment
from grants.model.tasks import Task

ALIVE = "payment_alive"
"""The task of an attempt that we had closed and that is under way at the provider."""

LATE = "payment_late"
"""The task of an attempt that we had closed and that arrived."""


def settle_late(desk: Desk, attempt: Attempt, grant: Grant, source: str) -> list[Entry]:
    """Returns the postings of a late success, with its task; the grant is held already.

    A newer attempt that nobody sent is taken back first. What is under way or paid otherwise makes it an overpayment,
    and so does a grant that was cancelled meanwhile.
    """
    entries = _take_back_unsent(desk, attempt, grant)
    if grant.state == "cancelled" or _paid_otherwise(desk, attempt):
        overpaid.tell(desk, attempt, grant)
        return [*entries, overpaid.owed_back(attempt, grant, source)]
    words = (
        "We had closed this payment, and now it arrived. It is written down as paid, once. "
        "If somebody promised to pay it another way, tell them that it is done."
    )
    open_task(desk, LATE, "attempt", attempt.id, f"A payment of {grant.reference} arrived after all", words)
    return [*entries, attempts.paid_late(attempt, grant, source)]


def alive(desk: Desk, attempt: Attempt, seen: str) -> None:
    """Opens the task of an attempt that is closed here and under way there: nobody pays it again before they looked."""
    words = f"It is {attempt.state} here and {seen} there. Do not pay this again before you have looked."
    open_task(desk, ALIVE, "attempt", attempt.id, "A closed payment is alive", words)


def refuse_alive(desk: Desk, payment: Payment) -> None:
    """Raises Refusal while an attempt of this payment that we had closed is under way at the provider."""
    of_payment = select(Attempt.id).where(Attempt.payment_id == payment.id)
    found = select(Task.id).where(
        Task.kind == ALIVE, Task.subject == "attempt", Task.subject_id.in_(of_payment), Task.closed_at.is_(None)
    )
    if desk.session.scalar(found.limit(1)) is not None:
        words = "An earlier try of this payment is alive at the payment service. Wait until we know what becomes of it."
        raise Refusal("payment.alive", words)


def _take_back_unsent(desk: Desk, attempt: Attempt, grant: Grant) -> list[Entry]:
    """Returns J4 of a newer attempt that is taken back; one that a colleague says they paid by hand stays."""
    found = select(Attempt).where(
        Attempt.payment_id == attempt.payment_id, Attempt.state == "created", Attempt.recorded_by.is_(None)
    )
    entries = []
    for unsent in desk.session.scalars(found.with_for_update(skip_locked=True)):
        unsent.code = "paid_late"
        advance(desk, unsent, "cancel", code=unsent.code)
        entries.append(attempts.owed_again(unsent, grant))
    return entries


def _paid_otherwise(desk: Desk, attempt: Attempt) -> bool:
    other = exists().where(
        Attempt.payment_id == attempt.payment_id,
        Attempt.id != attempt.id,
        Attempt.state.in_([*OPEN_ATTEMPT, "settled"]),
    )
    return bool(desk.session.scalar(select(other)))

"""Not yet: when the money should come, what to do until then, and what happens when somebody says that it has not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Literal

from sqlalchemy import exists, select

from grants.domain.workdays import next_workday
from grants.flow.confirm.word import problem
from grants.flow.desk import Desk
from grants.flow.step import record
from grants.model.events import EventRow
from grants.model.grants import Grant
from grants.model.payments import Attempt, Payment

TRAVEL_DAYS = 2
"""Working days that sent money may take."""

READY_DAYS = 3
"""Working days from the day on which a payment is due until it should have come."""

SENT = ("sending", "unknown", "accepted", "settled")

EVENT = "grant.not_yet_told"

Stands = Literal["sent", "getting_ready", "planned", "back", "stopped"]


@dataclass(frozen=True, slots=True)
class Expected:
    """How the next money of a grant stands; it should come ``by`` a day, and is ``late`` after it.

    ``on`` is the day on which it was sent, or is planned to be. Where nothing is to come, both days are None.
    """

    stands: Stands
    on: date | None = None
    by: date | None = None
    late: bool = False


def expected(desk: Desk, grant: Grant) -> Expected:
    """Returns when the money should come that the person may be waiting for now; one statement."""
    found = (
        select(Payment, Attempt)
        .outerjoin(Attempt, Attempt.payment_id == Payment.id)
        .where(Payment.grant_id == grant.id)
        .order_by(Payment.number, Attempt.number)
    )
    newest: dict[int, tuple[Payment, Attempt | None]] = {}
    for payment, attempt in desk.session.execute(found):
        newest[payment.id] = (payment, attempt)
    sent = [attempt for _payment, attempt in newest.values() if attempt is not None and attempt.state in SENT]
    back = any(attempt is not None and attempt.state == "returned" for _payment, attempt in newest.values())
    if sent:
        return _sent(desk, sent[-1])
    if grant.state not in ("awarded", "active"):
        return Expected("stopped")
    if back:
        return Expected("back")
    open_ones = [payment for payment, _attempt in newest.values() if not payment.done]
    return _planned(desk, open_ones[0]) if open_ones else Expected("stopped")


def not_yet(desk: Desk, grant: Grant, how: str = "link") -> bool:
    """Records that the person said “not yet”; returns whether somebody is called, because it should be there by now.

    Before its day nothing but the word is kept, once a day. ``how`` is link or phone; a worker who writes it down
    needs ``confirm.record``.
    """
    if desk.actor.user_id is not None:
        desk.need("confirm.record")
    late = expected(desk, grant).late
    if late:
        problem(desk, grant, "not_arrived", how=how)
    morning = datetime.combine(desk.today(), time(), UTC)
    said = exists().where(
        EventRow.subject == "grant", EventRow.subject_id == grant.id, EventRow.name == EVENT, EventRow.at >= morning
    )
    if not desk.session.scalar(select(said)):
        record(desk, EVENT, "grant", grant.id, how=how, late=late)
    return late


def _sent(desk: Desk, attempt: Attempt) -> Expected:
    moment = attempt.sent_at or attempt.settled_at or attempt.created_at
    on = attempt.paid_on or moment.date()
    by = _working_days(on, TRAVEL_DAYS)
    return Expected("sent", on, by, desk.today() > by)


def _planned(desk: Desk, payment: Payment) -> Expected:
    by = _working_days(payment.due_on, READY_DAYS)
    stands: Stands = "planned" if payment.due_on > desk.today() else "getting_ready"
    return Expected(stands, payment.due_on, by, desk.today() > by)


def _working_days(start: date, days: int) -> date:
    day = start
    for _ in range(days):
        day = next_workday(day)
    return day

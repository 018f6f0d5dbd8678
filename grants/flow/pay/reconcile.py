"""Making our books and the provider's agree: what to ask about, and what to make of what they hold."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import or_, select

from grants.flow.controls import incidents
from grants.flow.desk import Desk
from grants.flow.opening import open_task
from grants.flow.pay import attempts
from grants.flow.pay.late import ALIVE
from grants.flow.pay.record import Change, record_outcomes
from grants.flow.pay.strangers import stranger
from grants.model.payments import Attempt, Payment
from grants.model.tasks import Task
from grants.offers import Held, Outcome

LOOK_BACK = timedelta(days=35)
"""How far back the provider's own list is read: a payment may come back weeks after it arrived."""

STALE = timedelta(minutes=15)
"""After so long an attempt that is still being sent was surely left by a crash."""

_DONE = ("failed", "cancelled")


@dataclass(frozen=True, slots=True)
class Found:
    """What reading the provider's list came to: what changed, and sentences on what does not fit."""

    changes: list[Change]
    findings: list[str]


def stale_sending(desk: Desk) -> list[int]:
    """Returns the ids of attempts that are being sent for too long."""
    found = select(Attempt.id).where(Attempt.state == "sending", Attempt.sent_at < desk.now() - STALE)
    return list(desk.session.scalars(found))


def open_ids(desk: Desk, rail: str, after: int = 0, limit: int = 50) -> list[int]:
    """Returns the ids of attempts on this rail whose end is not known, from ``after`` on.

    With them go those that we had closed and that are alive at the provider.
    """
    alive = select(Task.subject_id).where(Task.kind == ALIVE, Task.subject == "attempt", Task.closed_at.is_(None))
    found = (
        select(Attempt.id)
        .where(Attempt.rail == rail, Attempt.id > after)
        .where(or_(Attempt.state.in_(("unknown", "accepted")), Attempt.id.in_(alive)))
        .order_by(Attempt.id)
        .limit(limit)
    )
    return list(desk.session.scalars(found))


def match_held(desk: Desk, rail: str, held: Sequence[Held]) -> Found:
    """Compares a page of what a provider holds with our attempts: records news, opens tasks for what does not fit.

    Things without a number of ours are somebody else's and are left alone.
    """
    ours = [each for each in held if each.number]
    known = _by_number(desk, rail, [each.number for each in ours])
    outcomes: dict[int, Outcome] = {}
    findings = []
    for each in ours:
        attempt = known.get(each.number)
        if attempt is None:
            findings.append(stranger(desk, rail, each))
        elif attempt.id in outcomes or _another(attempt, each):
            findings.append(double(desk, attempt))
        elif _news(attempt, each.outcome):
            outcomes[attempt.id] = each.outcome
            if attempt.state in _DONE and each.outcome.state in ("accepted", "settled"):
                findings.append(f"{each.number} is {attempt.state} here and {each.outcome.state} at the provider")
    return Found(record_outcomes(desk, outcomes), findings)


def sent_here(desk: Desk, rail: str, number: str) -> bool:
    """Returns whether an attempt of ours has this number and was sent; books that were put back may not know it."""
    attempt = _by_number(desk, rail, [number]).get(number)
    return attempt is not None and attempt.state != "created"


def _by_number(desk: Desk, rail: str, numbers: Iterable[str]) -> dict[str, Attempt]:
    statements = {f"REF {number.rpartition('-')[0]}" for number in numbers}
    found = select(Attempt).join(Payment).where(Attempt.rail == rail, Payment.statement.in_(statements))
    return {attempts.number_of(attempt): attempt for attempt in desk.session.scalars(found)}


def _another(attempt: Attempt, held: Held) -> bool:
    kept, seen = attempt.provider_reference, held.outcome.reference
    return bool(kept and seen and kept != seen)


def _news(attempt: Attempt, outcome: Outcome) -> bool:
    return outcome.state != "unknown" and outcome.state != attempt.state


def double(desk: Desk, attempt: Attempt) -> str:
    """Opens the task of a payment that the provider holds twice, and returns a sentence on it."""
    words = "The payment service holds two payments for one of ours. Look at both before anything else is paid."
    open_task(desk, "payment_incident", "attempt", attempt.id, "Perhaps paid twice", words)
    incidents.enter_once(desk, incidents.twice(attempt, desk.today()))
    return f"{attempts.number_of(attempt)} is held twice by the provider"

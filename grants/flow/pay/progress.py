"""How a run stands: read from its attempts, never stored."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from grants.domain.money import Money
from grants.flow.desk import Desk
from grants.model.grants import Grant
from grants.model.payments import Attempt, Payment
from grants.model.runs import Run

SHOWN = 100
"""How many exceptions of a run are listed."""

WORDS = {
    "unknown": "We do not know yet whether it went out.",
    "failed": "It did not go out. No money moved.",
    "returned": "The bank sent it back.",
    "cancelled": "It was taken back before it was sent, or cancelled.",
}
"""What each exception means."""


@dataclass(frozen=True, slots=True)
class Exceptional:
    """One attempt of a run that did not go as hoped, by the reference of its grant."""

    attempt_id: int
    grant: str
    state: str
    code: str
    words: str


@dataclass(frozen=True, slots=True)
class Progress:
    """The counts of a run by what became of its attempts, and the list of exceptions."""

    total: int
    waiting: int
    sending: int
    unknown: int
    accepted: int
    settled: int
    failed: int
    returned: int
    cancelled: int
    amount: Money
    exceptions: tuple[Exceptional, ...]

    @property
    def sent(self) -> int:
        """Returns how many attempts need nothing more of this run."""
        return self.total - self.waiting - self.sending

    @property
    def different(self) -> int:
        """Returns how many attempts did not go as hoped, and are listed as exceptions."""
        return self.unknown + self.failed + self.returned + self.cancelled

    @property
    def percent(self) -> int:
        """Returns how far the run is, in whole percent."""
        return 100 * self.sent // self.total if self.total else 100


def progress(desk: Desk, run: Run) -> Progress:
    """Returns how the run stands now, in two statements."""
    counted = (
        select(Attempt.state, func.count(), func.sum(Attempt.amount), func.min(Attempt.currency))
        .where(Attempt.run_id == run.id)
        .group_by(Attempt.state)
    )
    rows = list(desk.session.execute(counted))
    by_state = {state: count for state, count, _, _ in rows}
    currency = rows[0][3] if rows else "GBP"
    return Progress(
        total=sum(by_state.values()),
        waiting=by_state.get("created", 0),
        sending=by_state.get("sending", 0),
        unknown=by_state.get("unknown", 0),
        accepted=by_state.get("accepted", 0),
        settled=by_state.get("settled", 0),
        failed=by_state.get("failed", 0),
        returned=by_state.get("returned", 0),
        cancelled=by_state.get("cancelled", 0),
        amount=Money(sum(int(amount) for _, _, amount, _ in rows), currency),
        exceptions=exceptions(desk, run),
    )


def exceptions(desk: Desk, run: Run, after: int = 0, limit: int = SHOWN) -> tuple[Exceptional, ...]:
    """Returns attempts of a run that did not go as hoped, by id from ``after`` on; one statement."""
    found = (
        select(Attempt.id, Grant.reference, Attempt.state, Attempt.code)
        .join(Payment, Payment.id == Attempt.payment_id)
        .join(Grant, Grant.id == Payment.grant_id)
        .where(Attempt.run_id == run.id, Attempt.state.in_(list(WORDS)), Attempt.id > after)
        .order_by(Attempt.id)
        .limit(limit)
    )
    rows = desk.session.execute(found)
    return tuple(Exceptional(number, grant, state, code, WORDS[state]) for number, grant, state, code in rows)

"""Recording what became of attempts: the legal move, its posting, the grant's own state, and a task where needed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import exists, select

from grants.domain.lifecycle import ATTEMPT
from grants.domain.money import Money, format_amount
from grants.flow.desk import Desk
from grants.flow.opening import close_tasks, open_task
from grants.flow.pay import attempts
from grants.flow.step import advance
from grants.ledger import accounts
from grants.ledger.book import Entry
from grants.model.grants import Grant
from grants.model.payments import Attempt, Payment
from grants.offers import Outcome

TASKS = ("payment_unknown", "payment_amount")
"""Tasks that close by themselves when the attempt's outcome becomes known."""

OURS = ("insufficient_funds", "financial_account_not_open", "feature_not_enabled", "quota_exceeded")


@dataclass(frozen=True, slots=True)
class Change:
    """What one recorded outcome changed; ``str`` is one line for a terminal, without a name."""

    attempt_id: int
    payment: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.payment}: {self.before} → {self.after}"


@dataclass(slots=True)
class Recording:
    """One transaction's worth of outcomes: postings and grants to look at are gathered, then done in one order."""

    desk: Desk
    source: str = accounts.PSP
    by_hand: bool = False
    entries: list[Entry] = field(default_factory=list)
    grants: set[int] = field(default_factory=set)

    def take(self, attempt: Attempt, outcome: Outcome) -> None:
        """Applies one outcome to one attempt (held already); what is stale or illegal changes nothing."""
        if not self._same_reference(attempt, outcome) or not self._same_amount(attempt, outcome):
            return
        if outcome.code:
            attempt.code = outcome.code[:80]
        act = getattr(self, f"_{outcome.state}")
        act(attempt, outcome)

    def finish(self) -> None:
        """Posts what was gathered and lets the grants follow their payments."""
        held = {grant_id: attempts.lock_grant(self.desk, grant_id) for grant_id in sorted(self.grants)}
        attempts.post_all(self.desk, self.entries)
        for grant in held.values():
            follow_payments(self.desk, grant)

    def _unknown(self, attempt: Attempt, outcome: Outcome) -> None:
        if attempt.state == "sending":
            advance(self.desk, attempt, "lose", code=attempt.code)
        if attempt.state == "unknown" and outcome.code == "key_conflict":
            unknown_task(self.desk, attempt)

    def _put_back(self, attempt: Attempt, outcome: Outcome) -> None:
        if attempt.state == "sending":
            attempt.sent_at = None
            advance(self.desk, attempt, "put_back", code=attempt.code)

    def _accepted(self, attempt: Attempt, outcome: Outcome) -> None:
        if attempt.state in ("sending", "unknown"):
            advance(self.desk, attempt, "accept")
        elif attempt.state in ("failed", "cancelled"):
            self._too_late(attempt, outcome)

    def _settled(self, attempt: Attempt, outcome: Outcome) -> None:
        if attempt.state in ("failed", "cancelled"):
            self._too_late(attempt, outcome)
            return
        action = "settle_by_hand" if self.by_hand else "settle"
        if attempt.state in ATTEMPT.moves[action]:
            self._settle(attempt, action)

    def _settle(self, attempt: Attempt, action: str) -> None:
        grant = self._grant(attempt)
        attempt.settled_at = self.desk.now()
        attempt.payment.done = True
        advance(self.desk, attempt, action)
        self.entries.append(attempts.paid(attempt, grant, self.source, "J3m" if self.by_hand else "J3"))
        close_tasks(self.desk, (*TASKS, "payment_failed"), "attempt", attempt.id, "The money arrived.")

    def _failed(self, attempt: Attempt, outcome: Outcome) -> None:
        if attempt.state == "settled":
            self._returned(attempt, outcome)
        elif attempt.state in ATTEMPT.moves["fail"]:
            grant = self._grant(attempt)
            advance(self.desk, attempt, "fail", outcome.detail, code=attempt.code)
            self.entries.append(attempts.owed_again(attempt, grant))
            self._close(attempt, "It failed: no money moved.")
            failed_task(self.desk, attempt, grant)

    def _cancelled(self, attempt: Attempt, outcome: Outcome) -> None:
        self._step_up(attempt, "cancel")
        if attempt.state in ATTEMPT.moves["cancel"]:
            grant = self._grant(attempt)
            advance(self.desk, attempt, "cancel", code=attempt.code)
            self.entries.append(attempts.owed_again(attempt, grant))
            self._close(attempt, "It was cancelled: no money moved.")
            if attempt.sent_at is not None:
                failed_task(self.desk, attempt, grant)

    def _returned(self, attempt: Attempt, outcome: Outcome) -> None:
        self._step_up(attempt, "return")
        if attempt.state not in ATTEMPT.moves["return"]:
            return
        grant = self._grant(attempt)
        if attempt.state != "settled":
            self.entries.append(attempts.paid(attempt, grant, self.source))
        attempt.payment.done = False
        advance(self.desk, attempt, "return", code=attempt.code)
        self.entries.append(attempts.came_back(attempt, grant, self.source, "J6m" if self.by_hand else "J6"))
        grant.payee.check = "returned"
        self._close(attempt, "The bank sent it back.")
        returned_task(self.desk, attempt, grant)

    def _step_up(self, attempt: Attempt, action: str) -> None:
        """Takes an attempt that was being sent through “accepted”, when the provider is already past it."""
        if attempt.state == "sending" and attempt.state not in ATTEMPT.moves[action]:
            advance(self.desk, attempt, "accept")

    def _too_late(self, attempt: Attempt, outcome: Outcome) -> None:
        """A payment that we had closed lives at the provider: somebody must look at once."""
        words = f"It is {attempt.state} here and {outcome.state} there. Do not pay this again before you have looked."
        open_task(self.desk, "payment_incident", "attempt", attempt.id, "A closed payment is alive", words)

    def _same_reference(self, attempt: Attempt, outcome: Outcome) -> bool:
        if outcome.reference and attempt.provider_reference and attempt.provider_reference != outcome.reference:
            words = "The payment service shows two payments for one of ours. Look at both before anything else is paid."
            open_task(self.desk, "payment_incident", "attempt", attempt.id, "Perhaps paid twice", words)
            return False
        if outcome.reference:
            attempt.provider_reference = outcome.reference
        return True

    def _same_amount(self, attempt: Attempt, outcome: Outcome) -> bool:
        ours = Money(attempt.amount, attempt.currency)
        if outcome.amount is None or outcome.amount == ours:
            return True
        words = f"We asked for {format_amount(ours)}; the payment service says {format_amount(outcome.amount)}."
        open_task(self.desk, "payment_amount", "attempt", attempt.id, "A payment shows another amount", words)
        if attempt.state == "sending":
            advance(self.desk, attempt, "lose", code="other_amount")
        return False

    def _grant(self, attempt: Attempt) -> Grant:
        self.grants.add(attempt.payment.grant_id)
        return attempt.payment.grant

    def _close(self, attempt: Attempt, outcome: str) -> None:
        close_tasks(self.desk, TASKS, "attempt", attempt.id, outcome)


def record_outcomes(desk: Desk, outcomes: Mapping[int, Outcome]) -> list[Change]:
    """Records what rails said, by attempt id, all or nothing in this transaction; returns what changed."""
    recording = Recording(desk)
    changes = []
    for attempt in attempts.locked(desk, sorted(outcomes)):
        before = attempt.state
        recording.take(attempt, outcomes[attempt.id])
        if attempt.state != before:
            changes.append(Change(attempt.id, attempts.number_of(attempt), before, attempt.state))
    recording.finish()
    return changes


def lose(desk: Desk, ids: Iterable[int]) -> int:
    """Marks attempts that were left sending (a crash, a lost host) as unknown; returns how many there were."""
    left = [attempt for attempt in attempts.locked(desk, sorted(ids)) if attempt.state == "sending"]
    for attempt in left:
        advance(desk, attempt, "lose", "left sending")
    return len(left)


def cancel_unsent(desk: Desk, unsent: Iterable[Attempt], why: str) -> None:
    """Takes back attempts that were never sent (held already): the grant owes them again (J4)."""
    recording = Recording(desk)
    for attempt in unsent:
        if attempt.state == "created":
            recording.take(attempt, Outcome(state="cancelled", code=why))
    recording.finish()


def follow_payments(desk: Desk, grant: Grant) -> None:
    """Completes a grant whose last payment is settled, and opens it again when one came back."""
    desk.session.flush()
    left = desk.session.scalar(select(exists().where(Payment.grant_id == grant.id, Payment.done.is_(False))))
    if left:
        grant.paid_at = None
        if grant.state == "completed":
            advance(desk, grant, "reactivate")
        return
    grant.paid_at = grant.paid_at or desk.now()
    if grant.state == "active":
        advance(desk, grant, "complete")


def unknown_task(desk: Desk, attempt: Attempt) -> None:
    """Opens the task of a payment whose outcome nobody knows yet."""
    words = "We do not know yet whether this payment went out. We keep asking. Do not pay it again by another way."
    open_task(desk, "payment_unknown", "attempt", attempt.id, "We do not know yet whether this was paid", words)


def failed_task(desk: Desk, attempt: Attempt, grant: Grant) -> None:
    """Opens the task of a payment that did not go out."""
    cause = "The cause is on our side." if attempt.code in OURS else "Check how this person is paid."
    words = f"{cause} No money moved. When it is mended, send it again, or pay by hand. Code: {attempt.code or 'none'}."
    open_task(desk, "payment_failed", "attempt", attempt.id, f"A payment of {grant.reference} did not go out", words)


def returned_task(desk: Desk, attempt: Attempt, grant: Grant) -> None:
    """Opens the caseworker's task of a payment that the bank sent back."""
    words = (
        "The bank sent this money back, so we still owe it. It is not sent to the same account by itself. "
        f"Ask the person, safely, how else to pay them. Code: {attempt.code or 'none'}."
    )
    title = f"A payment of {grant.reference} came back"
    open_task(desk, "payment_returned", "attempt", attempt.id, title, words, assigned_to=grant.decided_by)

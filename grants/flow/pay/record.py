"""Recording what became of attempts: the legal moves, their postings, the grant's own state, and a task where needed.

Many outcomes are recorded in few statements: moves are made kind by kind, and everything is posted in one go.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from grants.domain.money import Money, format_amount
from grants.domain.outcomes import ALARM, moves
from grants.flow.controls import incidents
from grants.flow.desk import Desk
from grants.flow.opening import close_many, open_task
from grants.flow.pay import attempts, extra, late, losses, overpaid
from grants.flow.pay.follow import follow_many
from grants.flow.step import advance_many, record
from grants.ledger import accounts
from grants.ledger.book import Entry
from grants.model import rows
from grants.model.events import EventRow
from grants.model.grants import Grant
from grants.model.payments import Attempt
from grants.offers import Outcome

TASKS = ("payment_unknown", "payment_amount")
"""Tasks that close by themselves when the attempt's outcome becomes known."""

ARRIVED = (*TASKS, late.ALIVE, "payment_failed")
"""Tasks that close when the money arrived."""

OURS = ("insufficient_funds", "financial_account_not_open", "feature_not_enabled", "quota_exceeded")

GONE = ("closed", "does_not_exist", "expired")
"""Words in a code that say that the account is no more: it is not sent there again before somebody looked."""

OTHER_AMOUNT = "other_amount"

MONEY = frozenset({"settle", "settle_by_hand", "settle_late", "fail", "cancel", "return"})
"""Moves with a posting: the grant is held for them."""


@dataclass(frozen=True, slots=True)
class Change:
    """What one recorded outcome changed; ``str`` is one line for a terminal, without a name."""

    attempt_id: int
    payment: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.payment}: {self.before} → {self.after}"


@dataclass(frozen=True, slots=True)
class Plan:
    """What one outcome will do to one attempt."""

    attempt: Attempt
    before: str
    moves: tuple[str, ...]
    outcome: Outcome


@dataclass(slots=True)
class Recording:
    """One transaction's worth of outcomes: plans are gathered by ``take``, and done in one order by ``finish``."""

    desk: Desk
    source: str = accounts.PSP
    by_hand: bool = False
    plans: list[Plan] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    closing: dict[tuple[tuple[str, ...], str], list[int]] = field(default_factory=dict)
    freed: set[int] = field(default_factory=set)
    returned: set[int] = field(default_factory=set)

    def take(self, attempt: Attempt, outcome: Outcome) -> None:
        """Plans what one outcome does to one attempt (held already); what is stale changes nothing."""
        if not self._same_reference(attempt, outcome):
            return
        same = self._same_amount(attempt, outcome)
        planned = moves(attempt.state, outcome.state, by_hand=self.by_hand) if same else ()
        if planned and planned != ALARM:  # the reference is written with the first move
            self.plans.append(Plan(attempt, attempt.state, planned, outcome))
        elif outcome.reference:
            attempt.provider_reference = outcome.reference
        if not same:
            return
        if planned == ALARM:
            late.alive(self.desk, attempt, outcome.state)
        if outcome.code and (planned or attempt.state == "unknown"):
            attempt.code = outcome.code[:80]
        if outcome.state == "unknown" and outcome.code == "key_conflict" and attempt.state in ("sending", "unknown"):
            unknown_task(self.desk, attempt)
        if attempt.state in ("failed", "cancelled") and outcome.state in ("failed", "cancelled"):
            self._close(attempt, "It did not go out after all.", (late.ALIVE,))

    def finish(self) -> None:
        """Makes the planned moves, posts them, and lets payments and grants follow."""
        self._move()
        held = attempts.lock_grants(self.desk, sorted({p.attempt.payment.grant_id for p in self.plans if _pays(p)}))
        for plan in self.plans:
            if _pays(plan):
                self._effects(plan, held[plan.attempt.payment.grant_id])
        follow_many(self.desk, held.values(), self.returned)  # before the accounts are held, for which others wait
        attempts.post_all(self.desk, self.entries)
        if self.freed:
            self.entries += (taken := overpaid.take_its_place(self.desk, self.freed, held))
            attempts.post_all(self.desk, taken)
        come_back = [entry.key for entry in self.entries if entry.credit == accounts.LOSS]
        if come_back:
            losses.give_back(self.desk, come_back[0])
        for (kinds, words), ids in self.closing.items():
            close_many(self.desk, kinds, "attempt", ids, words)

    def _move(self) -> None:
        """Moves the attempts, first moves first, all of one kind together."""
        for place in range(max((len(plan.moves) for plan in self.plans), default=0)):
            by_move: dict[str, list[Plan]] = {}
            for plan in self.plans:
                if place < len(plan.moves):
                    by_move.setdefault(plan.moves[place], []).append(plan)
            for move, plans in by_move.items():
                advance_many(
                    self.desk,
                    [plan.attempt for plan in plans],
                    move,
                    [plan.outcome.detail for plan in plans],
                    [{"code": plan.attempt.code} if plan.attempt.code else {} for plan in plans],
                    also=[self._also(plan, move) for plan in plans],
                )
                if move.startswith("settle"):
                    rows.change(
                        self.desk.session, [plan.attempt.payment for plan in plans], [{"done": True}] * len(plans)
                    )

    def _also(self, plan: Plan, move: str) -> dict[str, object]:
        """Returns what is written on an attempt with its move."""
        also: dict[str, object] = {}
        if plan.outcome.reference and plan.outcome.reference != plan.attempt.provider_reference:
            also["provider_reference"] = plan.outcome.reference
        if move == "put_back":
            also["sent_at"] = None
        if move.startswith("settle"):
            also["settled_at"] = self.desk.now()
        return also

    def _effects(self, plan: Plan, grant: Grant) -> None:
        """Gathers the postings and tasks of one plan."""
        attempt = plan.attempt
        if "settle_late" in plan.moves:
            self.entries += late.settle_late(self.desk, attempt, grant, self.source)
            if grant.state != "cancelled":  # of two that arrive at once, one is the payment
                self.freed.add(attempt.payment_id)
            self._close(attempt, "The money arrived.", ARRIVED)
        if plan.moves[-1] in ("settle", "settle_by_hand"):
            self.entries.append(attempts.paid(attempt, grant, self.source, "J3m" if self.by_hand else "J3"))
            self._close(attempt, "The money arrived.", ARRIVED)
        elif plan.moves[-1] in ("fail", "cancel"):
            self._unpaid(attempt, grant, plan.moves[-1])
        elif plan.moves[-1] == "return":
            self._returned(plan, grant)

    def _unpaid(self, attempt: Attempt, grant: Grant, move: str) -> None:
        """Nothing moved: the grant owes it again (J4), and where it had been sent somebody looks."""
        self.entries.append(attempts.owed_again(attempt, grant))
        self.freed.add(attempt.payment_id)
        done = "failed" if move == "fail" else "was cancelled"
        self._close(attempt, f"It {done}: no money moved.", TASKS)
        if any(word in attempt.code for word in GONE):
            grant.payee.check = "problem"
        if move == "fail" or attempt.sent_at is not None:
            failed_task(self.desk, attempt, grant)

    def _returned(self, plan: Plan, grant: Grant) -> None:
        """The money came back: the grant owes it again (J6); what was one too many is simply recovered (J7b)."""
        attempt = plan.attempt
        if plan.before != "settled" and "settle_late" not in plan.moves:
            self.entries.append(attempts.paid(attempt, grant, self.source))
        self._close(attempt, "The bank sent it back.", (*TASKS, late.LATE, late.ALIVE))
        self.returned.add(attempt.payment_id)
        grant.payee.check = "returned"
        stood = self._stood(attempt)
        if stood:
            self.entries.append(overpaid.taken_back(attempt, grant, self.source, stood))
            overpaid.end(self.desk, attempt, "The bank sent it back.")
            return
        self.entries.append(attempts.came_back(attempt, grant, self.source, "J6m" if self.by_hand else "J6"))
        self.entries += extra.returned(self.desk, attempt, grant, self.source, plan.outcome.amount)
        self.freed.add(attempt.payment_id)
        returned_task(self.desk, attempt, grant)

    def _stood(self, attempt: Attempt) -> str:
        """Returns where an overpayment by this attempt stands, also one of this transaction; empty when none does."""
        if any(entry.kind == "J7" and entry.attempt_id == attempt.id for entry in self.entries):
            return accounts.OVERPAID
        return overpaid.standing(self.desk, [attempt.id]).get(attempt.id, "")

    def _same_reference(self, attempt: Attempt, outcome: Outcome) -> bool:
        if outcome.reference and attempt.provider_reference and attempt.provider_reference != outcome.reference:
            words = "The payment service shows two payments for one of ours. Look at both before anything else is paid."
            open_task(self.desk, "payment_incident", "attempt", attempt.id, "Perhaps paid twice", words)
            incidents.enter_once(self.desk, incidents.twice(attempt, self.desk.today()))
            return False
        return True

    def _same_amount(self, attempt: Attempt, outcome: Outcome) -> bool:
        ours = Money(attempt.amount, attempt.currency)
        if outcome.amount in (None, ours) or outcome.amount == extra.shown(self.desk, attempt):
            return True
        other_amount(self.desk, attempt, outcome.amount, outcome.state)
        if attempt.state == "sending":
            self.plans.append(Plan(attempt, attempt.state, ("lose",), Outcome(state="unknown")))
            attempt.code = OTHER_AMOUNT
        return False

    def _close(self, attempt: Attempt, words: str, kinds: tuple[str, ...]) -> None:
        self.closing.setdefault((kinds, words), []).append(attempt.id)


def record_outcomes(desk: Desk, outcomes: Mapping[int, Outcome]) -> list[Change]:
    """Records what rails said, by attempt id, all or nothing in this transaction; returns what changed."""
    recording = Recording(desk)
    held = attempts.locked(desk, sorted(outcomes), attempts.PAYMENT)
    before = {attempt.id: attempt.state for attempt in held}
    for attempt in held:
        recording.take(attempt, outcomes[attempt.id])
    recording.finish()
    return [
        Change(attempt.id, attempts.number_of(attempt), before[attempt.id], attempt.state)
        for attempt in held
        if attempt.state != before[attempt.id]
    ]


def lose(desk: Desk, ids: Iterable[int]) -> int:
    """Marks attempts that were left sending (a crash, a lost host) as unknown; returns how many there were."""
    left = [attempt for attempt in attempts.locked(desk, sorted(ids)) if attempt.state == "sending"]
    advance_many(desk, left, "lose", ["left sending"] * len(left))
    return len(left)


def cancel_unsent(desk: Desk, unsent: Iterable[Attempt], why: str) -> None:
    """Takes back attempts that were never sent (held already): the grant owes them again (J4)."""
    recording = Recording(desk)
    for attempt in unsent:
        if attempt.state == "created":
            recording.take(attempt, Outcome(state="cancelled", code=why))
    recording.finish()


def other_amount(desk: Desk, attempt: Attempt, seen: Money, state: str) -> None:
    """Opens the task of a payment that shows another amount than ours: two people decide what it is."""
    shown: dict[str, Any] = {"amount": seen.amount, "currency": seen.currency, "state": state}
    if seen_amount(desk, attempt.id) != shown:
        record(desk, "attempt.other_amount", "attempt", attempt.id, **shown)
    ours = Money(attempt.amount, attempt.currency)
    words = f"We asked for {format_amount(ours)}; the payment service says {format_amount(seen)}."
    open_task(desk, "payment_amount", "attempt", attempt.id, "A payment shows another amount", words)


def seen_amount(desk: Desk, attempt_id: int) -> dict[str, Any] | None:
    """Returns the other amount that a provider showed last (minor units), its currency and state; None without one."""
    found = select(EventRow.data).where(EventRow.subject == "attempt", EventRow.subject_id == attempt_id)
    found = found.where(EventRow.name == "attempt.other_amount").order_by(EventRow.id.desc())
    return desk.session.scalar(found.limit(1))


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


def _pays(plan: Plan) -> bool:
    return any(move in MONEY for move in plan.moves)

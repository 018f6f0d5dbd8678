"""Paying by hand: one person pays and writes it down, another who decided nothing confirms."""

from __future__ import annotations

import json
from datetime import date

from sqlalchemy import select

from grants.domain.errors import NotAllowed, Refusal
from grants.flow.desk import Desk
from grants.flow.opening import close_tasks
from grants.flow.pay import attempts, late, people, third
from grants.flow.pay.changes import BLOCKED_WORDS, waiting_change
from grants.flow.pay.choose import BY_HAND
from grants.flow.pay.due import due, is_due
from grants.flow.pay.freeze import refuse_frozen
from grants.flow.pay.record import Recording
from grants.flow.periods import refuse_closed
from grants.flow.step import record
from grants.ledger import accounts
from grants.ledger.book import Entry
from grants.model.payments import Attempt, Payment
from grants.offers import Outcome

SOURCES = {"bank": accounts.BANK, "cash": accounts.CASH, "voucher": accounts.VOUCHERS}
"""Ways to pay by hand, and where the money comes from."""


def by_hand_due(desk: Desk, after: int = 0, limit: int = 50) -> list[Payment]:
    """Returns payments that people can make now, by id from ``after`` on."""
    return due(desk, BY_HAND, after, limit)


def by_hand_waiting(desk: Desk, limit: int = 50) -> list[Attempt]:
    """Returns payments that one person recorded and nobody confirmed yet, oldest first."""
    found = select(Attempt).where(Attempt.state == "created", Attempt.recorded_by.is_not(None)).order_by(Attempt.id)
    return list(desk.session.scalars(found.limit(limit)))


def record_by_hand(desk: Desk, payment: Payment, paid_on: date, reference: str, how: str = "") -> Attempt:
    """Records that somebody paid by bank, cash or voucher (``how``; empty: as the payee asked), to be confirmed.

    Raises Refusal for a payment that is not due or not paid by hand, a date that cannot be, or a
    reference that was used before.
    """
    worker = desk.need("pay.hand", "Your role does not include recording a payment. Ask finance.")
    refuse_frozen(desk)
    payment = _ready(desk, payment)
    way = how or payment.grant.payee.how
    if way not in SOURCES:
        raise Refusal("hand.how", "Choose how it was paid: bank, cash or voucher.", "how")
    if way == "bank" and waiting_change(desk, payment.grant.payee):
        raise Refusal("payee.changing", BLOCKED_WORDS, "how")
    refuse_date(desk, payment, paid_on)
    refuse_reference(desk, payment.rail, reference)
    return _record(desk, payment, worker, paid_on, reference.strip(), way)


def confirm_by_hand(desk: Desk, attempt: Attempt) -> None:
    """Confirms a payment that a colleague recorded: it is settled (J3m). Neither recorder nor decider may."""
    refuse_frozen(desk)
    attempt = _waiting(desk, attempt)
    _need_another(desk, attempt)
    attempt.confirmed_by = desk.actor.user_id
    settle(desk, attempt, SOURCES[how_of(attempt)])


def refuse_by_hand(desk: Desk, attempt: Attempt, why: str) -> None:
    """Takes a record back that cannot be confirmed: the payment is due again (J4)."""
    desk.need("pay.hand")
    _need_why(why)
    attempt = _waiting(desk, attempt)
    record(desk, "attempt.not_confirmed", "attempt", attempt.id, why)
    attempt.hand_reference = None
    recording = Recording(desk, by_hand=True)
    recording.take(attempt, Outcome(state="cancelled", code="not_confirmed"))
    recording.finish()


def returned_by_hand(desk: Desk, attempt: Attempt, why: str) -> None:
    """Records that a payment made by hand came back (J6m); not by the person who recorded it."""
    worker = desk.need("pay.hand")
    _need_why(why)
    attempt = _one(desk, attempt)
    if attempt.recorded_by is None or attempt.state != "settled":
        raise Refusal("hand.not_settled", "Only a payment that was made by hand and confirmed can come back this way.")
    if worker == attempt.recorded_by:
        raise NotAllowed("hand.same_person", f"You recorded it. {people.somebody(desk, 'pay.hand', [worker])}")
    record(desk, "attempt.came_back_by_hand", "attempt", attempt.id, why)
    recording = Recording(desk, SOURCES[how_of(attempt)], by_hand=True)
    recording.take(attempt, Outcome(state="returned", code="by_hand"))
    recording.finish()


def pay_by_hand_instead(desk: Desk, payment: Payment, why: str) -> None:
    """Moves a payment with nothing under way to the manual rail, with a reason."""
    desk.need("pay.build", "Your role does not include changing how somebody is paid. Ask finance.")
    _need_why(why)
    attempts.lock_grant(desk, payment.grant_id)
    done = desk.session.scalar(select(Payment.done).where(Payment.id == payment.id))
    if done is not False or attempts.open_attempt(desk, payment.id):
        words = "This payment is made, under way, or planned anew just now, so it cannot change here."
        raise Refusal("payment.under_way", words)
    late.refuse_alive(desk, payment)
    before, payment.rail = payment.rail, BY_HAND
    record(desk, "payment.by_hand", "payment", payment.id, why, before=before)
    for number in desk.session.scalars(select(Attempt.id).where(Attempt.payment_id == payment.id)):
        close_tasks(desk, ("payment_failed", "payment_returned"), "attempt", number, "It is paid by hand instead.")


def how_of(attempt: Attempt) -> str:
    """Returns how a payment by hand was made: bank, cash or voucher."""
    return str(json.loads(attempt.body)["how"])


def make_by_hand(
    desk: Desk, payment: Payment, worker: int, paid_on: date, reference: str, way: str, float_id: int | None = None
) -> Attempt:
    """Makes the attempt of a payment by hand with what its person says of it, and posts J2."""
    entries: list[Entry] = []
    attempt = attempts.make_attempt(desk, payment, entries)
    attempt.recorded_by = worker
    attempt.paid_on = paid_on
    attempt.hand_reference = reference
    attempt.float_id = float_id
    attempts.freeze(attempt, json.dumps({"how": way, "paid_on": paid_on.isoformat(), "reference": reference}))
    attempts.post_all(desk, entries)
    return attempt


def settle(desk: Desk, attempt: Attempt, source: str) -> None:
    """Settles a payment by hand from the account that it came from (J3m)."""
    recording = Recording(desk, source, by_hand=True)
    recording.take(attempt, Outcome(state="settled"))
    recording.finish()


def refuse_date(desk: Desk, payment: Payment, paid_on: date) -> None:
    """Raises Refusal unless the day lies between the award and today, and is not closed."""
    if not payment.grant.awarded_on <= paid_on <= desk.today():
        words = f"Enter the day it was paid: from {payment.grant.awarded_on:%d/%m/%Y} to today."
        raise Refusal("hand.date", words, "paid_on")
    refuse_closed(desk, paid_on, "paid_on")


def refuse_reference(desk: Desk, rail: str, reference: str) -> None:
    """Raises Refusal for a reference that is missing, too long, or was used before."""
    text = reference.strip()
    if not text or len(text) > 60:
        raise Refusal("hand.reference", "Enter the reference of the payment, up to 60 characters.", "reference")
    used = select(Attempt).where(Attempt.rail == rail, Attempt.hand_reference == text)
    other = desk.session.scalar(used)
    if other is not None:
        words = f"This reference was used already, for {other.payment.statement}. Check both payments."
        raise Refusal("payment.reference_used", words, "reference")


def _record(desk: Desk, payment: Payment, worker: int, paid_on: date, reference: str, way: str) -> Attempt:
    attempt = make_by_hand(desk, payment, worker, paid_on, reference, way)
    record(desk, "attempt.recorded_by_hand", "attempt", attempt.id, how=way)
    return attempt


def _ready(desk: Desk, payment: Payment) -> Payment:
    attempts.lock_grant(desk, payment.grant_id)
    if desk.catalogue.rail(payment.rail).automatic:
        raise Refusal("hand.automatic", "This payment is sent by itself. Choose “pay by hand instead” first.")
    if attempts.open_attempt(desk, payment.id):
        raise Refusal("hand.recorded", "Somebody has recorded this payment already.")
    if not is_due(desk, payment):
        raise Refusal("payment.not_due", "This payment is made already, or not due yet, or its grant is on hold.")
    return payment


def _one(desk: Desk, attempt: Attempt) -> Attempt:
    return attempts.locked(desk, [attempt.id])[0]


def _waiting(desk: Desk, attempt: Attempt) -> Attempt:
    attempt = _one(desk, attempt)
    if attempt.state != "created" or attempt.recorded_by is None:
        raise Refusal("hand.not_waiting", "This payment does not wait for a second person.")
    return attempt


def _need_another(desk: Desk, attempt: Attempt) -> None:
    problem = third.confirm_problem(desk, attempt)
    if problem:
        raise NotAllowed("hand.same_person", problem)


def _need_why(why: str) -> None:
    if not why.strip():
        raise Refusal("why.missing", "Say why, in a few words.", "why")

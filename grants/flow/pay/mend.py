"""After trouble: a payee accepted by a second person or given new details, and a payment sent anew."""

from __future__ import annotations

from sqlalchemy import select

from grants.domain.errors import NotAllowed, Refusal
from grants.flow.desk import Desk
from grants.flow.opening import close_tasks
from grants.flow.pay import attempts, late, people
from grants.flow.pay.changes import BLOCKED_WORDS, waiting_change
from grants.flow.pay.due import BLOCKED
from grants.flow.step import record
from grants.ledger.book import Entry
from grants.model.applications import Application
from grants.model.events import EventRow
from grants.model.grants import Grant
from grants.model.payments import Attempt, Payment
from grants.model.people import Payee, Person

TYPED = ("payee.new_details", "payee.change_asked")
"""Events whose actor typed bank details in."""

OVER = ("failed", "returned", "cancelled")
"""States after which a person may have a payment sent anew."""


def reissue(desk: Desk, payment: Payment, why: str) -> Attempt:
    """Makes a new attempt, with a new key, after a definite failure or a return; it joins the next run.

    Raises Refusal while anything of this payment is open or unknown, and until the payee was looked at
    where the last attempt showed a problem with them.
    """
    desk.need("pay.build", "Your role does not include sending a payment anew. Ask finance.")
    if not why.strip():
        raise Refusal("why.missing", "Say why, in a few words.", "why")
    grant = attempts.lock_grant(desk, payment.grant_id)
    desk.session.refresh(payment)
    _refuse_reissue(desk, payment, grant)
    entries: list[Entry] = []
    attempt = attempts.make_attempt(desk, payment, entries)
    attempts.post_all(desk, entries)
    record(desk, "payment.reissued", "payment", payment.id, why, attempt=attempt.id)
    for number in desk.session.scalars(select(Attempt.id).where(Attempt.payment_id == payment.id)):
        close_tasks(desk, ("payment_failed", "payment_returned"), "attempt", number, "It is sent anew.")
    return attempt


def acknowledge_payee(desk: Desk, payee: Payee, why: str) -> None:
    """Accepts, as a second person, a payee whose name did not match or could not be checked, or whose money came back.

    Not by whoever typed the details in.
    """
    typed = _typed_by(desk, payee)
    worker = desk.need("pay.release", f"Your role does not include this. {people.somebody(desk, 'pay.release', typed)}")
    if worker in typed:
        words = f"You typed these details, so somebody else accepts them. {people.somebody(desk, 'pay.release', typed)}"
        raise NotAllowed("payee.same_person", words)
    if not why.strip():
        raise Refusal("why.missing", "Say how you know that this is the right account.", "why")
    if payee.check not in BLOCKED:
        raise Refusal("payee.fine", "Nothing is open about these details.")
    if waiting_change(desk, payee):
        raise Refusal("payee.changing", BLOCKED_WORDS)
    record(desk, "payee.accepted", "payee", payee.id, why, check=payee.check)
    rail = _automatic_rail(desk, payee)
    if rail:
        person = desk.session.get_one(Person, payee.person_id)
        payee.token = desk.catalogue.rail(rail).accept(attempts.offered(desk, payee, person))
    payee.check = "accepted"
    close_tasks(desk, ("payee",), "payee", payee.id, "Accepted by a second person.")


def accept_problem(desk: Desk, payee: Payee) -> str:
    """Returns why the one who acts may not accept this payee, and who may; empty when they may."""
    typed = _typed_by(desk, payee)
    if not desk.actor.may("pay.release"):
        problem = "Your role does not include accepting an account."
    elif desk.actor.user_id in typed:
        problem = "You typed these details, so somebody else accepts them."
    else:
        return ""
    return f"{problem} {people.somebody(desk, 'pay.release', typed)}"


def _refuse_reissue(desk: Desk, payment: Payment, grant: Grant) -> None:
    if payment.done or grant.state != "active":
        raise Refusal("payment.not_owed", "This payment is made, or its grant is on hold or over.")
    if not desk.catalogue.rail(payment.rail).automatic:
        raise Refusal("payment.by_hand", "This payment is made by hand: record it when somebody has paid.")
    if attempts.open_attempt(desk, payment.id):
        raise Refusal("payment.under_way", "This payment is still under way. Wait until we know what became of it.")
    late.refuse_alive(desk, payment)
    last = select(Attempt).where(Attempt.payment_id == payment.id).order_by(Attempt.number.desc()).limit(1)
    attempt = desk.session.scalar(last)
    if attempt is None or attempt.state not in OVER:
        raise Refusal("payment.never_sent", "This payment was not sent yet: it joins the next run by itself.")
    if grant.payee.check in BLOCKED:
        words = "Look at how this person is paid first: change the details, or accept them as a second person."
        raise Refusal("payee.blocked", words)


def _typed_by(desk: Desk, payee: Payee) -> set[int]:
    found = select(Application.entered_by).where(Application.payee_id == payee.id, Application.entered_by.is_not(None))
    typed = {user for user in desk.session.scalars(found) if user is not None}
    return typed | _changed_by(desk, payee)


def _changed_by(desk: Desk, payee: Payee) -> set[int]:
    found = select(EventRow.actor_id).where(
        EventRow.subject == "payee", EventRow.subject_id == payee.id, EventRow.name.in_(TYPED)
    )
    return {user for user in desk.session.scalars(found) if user is not None}


def _automatic_rail(desk: Desk, payee: Payee) -> str:
    found = select(Payment.rail).join(Grant, Grant.id == Payment.grant_id).where(Grant.payee_id == payee.id).distinct()
    known = [slug for slug in desk.session.scalars(found) if slug in desk.catalogue.rails]
    return next((slug for slug in known if desk.catalogue.rails[slug].automatic), "")

"""Decide: close to the person, alone within a delegated limit, with a second person above it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from grants.domain.errors import NotAllowed, Refusal
from grants.domain.money import Money
from grants.flow import find
from grants.flow.authority import (
    hold_person,
    refuse_again,
    refuse_connected,
    refuse_partner,
    refuse_role,
    refuse_spent,
    why_second_for,
)
from grants.flow.award import make_grant, terms_for
from grants.flow.confirm import further
from grants.flow.desk import Desk
from grants.flow.fund import terms_of
from grants.flow.opening import new_task
from grants.flow.step import advance, record
from grants.flow.telling_people import tell
from grants.model.applications import Application, Decision
from grants.model.grants import Grant

DECIDED = {"awarded": "it was awarded", "declined": "the answer was no", "withdrawn": "it was taken back"}
"""How an application that does not wait any more came to its end."""


VOUCHED = "The one who referred them says that it fits."
"""What stands as the attestation where the referrer's word is enough."""


@dataclass(frozen=True, slots=True)
class Decided:
    """What came of deciding: the decision, and the grant unless a second person must agree first."""

    decision: Decision
    grant: Grant | None = None


def award(
    desk: Desk, application_id: int, amount: Money, eligible: str, reason: str = "", further_why: str = ""
) -> Decided:
    """Awards an application, or proposes the award where a second person must agree.

    ``eligible`` is the worker's attestation in their own words (blank where a referrer's word stands); ``reason``
    is needed when the amount differs from what was asked; ``further_why`` answers an open question of a further
    grant (blank: the attestation does). The money is reserved at once when the award is made. Raises Refusal or
    NotAllowed in plain words; nothing is kept then.
    """
    worker = _decider(desk)
    application = _locked(desk, application_id)
    _refuse_decided(application)
    refuse_again(desk, worker, application)
    refuse_connected(desk, worker, application)
    refuse_partner(desk, application)
    _refuse_if_proposed(desk, application)
    eligible = eligible.strip() or vouched_for(application)
    _refuse_misfits(application, amount, eligible, reason)
    hold_person(desk, application.person)
    refuse_spent(desk, application, amount)
    further.settle(desk, application, further_why.strip() or eligible)
    facts, chosen = terms_for(desk, application, amount)
    decision = Decision(
        application_id=application.id,
        kind="award",
        amount=amount.amount,
        reason=reason.strip(),
        eligible=eligible.strip(),
        by=worker,
        at=desk.now(),
        why_second=why_second_for(desk, application, amount, chosen.terms.authority, hold=True),
    )
    decision.waiting = bool(decision.why_second)
    desk.session.add(decision)
    desk.session.flush()
    if decision.waiting:
        record(desk, "decision.proposed", "application", application.id, amount=amount.amount)
        return Decided(decision)
    return Decided(decision, make_grant(desk, application, decision, facts, chosen))


def agree(desk: Desk, decision_id: int) -> Grant:
    """Agrees, as a second person, to a proposed award and makes the grant.

    What was true when it was proposed is looked at again: the ceiling, the money left, the policy's terms.
    """
    worker = desk.need("decide.second", "Your role does not include agreeing to awards. Ask a manager.")
    decision, application = _waiting(desk, decision_id)
    if decision.by == worker:
        raise NotAllowed("decision.same_person", "You proposed this award, so somebody else must agree to it.")
    refuse_again(desk, worker, application)
    refuse_connected(desk, worker, application)
    amount = Money(decision.amount, application.currency)
    hold_person(desk, application.person)
    refuse_spent(desk, application, amount)
    further.settle(desk, application, decision.eligible)
    facts, chosen = terms_for(desk, application, amount)
    refuse_role(desk, decision, chosen.terms.authority.band(amount.amount))
    decision.second_by = worker
    decision.second_at = desk.now()
    decision.waiting = False
    desk.session.flush()
    return make_grant(desk, application, decision, facts, chosen)


def rehearse(desk: Desk, reference: str, amount: Money | None = None) -> None:
    """Asks the fund's policy what it will say of an award, so that one that hangs does so before anything is held.

    Without an amount it is that of the proposal that waits. Raises what ``award`` would raise of the policy.
    """
    application = find.application(desk, reference)
    if application is None or application.state != "submitted":
        return
    if amount is None:
        proposed = select(Decision.amount).where(Decision.application_id == application.id, Decision.waiting)
        amount = Money(desk.session.scalar(proposed) or application.amount, application.currency)
    terms_for(desk, application, amount)


def take_back(desk: Desk, decision_id: int, why: str = "") -> None:
    """Takes one's own proposal back, or says no, with a reason, to a colleague's; the application waits again."""
    decision, application = _waiting(desk, decision_id)
    own = decision.by == desk.actor.user_id
    if not own:
        worker = desk.need("decide.second", "Your role does not include agreeing to awards. Ask a manager.")
        refuse_connected(desk, worker, application)
        if not why.strip():
            raise Refusal("proposal.reason", "Say why not, so that your colleague can decide again.", "why")
    decision.waiting = False
    decision.withdrawn_at = desk.now()
    record(desk, "decision.taken_back" if own else "decision.refused", "application", application.id, why)


def decline(desk: Desk, application_id: int, reason: str) -> Decision:
    """Declines an application with a reason that the person may read."""
    worker = _decider(desk)
    application = _locked(desk, application_id)
    _refuse_decided(application)
    refuse_again(desk, worker, application)
    refuse_connected(desk, worker, application)
    refuse_partner(desk, application)
    if not reason.strip():
        raise Refusal("decline.reason", "Say why, in words that the person may read.", "reason")
    _refuse_if_proposed(desk, application)
    decision = Decision(
        application_id=application.id, kind="decline", amount=0, reason=reason.strip(), by=worker, at=desk.now()
    )
    desk.session.add(decision)
    application.decided_at = desk.now()
    advance(desk, application, "decline")
    key = f"decided_decline:{decision.id}"
    tell(desk, "decided_decline", application.person, application=application, key=key)
    _ask_to_tell(desk, application, worker)
    return decision


def reopen(desk: Desk, application_id: int, why: str) -> Application:
    """Opens a declined application again, with a reason."""
    worker = _decider(desk)
    application = _locked(desk, application_id)
    refuse_connected(desk, worker, application)
    refuse_partner(desk, application)
    if not why.strip():
        raise Refusal("reopen.reason", "Say why it is opened again.", "why")
    application.decided_at = None
    advance(desk, application, "reopen", why)
    return application


def withdraw(desk: Desk, application_id: int, why: str = "") -> Application:
    """Takes an application back at the person's wish; a partner may do this for those they referred."""
    desk.need("referral.enter" if desk.actor.kind == "partner" else "apply.enter")
    application = _locked(desk, application_id)
    _refuse_if_proposed(desk, application)
    advance(desk, application, "withdraw", why)
    return application


def take_application_back(desk: Desk, application: Application) -> None:
    """Takes an application back at the wish of the person themselves, who came by their own link.

    Raises Refusal where an award is proposed already, IllegalMove where it does not wait any more.
    """
    application = _locked(desk, application.id)
    _refuse_if_proposed(desk, application)
    advance(desk, application, "withdraw", "They took it back themselves.")


def told_reason(desk: Desk, application: Application) -> str:
    """Returns why the answer was no, in the words that were written for the person to read; empty without a no."""
    said = select(Decision.reason).where(Decision.application_id == application.id, Decision.kind == "decline")
    return desk.session.scalar(said.order_by(Decision.id.desc()).limit(1)) or ""


def vouched_for(application: Application) -> str:
    """Returns the attestation that stands for a worker's own where the fund takes a referrer's word; else nothing."""
    by_referrer = terms_of(application.fund).eligibility.attested_by == "referrer"
    return VOUCHED if by_referrer and application.attested else ""


def _decider(desk: Desk) -> int:
    return desk.need("decide.award", "Your role does not include deciding. Ask a manager.")


def _refuse_decided(application: Application) -> None:
    if application.state != "submitted":
        how = DECIDED.get(application.state, "it is not sent yet")
        words = f"This application does not wait for a decision: {how}. Nothing was changed."
        raise Refusal("application.decided", words)


def _refuse_misfits(application: Application, amount: Money, eligible: str, reason: str) -> None:
    if not eligible.strip():
        words = "Tick that this person is who the fund is for, and say in a few words how you know."
        raise Refusal("eligible.missing", words, "eligible")
    if amount.currency != application.currency:
        raise Refusal("currency.mixed", f"This fund pays in {application.currency}.", "amount")
    if amount.amount <= 0:
        raise Refusal("amount.out_of_range", "Enter an amount above 0, like 150.", "amount")
    if amount.amount != application.amount and not reason.strip():
        raise Refusal("amount.reason", "Say why the amount is not what was asked.", "reason")


def _refuse_if_proposed(desk: Desk, application: Application) -> None:
    waiting = select(Decision.id).where(Decision.application_id == application.id, Decision.waiting)
    if desk.session.scalar(waiting):
        raise Refusal("decision.waiting", "An award is proposed already and waits for a second person.")


def _locked(desk: Desk, application_id: int) -> Application:
    """Returns the application, held so that two people cannot decide it at the same moment."""
    found = select(Application).where(Application.id == application_id).with_for_update()
    application = desk.session.scalar(found.execution_options(populate_existing=True))
    if application is None:
        raise Refusal("application.missing", "There is no such application.")
    if desk.actor.kind == "partner" and application.partner_id != desk.actor.user_id:
        raise Refusal("application.missing", "There is no such application.")
    return application


def _waiting(desk: Desk, decision_id: int) -> tuple[Decision, Application]:
    decision = desk.session.get(Decision, decision_id)
    if decision is None:
        raise Refusal("decision.missing", "There is no such decision.")
    application = _locked(desk, decision.application_id)
    desk.session.refresh(decision)
    if not decision.waiting:
        raise Refusal("decision.done", "Somebody has already answered this proposal.")
    return decision, application


def _ask_to_tell(desk: Desk, application: Application, worker: int) -> None:
    """Asks the one who declined to tell the person, where there is a safe way: an answer is never left unsaid."""
    if not application.person.contact_safe:
        return
    words = "Say it kindly, in the way they said is safe, with the reason. They may ask again."
    teller = worker if desk.actor.kind == "staff" else None
    new_task(
        desk, "tell_answer", "application", application.id, "Tell this person the answer", words, assigned_to=teller
    )

"""Decide: close to the person, alone within a delegated limit, with a second person above it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select

from grants.domain.delegation import Limit, Used, why_second
from grants.domain.errors import NotAllowed, Refusal
from grants.domain.money import Money, format_amount
from grants.domain.names import name_key
from grants.flow.apply import same_people
from grants.flow.award import make_grant
from grants.flow.desk import Desk
from grants.flow.fund import terms_of
from grants.flow.step import advance, record
from grants.model.applications import Application, Decision
from grants.model.delegations import Connection, Delegation
from grants.model.grants import Grant
from grants.model.people import Person
from grants.model.users import User


@dataclass(frozen=True, slots=True)
class Decided:
    """What came of deciding: the decision, and the grant unless a second person must agree first."""

    decision: Decision
    grant: Grant | None = None


def award(desk: Desk, application_id: int, amount: Money, eligible: str, reason: str = "") -> Decided:
    """Awards an application, or proposes the award where a second person must agree.

    ``eligible`` is the worker's attestation in their own words; ``reason`` is needed when the amount
    differs from what was asked. The money is reserved at once when the award is made. Raises Refusal
    or NotAllowed in plain words; nothing is kept then.
    """
    worker = desk.need("decide.award", "Your role does not include deciding. Ask a manager.")
    application = _locked(desk, application_id)
    refuse_connected(desk, worker, application)
    _refuse_award(desk, application, amount, eligible, reason)
    decision = Decision(
        application_id=application.id,
        kind="award",
        amount=amount.amount,
        reason=reason.strip(),
        eligible=eligible.strip(),
        by=worker,
        at=desk.now(),
        why_second=why_second_for(desk, application, amount),
    )
    decision.waiting = bool(decision.why_second)
    desk.session.add(decision)
    desk.session.flush()
    if decision.waiting:
        record(desk, "decision.proposed", "application", application.id, amount=amount.amount)
        return Decided(decision)
    return Decided(decision, make_grant(desk, application, decision))


def agree(desk: Desk, decision_id: int) -> Grant:
    """Agrees, as a second person, to a proposed award and makes the grant."""
    worker = desk.need("decide.second", "Your role does not include agreeing to awards. Ask a manager.")
    decision, application = _waiting(desk, decision_id)
    if decision.by == worker:
        raise NotAllowed("decision.same_person", "You proposed this award, so somebody else must agree to it.")
    refuse_connected(desk, worker, application)
    decision.second_by = worker
    decision.second_at = desk.now()
    decision.waiting = False
    desk.session.flush()
    return make_grant(desk, application, decision)


def take_back(desk: Desk, decision_id: int, why: str = "") -> None:
    """Takes a proposed award back, or says no to it; the application waits for a new decision."""
    if not desk.actor.may("decide.award") and not desk.actor.may("decide.second"):
        raise NotAllowed("not_allowed", "Your role does not include deciding. Ask a manager.")
    decision, application = _waiting(desk, decision_id)
    decision.waiting = False
    decision.withdrawn_at = desk.now()
    record(desk, "decision.taken_back", "application", application.id, why)


def decline(desk: Desk, application_id: int, reason: str) -> Decision:
    """Declines an application with a reason that the person may read."""
    worker = desk.need("decide.award", "Your role does not include deciding. Ask a manager.")
    application = _locked(desk, application_id)
    refuse_connected(desk, worker, application)
    if not reason.strip():
        raise Refusal("decline.reason", "Say why, in words that the person may read.", "reason")
    _refuse_if_proposed(desk, application)
    decision = Decision(
        application_id=application.id, kind="decline", amount=0, reason=reason.strip(), by=worker, at=desk.now()
    )
    desk.session.add(decision)
    application.decided_at = desk.now()
    advance(desk, application, "decline")
    return decision


def reopen(desk: Desk, application_id: int, why: str) -> Application:
    """Opens a declined application again, with a reason."""
    desk.need("decide.award")
    application = _locked(desk, application_id)
    if not why.strip():
        raise Refusal("reopen.reason", "Say why it is opened again.", "why")
    application.decided_at = None
    advance(desk, application, "reopen", why)
    return application


def withdraw(desk: Desk, application_id: int, why: str = "") -> Application:
    """Takes an application back at the person's wish."""
    desk.need("apply.enter")
    application = _locked(desk, application_id)
    _refuse_if_proposed(desk, application)
    advance(desk, application, "withdraw", why)
    return application


def why_second_for(desk: Desk, application: Application, amount: Money) -> str:
    """Returns why the acting worker needs a second person for this award; empty when they may decide alone."""
    user_id = desk.actor.user_id
    found = select(Delegation).where(
        Delegation.user_id == user_id, Delegation.currency == amount.currency, Delegation.ended_at.is_(None)
    )
    row = desk.session.scalar(found.order_by(Delegation.id.desc()).limit(1).with_for_update())
    limit = None
    if row:
        limit = Limit(
            per_grant=row.per_grant,
            per_day=row.per_day,
            per_person_per_year=row.per_person_per_year,
            approved_on=row.approved_on,
        )
    people = terms_of(application.fund).authority.people(amount.amount)
    return why_second(amount, limit, _used(desk, application.person, amount.currency), people)


def refuse_connected(desk: Desk, worker: int, application: Application) -> None:
    """Raises NotAllowed when the worker is this person, is paid, or declared a connection with them."""
    user = desk.session.get_one(User, worker)
    person, payee = application.person, application.payee
    keys = {person.name_key, name_key(payee.name), name_key(payee.whose)} - {""}
    declared = select(Connection.id).where(Connection.user_id == worker, Connection.name_key.in_(keys)).limit(1)
    itself = name_key(user.name) in keys or (person.email and person.email == user.email.casefold())
    if itself or desk.session.scalar(declared):
        raise NotAllowed("decision.connected", "This is you or somebody close to you, so a colleague decides.")


def _refuse_award(desk: Desk, application: Application, amount: Money, eligible: str, reason: str) -> None:
    _refuse_partner(desk, application)
    _refuse_if_proposed(desk, application)
    if application.state != "submitted":
        advance(desk, application, "award")
    if not eligible.strip():
        words = "Tick that this person is who the fund is for, and say in a few words how you know."
        raise Refusal("eligible.missing", words, "eligible")
    if amount.currency != application.currency:
        raise Refusal("currency.mixed", f"This fund pays in {application.currency}.", "amount")
    if amount.amount != application.amount and not reason.strip():
        raise Refusal("amount.reason", "Say why the amount is not what was asked.", "reason")
    _refuse_over_ceiling(desk, application, amount)


def _refuse_partner(desk: Desk, application: Application) -> None:
    if desk.actor.kind != "partner":
        return
    if application.partner_id != desk.actor.user_id or not terms_of(application.fund).authority.partners:
        raise NotAllowed("decision.partner", "In this fund the charity decides. You will hear from them.")


def _refuse_over_ceiling(desk: Desk, application: Application, amount: Money) -> None:
    fund = application.fund
    had = desk.session.scalar(
        select(func.coalesce(func.sum(Grant.amount), 0)).where(
            Grant.fund_id == fund.id,
            Grant.person_id.in_(same_people(desk, application.person)),
            Grant.state != "cancelled",
        )
    )
    left = fund.ceiling - (had or 0)
    if amount.amount > left:
        most = format_amount(Money(max(left, 0), fund.currency))
        whole = format_amount(Money(fund.ceiling, fund.currency))
        words = f"One person can have {whole} from this fund; {most} is left."
        raise Refusal("amount.over_ceiling", words, "amount")


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


def _used(desk: Desk, person: Person, currency: str) -> Used:
    today = select(func.coalesce(func.sum(Grant.amount), 0)).where(
        Grant.decided_by == desk.actor.user_id,
        Grant.awarded_on == desk.today(),
        Grant.second_by.is_(None),
        Grant.currency == currency,
    )
    year = select(func.coalesce(func.sum(Grant.amount), 0)).where(
        Grant.person_id.in_(same_people(desk, person)),
        Grant.awarded_on > desk.today() - timedelta(days=365),
        Grant.currency == currency,
        Grant.state != "cancelled",
    )
    return Used(today=desk.session.scalar(today) or 0, person_year=desk.session.scalar(year) or 0)

"""What an award makes: frozen terms, reserved money, planned payments and asks, in one transaction."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import date, timedelta
from typing import Any

from marshmallow import ValidationError
from sqlalchemy import select

from grants.domain import burden
from grants.domain.errors import Refusal
from grants.domain.facts import Facts
from grants.domain.money import Money
from grants.domain.sampling import drawn
from grants.domain.schedule import plan
from grants.domain.terms import Terms
from grants.domain.terms_json import dump
from grants.flow import confirm, contact, pay, policies, trials
from grants.flow.apply import same_people
from grants.flow.desk import Desk
from grants.flow.opening import new_task
from grants.flow.step import advance, record
from grants.flow.telling_people import tell
from grants.flow.trials import Chosen
from grants.ledger import accounts
from grants.ledger.book import Entry, post
from grants.model.applications import Application, Decision
from grants.model.asks import GrantAsk
from grants.model.base import reference
from grants.model.funds import Fund
from grants.model.grants import Grant
from grants.model.payments import Payment


def facts_of(desk: Desk, application: Application, amount: Money) -> Facts:
    """Returns what a policy may know of this award."""
    person = application.person
    earlier = select(Grant.id).where(Grant.person_id.in_(same_people(person))).limit(1)
    return Facts(
        amount=amount,
        awarded_on=desk.today(),
        route=application.route,  # type: ignore[arg-type]  # the column holds only the routes of Facts
        first_grant=desk.session.scalar(earlier) is None,
        purposes=tuple(application.purposes),
        reason=application.reason or None,
        area=person.ward or None,
        household_size=person.household_size,
    )


def terms_for(desk: Desk, application: Application, amount: Money) -> tuple[Facts, Chosen]:
    """Returns what the fund's policy, or the one that is tried beside it, says of this award, from what it may know.

    Raises Refusal when the policy is not installed, does not work, or has other settings now than those kept.
    """
    facts = facts_of(desk, application, amount)
    try:
        chosen = trials.chosen(desk, application, facts)
    except ValidationError as error:
        words = "The settings of this fund’s policy do not fit it any more. Nothing was changed."
        raise Refusal("policy.settings", f"{words} Ask a manager to choose the policy again.") from error
    parts = chosen.terms.schedule.parts
    if parts > amount.amount:
        words = f"This fund pays in {parts} parts, and the amount is too small for that."
        raise Refusal("amount.too_small", words, "amount")
    return facts, chosen


def make_grant(desk: Desk, application: Application, decision: Decision, facts: Facts, chosen: Chosen) -> Grant:
    """Freezes the terms, reserves the money (J1) and plans the payments, all in this transaction."""
    fund = application.fund
    amount = Money(decision.amount, application.currency)
    number = reference("G")
    terms = confirm.as_accepted(chosen.terms, application.conditions, number)
    grant = _grant(desk, application, decision, facts, replace(chosen, terms=terms), number)
    desk.session.add(grant)
    application.decided_at = desk.now()
    advance(desk, application, "award", amount=amount.amount)
    _reserve(desk, fund, grant)
    _plan(desk, grant, terms)
    arm: dict[str, Any] = {"trial": chosen.trial_id, "arm": chosen.arm} if chosen.arm else {}
    record(desk, "grant.awarded", "grant", grant.id, amount=amount.amount, fund=fund.id, **arm)
    advance(desk, grant, "activate")
    confirm.further.awarded(desk, application)
    _peer_look(desk, grant, application, terms)
    contact.ask_again(desk, grant.person)
    tell(desk, "decided_award", grant.person, grant=grant, application=application, key=f"decided_award:{grant.id}")
    return grant


def _grant(
    desk: Desk, application: Application, decision: Decision, facts: Facts, chosen: Chosen, number: str
) -> Grant:
    terms = chosen.terms
    return Grant(
        reference=number,
        application_id=application.id,
        fund_id=application.fund_id,
        person_id=application.person_id,
        payee_id=application.payee_id,
        amount=decision.amount,
        currency=application.currency,
        terms=dump(terms),
        facts=asdict(facts) | {"awarded_on": facts.awarded_on.isoformat()},
        policy_slug=chosen.slug,
        policy_source=policies.source(desk, chosen.slug, chosen.version),
        minutes=burden.after_award(terms).minutes,
        decided_by=decision.by,
        second_by=decision.second_by,
        awarded_at=desk.now(),
        awarded_on=desk.today(),
        firm_on=_firm_on(desk, terms),
        trial_id=chosen.trial_id,
        arm=chosen.arm,
    )


def _firm_on(desk: Desk, terms: Terms) -> date | None:
    """Returns the day on which a provisional award is firm, or None for one that is firm at once."""
    wait = terms.schedule.provisional_days
    return desk.today() + timedelta(days=wait) if wait else None


def _peer_look(desk: Desk, grant: Grant, application: Application, terms: Terms) -> None:
    """Asks a colleague to look at a share of awards afterwards, drawn by fund and application; it holds nothing."""
    if not drawn(f"peer {application.fund.slug}", application.reference, terms.authority.peer_look):
        return
    words = "It was drawn by chance. Read the decision and talk with your colleague, to learn. Nothing waits for it."
    others = [user for user in (grant.decided_by, grant.second_by) if user is not None]
    new_task(desk, "peer_look", "grant", grant.id, f"Look at {grant.reference} with a colleague", words, not_for=others)


def _reserve(desk: Desk, fund: Fund, grant: Grant) -> None:
    desk.session.flush()
    entry = Entry(
        key=f"J1.grant.{grant.id}",
        kind="J1",
        debit=accounts.fund(fund.id),
        credit=accounts.payable(grant.id),
        amount=grant.amount,
        currency=grant.currency,
        fund_id=fund.id,
        grant_id=grant.id,
    )
    post(desk.session, entry, desk.now())


def _plan(desk: Desk, grant: Grant, terms: Terms) -> None:
    rail = pay.rail_for(desk.catalogue, grant.person, grant.payee)
    for part in plan(terms.schedule, Money(grant.amount, grant.currency), grant.awarded_on):
        payment = Payment(
            grant_id=grant.id,
            number=part.number,
            amount=part.amount.amount,
            currency=grant.currency,
            due_on=part.due_on,
            rail=rail,
            statement=pay.statement_reference(),
        )
        desk.session.add(payment)
    for ask in terms.asks:
        row = GrantAsk(
            grant_id=grant.id,
            slug=ask.slug,
            title=ask.title,
            form=ask.form,
            of=ask.of,
            minutes=ask.minutes,
            due_on=grant.awarded_on + timedelta(days=ask.due_days),
            if_missed=ask.if_missed,
            reminders=ask.reminders,
        )
        desk.session.add(row)
    desk.session.flush()

"""One application: the need in the person's own words, what may be decided about it, and what else is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import Schema, ValidationError
from sqlalchemy import select

from grants.domain.errors import Refusal
from grants.domain.facts import Facts
from grants.domain.money import Money
from grants.domain.terms import Authority, Terms
from grants.flow import confirm, contact, decide, find, policies, trials
from grants.flow.authority import left_for_person, partner_decides, why_second_for
from grants.flow.award import facts_of
from grants.flow.desk import Desk
from grants.flow.fund import ask_policy, available, terms_of
from grants.model.applications import Application
from grants.model.asks import FurtherQuestion
from grants.model.users import User
from grants.schemas.asking import further_why_schema
from grants.schemas.deciding import (
    ContactSchema,
    DeclineSchema,
    ReopenSchema,
    WhyNotSchema,
    WithdrawSchema,
    attestation,
    award_schema,
)
from grants.web.edge import desk_for_request, nothing_kept
from grants.web.forms import Form, bind
from grants.web.guard import needs
from grants.web.staff.door import door
from grants.web.staff.said import history


@dataclass(frozen=True, slots=True, kw_only=True)
class Deciding:
    """What a worker sees before deciding: money left, for whom, and whether they decide alone."""

    left: Money
    left_for_person: Money
    sentence: str
    why_second: str
    charity_decides: bool
    first_grant: bool
    tried: bool


@door.get("/applications/<reference>")
@needs("apply.read", "referral.read")
def application(reference: str) -> str:
    """Shows an application, with whatever may be done about it now."""
    desk = desk_for_request()
    return page(desk, found(desk, reference))


@door.post("/applications/<reference>/contact")
@needs("contact.check")
def check_contact(reference: str) -> ResponseReturnValue:
    """Keeps what the person said about a safe way to reach them."""
    desk = desk_for_request()
    form = bind(ContactSchema, request.form)
    if form.ok:
        try:
            person = found(desk, reference).person
            contact.checked_by_worker(desk, person, form.data["channel"], form.data.get("value", ""))
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash("Thank you for asking them. It is written down.", "good")
            return redirect(url_for("staff.application", reference=reference))
    return once_more(reference, contact=form)


@door.post("/applications/<reference>/reopen")
@needs("decide.award")
def reopen(reference: str) -> ResponseReturnValue:
    """Opens a declined application again."""
    desk = desk_for_request()
    form = bind(ReopenSchema, request.form)
    if not form.ok:
        return once_more(reference, reopening=form)
    decide.reopen(desk, found(desk, reference).id, form.data["reopen_why"])
    flash("It waits for a decision again.", "good")
    return redirect(url_for("staff.application", reference=reference))


@door.post("/applications/<reference>/withdraw")
@needs("apply.enter", "referral.enter")
def withdraw(reference: str) -> ResponseReturnValue:
    """Takes an application back at the person's wish."""
    desk = desk_for_request()
    form = bind(WithdrawSchema, request.form)
    if not form.ok:
        return once_more(reference, withdrawing=form)
    decide.withdraw(desk, found(desk, reference).id, form.data.get("withdraw_why", ""))
    flash("The application was taken back, as they wished.", "good")
    return redirect(url_for("staff.application", reference=reference))


def found(desk: Desk, reference: str) -> Application:
    """Returns the application of this reference that the actor may read, or ends with “not found”."""
    row = find.application(desk, reference)
    if row is None:
        abort(404)
    return row


def once_more(reference: str, **forms: Form) -> tuple[str, int]:
    """Returns the page with a form that has something to mend; nothing that this request did is kept."""
    nothing_kept()
    desk = desk_for_request()
    return page(desk, found(desk, reference), **forms), 422


def page(desk: Desk, row: Application, **forms: Form) -> str:
    """Returns the page of an application; a form that is not given is blank."""
    terms = terms_of(row.fund)
    decisions = find.decisions(desk, row.id)
    proposal = next((decision for decision, *_who in decisions if decision.waiting), None)
    waits = row.state == "submitted" and proposal is None
    deciding = _deciding(desk, row, terms) if row.state == "submitted" and desk.actor.may("decide.award") else None
    shown: dict[str, Any] = blank_forms(row, terms) | forms
    return render_template(
        "staff/application.html",
        application=row,
        person=row.person,
        payee=row.payee,
        fund=row.fund,
        terms=terms,
        decisions=decisions,
        proposal=proposal,
        waits=waits,
        deciding=deciding,
        further=_further(desk, row, deciding),
        own_proposal=proposal is not None and proposal.by == desk.actor.user_id,
        grant=find.grant_of(desk, row.id) if row.state == "awarded" else None,
        typists=_typists(desk, row),
        earlier=find.earlier(desk, row.repeat_of),
        history=history(find.history(desk, [("application", row.id), ("person", row.person_id)]), row.currency),
        form=next((form for form in forms.values() if form.errors), None),
        **shown,
    )


def blank_forms(row: Application, terms: Terms) -> dict[str, Form]:
    """Returns every form of the page as it is before anything was typed; the amount asked for is filled in."""
    asked = Money(row.amount, row.currency)
    return {
        "awarding": bind(awarding(row, terms), None, {"amount": asked}),
        "furthering": bind(further_why_schema()),
        "declining": bind(DeclineSchema),
        "refusing": bind(WhyNotSchema),
        "reopening": bind(ReopenSchema),
        "withdrawing": bind(WithdrawSchema),
        "contact": bind(ContactSchema, None, {"channel": row.person.channel if row.person.contact_safe else None}),
    }


def sentence(row: Application, terms: Terms) -> str:
    """Returns what the worker attests: that the person is who the fund is for."""
    return attestation(terms.eligibility.sentence, row.fund.restriction)


def awarding(row: Application, terms: Terms) -> Schema:
    """Returns the form in which this application is awarded; without a tick where a referrer vouched for it."""
    vouched = bool(decide.vouched_for(row))
    return award_schema(Money(row.amount, row.currency), sentence(row, terms), vouched=vouched)


def _deciding(desk: Desk, row: Application, terms: Terms) -> Deciding:
    asked = Money(row.amount, row.currency)
    facts = facts_of(desk, row, asked)
    return Deciding(
        left=available(desk, row.fund),
        left_for_person=left_for_person(desk, row),
        sentence=sentence(row, terms),
        why_second=why_second_for(desk, row, asked, _authority(desk, row, facts, terms)),
        charity_decides=not partner_decides(desk, row),
        first_grant=facts.first_grant,
        tried=trials.running(desk, row.fund) is not None,
    )


def _authority(desk: Desk, row: Application, facts: Facts, terms: Terms) -> Authority:
    """Returns who decides about this very application, as at its award; the fund's usual where that cannot be asked.

    A policy that is tried beside the standing one changes nothing about who decides, so it is not asked.
    """
    try:
        offered = policies.policy(desk, row.fund.policy_slug, row.fund.policy_version)
        return ask_policy(offered, row.fund.policy_settings, facts).authority
    except (Refusal, ValidationError):
        return terms.authority


def _further(desk: Desk, row: Application, deciding: Deciding | None) -> Sequence[FurtherQuestion]:
    """Returns the questions of a further grant for whoever decides; nobody is asked about a first grant."""
    if deciding is None or deciding.first_grant or desk.actor.kind != "staff":
        return ()
    return confirm.further.questions_for(desk, row)


def _typists(desk: Desk, row: Application) -> dict[int, str]:
    """Returns the names of whoever typed or referred it, by id."""
    ids = {number for number in (row.entered_by, row.partner_id) if number is not None}
    if not ids:
        return {}
    rows = desk.session.execute(select(User.id, User.name, User.organisation).where(User.id.in_(ids)))
    return {number: f"{name}, {organisation}" if organisation else name for number, name, organisation in rows}

"""Deciding: award, decline, agree as the second person, or say no to a proposal."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from grants.domain.errors import NotAllowed, Refusal
from grants.domain.money import Money
from grants.flow import decide, find
from grants.flow.desk import Desk
from grants.flow.fund import terms_of
from grants.model.applications import Application, Decision
from grants.schemas.asking import further_why_schema
from grants.schemas.deciding import DeclineSchema, WhyNotSchema
from grants.web.edge import beforehand, desk_for_request, nothing_kept
from grants.web.forms import Form, bind
from grants.web.guard import needs
from grants.web.staff.application import awarding, found, once_more
from grants.web.staff.door import door
from grants.web.staff.said import short

FIELDS = {"eligible": "eligible", "amount": "amount", "reason": "reason", "why": "why_not"}
"""Where on the page each field stands that the flow names."""


@door.post("/applications/<reference>/award")
@needs("decide.award")
def award(reference: str) -> ResponseReturnValue:
    """Awards, or proposes an award where a second person must agree."""
    desk = desk_for_request()
    row = found(desk, reference)
    form = bind(awarding(row, terms_of(row.fund)), request.form)
    more = bind(further_why_schema(), request.form)
    if not (form.ok and more.ok):
        return once_more(reference, awarding=form, furthering=more)
    data = form.data
    beforehand(lambda before: decide.rehearse(before, reference, data["amount"]))
    try:
        said = {"reason": data.get("reason", ""), "further_why": more.data.get("further_why", "")}
        decided = decide.award(desk, row.id, data["amount"], data.get("eligible", ""), **said)
    except Refusal as refusal:
        return _refused(desk, row, refusal, form, "awarding")
    if decided.grant is None:
        flash(f"Proposed. {decided.decision.why_second}", "good")
        return redirect(url_for("staff.application", reference=row.reference))
    flash(f"Awarded: {short(data['amount'])} is set aside for {row.person.name}.", "good")
    return redirect(url_for("staff.grant", reference=decided.grant.reference))


@door.post("/applications/<reference>/decline")
@needs("decide.award")
def decline(reference: str) -> ResponseReturnValue:
    """Declines, with a reason that the person may read."""
    desk = desk_for_request()
    row = found(desk, reference)
    form = bind(DeclineSchema, request.form)
    if not form.ok:
        return once_more(reference, declining=form)
    try:
        decide.decline(desk, row.id, form.data["decline_reason"])
    except Refusal as refusal:
        return _refused(desk, row, refusal, form, "declining")
    flash(f"The answer to {row.person.name} is no, with your reason.", "good")
    return redirect(url_for("staff.queue"))


@door.post("/applications/<reference>/agree")
@needs("decide.second")
def agree(reference: str) -> ResponseReturnValue:
    """Agrees, as the second person, to a colleague's proposal."""
    desk = desk_for_request()
    row = found(desk, reference)
    beforehand(lambda before: decide.rehearse(before, reference))
    try:
        grant = decide.agree(desk, _proposal(desk, row))
    except Refusal as refusal:
        return _refused(desk, row, refusal)
    flash(f"Awarded: {short(Money(grant.amount, grant.currency))} is set aside for {row.person.name}.", "good")
    return redirect(url_for("staff.grant", reference=grant.reference))


@door.post("/applications/<reference>/take-back")
@needs("decide.award", "decide.second")
def take_back(reference: str) -> ResponseReturnValue:
    """Takes one's own proposal back, or says no to a colleague's."""
    desk = desk_for_request()
    row = found(desk, reference)
    form = bind(WhyNotSchema, request.form)
    try:
        decide.take_back(desk, _proposal(desk, row), form.data.get("why_not", ""))
    except Refusal as refusal:
        return _refused(desk, row, refusal, form, "refusing")
    flash("The proposal is gone. The application waits for a new decision.", "good")
    return redirect(url_for("staff.application", reference=row.reference))


def _proposal(desk: Desk, row: Application) -> int:
    waiting = next((decision for decision, *_who in find.decisions(desk, row.id) if decision.waiting), None)
    if waiting is None:
        raise Refusal("decision.done", "Nothing is proposed here now: somebody has answered it already.")
    return waiting.id


def _refused(
    desk: Desk, row: Application, refusal: Refusal, form: Form | None = None, name: str = ""
) -> ResponseReturnValue:
    """Returns to the form's field where there is one; else to the page as it is now, with what was refused."""
    field = FIELDS.get(refusal.field or "")
    if form is not None and field is not None and field in form:
        if not form.errors:
            form.add_error(field, refusal.message)
        return once_more(row.reference, **{name: form})
    reference, number = row.reference, row.id
    nothing_kept()
    if refusal.code in ("application.decided", "decision.done", "decision.waiting"):
        return _decided_already(desk, reference, number, refusal)
    if isinstance(refusal, NotAllowed) or form is None:
        raise refusal
    form.add_error(None, refusal.message)
    return once_more(reference, **{name: form})


def _decided_already(desk: Desk, reference: str, number: int, refusal: Refusal) -> ResponseReturnValue:
    """A form sent twice goes where the first sending went; whoever came second is told so on the page."""
    rows = find.decisions(desk, number)
    last: Decision | None = rows[0][0] if rows else None
    me = desk.actor.user_id
    mine = last is not None and me in ((last.second_by,) if last.second_by else (last.by,))
    if not mine:
        flash(f"{refusal.message} This page shows how it stands.", "problem")
    grant = find.grant_of(desk, number) if mine else None
    if grant is not None:
        return redirect(url_for("staff.grant", reference=grant.reference))
    return redirect(url_for("staff.application", reference=reference))

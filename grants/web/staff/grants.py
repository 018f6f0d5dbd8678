"""Grants: the list, and one grant with its terms in words, its payments, and the link for its recipient."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import segno
from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlalchemy import select

from grants.domain import paces
from grants.domain.lifecycle import GRANT
from grants.domain.money import Money
from grants.domain.terms import Terms
from grants.domain.terms_json import load
from grants.flow import confirm, find, pay, stories
from grants.flow.desk import Desk
from grants.flow.telling_people import delivery
from grants.model.asks import GrantAsk
from grants.model.grants import Grant
from grants.model.payments import Attempt, Payment
from grants.model.users import User
from grants.web.edge import desk_for_request
from grants.web.guard import needs
from grants.web.staff.door import door
from grants.web.staff.queue import number_from
from grants.web.staff.said import history


@door.get("/grants")
@needs("apply.read", "referral.read")
def grants() -> str:
    """Shows a page of grants, newest first."""
    desk = desk_for_request()
    state = request.args.get("state", "")
    state = state if state in GRANT.states else ""
    fund = number_from(request.args.get("fund", ""))
    after = request.args.get("after", "")
    page = find.grants(desk, state=state, fund_id=fund, after=after)
    here: dict[str, Any] = {"state": state or None, "fund": fund}
    return render_template(
        "staff/grants.html",
        page=page,
        states=GRANT.states,
        state=state,
        fund=fund,
        funds=find.funds(desk),
        next_url=url_for("staff.grants", after=page.after, **here) if page.after else None,
        first_url=url_for("staff.grants", **here) if after else None,
        filtered=bool(fund or state),
    )


@door.get("/grants/<reference>")
@needs("apply.read", "referral.read")
def grant(reference: str) -> str:
    """Shows a grant."""
    desk = desk_for_request()
    return _page(desk, found(desk, reference))


@door.post("/grants/<reference>/link")
@needs("confirm.record", "referral.enter")
def new_link(reference: str) -> str:
    """Makes a fresh link for the recipient and shows it, once; links before it end."""
    desk = desk_for_request()
    row = found(desk, reference)
    url = confirm.link_url(desk, confirm.new_link(desk, row))
    return render_template("staff/grant_link.html", grant=row, url=url, picture=picture_of(url), days=confirm.LINK_DAYS)


@door.post("/grants/<reference>/link/end")
@needs("confirm.record", "referral.enter")
def end_link(reference: str) -> ResponseReturnValue:
    """Ends every link to the grant."""
    desk = desk_for_request()
    confirm.revoke_links(desk, found(desk, reference))
    flash("The link does not work any more. You can make a new one.", "good")
    return redirect(url_for("staff.grant", reference=reference))


def found(desk: Desk, reference: str) -> Grant:
    """Returns the grant of this reference that the actor may read, or ends with “not found”."""
    row = find.grant(desk, reference)
    if row is None:
        abort(404)
    return row


def _page(desk: Desk, row: Grant) -> str:
    terms = load(row.terms)
    payments = find.payments(desk, row.id)
    asked = _asked(desk, row)
    about = [("grant", row.id), ("application", row.application_id), *(("ask", ask.id) for ask in asked["asks"])]
    return render_template(
        "staff/grant.html",
        grant=row,
        person=row.person,
        payee=row.payee,
        fund=row.fund,
        application=row.application,
        terms=terms,
        money=Money(row.amount, row.currency),
        payments=payments,
        pace=_pace(row, terms, payments, asked["asks"]),
        firm_on=row.firm_on if row.firm_on and desk.today() < row.firm_on else None,
        **asked,
        link=find.open_link(desk, row.id),
        people=_people(desk, row),
        history=history(find.history(desk, about), row.currency),
        notes=desk.catalogue.slot("staff.grant", terms),
        messages=delivery.of_grant(desk, row.id, row.application_id),
        message_states=delivery.STATES,
    )


def _asked(desk: Desk, row: Grant) -> dict[str, Any]:
    """Returns the asks of a grant, and what hangs on them; looked for only where it can be."""
    asks = desk.session.scalars(select(GrantAsk).where(GrantAsk.grant_id == row.id).order_by(GrantAsk.due_on)).all()
    answered = [ask.id for ask in asks if ask.state == "met"]
    holds = any(ask.state == "open" and ask.if_missed == "hold_next_payment" for ask in asks)
    lapsed = any(ask.state == "lapsed" and ask.if_missed == "further_grant" for ask in asks)
    return {
        "asks": asks,
        "told": stories.of_grant(desk, row) if desk.actor.may("confirm.record") else (),
        "pictures": confirm.receipts.pictures_of(desk, answered)
        if answered and desk.actor.may("confirm.record")
        else {},
        "held": confirm.waits_for(desk, row.id) if holds else None,
        "question": confirm.further.question_of(desk, row) if lapsed else None,
    }


def _pace(
    row: Grant, terms: Terms, payments: Sequence[tuple[Payment, Attempt | None]], asked: Sequence[GrantAsk]
) -> str:
    """Returns how the person has it come, in words, while they may choose; empty when there is nothing to choose."""
    untouched = any(attempt is None and not payment.done for payment, attempt in payments)
    if not pay.may_choose(row, terms, untouched, asked):
        return ""
    return paces.said(pay.pace_of(row, terms), Money(row.amount, row.currency))


def _people(desk: Desk, row: Grant) -> dict[int, str]:
    ids = {number for number in (row.decided_by, row.second_by) if number is not None}
    return dict(desk.session.execute(select(User.id, User.name).where(User.id.in_(ids))).all())


def picture_of(url: str) -> Markup:
    """Returns a picture of a link, which the camera of a phone reads."""
    drawn = segno.make(url, error="m").svg_inline(
        scale=5, border=4, title="Picture of the link", dark="#000", light="#fff"
    )
    return Markup(drawn)  # noqa: S704  # drawn here, from our own address

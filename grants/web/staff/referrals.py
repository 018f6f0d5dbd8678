"""Referrals: a worker or a partner makes a link that works once, sends it to somebody, and sees what became of it."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import Schema

from grants.domain.errors import Refusal
from grants.flow import apply, find, referrals
from grants.flow.desk import Desk
from grants.flow.fund import terms_of
from grants.model.funds import Fund
from grants.schemas.deciding import attestation
from grants.schemas.referring import referral_schema
from grants.web.edge import again, desk_for_request, user_for_request
from grants.web.forms import bind
from grants.web.guard import needs
from grants.web.staff.door import door
from grants.web.staff.enter import fund_or_404

STATES = {
    "open": ("calm", "Not used yet"),
    "used": ("soon", "Begun"),
    "sent": ("good", "Sent in"),
    "withdrawn": ("", "Ended by you"),
    "ended": ("", "Its time is over"),
}
"""What became of a link, with its colour."""


@door.get("/referrals")
@needs("apply.enter", "referral.enter")
def referral_list() -> ResponseReturnValue:
    """Lists the links that somebody made, and the funds to which they can make one."""
    desk = desk_for_request()
    funds = [fund for fund in find.funds(desk) if apply.takes(fund, desk.today())]
    mine = [(made, STATES[made.state(desk)]) for made in referrals.own(desk)]
    return render_template("staff/referrals.html", mine=mine, funds=funds)


@door.route("/referrals/<slug>", methods=["GET", "POST"])
@needs("apply.enter", "referral.enter")
def refer(slug: str) -> ResponseReturnValue:
    """Makes a link to a fund and shows it, once."""
    desk = desk_for_request()
    fund = fund_or_404(desk, slug)
    if request.method != "POST":
        apply.refuse_closed(desk, fund)
        user = user_for_request()
        form = bind(_schema(desk, fund), None, {"organisation": user.organisation if user else ""})
        return render_template("staff/refer.html", fund=fund, form=form)
    form = bind(_schema(desk, fund), request.form)
    if form.ok:
        said = form.data
        try:
            vouched = bool(said.get("attested"))
            token = referrals.make(desk, fund, said["organisation"], said["for_whom"], attested=vouched)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            link = url_for("recipients.start_with", token=token, _external=True)
            return render_template("staff/referral_made.html", fund=fund, link=link, days=referrals.DAYS)
    return again("staff/refer.html", fund=fund_or_404(desk, slug), form=form)


@door.post("/referrals/<int:number>/withdraw")
@needs("apply.enter", "referral.enter")
def withdraw_referral(number: int) -> ResponseReturnValue:
    """Ends a link of one's own that nobody used."""
    try:
        referrals.withdraw(desk_for_request(), number)
    except Refusal as refusal:
        flash(refusal.message, "warn")
    else:
        flash("The link is ended. Nobody can begin with it.", "good")
    return redirect(url_for("staff.referral_list"))


def _schema(desk: Desk, fund: Fund) -> Schema:
    asked = referrals.asks_word(desk, fund)
    return referral_schema(attest=attestation(terms_of(fund).eligibility.sentence, fund.restriction) if asked else "")

"""Balances: where the money is and whose it is, and money moved out of the bank."""

from __future__ import annotations

import secrets
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.domain.errors import Refusal
from grants.flow import audit, pay, treasurer
from grants.flow.keyset import Page
from grants.schemas.paying import top_up_schema
from grants.web.edge import again, desk_for_request
from grants.web.forms import bind
from grants.web.guard import needs
from grants.web.staff.acts import number_of, one_at_a_time
from grants.web.staff.door import door
from grants.web.staff.payments import STATES

WAITS = {
    "unknown": "Payments of which we do not know what became",
    "amounts": "Payments that show another amount",
    "overpaid": "Money that went out twice, or too much of it",
    "lines": "Lines of the bank statement to be explained",
    "suspense": "Other money that is not explained yet",
    "freezes": "Stops on all paying",
    "incidents": "Things that went wrong and are still open",
    "findings": "Times the books did not add up",
}
"""What waits for somebody, in words."""

LISTED = ("unknown", "amounts", "overpaid", "incidents")
"""What has its list on a page here; the rest has a page of its own."""


@door.get("/balances")
@needs("audit.read")
def balances() -> str:
    """Shows how the money stands, by fund and by place, and what waits; every figure leads to its journals."""
    desk = desk_for_request()
    return render_template(
        "staff/balances.html",
        books=audit.balances(desk),
        funds=treasurer.of_funds(desk),
        columns=treasurer.WORDS,
        waiting=treasurer.exceptions(desk),
        waits=WAITS,
    )


@door.get("/waiting")
@needs("audit.read")
def waiting() -> str:
    """Shows the payments, or the incidents, behind a number on the page of balances."""
    desk = desk_for_request()
    what = request.args.get("what", "")
    what = what if what in LISTED else "unknown"
    after = number_of(request.args.get("after", ""))
    incidents = treasurer.open_incidents(desk, after) if what == "incidents" else Page()
    rows = Page() if what == "incidents" else treasurer.attempts_that_wait(desk, what, after)
    onward = incidents.after or rows.after
    return render_template(
        "staff/waiting.html",
        title=WAITS[what],
        what=what,
        attempts=rows.rows,
        incidents=incidents.rows,
        states=STATES,
        next_url=url_for("staff.waiting", what=what, after=onward) if onward else None,
        first_url=url_for("staff.waiting", what=what) if after else None,
    )


@door.route("/balances/top-up", methods=["GET", "POST"])
@needs("pay.release")
def top_up() -> ResponseReturnValue:
    """Writes down money that went from the bank to the payment service, the cash box or into vouchers."""
    if request.method != "POST":
        return render_template("staff/top_up.html", form=bind(top_up_schema()), form_key=secrets.token_hex(16))
    form = bind(top_up_schema(), request.form)
    form_key = request.form.get("form_key", "")[:64] or secrets.token_hex(16)
    if form.ok:
        data: dict[str, Any] = form.data
        try:
            with one_at_a_time():
                pay.top_up(desk_for_request(), data["amount"], data["to"], data.get("reference", ""), form_key)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash("It is written down.", "good")
            return redirect(url_for("staff.balances"), 303)
    return again("staff/top_up.html", form=form, form_key=form_key)

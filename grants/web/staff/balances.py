"""Balances: where the money is and whose it is, and money moved out of the bank."""

from __future__ import annotations

import secrets
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.domain.errors import Refusal
from grants.flow import audit, pay
from grants.schemas.paying import top_up_schema
from grants.web.edge import again, desk_for_request
from grants.web.forms import bind
from grants.web.guard import needs
from grants.web.staff.acts import one_at_a_time
from grants.web.staff.door import door


@door.get("/balances")
@needs("audit.read")
def balances() -> str:
    """Shows how much money there is, where, and how much of it is owed or on its way."""
    return render_template("staff/balances.html", books=audit.balances(desk_for_request()))


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

"""Payees: what the check of an account said, accepted by a second person, or new details typed in."""

from __future__ import annotations

from typing import Any

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from grants.flow import look, pay
from grants.flow.pay.due import BLOCKED
from grants.model.people import Payee
from grants.schemas.paying import why_schema
from grants.web.edge import desk_for_request
from grants.web.guard import needs
from grants.web.staff.acts import Act, ask, found
from grants.web.staff.changes import change_shown
from grants.web.staff.door import door
from grants.web.staff.payments import CHECKS

NEXT = {
    "close_match": "Ask the person how their name is written at the bank. Then type it anew, or accept this.",
    "no_match": "Ask the person, in the way that is safe. Perhaps a number is wrong, or the account is not theirs.",
    "unavailable": "Nobody can check it right now. If you know the account is right, a second person may accept it.",
    "problem": "Type the details anew, or pay by hand.",
    "returned": "The account may be closed. Ask the person, safely, how else to pay them.",
}
"""What to do about each result, in words."""


@door.get("/payees/<int:number>")
@needs("pay.read")
def payee(number: int) -> str:
    """Shows how somebody is paid, and what is open about it."""
    desk = desk_for_request()
    row = found(desk.session.get(Payee, number))
    blocked = row.check in BLOCKED
    return render_template(
        "staff/payee.html",
        payee=row,
        grants=look.grants_of_payee(desk, row),
        check=CHECKS.get(row.check, row.check),
        next=NEXT.get(row.check, ""),
        blocked=blocked,
        wants_check=pay.wants_check(desk, row),
        accept_problem=pay.accept_problem(desk, row) if blocked else "",
        **change_shown(desk, row),
    )


@door.route("/payees/<int:number>/accept", methods=["GET", "POST"])
@needs("pay.release")
def accept_payee(number: int) -> ResponseReturnValue:
    """Accepts, as a second person, an account whose name did not match."""
    desk = desk_for_request()
    row = found(desk.session.get(Payee, number))
    act = Act(
        title="Accept this account?",
        button="Accept it",
        back=url_for("staff.payee", number=number),
        told=("Money will go to this account as it is. You must not have typed the details yourself.",),
        warning=CHECKS.get(row.check, ""),
        kind="warning",
    )

    def do(data: dict[str, Any]) -> str:
        pay.acknowledge_payee(desk, row, data["why"])
        return "Accepted. The payment can go with the next run."

    return ask(act, why_schema("How do you know that this is the right account?"), do)

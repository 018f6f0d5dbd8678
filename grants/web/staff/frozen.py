"""Paying is stopped: why, what ends it, and two people who end it for what cannot be matched."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from grants.flow import look
from grants.flow.pay import freeze as freezing
from grants.model.safety import Freeze
from grants.schemas.paying import why_schema
from grants.web.edge import desk_for_request
from grants.web.guard import needs
from grants.web.staff.acts import Act, ask, press
from grants.web.staff.door import door


@door.context_processor
def _stopped() -> dict[str, Any]:
    """Gives every staff page that shows money a way to say that paying is stopped."""
    return {"freeze_now": freeze_now}


def freeze_now() -> Freeze | None:
    """Returns the freeze that is open, or None."""
    return freezing.frozen(desk_for_request())


@door.get("/stopped")
@needs("pay.read")
def stopped() -> str:
    """Says why nothing is paid, since when, and what ends it."""
    desk = desk_for_request()
    freeze = freezing.frozen(desk)
    return render_template(
        "staff/stopped.html",
        freeze=freeze,
        asked_by=look.names(desk, (freeze.asked_by,)).get(freeze.asked_by or 0) if freeze else None,
        own=bool(freeze and freeze.asked_by == desk.actor.user_id),
    )


@door.route("/stopped/end", methods=["GET", "POST"])
@needs("pay.release")
def ask_to_pay_again() -> ResponseReturnValue:
    """Takes the reason why paying may go on although not everything is matched; somebody else agrees."""
    desk = desk_for_request()
    if freezing.frozen(desk) is None:
        return redirect(url_for("staff.stopped"))
    told = (
        "First run “grants reconcile”. It ends the stop by itself when everything is found.",
        "Ask for this only when you know of every payment that it could not find.",
    )
    act = Act(
        title="Let paying go on?",
        button="Ask a colleague to agree",
        back=url_for("staff.stopped"),
        told=told,
        kind="warning",
    )

    def do(data: dict[str, Any]) -> str:
        freezing.ask_to_end(desk, data["why"])
        return "A colleague now agrees, or not."

    return ask(act, why_schema("What do you know of the payments that were not found?"), do)


@door.post("/stopped/agree")
@needs("pay.release")
def agree_to_pay_again() -> ResponseReturnValue:
    """Ends the stop, as the second person."""
    desk = desk_for_request()

    def do() -> str:
        freezing.agree_to_end(desk)
        return "Paying goes on."

    return press(do, url_for("staff.stopped"))

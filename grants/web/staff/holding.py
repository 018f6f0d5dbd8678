"""Holding: what a manager may do with a grant: hold it, let it go on, cancel it by two people, let an ask go."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.flow import confirm, find, look, pay
from grants.flow.desk import Desk
from grants.flow.opening import open_one
from grants.flow.pay.holds import CANCEL, is_firm
from grants.model.asks import GrantAsk
from grants.model.grants import Grant
from grants.schemas.paying import cancel_schema, why_schema
from grants.web.edge import desk_for_request
from grants.web.guard import needs
from grants.web.staff.acts import Act, ask, found, press
from grants.web.staff.door import door


@door.route("/grants/<reference>/hold", methods=["GET", "POST"])
@needs("grant.act")
def hold_grant(reference: str) -> ResponseReturnValue:
    """Holds a grant: nothing more of it is sent until it goes on."""
    desk = desk_for_request()
    row = grant(desk, reference)
    act = Act(
        title=f"Hold {row.reference}?",
        button="Hold it",
        back=_page(row),
        told=("Nothing more is sent until somebody lets it go on. What was paid stays theirs.",),
        section="grants",
    )

    def do(data: dict[str, Any]) -> str:
        pay.hold_grant(desk, row, data["why"])
        return "The grant is on hold."

    return ask(act, why_schema("Why?", "The person may read this, so be kind and clear."), do)


@door.route("/grants/<reference>/resume", methods=["GET", "POST"])
@needs("grant.act")
def resume_grant(reference: str) -> ResponseReturnValue:
    """Lets a grant on hold go on."""
    desk = desk_for_request()
    row = grant(desk, reference)
    told = (f"It is on hold because: {row.hold_reason}",) if row.hold_reason else ()
    act = Act(title=f"Let {row.reference} go on?", button="Let it go on", back=_page(row), told=told, section="grants")

    def do(data: dict[str, Any]) -> str:
        pay.resume_grant(desk, row, data["why"])
        return "The grant goes on."

    return ask(act, why_schema("What has changed?", asked="Say what has changed, in a few words."), do)


@door.route("/grants/<reference>/cancel", methods=["GET", "POST"])
@needs("grant.act")
def cancel_grant(reference: str) -> ResponseReturnValue:
    """Proposes to cancel the rest of a grant; or shows a colleague's proposal, to agree."""
    desk = desk_for_request()
    row = grant(desk, reference)
    proposal = open_one(desk, CANCEL, "grant", row.id)
    if proposal is not None and request.method == "POST":
        flash("Somebody has proposed this already. This page shows how it stands.", "problem")
        return redirect(url_for("staff.cancel_grant", reference=row.reference), 303)
    if proposal is not None:
        return render_template(
            "staff/cancel_grant.html",
            grant=row,
            proposal=proposal,
            names=look.names(desk, proposal.not_for),
            mine=desk.actor.user_id in proposal.not_for,
            others=pay.who_may(desk, "grant.act", proposal.not_for),
        )
    act = Act(
        title=f"Cancel the rest of {row.reference}?",
        button="Propose it",
        back=_page(row),
        told=(
            "What was paid stays theirs. What was not paid goes back to the fund.",
            "Somebody else has to agree. Tell the person before they hear it from anybody else.",
        ),
        section="grants",
        kind="warning",
    )

    def do(data: dict[str, Any]) -> str:
        pay.propose_cancel(desk, row, data["why"], given_up=bool(data.get("given_up")))
        return "Proposed. A colleague now agrees, or not."

    return ask(act, cancel_schema(firm=is_firm(desk, row)), do)


@door.post("/grants/<reference>/cancel/agree")
@needs("grant.act")
def agree_cancel(reference: str) -> ResponseReturnValue:
    """Agrees, as the second person, to cancel the rest of a grant."""
    desk = desk_for_request()
    row = grant(desk, reference)

    def do() -> str:
        pay.agree_cancel(desk, row)
        return "The rest of the grant is cancelled. The money is back in the fund."

    return press(do, _page(row))


@door.route("/grants/<reference>/asks/<int:number>/let-go", methods=["GET", "POST"])
@needs("grant.act")
def waive_ask(reference: str, number: int) -> ResponseReturnValue:
    """Lets an ask go: the person need not answer it."""
    desk = desk_for_request()
    row = grant(desk, reference)
    asked = ask_of(desk, row, number)
    act = Act(
        title="Let this go?",
        button="Let it go",
        back=_page(row),
        told=(asked.title, "The person is not asked for it any more, and it is never held against them."),
        section="grants",
    )

    def do(data: dict[str, Any]) -> str:
        confirm.waive(desk, asked, data["why"])
        return "It is no longer asked."

    return ask(act, why_schema(), do)


def grant(desk: Desk, reference: str) -> Grant:
    """Returns the grant of this reference that the actor may read, or ends with “not found”."""
    return found(find.grant(desk, reference))


def ask_of(desk: Desk, row: Grant, number: int) -> GrantAsk:
    """Returns an ask of this grant, or ends with “not found”."""
    asked = desk.session.get(GrantAsk, number)
    return found(asked if asked is not None and asked.grant_id == row.id else None)


def _page(row: Grant) -> str:
    return url_for("staff.grant", reference=row.reference)

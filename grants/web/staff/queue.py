"""The queue: applications, those that wait longest first."""

from __future__ import annotations

from typing import Any

from flask import render_template, request, url_for

from grants.flow import find
from grants.web.edge import desk_for_request
from grants.web.guard import needs
from grants.web.staff.door import door

STATES = {
    "submitted": "Waiting for a decision",
    "awarded": "Awarded",
    "declined": "Not this time",
    "withdrawn": "Taken back",
}
"""The lists of applications, by state."""


@door.get("/applications")
@needs("apply.read", "referral.read")
def queue() -> str:
    """Shows a page of applications, of one fund or all, in one state."""
    desk = desk_for_request()
    state = request.args.get("state", "submitted")
    state = state if state in STATES else "submitted"
    fund = number_from(request.args.get("fund", ""))
    after = request.args.get("after", "")
    page = find.applications(desk, state=state, fund_id=fund, after=after)
    here: dict[str, Any] = {"state": state if state != "submitted" else None, "fund": fund}
    return render_template(
        "staff/queue.html",
        page=page,
        states=STATES,
        state=state,
        fund=fund,
        funds=find.funds(desk),
        next_url=url_for("staff.queue", after=page.after, **here) if page.after else None,
        first_url=url_for("staff.queue", **here) if after else None,
        filtered=bool(fund or state != "submitted"),
    )


@door.get("/find")
@needs("apply.read", "referral.read")
def look_up() -> str:
    """Shows what a reference or a name leads to."""
    desk = desk_for_request()
    typed = request.args.get("q", "").strip()[:200]
    found = find.look_up(desk, typed) if typed else []
    return render_template("staff/find.html", typed=typed, found=found)


def number_from(text: str) -> int | None:
    """Returns the id in an address, or None when it is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None

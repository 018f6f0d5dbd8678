"""The link for somebody who applied and has no grant: made by a worker who passes it on in a safe way."""

from __future__ import annotations

from flask import render_template, url_for

from grants.flow import confirm
from grants.web.edge import desk_for_request
from grants.web.guard import needs
from grants.web.staff.application import found
from grants.web.staff.door import door
from grants.web.staff.grants import picture_of


@door.post("/applications/<reference>/link")
@needs("confirm.record", "referral.enter")
def new_answer_link(reference: str) -> str:
    """Makes a fresh link to the applicant's own page and shows it, once; links before it end."""
    desk = desk_for_request()
    row = found(desk, reference)
    url = confirm.application_url(desk, confirm.new_application_link(desk, row))
    back = url_for("staff.application", reference=row.reference)
    shown = {"section": "applications", "back": back, "days": confirm.LINK_DAYS, "grant": None}
    return render_template("staff/grant_link.html", url=url, picture=picture_of(url), **shown)

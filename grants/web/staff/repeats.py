"""A possible repeat, looked at side by side: a gentle look that refuses nobody."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.flow import find, repeats
from grants.web.edge import desk_for_request
from grants.web.guard import needs
from grants.web.staff.door import door

SAID = {
    "different": "Thank you. They are different people, and both go on.",
    "same": "Thank you. It is the same person, and this goes on: people may ask again.",
}


@door.get("/applications/<reference>/repeat")
@needs("apply.enter")
def repeat(reference: str) -> ResponseReturnValue:
    """Shows an application beside the earlier one that may be the same person's."""
    desk = desk_for_request()
    row = find.application(desk, reference)
    two = repeats.side_by_side(desk, row) if row is not None else None
    if two is None:
        abort(404)
    return render_template("staff/repeat.html", two=two)


@door.post("/applications/<reference>/repeat")
@needs("apply.enter")
def say_repeat(reference: str) -> ResponseReturnValue:
    """Writes down that they are different people, or the same person; either way it goes on."""
    desk = desk_for_request()
    row = find.application(desk, reference)
    if row is None:
        abort(404)
    said = request.form.get("said", "")
    repeats.looked(desk, row, said)
    flash(SAID[said], "good")
    return redirect(url_for("staff.application", reference=row.reference))

"""Checks: a named auditor looks at drawn files on a screen, while their pass lasts; each look is written down."""

from __future__ import annotations

from flask import abort, flash, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from grants.flow import assure
from grants.flow.desk import Desk
from grants.model.draws import Drawn
from grants.schemas.assuring import FindingSchema
from grants.web import assurance_page
from grants.web.edge import desk_for_request
from grants.web.forms import Form, bind
from grants.web.funders.door import door
from grants.web.guard import needs


@door.get("/checks")
@needs("assure.read")
def checks() -> str:
    """Shows the draws whose files the signed-in auditor may look at now."""
    desk = desk_for_request()
    return render_template("funders/checks.html", passes=assure.my_passes(desk))


@door.get("/checks/<int:number>")
@needs("assure.read")
def check(number: int) -> str:
    """Shows the numbers of the drawn files of one draw, and what was found so far; no file."""
    desk = desk_for_request()
    given = assure.holds(desk, number)
    if given is None:
        abort(404)
    return render_template(
        "funders/check.html", draw=given.draw, rows=assure.files_of(desk, given.draw), until=given.until_at
    )


@door.post("/checks/files/<int:number>")
@needs("assure.look")
def open_check_file(number: int) -> ResponseReturnValue:
    """Shows one file on the screen and writes down that it was looked at: so a file has no address to open it by."""
    desk = desk_for_request()
    return _file(desk, _drawn(desk, number), bind(FindingSchema))


@door.post("/checks/files/<int:number>/finding")
@needs("assure.look")
def judge_check_file(number: int) -> ResponseReturnValue:
    """Keeps what the auditor found in a file."""
    desk = desk_for_request()
    row = _drawn(desk, number)
    form = assurance_page.judged(desk, row)
    if form is None:
        flash("It is written down. Thank you.", "good")
        return redirect(url_for("funders.check", number=row.draw_id), 303)
    desk = desk_for_request()
    return _file(desk, _drawn(desk, number), form, 422)


def _drawn(desk: Desk, number: int) -> Drawn:
    """Returns a drawn file of a draw for which the auditor holds a pass, or ends with “not found”."""
    row = desk.session.get(Drawn, number)
    if row is None or assure.holds(desk, row.draw_id) is None:
        abort(404)
    return row


def _file(desk: Desk, row: Drawn, form: Form, status: int = 200) -> ResponseReturnValue:
    file = assure.open_file(desk, row)
    if not form.errors and row.outcome:
        form = bind(FindingSchema, None, {"outcome": row.outcome, "note": row.note})
    facts = assurance_page.file_facts(file)
    page = render_template("funders/check_file.html", row=row, draw=row.draw, file=file, facts=facts, form=form)
    response = make_response(page, status)
    response.headers["Cache-Control"] = "no-store"
    return response

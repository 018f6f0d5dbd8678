"""Name checks: what the law expects about people whose money is frozen, and what the trustees chose."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import Schema

from grants.domain.errors import NotAllowed, Refusal
from grants.flow import look
from grants.flow.controls import choices
from grants.flow.desk import Desk
from grants.schemas.controlling import choice_schema
from grants.web.edge import desk_for_request, nothing_kept
from grants.web.forms import Form, bind
from grants.web.guard import needs
from grants.web.staff.door import door

SOURCES = (
    ("The UK Sanctions List", "https://www.gov.uk/government/publications/the-uk-sanctions-list"),
    (
        "OFSI’s guidance for charities",
        "https://www.gov.uk/government/publications/financial-sanctions-guidance-for-charities",
    ),
    (
        "The Charity Commission’s toolkit on knowing where money goes",
        "https://www.gov.uk/government/publications/charities-due-diligence-checks-and-monitoring-end-use-of-funds",
    ),
)
"""Where the law and the regulators are read: (words, address)."""


@door.route("/name-checks", methods=["GET", "POST"])
@needs("choice.record", read="audit.read")
def name_checks() -> ResponseReturnValue:
    """Shows what the law expects and every choice so far; a trustee records a new one."""
    desk = desk_for_request()
    if request.method != "POST":
        return _page(desk, bind(_schema(desk)))
    form = bind(_schema(desk), request.form)
    if form.ok:
        data = form.data
        try:
            choices.choose(desk, data["way"], data.get("above"), data["why"], data["minutes"], data["chosen_on"])
        except NotAllowed:
            raise
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash("The choice is recorded. It holds from now on.", "good")
            return redirect(url_for("staff.name_checks"), 303)
    nothing_kept()
    return _page(desk_for_request(), form), 422


def _schema(desk: Desk) -> Schema:
    return choice_schema(choices.WAYS.items(), desk.today())


def _page(desk: Desk, form: Form) -> str:
    rows = choices.history(desk)
    return render_template(
        "staff/name_checks.html",
        form=form,
        now_holds=rows[0] if rows else None,
        rows=rows,
        sources=SOURCES,
        names=look.names(desk, [each.row.recorded_by for each in rows]),
    )

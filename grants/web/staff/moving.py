"""Choosing kindly: the funds that could help somebody, the one that asks least first, and moving to one of them."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.domain.errors import NotAllowed, Refusal
from grants.flow import kindly
from grants.flow.desk import Desk
from grants.flow.kindly import Choice
from grants.model.applications import Application
from grants.schemas.trusting import move_schema
from grants.web.edge import desk_for_request, nothing_kept
from grants.web.forms import Form, bind
from grants.web.guard import needs
from grants.web.staff.application import found
from grants.web.staff.door import door

ANSWER = "answer-"
"""Begins the name of the box for one of the other fund’s questions."""


@door.get("/applications/<reference>/funds")
@needs("apply.enter")
def kinder_funds(reference: str) -> str:
    """Shows every open fund that could help this person, the lightest first, with what each asks."""
    desk = desk_for_request()
    row = found(desk, reference)
    return render_template("staff/kinder_funds.html", application=row, choices=kindly.choices(desk, row))


@door.route("/applications/<reference>/funds/<int:number>", methods=["GET", "POST"])
@needs("apply.enter")
def move_application(reference: str, number: int) -> ResponseReturnValue:
    """Moves an application to another fund, with a reason, and answers that were asked for by phone."""
    desk = desk_for_request()
    row = found(desk, reference)
    choice = _choice(desk, row, number)
    if request.method != "POST":
        return _page(row, choice, bind(move_schema(choice.missing)))
    form = bind(move_schema(choice.missing), request.form)
    if form.ok:
        answers = {name.removeprefix(ANSWER): text for name, text in form.data.items() if name.startswith(ANSWER)}
        try:
            kindly.move(desk, row.id, number, form.data["move_why"], answers)
        except NotAllowed:
            raise
        except Refusal as refusal:
            _refuse(form, refusal)
        else:
            flash(f"It is now with {choice.fund.name}.", "good")
            return redirect(url_for("staff.application", reference=reference), 303)
    nothing_kept()
    desk = desk_for_request()
    row = found(desk, reference)
    return _page(row, _choice(desk, row, number), form), 422


def _choice(desk: Desk, row: Application, number: int) -> Choice:
    """Returns the fund to move to, or ends with “not found” where it could not help now."""
    choice = next((one for one in kindly.choices(desk, row) if one.fund.id == number and not one.here), None)
    if choice is None:
        abort(404)
    return choice


def _refuse(form: Form, refusal: Refusal) -> None:
    field = refusal.field or ""
    form.add_error(field if field in form else f"{ANSWER}{field}", refusal.message)


def _page(row: Application, choice: Choice, form: Form) -> str:
    given: dict[str, Any] = {"application": row, "choice": choice, "fund": choice.fund, "terms": choice.terms}
    dropped = [slug for slug in row.answers if slug not in {q.slug for q in choice.terms.questions}]
    return render_template("staff/move.html", form=form, dropped=bool(dropped), **given)

"""Looking back: the decisions that a seed drew for trustees, month by month, and what they found."""

from __future__ import annotations

from flask import Response, flash, json, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.domain.errors import NotAllowed, Refusal
from grants.flow.controls import look_back as flow
from grants.flow.desk import Desk
from grants.model.safety import LookBack, LookedBack
from grants.schemas.controlling import LookedBackSchema
from grants.web.edge import desk_for_request, nothing_kept
from grants.web.forms import bind
from grants.web.guard import needs
from grants.web.staff.acts import found
from grants.web.staff.door import door

HOW = (
    "Take each number of the month, write the seed and a colon before it, and take the SHA-256 of that text. "
    "Sort the numbers by it. The first ones, as many as were drawn, are those that trustees look back at."
)
"""How anybody runs a month's draw again."""


@door.get("/look-back")
@needs("look.back", read="audit.read")
def look_back() -> str:
    """Shows each month in numbers, without any name; a trustee also sees what waits to be looked at."""
    desk = desk_for_request()
    trustee = desk.actor.may("look.back")
    return render_template(
        "staff/look_back.html",
        months=flow.summary(desk),
        waiting=flow.waiting(desk) if trustee else (),
        trustee=trustee,
        share=desk.settings.look_back_share,
    )


@door.get("/look-back/months/<int:number>")
@needs("look.back", read="audit.read")
def look_back_month(number: int) -> str:
    """Shows how one month was drawn, and what was found; no name and no facts."""
    desk = desk_for_request()
    back = _month(desk, number)
    return render_template("staff/look_back_month.html", back=back, rows=flow.drawn(desk, back), how=HOW)


@door.get("/look-back/months/<int:number>/numbers")
@needs("look.back", read="audit.read")
def look_back_numbers(number: int) -> ResponseReturnValue:
    """Gives everything with which anybody can run a month's draw again; the numbers mean nothing outside."""
    desk = desk_for_request()
    back = _month(desk, number)
    data = {
        "month": back.month.strftime("%Y-%m"),
        "drawn": back.drawn_at.isoformat(timespec="seconds"),
        "seed": back.seed,
        "share_in_100": back.share,
        "population": back.population,
        "how": HOW,
        "numbers": [str(each) for each in flow.numbers(desk, back.month)],
        "drawn_numbers": [str(row.decision_id) for row in flow.drawn(desk, back)],
    }
    name = {"Content-Disposition": f'attachment; filename="look-back-{back.month:%Y-%m}.json"'}
    return Response(json.dumps(data, indent=1), mimetype="application/json", headers=name)


@door.post("/look-back/<int:number>")
@needs("look.back")
def show_look_back(number: int) -> ResponseReturnValue:
    """Shows the facts of one drawn decision; the look is written down, so it cannot be opened by its address."""
    desk = desk_for_request()
    row = _drawn(desk, number)
    facts = flow.open_facts(desk, row)
    return render_template("staff/look_back_facts.html", facts=facts, row=row, form=bind(LookedBackSchema))


@door.post("/look-back/<int:number>/finding")
@needs("look.back")
def judge_look_back(number: int) -> ResponseReturnValue:
    """Keeps what a trustee found."""
    desk = desk_for_request()
    row = _drawn(desk, number)
    form = bind(LookedBackSchema, request.form)
    if form.ok:
        try:
            flow.judge(desk, row, form.data["finding"], form.data["words"])
        except NotAllowed:
            raise
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash("Thank you. It is written down, and the grant stays as it is.", "good")
            return redirect(url_for("staff.look_back"), 303)
    # Without the facts: a look that is not kept, as nothing is here, must not show them.
    nothing_kept()
    return render_template("staff/look_back_facts.html", facts=None, row=row, form=form), 422


def _month(desk: Desk, number: int) -> LookBack:
    return found(flow.month_of(desk, number))


def _drawn(desk: Desk, number: int) -> LookedBack:
    return found(flow.find(desk, number))

"""Telling us that something is wrong: a call for help to somebody who neither decided nor paid."""

from __future__ import annotations

from datetime import date, timedelta

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import Schema

from grants.flow import confirm
from grants.flow.desk import Desk
from grants.model.grants import Grant
from grants.schemas.fields import Choice, PlainText
from grants.schemas.tongue import gettext as _
from grants.web import porch
from grants.web.edge import again
from grants.web.forms import bind
from grants.web.recipients.door import door
from grants.web.recipients.mine import by_link

LOOK_DAYS = 2
"""Working days in which somebody looks at a call for help; Saturdays and Sundays are not counted."""

LONGEST = 2000

SATURDAY = 5


@door.get("/r/<token>/problem")
@by_link
def problem(_desk: Desk, _grant: Grant, token: str) -> ResponseReturnValue:
    """Asks what is wrong."""
    return render_template("recipients/problem.html", form=bind(_schema()), token=token)


@door.post("/r/<token>/problem")
@porch.limiter.limit(porch.APPLY)
@by_link
def tell_problem(desk: Desk, grant: Grant, token: str) -> ResponseReturnValue:
    """Keeps what is wrong and calls somebody to help."""
    form = bind(_schema(), request.form)
    if not form.ok:
        return again("recipients/problem.html", form=form, token=token)
    confirm.problem(desk, grant, form.data["kind"], form.data.get("words", ""))
    return redirect(url_for("recipients.told", token=token), 303)


@door.get("/r/<token>/told")
@by_link
def told(desk: Desk, _grant: Grant, token: str) -> ResponseReturnValue:
    """Says thank you, who looks at it and by when."""
    return render_template("recipients/told.html", token=token, by=working_day(desk.today(), LOOK_DAYS))


def working_day(start: date, days: int) -> date:
    """Returns the day that lies so many working days after the start."""
    day = start
    while days:
        day += timedelta(days=1)
        days -= day.weekday() < SATURDAY
    return day


def _schema() -> Schema:
    kind = {"label": _("What is wrong?")}
    wanted = {
        "label": _("Do you want to say more?"),
        "hint": _("You do not have to. Do not write anything that could harm you if somebody else reads it."),
    }
    options = [(kind_, _(said)) for kind_, said in confirm.PROBLEMS.items()]
    asked = {"required": _("Choose what is wrong.")}
    return Schema.from_dict(
        {
            "kind": Choice(options, required=True, error_messages=asked, metadata=kind),
            "words": PlainText(LONGEST, lines=True, metadata=wanted),
        }
    )()

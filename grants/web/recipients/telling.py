"""Telling us that something is wrong, or complaining: whoever decided or paid, or whom it is about, never sees it."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import Schema

from grants.domain.helping import COMPLAINT, HELP
from grants.flow import helping
from grants.flow.desk import Desk
from grants.flow.readers import readers
from grants.model.grants import Grant
from grants.schemas.helping import complaint_schema, problem_schema
from grants.web import porch
from grants.web.edge import again
from grants.web.forms import bind
from grants.web.recipients.door import door
from grants.web.recipients.mine import by_link


@door.get("/r/<token>/problem")
@by_link
def problem(desk: Desk, _grant: Grant, token: str) -> ResponseReturnValue:
    """Asks what is wrong, and who should answer."""
    return render_template("recipients/problem.html", form=bind(_problem(desk)), token=token)


@door.post("/r/<token>/problem")
@porch.limiter.limit(porch.APPLY)
@by_link
def tell_problem(desk: Desk, grant: Grant, token: str) -> ResponseReturnValue:
    """Keeps what is wrong and calls somebody to help."""
    form = bind(_problem(desk), request.form)
    if not form.ok:
        return again("recipients/problem.html", form=form, token=token)
    helping.call(desk, grant=grant, kind=HELP, code=form.data["kind"], **said_in(form.data))
    return redirect(url_for("recipients.told", token=token), 303)


@door.get("/r/<token>/complain")
@by_link
def complain(desk: Desk, _grant: Grant, token: str) -> ResponseReturnValue:
    """Asks what the complaint is about, and who should answer."""
    return render_template("recipients/complain.html", form=bind(_complaint(desk)), back=_back(token), here=token)


@door.post("/r/<token>/complain")
@porch.limiter.limit(porch.APPLY)
@by_link
def tell_complaint(desk: Desk, grant: Grant, token: str) -> ResponseReturnValue:
    """Keeps a complaint, and lays it before the independent reader."""
    form = bind(_complaint(desk), request.form)
    if not form.ok:
        return again("recipients/complain.html", form=form, back=_back(token), here=token)
    helping.call(desk, grant=grant, kind=COMPLAINT, code=form.data["kind"], **said_in(form.data))
    return redirect(url_for("recipients.told", token=token), 303)


@door.get("/r/<token>/told")
@by_link
def told(desk: Desk, grant: Grant, token: str) -> ResponseReturnValue:
    """Says thank you, who looks at it and by when; neither what was said nor what it was about."""
    standing = helping.standing(desk, grant)
    if standing is None:
        return redirect(url_for("recipients.problem", token=token))
    return render_template("recipients/told.html", back=_back(token), by=standing.answer_by, answered=standing.answered)


def said_in(data: dict[str, Any]) -> dict[str, Any]:
    """Returns what a form says of a call: the words, whom it is about, and whom the person wants to answer."""
    who = data.get("who", "")
    trusted = data.get("name", "") if who in ("", "name") else ""
    wish = helping.Wish(trusted, outside=who == "outside")
    return {"words": data.get("words", ""), "about_whom": data.get("about", ""), "chosen": wish}


def _problem(desk: Desk) -> Schema:
    return problem_schema(outside=bool(readers(desk)))


def _complaint(desk: Desk) -> Schema:
    return complaint_schema(outside=bool(readers(desk)))


def _back(token: str) -> str:
    return url_for("recipients.mine", token=token)

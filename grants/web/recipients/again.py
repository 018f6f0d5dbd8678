"""Asking for a second look, where somebody said “not now” to a further grant: it goes to somebody else."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.flow import confirm
from grants.flow.desk import Desk
from grants.model.asks import FurtherQuestion
from grants.model.grants import Grant
from grants.schemas.asking import appeal_schema
from grants.schemas.tongue import gettext as _
from grants.web import porch
from grants.web.edge import again
from grants.web.forms import bind
from grants.web.recipients.door import door
from grants.web.recipients.mine import by_link


@door.get("/r/<token>/again")
@by_link
def appeal(desk: Desk, grant: Grant, token: str) -> ResponseReturnValue:
    """Asks whether they want to say something with it."""
    if _question(desk, grant) is None:
        return redirect(url_for("recipients.mine", token=token))
    return render_template("recipients/again.html", form=bind(appeal_schema()), token=token)


@door.post("/r/<token>/again")
@porch.limiter.limit(porch.APPLY)
@by_link
def ask_second_look(desk: Desk, grant: Grant, token: str) -> ResponseReturnValue:
    """Keeps that they ask for a second look; asked twice, it is one."""
    form = bind(appeal_schema(), request.form)
    if not form.ok:
        return again("recipients/again.html", form=form, token=token)
    question = _question(desk, grant)
    if question is not None:
        confirm.further.appeal(desk, question, form.data.get("words", ""))
    flash(_("Thank you. Somebody else looks at it, and we tell you in the way that you said is safe."), "good")
    return redirect(url_for("recipients.mine", token=token), 303)


def _question(desk: Desk, grant: Grant) -> FurtherQuestion | None:
    """Returns the question that the person may ask about again, or None."""
    question = confirm.further.question_of(desk, grant)
    return question if confirm.further.may_appeal(question) else None

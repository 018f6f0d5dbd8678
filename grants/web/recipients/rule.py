"""“A rule gets in the way”, said by somebody with a grant: a short form, no reason needed, no blame."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import Schema

from grants.domain.errors import Refusal
from grants.flow import objections
from grants.flow.desk import Desk
from grants.model.grants import Grant
from grants.schemas.fields import PlainText
from grants.schemas.tongue import gettext as _
from grants.web import porch
from grants.web.edge import again
from grants.web.forms import bind
from grants.web.recipients.door import door
from grants.web.recipients.mine import by_link


@door.get("/r/<token>/rule")
@by_link
def rule(desk: Desk, grant: Grant, token: str) -> ResponseReturnValue:
    """Asks what gets in the way, and shows the answers to what was said before."""
    said = objections.of_grant(desk, grant, by_person=True)
    return render_template("recipients/rule.html", form=bind(_schema()), token=token, said=said)


@door.post("/r/<token>/rule")
@porch.limiter.limit(porch.APPLY)
@by_link
def tell_rule(desk: Desk, grant: Grant, token: str) -> ResponseReturnValue:
    """Keeps what gets in the way; somebody who can change rules answers."""
    form = bind(_schema(), request.form)
    if form.ok:
        ask = request.form.get("ask", "")[:40]
        try:
            objections.say(desk, grant.fund, form.data["words"], grant, ask)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return redirect(url_for("recipients.rule_told", token=token), 303)
    return again("recipients/rule.html", form=form, token=token, said=())


@door.get("/r/<token>/rule/told")
@by_link
def rule_told(desk: Desk, grant: Grant, token: str) -> ResponseReturnValue:
    """Says thank you, and by when there is an answer."""
    said = objections.of_grant(desk, grant, by_person=True)
    if not said:
        return redirect(url_for("recipients.rule", token=token))
    return render_template("recipients/rule_told.html", token=token, by=said[-1].answer_by)


def _schema() -> Schema:
    wanted = {
        "label": _("What gets in your way?"),
        "hint": _("A few words are enough. Do not write anything that could harm you if somebody else reads it."),
    }
    asked = {"required": _("Write a few words, or go back: that is fine too.")}
    words = PlainText(objections.LONGEST, lines=True, required=True, error_messages=asked, metadata=wanted)
    return Schema.from_dict({"words": words})()

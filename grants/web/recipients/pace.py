"""Choosing how the money comes: the person picks among what their grant allows, and may change their mind."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.domain.errors import Refusal
from grants.domain.terms_json import load
from grants.flow import pay
from grants.flow.desk import Desk
from grants.model.grants import Grant
from grants.schemas.paces import pace_schema
from grants.schemas.tongue import gettext as _
from grants.web import porch
from grants.web.edge import nothing_kept
from grants.web.forms import Form, bind
from grants.web.recipients.door import door
from grants.web.recipients.mine import by_link


@door.get("/r/<token>/pace")
@by_link
def pace(desk: Desk, grant: Grant, token: str) -> ResponseReturnValue:
    """Shows the ways to be paid; goes back when nothing can be chosen any more."""
    ways = pay.pace_choices(desk, grant)
    if not ways:
        return redirect(url_for("recipients.mine", token=token))
    return _page(_form(ways, bound=False), token)


@door.post("/r/<token>/pace")
@porch.limiter.limit(porch.APPLY)
@by_link
def choose_pace(desk: Desk, grant: Grant, token: str) -> ResponseReturnValue:
    """Keeps how the person wants to be paid."""
    form = _form(pay.pace_choices(desk, grant), bound=True)
    if form.ok:
        try:
            pay.choose_pace(desk, grant, pay.named_pace(load(grant.terms), form.data["pace"]))
        except Refusal as refusal:
            form.refuse(refusal)
    if not form.ok:
        nothing_kept()
        return _page(form, token), 422
    flash(_("Thank you. This is how it comes now. You can change it again."), "good")
    return redirect(url_for("recipients.mine", token=token), 303)


def _form(ways: tuple[pay.PaceChoice, ...], *, bound: bool) -> Form:
    now = next((way.key for way in ways if way.now), None)
    schema = pace_schema([(way.key, way.pace, way.parts) for way in ways], _("How would you like it to come?"))
    return bind(schema, request.form if bound else None, {"pace": now} if now else None)


def _page(form: Form, token: str) -> str:
    return render_template("recipients/pace.html", form=form, token=token)

"""“Not yet”: by when the money should come, what to do until then, and a way to tell us that it has not."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from grants.flow import confirm
from grants.flow.desk import Desk
from grants.model.grants import Grant
from grants.schemas.tongue import gettext as _
from grants.web import porch
from grants.web.recipients.door import door
from grants.web.recipients.mine import by_link


@door.get("/r/<token>/not-yet")
@by_link
def not_yet(desk: Desk, grant: Grant, token: str) -> ResponseReturnValue:
    """Shows by when it should come, and what to do."""
    return render_template("recipients/not_yet.html", token=token, expected=confirm.expected(desk, grant))


@door.post("/r/<token>/not-yet")
@porch.limiter.limit(porch.APPLY)
@by_link
def tell_not_yet(desk: Desk, grant: Grant, token: str) -> ResponseReturnValue:
    """Keeps that it has not come; when it should have, somebody is called at once."""
    if confirm.not_yet(desk, grant):
        return redirect(url_for("recipients.told", token=token), 303)
    flash(_("Thank you. We wrote down that it has not come yet."), "good")
    return redirect(url_for("recipients.mine", token=token), 303)

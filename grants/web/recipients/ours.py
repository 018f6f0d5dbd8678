"""What we hold: somebody asks to see it, to put it right or to have it erased. The page itself shows nothing of it."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.domain.errors import Refusal
from grants.flow.desk import Desk
from grants.flow.privacy import requests
from grants.model.grants import Grant
from grants.schemas.ours import ours_schema
from grants.web import porch
from grants.web.edge import again
from grants.web.forms import bind
from grants.web.recipients.door import door
from grants.web.recipients.mine import by_link


@door.get("/r/<token>/ours")
@by_link
def ours(_desk: Desk, _grant: Grant, token: str) -> ResponseReturnValue:
    """Asks what the person wants us to do with what we hold."""
    return render_template("recipients/ours.html", form=bind(ours_schema()), token=token)


@door.post("/r/<token>/ours")
@porch.limiter.limit(porch.APPLY)
@by_link
def ask_ours(desk: Desk, grant: Grant, token: str) -> ResponseReturnValue:
    """Keeps what they ask; a worker checks it with them and hands it over."""
    form = bind(ours_schema(), request.form)
    if form.ok:
        kind, words = form.data["kind"], form.data.get("words", "")
        try:
            requests.ask(desk, grant.person_id, kind, words, grant_id=grant.id, how="link")
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return redirect(url_for("recipients.ours_asked", token=token), 303)
    return again("recipients/ours.html", form=form, token=token)


@door.get("/r/<token>/ours/asked")
@by_link
def ours_asked(_desk: Desk, _grant: Grant, token: str) -> ResponseReturnValue:
    """Says thank you, and what happens next."""
    return render_template("recipients/ours_asked.html", token=token)

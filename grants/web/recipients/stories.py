"""Telling a story, and saying who may know of it: each consent can be taken back here, and the story too.

Whoever holds the link sees this page, so it shows when a story was told and never a word of it.
"""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from grants.domain.errors import Refusal
from grants.flow import stories
from grants.flow.desk import Desk
from grants.model.grants import Grant
from grants.schemas.story import consent_schema, consents_in, consents_said, own_words_schema
from grants.schemas.tongue import gettext as _
from grants.web import pictures, porch
from grants.web.edge import nothing_kept
from grants.web.forms import Form, bind
from grants.web.recipients.door import door
from grants.web.recipients.mine import by_link


@door.get("/r/<token>/story")
@by_link
def story(desk: Desk, grant: Grant, token: str) -> ResponseReturnValue:
    """Shows the box for a story, and those that were told, with who may know of them."""
    return _page(desk, grant, token, bind(own_words_schema()), bind(consent_schema()))


@door.post("/r/<token>/story")
@porch.limiter.limit(porch.APPLY)
@by_link
def tell_story(desk: Desk, grant: Grant, token: str) -> ResponseReturnValue:
    """Keeps a story with its pictures and its consents."""
    form, ticks = bind(own_words_schema(), request.form), bind(consent_schema(), request.form)
    if form.ok:
        try:
            stories.tell(desk, grant, form.data.get("words", ""), pictures.sent(), consents_in(ticks.data))
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(_("Thank you for telling us. You can change below who may know of it."), "good")
            return redirect(url_for("recipients.story", token=token), 303)
    nothing_kept()
    return _page(desk, grant, token, form, ticks), 422


@door.post("/r/<token>/story/<int:number>")
@by_link
def change_story(desk: Desk, grant: Grant, token: str, number: int) -> ResponseReturnValue:
    """Gives or takes back one consent, or takes the whole story away."""
    found = stories.find(desk, grant, number)
    if found is None:
        raise NotFound
    if "give" in request.form:
        stories.give(desk, found, request.form["give"])
        flash(_("Thank you. You can take it back at any time."), "good")
    elif "withdraw" in request.form:
        stories.withdraw(desk, found, request.form["withdraw"])
        flash(_("It is taken back. From now on it is not shown there."), "good")
    elif "remove" in request.form:
        stories.remove(desk, found)
        flash(_("Your story is gone. Nobody can read it any more."), "good")
    return redirect(url_for("recipients.story", token=token), 303)


def _page(desk: Desk, grant: Grant, token: str, form: Form, ticks: Form) -> str:
    return render_template(
        "recipients/story.html",
        form=form,
        ticks=ticks,
        token=token,
        told=stories.of_grant(desk, grant),
        consents=consents_said(),
        kinds=pictures.ACCEPTED,
    )

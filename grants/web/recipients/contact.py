"""Being reached another way: the same calm reply for whoever asks; only the new way is written to, never the old.

The page shows nothing of how somebody is reached now, since whoever holds the link sees it.
"""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.flow import contact as reached
from grants.flow.desk import Desk
from grants.model.grants import Grant
from grants.schemas.reaching import change_schema, code_schema
from grants.schemas.tongue import gettext as _
from grants.web import porch
from grants.web.edge import again
from grants.web.forms import bind
from grants.web.recipients.door import door
from grants.web.recipients.mine import by_link


@door.get("/r/<token>/contact")
@by_link
def contact(_desk: Desk, _grant: Grant, token: str) -> ResponseReturnValue:
    """Asks how somebody was reached until now, and how it is safe from now on."""
    return render_template("recipients/contact.html", form=bind(change_schema()), token=token)


@door.post("/r/<token>/contact")
@porch.limiter.limit(porch.APPLY)
@by_link
def change_contact(desk: Desk, grant: Grant, token: str) -> ResponseReturnValue:
    """Keeps the wish to be reached another way; says the same whether what was typed is right or not."""
    form = bind(change_schema(), request.form)
    if not form.ok:
        return again("recipients/contact.html", form=form, token=token)
    data = form.data
    reached.ask_change(desk, grant, data.get("before", ""), data["channel"], data.get("address", ""))
    return redirect(url_for("recipients.contact_code", token=token), 303)


@door.get("/r/<token>/contact/code")
@by_link
def contact_code(_desk: Desk, _grant: Grant, token: str) -> ResponseReturnValue:
    """Asks for the code that may have come to the new number or address."""
    return render_template("recipients/contact_code.html", form=bind(code_schema()), token=token)


@door.post("/r/<token>/contact/code")
@porch.limiter.limit(porch.APPLY)
@by_link
def type_contact_code(desk: Desk, grant: Grant, token: str) -> ResponseReturnValue:
    """Takes the code; a right one counts at once, of a wrong one the page says only that it is not right."""
    form = bind(code_schema(), request.form)
    fresh = reached.type_code(desk, grant, form.data["code"]) if form.ok else ""
    if fresh:
        flash(_("Thank you. From now on we reach you in the new way."), "good")
        return redirect(url_for("recipients.mine", token=fresh), 303)
    if form.ok:
        flash(_("That code does not work. Look at it again, or wait: somebody will ask you."), "warn")
    if not form.ok:
        return again("recipients/contact_code.html", form=form, token=token)
    return redirect(url_for("recipients.contact_code", token=token), 303)

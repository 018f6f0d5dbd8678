"""The code of a letter: it says “it arrived” or “something is wrong”, and the page shows nothing of any grant.

A code that adds up is thanked, known or not, by the same page in the same time: only a job looks it up.
"""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.domain.errors import Refusal
from grants.flow import codes
from grants.schemas.codes import code_schema
from grants.web import porch
from grants.web.edge import again
from grants.web.forms import bind
from grants.web.recipients.door import door, open_desk

TRIES = "10 per 10 minutes; 40 per day"
"""Codes from one address: enough for an advice desk; ``flow/codes.py`` limits all addresses together."""


@door.get("/code")
def code() -> str:
    """Asks for the code of a letter and what it is to say."""
    return render_template("recipients/code.html", form=bind(code_schema()))


@door.post("/code")
@porch.limiter.limit(TRIES)
def take_code() -> ResponseReturnValue:
    """Takes a code that adds up, and thanks for it; one with a slip in it is asked for once more."""
    form = bind(code_schema(), request.form)
    if form.ok:
        try:
            codes.type_in(open_desk(), form.data["code"], form.data["said"])
        except Refusal as refusal:
            if refusal.code == "code.many":
                raise
            form.refuse(refusal)
        else:
            return redirect(url_for("recipients.code_taken"), 303)
    return again("recipients/code.html", form=form)


@door.get("/code/thanks")
def code_taken() -> str:
    """Says thank you, whatever the code was."""
    return render_template("recipients/code_taken.html")

"""Leaving fast: what this browser holds of us is cleared, and a page about the weather opens."""

from __future__ import annotations

from flask import make_response, redirect, render_template, session
from flask.typing import ResponseReturnValue
from flask.wrappers import Response

from grants.flow import drafts
from grants.web import porch
from grants.web.recipients import cookie
from grants.web.recipients.door import door, open_desk

NEUTRAL = "https://www.bbc.co.uk/weather"
"""Where people are sent: a page that anybody may have open."""


@door.get("/exit")
def leave() -> ResponseReturnValue:
    """Clears this browser's cookies and opens the neutral page; half-typed answers can then be opened by nobody."""
    session.clear()
    return _forget(make_response(redirect(NEUTRAL)))


@door.post("/exit")
def leave_nothing() -> ResponseReturnValue:
    """Deletes what was typed, clears the cookies and opens the neutral page.

    By a header, because browsers do not let a form be sent on to another site under our security policy.
    """
    drafts.throw_away(open_desk(), cookie.token())
    session.clear()
    response = make_response(render_template("recipients/leaving.html", neutral=NEUTRAL))
    response.headers["Refresh"] = f"0; url={NEUTRAL}"
    return _forget(response)


def _forget(response: Response) -> Response:
    """Lets the browser forget its draft and its language, and returns the response."""
    response.delete_cookie(porch.language_cookie(), httponly=True, samesite="Lax", path="/", secure=cookie.secure())
    return cookie.take_away(response)

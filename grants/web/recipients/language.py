"""Choosing a language: a link on every page of this door, kept in a cookie until the browser is closed."""

from __future__ import annotations

import re

from flask import abort, redirect, request
from flask.typing import ResponseReturnValue

from grants.schemas import tongue
from grants.web import porch
from grants.web.recipients import cookie
from grants.web.recipients.door import door

LOCAL = re.compile(r"/(?![/\\])[^\x00-\x20\\]*")
"""An address on this site: one slash, and nothing that a browser could take for another site."""


@door.get("/language/<tag>")
def choose_language(tag: str) -> ResponseReturnValue:
    """Remembers the language in this browser and goes back to the page; nothing is written here."""
    if tag not in tongue.languages().spoken:
        abort(404)
    to = request.args.get("to", "/")
    response = redirect(to if LOCAL.fullmatch(to) else "/")
    response.set_cookie(porch.language_cookie(), tag, secure=cookie.secure(), httponly=True, samesite="Lax", path="/")
    return response

"""The draft's token, in a cookie of its own that ends with the browser's session and no script can read."""

from __future__ import annotations

from flask import current_app, request
from flask.wrappers import Response


def token() -> str:
    """Returns the token that this browser holds, or an empty text."""
    return request.cookies.get(_name(), "")[:100]


def give(response: Response, token: str) -> Response:
    """Lets the browser hold a token until it is closed, and returns the response."""
    response.set_cookie(_name(), token, secure=secure(), httponly=True, samesite="Lax", path="/")
    return response


def take_away(response: Response) -> Response:
    """Lets the browser forget its token, and returns the response."""
    response.delete_cookie(_name(), secure=secure(), httponly=True, samesite="Lax", path="/")
    return response


def secure() -> bool:
    """Returns whether cookies travel over HTTPS alone here."""
    return bool(current_app.config["SESSION_COOKIE_SECURE"])


def _name() -> str:
    return "__Host-grants-draft" if secure() else "grants-draft"

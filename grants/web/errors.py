"""When something goes wrong: a page in plain words that says what to do next, or a problem document."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import structlog
from flask import Flask, render_template, request
from flask.wrappers import Response
from flask_limiter import RateLimitExceeded
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException
from werkzeug.http import HTTP_STATUS_CODES

from grants.domain.errors import NotAllowed, Refusal
from grants.schemas.tongue import gettext as _
from grants.schemas.tongue import refused

log = structlog.get_logger(__name__)

KEPT = ("Allow", "Retry-After", "WWW-Authenticate", "Location")
"""Headers of an error that tell a program something, and stay."""

LAST_RESORT = (
    "<!doctype html><html lang='en'><head><meta charset='utf-8'><title>Sorry, this is not working</title></head><body>"
    "<h1>Sorry, this is not working</h1><p>It is our fault, not yours. Try again in a few minutes.</p></body></html>"
)


@dataclass(frozen=True, slots=True)
class Words:
    """What an error page says: what happened, and what to do now."""

    title: str
    told: str
    next: tuple[str, ...]


def register_errors(app: Flask) -> None:
    """Gives every error of the app its page, or its problem document (RFC 9457) under ``/api/``."""
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Refusal, _refused)
    app.log_exception = _log_exception  # type: ignore[method-assign]  # Flask's own would log the path, and with it a person's link


def wants_problem() -> bool:
    """Returns whether this request comes from a program at the API's door."""
    return request.path.startswith("/api/")


def problem(status: int, detail: str, **more: Any) -> Response:
    """Returns a problem document (RFC 9457); ``more`` (``code``, ``field``, ``errors``) is left out when empty."""
    body = {"type": "about:blank", "title": HTTP_STATUS_CODES.get(status, ""), "status": status, "detail": detail}
    body |= {name: value for name, value in more.items() if value}
    return Response(json.dumps(body), status, content_type="application/problem+json")


def error_page(status: int, words: Words) -> Response:
    """Returns the page for an error; plain HTML if even our own templates fail."""
    try:
        html = render_template("errors/page.html", words=words, status=status)
    except Exception:  # whatever it is, the person must still be told something
        log.exception("error_page.failed", status=status)
        html = LAST_RESORT
    return Response(html, status, content_type="text/html; charset=utf-8")


def words_for(status: int) -> Words:
    """Returns the plain words for a status; those of 400 or 500 for one that we did not foresee."""
    known = _words()
    return known.get(status) or known[500 if status >= 500 else 400]


def _log_exception(exc_info: Any) -> None:
    log.error("request.failed", endpoint=request.endpoint, method=request.method, exc_info=exc_info)


def _http(error: HTTPException) -> Response:
    status = error.code or 500
    words = _forgery_words() if isinstance(error, CSRFError) else words_for(status)
    if wants_problem():
        found = getattr(error, "data", None) or {}  # what webargs found wrong, by place and field
        response = problem(status, words.told, errors=found.get("messages"))
    else:
        response = error_page(status, words)
    response.headers.extend([(name, value) for name, value in error.get_headers() if name in KEPT])
    if isinstance(error, RateLimitExceeded) and error.limit:
        response.headers["Retry-After"] = str(error.limit.limit.get_expiry())
    return response


def _refused(refusal: Refusal) -> Response:
    status = 403 if isinstance(refusal, NotAllowed) else 409
    if wants_problem():
        return problem(status, refusal.message, code=refusal.code, field=refusal.field)
    usual = words_for(status)
    return error_page(status, Words(usual.title, refused(refusal), usual.next))


def _forgery_words() -> Words:
    return Words(
        _("Please send that again"),
        _("We could not be sure that it came from you. Nothing was saved."),
        (
            _("Go back to the page before, load it again, and send it once more."),
            _("If it happens again, let your browser keep cookies for this site."),
        ),
    )


def _words() -> dict[int, Words]:
    return _mended_by_them() | _mended_by_us()


def _mended_by_them() -> dict[int, Words]:
    back, start, help_ = _steps()
    unread = _("Something was missing when it reached us. Nothing was saved.")
    not_yours = _("This page is for somebody else, or for a part of the work that you do not do.")
    ask = _("If you need it, ask the person who looks after your account.")
    old = _("The link may be old, or part of it may be missing.")
    whole = _("Copy the whole link and try again.")
    size = _("Pictures can be up to 10 MB each and 40 MB together, other files 8 MB, and written answers a few pages.")
    smaller = _("Go back, make it smaller or leave it out, and send it again.")
    signed = _("Sign in, then open the page again.")
    return {
        400: Words(_("We could not read that"), unread, (back,)),
        401: Words(_("Please sign in"), _("You need to sign in to see this page."), (signed,)),
        403: Words(_("You cannot open this page"), not_yours, (ask, start)),
        404: Words(_("We cannot find that page"), old, (whole, start, help_)),
        405: Words(_("That cannot be done here"), _("The page was opened in a way that does not work."), (back, start)),
        409: Words(_("That cannot be done now"), _("Something changed while you had the page open."), (back, help_)),
        410: Words(_("This link has ended"), _("It was switched off, so that nobody else can use it."), (help_,)),
        413: Words(_("That is too big to send"), size, (smaller, help_)),
    }


def _mended_by_us() -> dict[int, Words]:
    _back, _start, help_ = _steps()
    many = _("There were many tries from your connection in a short time. You did nothing wrong.")
    wait = _("Wait ten minutes, then try again. You may have to type your answers again.")
    again = _("Try again in a few minutes.")
    ours = _("It is our fault, not yours. We have been told about it.")
    moving = _("We are mending or moving something. Nothing of yours is lost.")
    return {
        429: Words(_("Please wait a little"), many, (wait, help_)),
        500: Words(_("Sorry, this is not working"), ours, (again, help_)),
        503: Words(_("Sorry, we are closed for a moment"), moving, (again, help_)),
    }


def _steps() -> tuple[str, str, str]:
    back = _("Go back to the page before and try again.")
    return back, _("Start from the first page."), _("Ask us for help: we can do it with you.")

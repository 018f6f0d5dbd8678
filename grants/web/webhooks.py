"""Where payment services send hints: the raw body is proven, stored once, and answered at once."""

from __future__ import annotations

from flask import Blueprint, Response, request

from grants.domain.errors import Refusal
from grants.flow import pay
from grants.flow.desk import Actor
from grants.web.edge import desk_for_request
from grants.web.porch import csrf

pages = Blueprint("webhooks", __name__)
csrf.exempt(pages)  # a machine signs its body instead

LARGEST = 64 * 1024
"""Bytes in one event: thin events are far smaller."""

FORBIDDEN = ("webhook.signature", "webhook.clock")


@pages.post("/webhooks/stripe")
def stripe() -> Response:
    """Takes one thin event from Stripe: 200 when it is stored, or was before; the object is fetched afterwards."""
    return _take("stripe")


def _take(slug: str) -> Response:
    if request.content_length is None or request.content_length > LARGEST:
        return _answer("too large", 413)
    body = request.get_data(cache=False)
    desk = desk_for_request().acting(Actor())
    rail = desk.catalogue.rails.get(slug)
    if rail is None:
        return _answer("not set up", 404)
    headers = {name.lower(): value for name, value in request.headers.items()}
    try:
        hint = rail.read(body, headers)
    except Refusal as problem:
        return _answer(problem.code, 403 if problem.code in FORBIDDEN else 400)
    return _answer("stored" if pay.take_hint(desk, slug, hint) else "known", 200)


def _answer(words: str, status: int) -> Response:
    return Response(f"{words}\n", status=status, mimetype="text/plain")

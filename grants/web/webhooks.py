"""Where payment services send hints: the raw body is proven, stored once, and answered at once."""

from __future__ import annotations

import structlog
from flask import Blueprint, Response, request

from grants.domain.errors import Refusal
from grants.flow import pay
from grants.flow.desk import Actor
from grants.offers import Hint, Rail
from grants.plugins import Catalogue
from grants.web.edge import desk_for_request, house
from grants.web.porch import csrf

pages = Blueprint("webhooks", __name__)
csrf.exempt(pages)  # a machine signs its body instead

LARGEST = 64 * 1024
"""Bytes in one event: thin events are far smaller."""

STATUS = {"webhook.signature": 403, "webhook.clock": 403, "webhook.none": 404}
"""How a refusal is answered; 400 for all others."""

log = structlog.get_logger(__name__)


@pages.post("/webhooks/<rail>")
def take(rail: str) -> Response:
    """Takes one event for a way to pay: 200 when it is stored, or was before; the object is fetched afterwards."""
    if request.content_length is None:
        return _answer("say how long it is", 411)
    if request.content_length > LARGEST:
        return _answer("too large", 413)
    catalogue = house().catalogue
    known = catalogue.rails.get(rail)
    if known is None:
        return _answer("not set up", 404)
    try:
        hint = _read(known, request.get_data(cache=False))
    except Refusal as problem:
        return _answer(problem.code, STATUS.get(problem.code, 400))
    except Exception as error:
        _tell(catalogue, rail, error)
        return _answer("not now", 503)
    desk = desk_for_request().acting(Actor())
    return _answer("stored" if pay.take_hint(desk, rail, hint) else "known", 200)


def _read(rail: Rail, body: bytes) -> Hint:
    """Returns what the rail reads in a message; raises Refusal, or TypeError for a rail that returns nonsense."""
    hint = rail.read(body, {name.lower(): value for name, value in request.headers.items()})
    if not isinstance(hint, Hint):
        raise TypeError(f"read returned {type(hint).__name__}")
    if not all(isinstance(text, str) for text in (hint.event_id, hint.kind, hint.about)) or not hint.event_id:
        raise TypeError("a hint is made of texts, and its event has an id")
    return hint


def _tell(catalogue: Catalogue, rail: str, error: Exception) -> None:
    """Logs what a rail raised and keeps it for staff, by its kind alone: the text may hold a part of the message."""
    kind = type(error).__name__
    log.warning("rail_raised", rail=rail, act="read", error=kind)
    catalogue.troubles.note(catalogue.source("rails", rail).name or rail, f"{rail}.read", kind)


def _answer(words: str, status: int) -> Response:
    return Response(f"{words}\n", status=status, mimetype="text/plain")

"""Where payment services send hints, and messengers say what was delivered: proven first, answered at once."""

from __future__ import annotations

from collections.abc import Mapping

import structlog
from flask import Blueprint, Response, request

from grants.domain.errors import Refusal
from grants.flow import pay
from grants.flow.desk import Actor
from grants.flow.telling_people import delivery
from grants.offers import Delivery, Hint, Messenger, Rail
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
    """Takes one event for a way to pay, or what a messenger says of a message; 200 when it is stored, or was before.

    The object of a payment's event is fetched afterwards.
    """
    if request.content_length is None:
        return _answer("say how long it is", 411)
    if request.content_length > LARGEST:
        return _answer("too large", 413)
    catalogue = house().catalogue
    pays, carries = catalogue.rails.get(rail), catalogue.messengers.get(rail)
    if pays is None and (carries is None or carries.read is None):
        return _answer("not set up", 404)
    body = request.get_data(cache=False)
    headers = {name.lower(): value for name, value in request.headers.items()}
    try:
        said = _read(pays, body, headers) if pays is not None else _heard(carries, body, headers)
    except Refusal as problem:
        return _answer(problem.code, STATUS.get(problem.code, 400))
    except Exception as error:
        _tell(catalogue, "rails" if pays is not None else "messengers", rail, error)
        return _answer("not now", 503)
    desk = desk_for_request().acting(Actor())
    new = pay.take_hint(desk, rail, said) if isinstance(said, Hint) else delivery.take(desk, said)
    return _answer("stored" if new else "known", 200)


def _heard(messenger: Messenger | None, body: bytes, headers: Mapping[str, str]) -> Delivery:
    """Returns what a messenger reads; raises Refusal, or TypeError for one that returns nonsense."""
    said = messenger.read(body, headers) if messenger is not None and messenger.read is not None else None
    if not isinstance(said, Delivery) or not isinstance(said.reference, str) or not said.reference:
        raise TypeError(f"read returned {type(said).__name__}")
    return said


def _read(rail: Rail, body: bytes, headers: Mapping[str, str]) -> Hint:
    """Returns what the rail reads in a message; raises Refusal, or TypeError for a rail that returns nonsense."""
    hint = rail.read(body, headers)
    if not isinstance(hint, Hint):
        raise TypeError(f"read returned {type(hint).__name__}")
    if not all(isinstance(text, str) for text in (hint.event_id, hint.kind, hint.about)) or not hint.event_id:
        raise TypeError("a hint is made of texts, and its event has an id")
    return hint


def _tell(catalogue: Catalogue, offers: str, rail: str, error: Exception) -> None:
    """Logs what a plugin raised and keeps it for staff, by its kind alone: the text may hold a part of the message."""
    kind = type(error).__name__
    log.warning("rail_raised", rail=rail, act="read", error=kind)
    catalogue.troubles.note(catalogue.source(offers, rail).name or rail, f"{rail}.read", kind)


def _answer(words: str, status: int) -> Response:
    return Response(f"{words}\n", status=status, mimetype="text/plain")

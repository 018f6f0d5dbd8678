"""Wordings: the words of a message as the charity writes them, with what may stand in them."""

from __future__ import annotations

from marshmallow import Schema, fields

from grants.domain.message_words import EVENTS, LONGEST
from grants.schemas.fields import PlainText


def words_schema(event: str, channel: str) -> Schema:
    """Returns the form in which the words of an event are written for a channel."""
    told = EVENTS[event]
    places = told.places | ({"code"} if channel == "letter" and "link" in told.places else frozenset())
    listed = " ".join(f"{{{place}}}" for place in sorted(places))
    text = {
        "label": "Words",
        "hint": f"You can use {listed}. A sentence is left out where its place has nothing to say.",
    }
    missing = {"required": "Write some words."}
    asked: dict[str, fields.Field[str]] = {
        "text": PlainText(LONGEST[channel], lines=True, required=True, error_messages=missing, metadata=text)
    }
    if channel == "email":
        say = {"label": "Subject", "hint": "Others may see it on a locked phone. Say as little as you can."}
        need = {"required": "An e-mail needs a subject."}
        asked = {"subject": PlainText(78, required=True, error_messages=need, metadata=say), **asked}
    return Schema.from_dict(dict(asked))()

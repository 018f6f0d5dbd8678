"""Referring: what a worker or a partner says when they make a link for somebody."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from grants.schemas.fields import PlainText

MOST_NOTE = 60
"""The most characters of the note for whom a link is."""

_NEEDED = "Tick this if it is so. If it is not, this fund cannot be used."


def referral_schema(*, attest: str = "") -> Schema:
    """Returns the form of one link; ``attest`` is what whoever makes it says of the person, where a fund asks that."""
    asked: dict[str, fields.Field[Any]] = {
        "organisation": PlainText(
            200,
            load_default="",
            metadata={
                "label": "Who sends them?",
                "hint": "Your organisation or team. The person sees this on the first page.",
                "autocomplete": "organization",
            },
        ),
        "for_whom": PlainText(
            MOST_NOTE,
            load_default="",
            metadata={
                "label": "For whom is it?",
                "hint": "A note that only you see, so that you can tell your links apart. No full names.",
                "autocomplete": "off",
            },
        ),
    }
    if attest:
        asked["attested"] = fields.Boolean(
            required=True,
            validate=validate.Equal(True, error=_NEEDED),
            error_messages={"required": _NEEDED},
            metadata={"label": attest, "widget": "tick"},
        )
    return Schema.from_dict(asked, name="Referral")()

"""Explaining: what the page of a line in suspense asks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from marshmallow import Schema, fields

from grants.schemas.fields import Choice, PlainText

Options = Sequence[tuple[str, str]]

ONE = "If it is for a fund: which one?"

BEARER = "If it is a fee: which fund bears it?"

LONGEST = 500
"""The most characters of a reason: it is kept with the event."""


def explain_schema(meanings: Options, *, funds: Options, bearers: Options, journals: Options, lines: Options) -> Schema:
    """Returns the form in which a line is explained; what there is nothing to choose from is left out.

    ``funds`` take money that came in, ``bearers`` may bear a fee that went out: a line has one or the other.
    """
    asked: dict[str, fields.Field[Any]] = {
        "meaning": Choice(
            meanings,
            required=True,
            metadata={"label": "What is it?"},
            error_messages={"required": "Choose what this line is."},
        ),
        "reference": PlainText(
            30,
            metadata={
                "label": "If it is one of our payments: its reference",
                "hint": "Like REF 4K7M2PQX. It stands on the page of the payment.",
                "autocomplete": "off",
            },
        ),
    }
    more = {
        "journal": (journals, "If it stands in the books already: which posting?"),
        "fund": (funds or bearers, ONE if funds else BEARER),
        "line": (lines, "If another line puts it right: which one?"),
    }
    for name, (options, label) in more.items():
        if options:
            asked[name] = Choice(options, metadata={"label": label, "widget": "select"})
    asked["why"] = _why("This is kept with the line.")
    return Schema.from_dict(asked, name="Explaining")()


def suspended_schema(meanings: Options, funds: Options) -> Schema:
    """Returns the form that asks what money in suspense is; with one fund or none there is no fund to choose."""
    asked: dict[str, fields.Field[Any]] = {
        "meaning": Choice(
            meanings,
            required=True,
            metadata={"label": "What is it?"},
            error_messages={"required": "Choose what it is."},
        )
    }
    if len(funds) > 1:
        asked["fund"] = Choice(funds, metadata={"label": "If it belongs to a fund: which one?", "widget": "select"})
    asked["why"] = _why("This is kept with the books.")
    return Schema.from_dict(asked, name="Suspended")()


def _why(kept: str) -> PlainText:
    return PlainText(
        LONGEST,
        lines=True,
        required=True,
        metadata={"label": "How do you know?", "hint": f"Leave out what is private. {kept}"},
        error_messages={"required": "Say how you know, in a few words."},
    )

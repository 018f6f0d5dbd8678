"""Controlling: what the pages of hints, looking back, losses and looking names up ask, in plain words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from marshmallow import Schema, fields

from grants.domain.incident_kinds import KINDS
from grants.schemas.fields import Choice, DayFirstDate, PlainText, Pounds

NO_NAMES = "Write no name, address or account of anybody we helped."
"""What every box says whose words may leave the house."""


class FineSchema(Schema):
    """Why a hint is fine."""

    why = PlainText(
        500,
        lines=True,
        required=True,
        error_messages={"required": "Say what you saw, in a few words."},
        metadata={"label": "What did you see?", "hint": "For example: it is the hostel’s own account. Name nobody."},
    )


class LookedBackSchema(Schema):
    """What a trustee found about one decision."""

    finding = Choice(
        [("fine", "It is fine"), ("talk", "A talk would help")],
        required=True,
        error_messages={"required": "Choose one."},
        metadata={
            "label": "What do you find?",
            "widget": "radios",
            "notes": {"talk": "A manager talks with the colleague, kindly. The grant stays as it is."},
        },
    )
    words = PlainText(
        1000,
        lines=True,
        load_default="",
        metadata={"label": "What is the talk about?", "hint": "Only where a talk would help. Name nobody."},
    )


class NamesSchema(Schema):
    """Somebody looked names up, and what they saw."""

    looked = fields.Boolean(
        required=True,
        error_messages={"required": "Tick this when you have looked."},
        metadata={"label": "I looked these names up on the UK Sanctions List", "widget": "tick"},
    )
    why = PlainText(
        500,
        lines=True,
        load_default="",
        metadata={"label": "Is there anything to add?", "hint": "For example: nobody is on it. Write no names here."},
    )


def incident_schema(today: date, funds: Iterable[tuple[str, str]]) -> Schema:
    """Returns what writing a loss or an incident down takes; ``funds`` are (id, name)."""
    asked: dict[str, fields.Field[Any]] = {
        "kind": Choice(
            [(slug, kind.words) for slug, kind in KINDS.items() if kind.chosen],
            required=True,
            error_messages={"required": "Choose what it is."},
            metadata={"label": "What is it?", "widget": "radios"},
        ),
        "words": PlainText(
            4000,
            lines=True,
            required=True,
            error_messages={"required": "Say what happened."},
            metadata={"label": "What happened, and what did you do about it?", "hint": NO_NAMES},
        ),
        "happened_on": DayFirstDate(
            latest=today,
            required=True,
            error_messages={"required": "Enter the day on which it happened."},
            metadata={"label": "When did it happen?", "hint": "Or when you first knew of it."},
        ),
        "amount": Pounds(metadata={"label": "How much was lost, or could be?", "hint": "Leave it empty if nothing."}),
        "fund": Choice(
            [("", "No fund"), *funds], load_default="", metadata={"label": "From which fund?", "widget": "select"}
        ),
        "payment": PlainText(
            20,
            load_default="",
            metadata={
                "label": "Which try to pay is it about?",
                "hint": "The number in the address of its page, if it is about one. For example: 17.",
            },
        ),
    }
    return Schema.from_dict(asked, name="NewIncident")()


def reported_schema(happened_on: date, today: date) -> Schema:
    """Returns what saying that the regulator was told takes."""
    day = DayFirstDate(
        earliest=happened_on,
        latest=today,
        required=True,
        error_messages={"required": "Enter the day on which it was reported."},
        metadata={"label": "When was it reported?"},
    )
    return Schema.from_dict({"reported_on": day}, name="Reported")()


class ClosedSchema(Schema):
    """What came of an incident."""

    outcome = PlainText(
        4000,
        lines=True,
        required=True,
        error_messages={"required": "Say what came of it."},
        metadata={
            "label": "What came of it?",
            "hint": f"What you learned, and why you told the regulator or did not. {NO_NAMES}",
        },
    )


def choice_schema(ways: Iterable[tuple[str, str]], today: date) -> Schema:
    """Returns what recording the trustees' choice takes."""
    asked: dict[str, fields.Field[Any]] = {
        "way": Choice(
            list(ways),
            required=True,
            error_messages={"required": "Choose one."},
            metadata={"label": "What did the trustees choose?", "widget": "radios"},
        ),
        "above": Pounds(
            metadata={
                "label": "Above which amount does somebody look?",
                "hint": "Only where somebody looks by hand. For example: 500.",
            }
        ),
        "why": PlainText(
            2000,
            lines=True,
            required=True,
            error_messages={"required": "Say why."},
            metadata={"label": "Why is that right for us?", "hint": "Whoever asks later reads this."},
        ),
        "minutes": PlainText(
            100,
            required=True,
            error_messages={"required": "Say which minutes have it."},
            metadata={"label": "Which minutes have it?", "hint": "For example: Trustees, 12 May 2026, item 4."},
        ),
        "chosen_on": DayFirstDate(
            latest=today,
            required=True,
            error_messages={"required": "Enter the day on which you chose."},
            metadata={"label": "When did you choose?"},
        ),
    }
    return Schema.from_dict(asked, name="NameChecks")()

"""Reviewing: what is asked of whoever records that a speaker has read a part of a translation."""

from __future__ import annotations

from datetime import date

from marshmallow import Schema, fields, validate

from grants.schemas.fields import DayFirstDate, PlainText

ALL_RIGHT = "Tick this when every sentence is right. If one is not, mend it in the catalogue first."


def review_schema(today: date) -> Schema:
    """Returns who read the part, on which day, and what there is to say about it."""
    return Schema.from_dict(
        {
            "reviewer": PlainText(
                200,
                required=True,
                error_messages={"required": "Write who read it."},
                metadata={"label": "Who read it?", "hint": "Somebody who grew up with the language, or works in it."},
            ),
            "reviewed_on": DayFirstDate(
                latest=today,
                required=True,
                error_messages={"required": "Write the day on which it was read."},
                metadata={"label": "On which day?"},
            ),
            "note": PlainText(
                500, lines=True, load_default="", metadata={"label": "Is there anything to say about it?"}
            ),
            "right": fields.Boolean(
                required=True,
                validate=validate.Equal(True, error=ALL_RIGHT),
                error_messages={"required": ALL_RIGHT},
                metadata={"label": "Every sentence on this page is right.", "widget": "tick"},
            ),
        }
    )()

"""Privacy: what staff write down when somebody asks to see, correct or erase what we hold of them."""

from __future__ import annotations

from marshmallow import Schema, fields

from grants.domain.data_rights import ASKED, KINDS, SAFE
from grants.schemas.fields import Choice, PlainText


class AskedSchema(Schema):
    """What somebody asked, and how."""

    kind = Choice(
        [(kind, f"To {words}") for kind, words in KINDS.items()],
        required=True,
        error_messages={"required": "Choose what they ask."},
        metadata={"label": "What do they ask?", "widget": "radios"},
    )
    how = Choice(
        [(way, words.capitalize()) for way, words in ASKED.items() if way != "link"],
        required=True,
        error_messages={"required": "Say how they asked."},
        metadata={"label": "How did they ask?", "widget": "radios"},
    )
    words = PlainText(
        2000,
        lines=True,
        load_default="",
        metadata={"label": "What did they say? (optional)", "hint": "In their own words. It is kept sealed."},
    )


class SafeSchema(Schema):
    """A safe way, through which it was made sure that it is them, or by which what we hold was handed over."""

    how = Choice(
        list(SAFE.items()),
        required=True,
        error_messages={"required": "Choose the way."},
        metadata={"label": "Which way?", "widget": "radios"},
    )


class OutcomeSchema(Schema):
    """What came of it, or why it is not done."""

    outcome = PlainText(
        2000,
        lines=True,
        required=True,
        error_messages={"required": "Say what came of it."},
        metadata={"label": "What came of it?", "hint": "What you put right, or why not and whom you told. Be plain."},
    )


class EraseSchema(Schema):
    """Somebody is erased for ever."""

    sure = fields.Boolean(
        required=True,
        error_messages={"required": "Tick this when you are sure."},
        metadata={"label": "They asked for it, and I erase them for ever", "widget": "tick"},
    )

"""Closing: what is asked where the books are taken away or closed, and where money goes back to a funder."""

from __future__ import annotations

from datetime import date
from typing import Any

from marshmallow import Schema, fields

from grants.schemas.fields import Choice, DayFirstDate, PlainText, Pounds

FORMS = (("csv", "A table for a spreadsheet (CSV)"), ("beancount", "For Beancount, which proves every balance"))
"""How the books can be taken away."""


def books_schema() -> Schema:
    """Returns the form in which somebody takes the books away as a file."""
    return _schema(
        form=Choice(FORMS, load_default="csv", metadata={"label": "What kind of file?"}),
        since=DayFirstDate(metadata={"label": "First day", "hint": "Leave it empty to begin at the beginning."}),
        until=DayFirstDate(metadata={"label": "Last day", "hint": "Leave it empty to go on until today."}),
    )


def close_schema(latest: date) -> Schema:
    """Returns the form in which the books are closed up to a day that is over."""
    hint = f"A day that is over: {latest.day} {latest:%B %Y} or earlier."
    return _schema(
        up_to=DayFirstDate(
            required=True,
            metadata={"label": "The last day to close", "hint": hint},
            error_messages={"required": "Enter the last day to close."},
        ),
        why=_why("Why now?", "For example: the trustees agreed the accounts on 12 May."),
    )


def give_back_schema(currency: str) -> Schema:
    """Returns the form in which somebody proposes that money goes back to the funder."""
    return _schema(
        amount=Pounds(
            currency,
            required=True,
            metadata={"label": "How much goes back?"},
            error_messages={"required": "Enter the amount, like 500."},
        ),
        reference=PlainText(
            60,
            required=True,
            metadata={"label": "Reference of the transfer", "hint": "What the bank will show.", "autocomplete": "off"},
            error_messages={"required": "Enter the reference that the bank will show."},
        ),
        why=_why("Why does it go back?", "What you agreed with the funder."),
    )


def _why(label: str, hint: str) -> PlainText:
    about = {"label": label, "hint": hint}
    return PlainText(
        500, lines=True, required=True, metadata=about, error_messages={"required": "Say why, in a few words."}
    )


def _schema(**asked: fields.Field[Any]) -> Schema:
    return Schema.from_dict(asked, name="Closing")()

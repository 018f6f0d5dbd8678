"""Costing: what the pages about fees and losses ask of staff."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from marshmallow import Schema, fields

from grants.domain.money import Money
from grants.schemas.fields import Choice, DayFirstDate, PlainText, Pounds
from grants.schemas.paying import LONGEST

Options = Sequence[tuple[str, str]]

TAKERS: Options = (("psp", "The payment service"), ("bank", "The bank"))
"""Who takes fees."""


def fee_schema(funds: Options, today: date) -> Schema:
    """Returns the form in which a fee is written down; ``funds`` are those that may bear one."""
    asked: dict[str, fields.Field[Any]] = {
        "amount": Pounds(
            required=True,
            metadata={"label": "How much was it?"},
            error_messages={"required": "Enter the amount, like 1.50."},
        ),
        "source": Choice(
            TAKERS,
            required=True,
            metadata={"label": "Who took it?"},
            error_messages={"required": "Choose who took it."},
        ),
        "on": DayFirstDate(
            latest=today,
            required=True,
            metadata={"label": "On which day?"},
            error_messages={"required": "Enter the day on which it was taken."},
        ),
        "reference": PlainText(
            60,
            required=True,
            metadata={
                "label": "What stands on the invoice or the statement",
                "hint": "So that a colleague can find it.",
                "autocomplete": "off",
            },
            error_messages={"required": "Enter what stands on the invoice or the statement."},
        ),
    }
    if funds:
        about = {"label": "Which fund bears it?", "hint": "Leave it open if you do not know yet.", "widget": "select"}
        asked["fund"] = Choice(funds, metadata=about)
    return Schema.from_dict(asked, name="Fee")()


def bear_schema(most: Money, what: str) -> Schema:
    """Returns the form in which somebody says how much of a cost a fund bears, and why."""
    return Schema.from_dict(
        {
            "amount": Pounds(
                most.currency,
                most=most,
                required=True,
                metadata={"label": "How much does it bear?", "hint": f"Up to {most}: so much of {what} has no fund."},
                error_messages={"required": "Enter the amount, like 1.50."},
            ),
            "why": PlainText(
                LONGEST,
                lines=True,
                required=True,
                metadata={"label": "Why this fund?", "hint": "Leave out what is private. This is kept with the books."},
                error_messages={"required": "Say why, in a few words."},
            ),
        },
        name="Bearing",
    )()

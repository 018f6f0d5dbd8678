"""Funding: what staff type about a funder, a fund, money in, and days agreed with the funder."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from marshmallow import Schema, ValidationError, fields, validates_schema

from grants.domain.money import EXPONENTS, SYMBOLS
from grants.schemas.fields import Choice, DayFirstDate, PlainText, Pounds

ORG_ID = re.compile(r"[A-Z]{2}-[A-Z0-9]{2,12}-[A-Za-z0-9./_-]{1,40}")
"""The shape of an org-id: a country, a register, a number (``GB-CHC-123456``)."""


def _org_id(value: str) -> None:
    if value and not ORG_ID.fullmatch(value):
        raise ValidationError("An org-id looks like GB-CHC-123456. Leave it empty if you do not know it.")


class FunderSchema(Schema):
    """A funder: a name, and an org-id where there is one."""

    name = PlainText(
        200,
        required=True,
        error_messages={"required": "Enter the funder’s name."},
        metadata={"label": "Name of the funder", "hint": "As they write it themselves."},
    )
    org_id = PlainText(
        60,
        load_default="",
        validate=_org_id,
        metadata={"label": "Org-id", "hint": "Like GB-CHC-123456. Leave it empty if you do not know it."},
    )


class _Fund(Schema):
    name = PlainText(
        200,
        required=True,
        error_messages={"required": "Enter a name for the fund."},
        metadata={"label": "Name of the fund", "hint": "People who apply see it. For example: Winter hardship fund."},
    )
    restriction = PlainText(
        2000,
        lines=True,
        load_default="",
        metadata={
            "label": "What the money is for, in the funder’s own words",
            "hint": "Copy it from their letter. Leave it empty if they set no limit.",
        },
    )
    starts_on = DayFirstDate(
        required=True, metadata={"label": "First day", "hint": "From this day on people can apply."}
    )
    spend_by = DayFirstDate(
        metadata={"label": "Last day to award the money", "hint": "Leave it empty if the funder named no day."}
    )
    fees_allowed = fields.Boolean(
        load_default=False,
        metadata={
            "label": "Bank and payment fees may be paid from this fund",
            "hint": "Only if the funder agreed.",
            "widget": "tick",
        },
    )
    losses_allowed = fields.Boolean(
        load_default=False,
        metadata={
            "label": "This fund may bear money that was lost",
            "hint": "Such as cash that went missing, or money sent twice. Only if the funder agreed.",
            "widget": "tick",
        },
    )
    is_emergency = fields.Boolean(
        load_default=False,
        metadata={
            "label": "This fund is for emergencies",
            "hint": "Cash can be handed over on the same day.",
            "widget": "tick",
        },
    )
    is_open = fields.Boolean(
        load_default=True, metadata={"label": "Take applications from the first day on", "widget": "tick"}
    )

    @validates_schema
    def _in_order(self, data: dict[str, Any], **_rest: Any) -> None:
        start, end = data.get("starts_on"), data.get("spend_by")
        if start and end and end < start:
            raise ValidationError("This day is before the first day. Check both.", "spend_by")


ORDER = (
    "name",
    "funder",
    "currency",
    "opening",
    "ceiling",
    "typical",
    "restriction",
    "starts_on",
    "spend_by",
    "fees_allowed",
    "losses_allowed",
    "is_emergency",
    "is_open",
)
"""The order in which a new fund is asked about."""


def fund_schema(funders: Iterable[tuple[int, str]], currency: str = "GBP") -> Schema:
    """Returns what a new fund takes; ``funders`` are (id, name), amounts are read in the currency."""
    who = [(str(number), name) for number, name in funders]
    currencies = [(code, f"{SYMBOLS[code]} ({code})") for code in EXPONENTS]
    asked: dict[str, fields.Field[Any]] = {
        "funder": Choice(
            who,
            required=True,
            error_messages={"required": "Choose the funder, or make a new one first."},
            metadata={"label": "Whose money is it?", "widget": "select"},
        ),
        "currency": Choice(currencies, load_default="GBP", metadata={"label": "Currency", "widget": "select"}),
        "opening": Pounds(
            currency,
            required=True,
            metadata={"label": "Opening contribution", "hint": "The money that has come in so far."},
        ),
        "ceiling": Pounds(
            currency,
            required=True,
            metadata={"label": "The most that one person can have", "hint": "From this fund, in all."},
        ),
        "typical": Pounds(
            currency,
            metadata={"label": "What one person usually gets", "hint": "To see what a policy costs people beside it."},
        ),
    }
    made: Schema = type("FundSchema", (_Fund,), asked)()
    made.fields = {name: made.fields[name] for name in ORDER}
    return made


def contribution_schema(currency: str) -> Schema:
    """Returns what writing down money from the funder takes."""
    return Schema.from_dict(
        {
            "amount": Pounds(currency, required=True, metadata={"label": "How much came in?"}),
            "note": PlainText(
                200,
                load_default="",
                metadata={"label": "Note", "hint": "For example: second half, bank line of 3 May."},
            ),
        },
        name="Contribution",
    )()


class CostsSchema(Schema):
    """Which costs a fund may bear, as agreed with the funder."""

    fees_allowed = _Fund._declared_fields["fees_allowed"]
    losses_allowed = _Fund._declared_fields["losses_allowed"]
    as_agreed = PlainText(
        500,
        required=True,
        error_messages={"required": "Say what you agreed with the funder."},
        metadata={"label": "What did you agree with the funder?"},
    )


class SpendBySchema(Schema):
    """Another last day, as agreed with the funder."""

    spend_by = DayFirstDate(metadata={"label": "Last day to award the money", "hint": "Empty: no last day."})
    as_agreed = PlainText(
        500,
        required=True,
        error_messages={"required": "Say what you agreed with the funder."},
        metadata={"label": "What did you agree with the funder?"},
    )

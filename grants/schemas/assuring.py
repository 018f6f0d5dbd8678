"""Assuring: what is typed about draws, passes for auditors, findings, and trials, in plain words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from marshmallow import Schema, fields, validate

from grants.schemas.fields import Choice, DayFirstDate, PlainText

Options = Sequence[tuple[str, str]]

KINDS = (("files", "A file check: nobody is contacted"), ("calls", "Sampled calls: some people are asked"))

SURE = (("80", "80 in 100"), ("90", "90 in 100"), ("95", "95 in 100"))

MARGINS = (("5", "5 in 100 either way"), ("10", "10 in 100 either way"), ("20", "20 in 100 either way"))


def announce_schema(today: date, *, calls: bool) -> Schema:
    """Returns the form in which a draw is announced; calls are offered only where the terms speak of them."""
    made: dict[str, fields.Field[Any]] = {
        "kind": Choice(
            KINDS if calls else KINDS[:1],
            required=True,
            error_messages={"required": "Choose one."},
            metadata={"label": "What is drawn?", "widget": "radios", "hint": "A file check comes first."},
        ),
        "from_on": _day("Grants awarded from", today),
        "up_to": _day("Up to", today),
        "confidence": Choice(
            SURE,
            load_default="90",
            metadata={"label": "How sure should a file check be?", "widget": "select"},
        ),
        "margin": Choice(
            MARGINS,
            load_default="10",
            metadata={"label": "How near should its figure be?", "widget": "select"},
        ),
    }
    if calls:
        made["why"] = PlainText(
            500,
            lines=True,
            load_default="",
            metadata={
                "label": "For calls: why is a file check not enough?",
                "hint": "Anybody who looks at this draw reads it. Name nobody.",
            },
        )
    return Schema.from_dict(made, name="Announce")()


def pass_schema(auditors: Options) -> Schema:
    """Returns the form in which an auditor gets a pass."""
    made: dict[str, fields.Field[Any]] = {
        "auditor": Choice(
            auditors,
            required=True,
            error_messages={"required": "Choose an auditor."},
            metadata={"label": "Who may look?", "widget": "select"},
        ),
        "from_on": _day("From the start of"),
        "until": _day("To the end of"),
    }
    return Schema.from_dict(made, name="Pass")()


class FindingSchema(Schema):
    """What somebody found in a file."""

    outcome = Choice(
        (("fine", "It is in order"), ("question", "There is a question")),
        required=True,
        error_messages={"required": "Choose one."},
        metadata={"label": "What did you find?", "widget": "radios"},
    )
    note = PlainText(
        1000,
        lines=True,
        load_default="",
        metadata={"label": "The question, if there is one", "hint": "Name nobody. The charity reads it."},
    )


def trial_schema(policies: Options, today: date) -> Schema:
    """Returns the form in which a trial is started."""
    made: dict[str, fields.Field[Any]] = {
        "policy": Choice(
            policies,
            required=True,
            error_messages={"required": "Choose a policy."},
            metadata={
                "label": "Which policy is tried?",
                "widget": "select",
                "hint": "It may ask less than the fund does now, in every part. If it does not, we say why.",
            },
        ),
        "share": fields.Integer(
            required=True,
            validate=validate.Range(1, 99, error="Enter a whole number from 1 to 99."),
            error_messages={"required": "Enter a share, like 50.", "invalid": "Enter a whole number from 1 to 99."},
            metadata={"label": "How many of 100 new awards get it?", "hint": "Chance draws them. For example: 50."},
        ),
        "agreed_on": _day("When did trustees agree?", today),
        "agreed": PlainText(
            1000,
            lines=True,
            required=True,
            error_messages={"required": "Write down what trustees agreed: their agreement comes first."},
            metadata={"label": "What did they agree?", "hint": "As in the minutes of their meeting."},
        ),
    }
    return Schema.from_dict(made, name="Trial")()


def end_trial_schema() -> Schema:
    """Returns the form in which a trial is ended."""
    why = PlainText(500, lines=True, load_default="", metadata={"label": "Why now? (if you like)"})
    return Schema.from_dict({"why": why}, name="EndTrial")()


def _day(label: str, latest: date | None = None) -> DayFirstDate:
    return DayFirstDate(
        latest=latest, required=True, error_messages={"required": "Enter a day."}, metadata={"label": label}
    )

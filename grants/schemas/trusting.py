"""Trusting: what is typed about the charity's line, counter-offers, rules in the way, and money turned down."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from marshmallow import Schema, fields, validate

from grants.domain.line import REACH
from grants.domain.money import EXPONENTS, SYMBOLS
from grants.domain.terms import INTRUSIVENESS, Question
from grants.schemas.fields import Choice, DayFirstDate, PlainText, Pounds
from grants.schemas.tongue import gettext as _

MOST_PEOPLE = 1_000_000


class LineSchema(Schema):
    """The charity's line: a share of a typical award, how far anything may reach, and what an hour is worth."""

    share = fields.Integer(
        required=True,
        validate=validate.Range(0, 100, error="Enter a whole number from 0 to 100."),
        error_messages={"required": "Enter a share, like 5."},
        metadata={
            "label": "Of every 100 pounds of an award, how much may it cost a person to get it?",
            "hint": "Their time and what they pay out. For example: 5.",
        },
    )
    intrusiveness = Choice(
        [(reach, REACH[reach][:1].upper() + REACH[reach][1:]) for reach in INTRUSIVENESS],
        required=True,
        error_messages={"required": "Choose how far it may reach."},
        metadata={"label": "How far may anything that is asked reach? At most something that…", "widget": "radios"},
    )
    hourly = Pounds(
        required=True,
        error_messages={"required": "Enter an amount, like 12.71."},
        metadata={
            "label": "What is an hour of a person’s time worth?",
            "hint": "For example 12.71, the National Living Wage from April 2026.",
        },
    )
    why = PlainText(
        1000, lines=True, load_default="", metadata={"label": "Why here?", "hint": "For those who read it later."}
    )


class CounterSchema(Schema):
    """For how many people it is counted; what is asked is chosen from a list that the page knows."""

    people = fields.Integer(
        required=True,
        validate=validate.Range(1, MOST_PEOPLE, error="Enter how many people, from 1 to 1,000,000."),
        error_messages={"required": "Enter how many people, like 500."},
        metadata={"label": "For how many people?", "hint": "For example: 500."},
    )


def counter_schema(asked: Iterable[tuple[str, str]], currency: str = "GBP") -> Schema:
    """Returns what a counter-offer takes: what is asked, one of (value, words), how many people, a typical award."""
    made = {
        "asked": Choice(
            list(asked),
            required=True,
            error_messages={"required": _("Choose what they asked for.")},
            metadata={"label": _("What did they ask for?"), "widget": "select"},
        ),
        "people": CounterSchema().fields["people"],
        "typical": Pounds(
            currency,
            required=True,
            error_messages={"required": _("Enter an amount, like 150.")},
            metadata={"label": _("What does one person usually get?"), "hint": _("For example: 150.")},
        ),
    }
    return Schema.from_dict(made, name="Counter")()


class ObjectionSchema(Schema):
    """What gets in the way, in a few words."""

    words = PlainText(
        2000,
        lines=True,
        required=True,
        error_messages={"required": "Say in a few words what gets in the way."},
        metadata={"label": "What gets in the way?", "hint": "A few words are enough. Leave out names."},
    )


class AnswerSchema(Schema):
    """An answer to somebody who said that a rule gets in the way, and nameless words for outside."""

    answer = PlainText(
        2000,
        lines=True,
        required=True,
        error_messages={"required": "Write an answer: whoever said it reads it."},
        metadata={"label": "Your answer", "hint": "Whoever said it reads this."},
    )
    told_as = PlainText(
        500,
        lines=True,
        load_default="",
        metadata={
            "label": "How may it be told to the funder?",
            "hint": "In your words, with nothing that shows who it was. Leave it empty, and it is only counted.",
        },
    )


class TurnedDownSchema(Schema):
    """Money that was not taken because of a condition."""

    funder = PlainText(
        200,
        required=True,
        error_messages={"required": "Enter whose money it was."},
        metadata={"label": "Whose money was it?", "hint": "Seen by staff only."},
    )
    currency = Choice(
        [(code, f"{SYMBOLS[code]} ({code})") for code in EXPONENTS],
        load_default="GBP",
        metadata={"label": "Currency", "widget": "select"},
    )
    condition = PlainText(
        1000,
        lines=True,
        required=True,
        error_messages={"required": "Say what they asked for that could not be."},
        metadata={"label": "What did they ask for?", "hint": "For example: a receipt for each of 500 grants of £150."},
    )
    people = fields.Integer(
        load_default=0,
        validate=validate.Range(0, MOST_PEOPLE, error="Enter a number from 0 to 1,000,000."),
        metadata={"label": "How many people would it have reached?", "hint": "0 if you do not know."},
    )
    minutes = fields.Integer(
        load_default=0,
        validate=validate.Range(0, MOST_PEOPLE, error="Enter a number from 0 to 1,000,000."),
        metadata={"label": "Minutes asked of each of them", "hint": "0 if you do not know."},
    )


TURNED_DOWN = ("funder", "currency", "amount", "condition", "people", "minutes", "on")
"""The order in which money turned down is asked about."""


def turned_down_schema(today: date, currency: str = "GBP") -> Schema:
    """Returns what writing down money that was turned down takes; its day is today or earlier."""
    asked: dict[str, fields.Field[Any]] = {
        "amount": Pounds(
            currency,
            required=True,
            error_messages={"required": _("Enter an amount, like 75000.")},
            metadata={"label": _("How much was it?")},
        ),
        "on": DayFirstDate(latest=today, required=True, metadata={"label": _("When did you say no?")}),
    }
    made: Schema = type("TurnedDown", (TurnedDownSchema,), asked)()
    made.fields = {name: made.fields[name] for name in TURNED_DOWN}
    return made


class FunderQuestionSchema(Schema):
    """A funder's question."""

    words = PlainText(
        500,
        required=True,
        error_messages={"required": "Write your question."},
        metadata={"label": "What would you like to know?", "hint": "One question at a time."},
    )


def point_schema(queries: Iterable[tuple[str, str]]) -> Schema:
    """Returns what pointing a question to an answer takes: one of the questions that are answered, or none."""
    choice = Choice(
        [("talk", _("Nothing we hold: let us talk about it")), *queries],
        required=True,
        error_messages={"required": _("Choose one.")},
        metadata={"label": _("What answers it?"), "widget": "select"},
    )
    return Schema.from_dict({"query": choice}, name="Point")()


class CloseSchema(Schema):
    """What was agreed when a question was talked about."""

    agreed = PlainText(
        2000,
        lines=True,
        required=True,
        error_messages={"required": "Write what you agreed with the funder."},
        metadata={"label": "What did you agree?", "hint": "The funder reads this."},
    )


def move_schema(questions: Iterable[Question]) -> Schema:
    """Returns what moving an application takes: a reason, and answers to what the other fund must know."""
    made: dict[str, fields.Field[Any]] = {
        "move_why": PlainText(
            500,
            required=True,
            error_messages={"required": _("Say why the other fund is better for this person.")},
            metadata={"label": _("Why is the other fund better for them?"), "hint": _("A few words.")},
        )
    }
    for question in questions:
        asked = {"label": question.text, "purpose": question.purpose, "minutes": question.minutes}
        need = {"required": _("Ask the person by phone, and type the answer here.")}
        name = f"answer-{question.slug}"
        if question.kind == "choice":
            made[name] = Choice(
                [(one, one) for one in question.choices], required=True, error_messages=need, metadata=asked
            )
        else:
            made[name] = PlainText(2000, lines=True, required=True, error_messages=need, metadata=asked)
    return Schema.from_dict(made, name="Move")()

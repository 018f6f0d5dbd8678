"""Staffing: what the pages about people and tasks ask, in plain words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from marshmallow import Schema, fields, validate

from grants.schemas.fields import Choice, DayFirstDate, PlainText, Pounds

Options = Sequence[tuple[str, str]]

LONGEST = 2000


def invite_schema(roles: Options, notes: dict[str, str], funders: Options) -> Schema:
    """Returns the form with which somebody is invited; ``notes`` says what each role may do."""
    name = {"label": "Name", "autocomplete": "off"}
    asked: dict[str, fields.Field[Any]] = {
        "name": PlainText(200, required=True, metadata=name, error_messages=_asked("Enter a name.")),
        "email": fields.Email(
            required=True,
            validate=validate.Length(max=254),
            metadata={"label": "E-mail address", "hint": "We write them a link there.", "autocomplete": "off"},
            error_messages=_asked("Enter an e-mail address, like name@example.org."),
        ),
        "roles": _roles(roles, notes),
        "organisation": PlainText(200, metadata={"label": "For a partner: where they work", "autocomplete": "off"}),
    }
    if funders:
        about = {"label": "For a funder’s viewer: which funder", "widget": "select"}
        asked["funder_id"] = Choice(funders, metadata=about)
    return _schema(**asked)


def roles_schema(roles: Options, notes: dict[str, str]) -> Schema:
    """Returns the form in which roles are changed."""
    return _schema(roles=_roles(roles, notes))


def limit_schema(today: date) -> Schema:
    """Returns the form in which a limit is recorded, as trustees approved it."""

    def amount(label: str, hint: str = "") -> Pounds:
        about = {"label": label, "hint": hint}
        return Pounds(required=True, metadata=about, error_messages=_asked("Enter an amount, like 300."))

    day = {"label": "When did trustees approve this?", "hint": "The day of their meeting, as in the minutes."}
    return _schema(
        per_grant=amount("For one grant", "Up to this much they award alone."),
        per_day=amount("In one day", "All their awards of a day together."),
        per_person_per_year=amount("For one person in a year", "All that one person gets from them in 12 months."),
        approved_on=DayFirstDate(
            latest=today,
            required=True,
            metadata=day,
            error_messages=_asked("Enter the day on which trustees approved this."),
        ),
    )


def leave_schema(colleagues: Options) -> Schema:
    """Returns the form in which somebody leaves."""
    about = {"label": "Who takes over their open work?", "widget": "select"}
    asked = _asked("Choose a colleague.")
    return _schema(colleague=Choice(colleagues, required=True, metadata=about, error_messages=asked))


def connection_schema() -> Schema:
    """Returns the form in which a worker names somebody they are close to."""
    about = {
        "label": "Name of the person",
        "hint": "Family, a friend, a neighbour, somebody you do business with. You decide nothing for them.",
        "autocomplete": "off",
    }
    return _schema(name=PlainText(200, required=True, metadata=about, error_messages=_asked("Enter a name.")))


def outcome_schema() -> Schema:
    """Returns the form with which a task is closed."""
    about = {"label": "What came of it?", "hint": "A few words, so that a colleague understands it later."}
    asked = _asked("Say what came of it, in a few words.")
    return _schema(outcome=PlainText(LONGEST, lines=True, required=True, metadata=about, error_messages=asked))


def phone_schema(problems: Options) -> Schema:
    """Returns the form in which a worker writes down what a person said of their money."""
    kind = {"label": "What did they say?"}
    words = {
        "label": "Their own words",
        "hint": "If something is wrong. A colleague who neither decided nor paid this reads them.",
    }
    return _schema(
        kind=Choice(
            (("arrived", "The money came"), *problems),
            required=True,
            metadata=kind,
            error_messages=_asked("Choose what they said."),
        ),
        words=PlainText(LONGEST, lines=True, metadata=words),
    )


def _roles(roles: Options, notes: dict[str, str]) -> fields.List[str]:
    about = {"label": "What they do here", "notes": notes}
    few = validate.Length(min=1, error="Choose at least one role.")
    return fields.List(
        Choice(roles), required=True, validate=few, metadata=about, error_messages=_asked("Choose at least one role.")
    )


def _asked(words: str) -> dict[str, Any]:
    return {"required": words}


def _schema(**asked: fields.Field[Any]) -> Schema:
    return Schema.from_dict(dict(asked), name="Staffing")()

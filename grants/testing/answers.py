"""Answers that somebody might give in a practice story: as short as a form or a question lets them be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from marshmallow import Schema, fields, missing, validate

from grants.domain.terms import Field, Question

WORDS = "It helped."
"""What somebody writes who is asked for words."""

NUMBER = 1


def to_blanks(blanks: Iterable[Question | Field]) -> dict[str, Any]:
    """Returns an answer to each question of a policy, or to each blank of a form that is written as data."""
    return {blank.slug: _to_blank(blank) for blank in blanks}


def to_schema(schema: Schema) -> dict[str, Any]:
    """Returns an answer for each field of a form that can be answered in words, a number, a day or a choice.

    A field of any other kind is left out, so that the form itself says whether it is needed.
    """
    given = {name: _to_field(field) for name, field in schema.fields.items() if not field.dump_only}
    return {name: answer for name, answer in given.items() if answer is not missing}


def _to_blank(blank: Question | Field) -> str:
    if blank.kind == "choice":
        return blank.choices[0]
    return {"number": str(NUMBER), "yes_no": "yes"}.get(blank.kind, WORDS)


def _to_field(field: fields.Field[Any]) -> Any:
    for check in field.validators:
        if isinstance(check, validate.OneOf):
            return next((choice for choice in check.choices if choice), missing)
    for kind, answer in _ANSWERS.items():
        if isinstance(field, kind):
            return _fitting(answer, field)
    return missing


_ANSWERS: Mapping[type[fields.Field[Any]], Any] = {
    fields.Boolean: True,
    fields.Integer: NUMBER,
    fields.Number: NUMBER,
    fields.Date: date(2026, 3, 2).isoformat(),
    fields.Email: "robin@practice.example.org",
    fields.String: WORDS,
}


def _fitting(answer: Any, field: fields.Field[Any]) -> Any:
    """Returns the answer moved into the limits that the field names."""
    for check in field.validators:
        if isinstance(check, validate.Range) and not isinstance(answer, str):
            answer = check.min if check.min is not None and answer < check.min else answer
            answer = check.max if check.max is not None and answer > check.max else answer
        if isinstance(check, validate.Length) and isinstance(answer, str):
            answer = (answer * (1 + (check.min or 0) // len(answer)))[: check.max]
    return answer

"""Answers that somebody might give in a practice story: as short as a form or a question lets them be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from marshmallow import Schema, ValidationError, fields, missing, validate

from grants.domain.terms import Question

WORDS = "It helped."
"""What somebody writes who is asked for words."""

PLAIN = (WORDS, "yes", "1", 1, True, "2026-03-02", "robin@practice.example.org")
"""What somebody says; the first that a blank takes is theirs."""

PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b55"
    "0000000a49444154789c636800000082008177cd72b60000000049454e44ae426082"
)
"""A picture of one grey point (PNG)."""


def to_questions(questions: Iterable[Question]) -> dict[str, str]:
    """Returns an answer to each question of a policy."""
    return {question.slug: _to_question(question) for question in questions}


def to_schema(schema: Schema) -> dict[str, Any]:
    """Returns an answer for each blank of a form that takes words, a number, a day or a choice.

    Any other blank is left out, so that the form itself says whether it is needed.
    """
    given = {name: _to_field(field) for name, field in schema.fields.items() if not field.dump_only}
    return {name: answer for name, answer in given.items() if answer is not missing}


def _to_question(question: Question) -> str:
    if question.kind == "choice":
        return question.choices[0]
    return {"number": "1", "yes_no": "yes"}.get(question.kind, WORDS)


def _to_field(field: fields.Field[Any]) -> Any:
    for answer in _fitting(field):
        try:
            field.deserialize(answer)
        except ValidationError:
            continue
        return answer
    return missing


def _fitting(field: fields.Field[Any]) -> Iterator[Any]:
    """Yields what might be said here: the plain things first, then those at the limits that the blank names."""
    limits = [check for check in field.validators if isinstance(check, validate.OneOf)]
    yield from (choice for check in limits for choice in check.choices if choice)
    yield from PLAIN
    for check in field.validators:
        if isinstance(check, validate.Range):
            yield from (edge for edge in (check.min, check.max) if edge is not None)
        if isinstance(check, validate.Length):
            least, most = check.equal or check.min or 0, check.equal or check.max
            yield (WORDS * (1 + least // len(WORDS)))[:most]

"""What the check of policies finds, at facts and settings that nobody thought of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import count
from typing import Any

import pytest
from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from grants import Ask, Band, Facts, Pace, Policy, Schedule, Terms
from grants.domain.terms import Authority
from grants.testing import check_policy

Function = Callable[[Mapping[str, Any], Facts], Terms]


class Tunable(Schema):
    """Some blanks that a funder may tune."""

    parts = fields.Integer(load_default=1, validate=validate.Range(1, 6))
    days = fields.Integer(load_default=30, validate=validate.Range(0, 90))
    kind = fields.String(load_default="story", validate=validate.OneOf(["story", "letter"]))
    ask = fields.Boolean(load_default=True)


def of(terms: Function, settings: type[Schema] = Tunable) -> Policy:
    return Policy(slug="mine", title="Mine", promise="A word.", terms=terms, settings=settings)


def an_ask(**more: Any) -> Ask:
    return Ask(**{"slug": "a", "title": "A", "purpose": "To learn.", "minutes": 1} | more)


def test_terms_of_a_usual_award_are_returned() -> None:
    terms = check_policy(of(lambda s, f: Terms(asks=(an_ask(due_days=s["days"]),))), {"days": 12})
    assert terms.asks[0].due_days == 12


def test_every_edge_of_every_blank_is_tried() -> None:
    seen: list[dict[str, Any]] = []
    check_policy(of(lambda s, f: seen.append(dict(s)) or Terms()))  # type: ignore[func-returns-value]  # a note beside
    for name, edges in {"parts": {1, 6}, "days": {0, 90}, "kind": {"story", "letter"}, "ask": {True, False}}.items():
        assert edges <= {each[name] for each in seen}, name


COUNTED = count()


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        (lambda s, f: Terms(asks=(an_ask(minutes=100 // s["days"]),)), r"ZeroDivisionError.*settings \{'days': 0\}"),
        (lambda s, f: Terms(asks=(an_ask(),) if s["kind"] == "story" else ("letter",)), r"'kind': 'letter'"),
        (lambda s, f: Terms(asks=(an_ask(purpose=" "),)), "expected a purpose"),
        (lambda s, f: Terms(asks=(an_ask(minutes=f.household_size * 1),)), "TypeError"),
        (lambda s, f: Terms(asks=(an_ask(title=f.purposes[0]),)), "IndexError"),
        (lambda s, f: Terms(asks=(an_ask(minutes=f.amount.amount / 100),)), "expected a whole number"),
        (lambda s, f: Terms(authority=Authority(bands=(Band(up_to=-5),))), "expected 1 or more"),
        (lambda s, f: Terms(schedule=Schedule(parts=s["parts"], choices=(Pace(parts=0),))), "choices"),
        (lambda s, f: Terms(asks=(an_ask(due_days=next(COUNTED) % 90),)), "answered differently the second time"),
        (lambda s, f: "nothing", "expected Terms, got str"),
    ],
)
def test_each_wrong_policy_is_caught(terms: Function, said: str) -> None:
    with pytest.raises(AssertionError, match=f"(?s)^mine: .*{said}"):
        check_policy(of(terms))


def test_settings_that_do_not_load_are_named() -> None:
    with pytest.raises(AssertionError, match=r"mine: settings: .*parts"):
        check_policy(of(lambda s, f: Terms()), {"parts": 9})


def test_usual_values_must_make_a_complete_set() -> None:
    class Needs(Schema):
        months = fields.Integer(required=True)

    with pytest.raises(AssertionError, match=r"mine: settings: .*months"):
        check_policy(of(lambda s, f: Terms(), Needs))
    assert check_policy(of(lambda s, f: Terms(), Needs), {"months": 3}) == Terms()


def test_what_the_schema_refuses_is_not_tried() -> None:
    class Careful(Tunable):
        @validates_schema
        def fits(self, data: dict[str, Any], **more: Any) -> None:
            if data["parts"] == 6:
                raise ValidationError("five at most, here")

    assert check_policy(of(lambda s, f: Terms(asks=(an_ask(minutes=6 - s["parts"]),)), Careful)).asks

"""What the strategies draw is what the host takes, and all of it."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st
from marshmallow import Schema, fields, validate, validates_schema
from marshmallow.exceptions import ValidationError

from grants.domain.facts import Facts
from grants.domain.terms import Terms
from grants.domain.terms_checks import check
from grants.domain.terms_json import dump, load
from grants.flow.fund import ask_policy
from grants.offers import Policy
from grants.testing.strategies import facts, settings_for, terms

LOOKED = settings(max_examples=3000, phases=[Phase.generate], database=None, suppress_health_check=list(HealthCheck))
"""Looks for one that fits, and does not make it smaller."""


class Tunable(Schema):
    """One blank of each kind that a policy may have."""

    months = fields.Integer(required=True, validate=validate.Range(1, 24))
    share = fields.Integer(load_default=10, validate=validate.Range(0, 100, min_inclusive=False, max_inclusive=False))
    letters = fields.Boolean(load_default=False)
    pace = fields.String(load_default="weekly", validate=validate.OneOf(["weekly", "monthly"]))
    words = fields.String(load_default="", validate=validate.Length(max=12))
    code = fields.String(load_default="AB", validate=validate.Regexp(r"^[A-Z]{2}$"))
    until = fields.Date(load_default=None, allow_none=True)
    papers = fields.List(fields.String(), load_default=list, validate=validate.ContainsOnly(["photo", "line"]))
    strange = fields.Raw(load_default=None, allow_none=True)

    @validates_schema
    def fits(self, data: dict[str, object], **more: object) -> None:
        if data["letters"] and data["pace"] == "weekly":
            raise ValidationError("letters go out once a month")


TUNABLE = Policy(slug="tunable", title="T", promise="P", terms=lambda s, f: Terms(), settings=Tunable)


@settings(max_examples=50)
@given(terms())
def test_all_terms_that_are_drawn_are_sound(some: Terms) -> None:
    assert load(dump(check(some))) == some


@pytest.mark.parametrize(
    "rare",
    [
        lambda t: t.eligibility.attested_by == "document",
        lambda t: t.statement.rows.columns and t.statement.rows.notice,
        lambda t: any(ask.fields for ask in t.asks),
        lambda t: any(ask.accepts and "own_words" not in ask.accepts for ask in t.asks),
        lambda t: any(ask.condition and ask.reminders for ask in t.asks),
        lambda t: t.schedule.choices and t.schedule.provisional_days,
        lambda t: len(t.authority.bands) > 1 and t.authority.bands[-1].up_to is None,
        lambda t: any(question.kind == "choice" for question in t.questions),
    ],
)
def test_rare_terms_are_drawn_too(rare: object) -> None:
    assert find(terms(), rare, settings=LOOKED)  # type: ignore[arg-type]  # any test of Terms


@given(facts(largest=500))
def test_facts_are_those_of_an_award(some: Facts) -> None:
    assert 1 <= some.amount.amount <= 500
    assert some.amount.currency == "GBP"
    assert all(code.startswith("GTIP") for code in some.purposes)


@given(settings_for(TUNABLE), facts())
def test_settings_are_taken_by_the_schema_and_by_the_policy(given: dict[str, object], some: Facts) -> None:
    loaded = Tunable().load(given)
    assert 1 <= loaded["months"] <= 24
    assert 0 < loaded["share"] < 100
    assert loaded["strange"] is None, "what is not known stays as it is"
    assert ask_policy(TUNABLE, given, some) == Terms()


@pytest.mark.parametrize(
    "rare",
    [
        lambda s: s.get("share") == 99,
        lambda s: s.get("until") and s["until"].startswith("20"),
        lambda s: set(s.get("papers", ())) == {"photo", "line"},
        lambda s: s.get("letters") and s.get("pace") == "monthly",
        lambda s: len(s.get("words", "")) == 12,
        lambda s: set(s) == {"months"},
    ],
)
def test_every_edge_of_a_setting_is_drawn(rare: object) -> None:
    assert find(settings_for(TUNABLE), rare, settings=LOOKED)  # type: ignore[arg-type]  # any test of settings


def test_a_blank_that_cannot_be_drawn_is_named() -> None:
    class Odd(Schema):
        shape = fields.Raw(required=True)

    odd = Policy(slug="odd", title="O", promise="P", terms=lambda s, f: Terms(), settings=Odd)
    with pytest.raises(ValueError, match="odd: cannot tell what shape may be: draw it yourself"):
        settings_for(odd)


def test_a_policy_with_nothing_to_tune_has_one_setting() -> None:
    plain = Policy(slug="plain", title="P", promise="P", terms=lambda s, f: Terms())
    assert find(settings_for(plain), lambda given: True, settings=LOOKED) == {}
    assert isinstance(settings_for(plain), st.SearchStrategy)


def test_without_hypothesis_the_words_say_what_to_install() -> None:
    code = "import sys; sys.modules['hypothesis'] = None\nimport grants.testing\nimport grants.testing.strategies"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert ended.stderr.splitlines()[-1] == (
        "ImportError: grants.testing.strategies needs Hypothesis: pip install hypothesis"
    )

"""The published schema: made from the code, kept as a file, true of what is accepted; every part has its limits."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import is_dataclass
from pathlib import Path
from typing import Any, cast, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given
from jsonschema import Draft202012Validator

from grants.domain import terms_limits
from grants.domain.terms import Ask, Terms
from grants.domain.terms_checks import check
from grants.domain.terms_json import TermsError, dump, from_data
from grants.domain.terms_schema import schema, schema_text
from tests.domain.some_terms import patient, sound_terms

SCHEMA = Draft202012Validator(schema())


def _holders(kind: type = Terms) -> Iterator[type]:
    yield kind
    for hint in get_type_hints(kind).values():
        for inner in (hint, *get_args(hint)):
            if is_dataclass(inner):
                yield from _holders(cast(type, inner))


def test_every_number_text_and_list_has_its_limits() -> None:
    for kind in set(_holders()):
        for name, hint in get_type_hints(kind).items():
            numbers, texts = terms_limits.NUMBERS.get(kind, {}), terms_limits.TEXTS.get(kind, {})
            known = {*numbers, *texts, *terms_limits.LISTS.get(kind, {}), *terms_limits.SLUGS.get(kind, ())}
            plain = hint in (int, str, int | None) or get_origin(hint) is tuple
            assert not plain or name in known or (kind, name) == (Ask, "form"), f"{kind.__name__}.{name}"


def test_it_is_a_schema_and_the_file_is_the_code() -> None:
    Draft202012Validator.check_schema(schema())
    kept = Path(__file__).resolve().parents[2] / "plugins" / "terms.schema.json"
    assert kept.read_text(encoding="utf-8") == schema_text(), "write it again: grants policy schema"


def test_everything_in_it_is_named_and_described() -> None:
    parts = [schema(), *schema()["$defs"].values()]
    assert len(parts) == len(set(_holders()))
    for part in parts:
        assert part["title"]
        assert part["description"].endswith(".")
        assert all(held["title"] for held in part["properties"].values())


@patient
@given(sound_terms())
def test_sound_terms_fit_it(terms: Terms) -> None:
    assert not list(SCHEMA.iter_errors(json.loads(dump(terms))))


def test_its_defaults_are_ours() -> None:
    def usual(part: dict[str, Any]) -> dict[str, Any]:
        found = {}
        for name, held in part["properties"].items():
            inner = schema()["$defs"].get(held.get("$ref", "").rpartition("/")[2])
            found[name] = usual(inner) if inner else held["default"]
        return found

    assert usual(schema()) == json.loads(dump(Terms()))


@pytest.mark.parametrize(
    "data",
    [
        {"version": 2},
        {"burden": 3},
        {"asks": [{"slug": "a"}]},
        {"asks": [{"slug": "A b", "title": "T", "purpose": "P", "minutes": 1}]},
        {"asks": [{"slug": "a", "title": "T", "purpose": "  ", "minutes": 1}]},
        {"asks": [{"slug": "a", "title": "T", "purpose": "P", "minutes": 0}]},
        {"asks": [{"slug": "a", "title": "T", "purpose": "P", "minutes": 1, "share": 101}]},
        {"asks": [{"slug": "a", "title": "T", "purpose": "P", "minutes": 1, "accepts": ["photo", "photo"]}]},
        {"schedule": {"parts": "two"}},
        {"schedule": {"payees": []}},
        {"schedule": {"choices": [{"parts": 0}]}},
        {"confirmation": {"mode": "always"}},
        {"confirmation": {"confidence": 100}},
        {"statement": {"rows": {"columns": ["name"]}}},
        {"statement": {"aggregates": ["Each Name"]}},
        {"authority": {"bands": [{"up_to": "300"}]}},
        {"promises": [{"by": "recipient", "text": "They report."}]},
    ],
)
def test_what_does_not_fit_it_is_refused_by_the_code_too(data: dict[str, Any]) -> None:
    assert list(SCHEMA.iter_errors(data))
    with pytest.raises(TermsError):
        check(from_data(data))

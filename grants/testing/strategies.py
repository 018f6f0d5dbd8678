"""Hypothesis strategies for policy authors: the facts of any award, any settings of a policy, any sound Terms.

``@given(facts(), settings_for(POLICY))`` tries a policy on what nobody thought of. Hypothesis is not installed with
Grants on Trust: ``pip install hypothesis`` beside your tests.
"""

from __future__ import annotations

import string
from collections.abc import Mapping
from datetime import date
from typing import Any, get_args

from marshmallow import fields, validate

from grants.domain.codes import PURPOSES, REASONS
from grants.domain.facts import Facts, Route
from grants.domain.money import Money
from grants.domain.terms import Terms
from grants.offers import Policy

try:
    from hypothesis import strategies as st
except ImportError as error:
    raise ImportError("grants.testing.strategies needs Hypothesis: pip install hypothesis") from error

from grants.testing import sound_terms

LARGEST_AWARD = 100_000_00
"""The largest award tried, in minor units."""

YEARS = date(2020, 1, 1), date(2060, 12, 31)
"""From when to when awards are tried, leap days among them."""

wards = st.from_regex(r"[EWSN]0[0-9]{7}", fullmatch=True)
"""Codes of places, as the finest that a policy may know."""


def facts(currency: str = "GBP", largest: int = LARGEST_AWARD) -> st.SearchStrategy[Facts]:
    """Returns the facts of any award up to ``largest`` minor units: all that a policy may ever know of one."""
    return st.builds(
        Facts,
        amount=st.builds(Money, st.integers(1, largest), st.just(currency)),
        awarded_on=st.dates(*YEARS),
        route=st.sampled_from(get_args(Route)),
        first_grant=st.booleans(),
        purposes=st.lists(st.sampled_from(sorted(PURPOSES)), max_size=4, unique=True).map(tuple),
        reason=st.none() | st.sampled_from(sorted(REASONS)),
        area=st.none() | wards,
        household_size=st.none() | st.integers(1, 14),
    )


def settings_for(policy: Policy) -> st.SearchStrategy[dict[str, Any]]:
    """Returns any settings that a funder may save for the policy, read from its schema and accepted by it.

    A blank of a kind that is not known here is left at its usual value; where it has none, ValueError says
    so by name: draw that one yourself.
    """
    schema = policy.settings()
    known = {name: _values(field) for name, field in schema.fields.items() if not field.dump_only}
    unknown = [name for name, values in known.items() if values is None and schema.fields[name].required]
    if unknown:
        raise ValueError(f"{policy.slug}: cannot tell what {', '.join(unknown)} may be: draw it yourself")
    drawn = {name: values for name, values in known.items() if values is not None}
    needed = {name: values for name, values in drawn.items() if schema.fields[name].required}
    rest = {name: values for name, values in drawn.items() if name not in needed}
    return st.fixed_dictionaries(needed, optional=rest).filter(lambda given: not schema.validate(given))


def terms() -> st.SearchStrategy[Terms]:
    """Returns any Terms that the host would take: every part, within the limits and rules of the host's own check."""
    return sound_terms.terms()


def _values(field: fields.Field[Any]) -> st.SearchStrategy[Any] | None:
    """Returns what a blank may hold, or None for a kind of blank that is not known here."""
    one_of = _find(field, validate.OneOf)
    if isinstance(field, fields.List):
        found = _many(field)
    elif one_of is not None:
        found = st.sampled_from(list(one_of.choices))
    else:
        found = next((make(field) for kind, make in _MAKERS.items() if isinstance(field, kind)), None)
    return found | st.none() if found is not None and field.allow_none else found


def _find(field: fields.Field[Any], kind: type) -> Any:
    return next((check for check in field.validators if isinstance(check, kind)), None)


def _many(field: fields.List[Any]) -> st.SearchStrategy[Any] | None:
    inner = _values(field.inner)
    chosen = _find(field, validate.ContainsOnly)
    if chosen is not None:
        inner = st.sampled_from(list(chosen.choices))
    least, most = _length(field, 5)
    return None if inner is None else st.lists(inner, min_size=least, max_size=most, unique=chosen is not None)


def _whole(field: fields.Field[Any]) -> st.SearchStrategy[int]:
    span = _find(field, validate.Range)
    if span is None:
        return st.integers(-(10**6), 10**6)
    least = None if span.min is None else int(span.min) + (0 if span.min_inclusive else 1)
    most = None if span.max is None else int(span.max) - (0 if span.max_inclusive else 1)
    return st.integers(least, most)


def _text(field: fields.Field[Any]) -> st.SearchStrategy[str]:
    pattern = _find(field, validate.Regexp)
    if pattern is not None:
        return st.from_regex(pattern.regex)
    least, most = _length(field, 60)
    return st.text(string.ascii_letters + string.digits + " '-.,äż€", min_size=least, max_size=most)


def _length(field: fields.Field[Any], usual: int) -> tuple[int, int]:
    span = _find(field, validate.Length)
    if span is None:
        return 0, usual
    if span.equal is not None:
        return span.equal, span.equal
    least = span.min or 0
    return least, max(least, min(usual, span.max if span.max is not None else usual))


_MAKERS: Mapping[type[fields.Field[Any]], Any] = {
    fields.Boolean: lambda field: st.booleans(),
    fields.Integer: _whole,
    fields.Date: lambda field: st.dates(*YEARS).map(date.isoformat),
    fields.Email: lambda field: st.just("somebody@example.org"),
    fields.String: _text,
}
"""What each kind of blank may hold; kinds that stand below another come first."""

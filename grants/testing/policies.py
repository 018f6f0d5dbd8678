"""Checks a policy as the host will: sound terms, the same answer twice, and no burden without a purpose."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from marshmallow import ValidationError, fields, validate

from grants.domain.errors import Refusal
from grants.domain.facts import Facts, Route
from grants.domain.money import Money
from grants.domain.schedule import plan
from grants.domain.terms import Terms
from grants.domain.terms_json import dump, load
from grants.flow.fund import ask_policy
from grants.offers import Policy

ROUTES: tuple[Route, ...] = ("self", "referred", "phone", "staff", "import")

USUAL = Facts(amount=Money(150_00), awarded_on=date(2026, 11, 23))
"""A usual award."""


def some_facts() -> Iterator[Facts]:
    """Yields facts of many shapes: small and large, first and later, alone and referred, on odd days."""
    for amount in (1, 4_999, 15_000, 100_001, 5_000_000):
        for route in ROUTES:
            for first in (True, False):
                yield Facts(
                    amount=Money(amount),
                    awarded_on=date(2028, 2, 29) if first else date(2027, 12, 31),
                    route=route,
                    first_grant=first,
                    purposes=("GTIP070",) if first else (),
                    reason="GTIR010" if first else None,
                    area="E05011352" if first else None,
                    household_size=4 if first else None,
                )


def some_settings(policy: Policy, settings: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yields the settings as given, and then with each blank in turn at every edge that its schema lets through."""
    yield dict(settings)
    for name, field in policy.settings().fields.items():
        for edge in _edges(field):
            tuned = {**settings, name: edge}
            if name not in settings and not policy.settings().validate(tuned):
                yield tuned


def check_policy(policy: Policy, settings: Mapping[str, Any] | None = None) -> Terms:
    """Returns the policy's terms for a usual award after trying it over many facts and settings.

    Raises AssertionError, naming the policy and what is wrong, when its settings do not load, when its
    terms are unsound, change from call to call, do not survive being frozen, or do not pay the award at
    every pace that the person may pick.
    """
    given = dict(settings or {})
    for tuned in some_settings(policy, given):
        for facts in some_facts():
            try:
                _try(policy, tuned, facts)
            except AssertionError as error:
                raise AssertionError(f"{policy.slug}: {error}{_where(tuned, given)}") from error
    return ask_policy(policy, given, USUAL)


def _try(policy: Policy, settings: Mapping[str, Any], facts: Facts) -> None:
    try:
        terms = ask_policy(policy, settings, facts)
    except ValidationError as error:
        raise AssertionError(f"settings: {error.messages}") from error
    except Refusal as error:
        raise AssertionError(error.message) from error
    assert load(dump(terms)) == terms, "its terms change when they are frozen as JSON"
    for pace in terms.schedule.paces:
        paid = sum(part.amount.amount for part in plan(terms.schedule, facts.amount, facts.awarded_on, pace))
        assert paid == facts.amount.amount, f"its schedule pays {paid} of {facts.amount.amount}"


def _where(tuned: Mapping[str, Any], given: Mapping[str, Any]) -> str:
    changed = {name: value for name, value in tuned.items() if name not in given}
    return f" (with the settings {changed})" if changed else ""


def _edges(field: fields.Field[Any]) -> Iterator[Any]:
    """Yields the values of a blank at which a policy is most likely to stumble."""
    if isinstance(field, fields.Boolean):
        yield from (True, False)
    for check in field.validators:
        if isinstance(check, validate.Range):
            yield from (edge for edge in (check.min, check.max) if edge is not None)
        if isinstance(check, validate.OneOf):
            yield from check.choices
        if isinstance(check, validate.Length) and isinstance(field, fields.String) and check.max:
            yield "a" * check.max
    if isinstance(field, fields.String) and field.allow_none:
        yield None

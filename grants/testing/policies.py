"""Checks a policy as the host will: sound terms, the same answer twice, and no burden without a purpose."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Literal

from marshmallow import ValidationError

from grants.domain.errors import Refusal
from grants.domain.facts import Facts
from grants.domain.money import Money
from grants.domain.schedule import plan
from grants.domain.terms import Terms
from grants.domain.terms_json import dump, load
from grants.flow.fund import ask_policy
from grants.offers import Policy

ROUTES: tuple[Literal["self", "referred", "phone", "staff", "import"], ...] = ("self", "referred", "phone")


def some_facts() -> Iterator[Facts]:
    """Yields facts of many shapes: small and large, first and later, alone and referred."""
    for amount in (1, 4_999, 15_000, 100_001, 5_000_000):
        for route in ROUTES:
            for first in (True, False):
                yield Facts(
                    amount=Money(amount),
                    awarded_on=date(2028, 2, 29),
                    route=route,
                    first_grant=first,
                    purposes=("GTIP070",) if first else (),
                    reason="GTIR010" if first else None,
                    area="E05011352" if first else None,
                    household_size=4 if first else None,
                )


def check_policy(policy: Policy, settings: Mapping[str, Any] | None = None) -> Terms:
    """Returns the policy's terms for a usual award after trying it over many facts.

    Raises AssertionError, naming the policy and what is wrong, when its settings do not load, when its
    terms are unsound, change from call to call, do not survive being frozen, or do not pay the award.
    """
    given = dict(settings or {})
    for facts in some_facts():
        try:
            terms = ask_policy(policy, given, facts)
        except ValidationError as error:
            raise AssertionError(f"{policy.slug}: settings: {error.messages}") from error
        except Refusal as error:
            raise AssertionError(f"{policy.slug}: {error.message}") from error
        if load(dump(terms)) != terms:
            raise AssertionError(f"{policy.slug}: its terms change when they are frozen as JSON")
        paid = sum(part.amount.amount for part in plan(terms.schedule, facts.amount, facts.awarded_on))
        if paid != facts.amount.amount:
            raise AssertionError(f"{policy.slug}: its schedule pays {paid} of {facts.amount.amount}")
    return ask_policy(policy, given, Facts(amount=Money(15_000), awarded_on=date(2026, 11, 23)))

"""Rehearsal: policies are asked about awards that nobody made, so that what is wrong shows before a person waits."""

from __future__ import annotations

from datetime import date

from marshmallow import ValidationError

from grants.asking.elsewhere import TermsElsewhere, ask
from grants.asking.sound import Unsound
from grants.domain.facts import Facts
from grants.domain.money import Money
from grants.offers import Policy

SOME = tuple(
    Facts(
        amount=Money(amount),
        awarded_on=date(2028, 2, 29),
        route="self" if first else "referred",
        first_grant=first,
        purposes=("GTIP070",) if first else (),
        reason="GTIR010" if first else None,
        area="E05011352" if first else None,
        household_size=4 if first else None,
    )
    for amount in (1, 15_000, 100_001, 5_000_000)
    for first in (True, False)
)
"""Facts of several shapes: small and large, first and later, alone and referred."""


def problem_with(policy: Policy) -> str:
    """Returns what goes wrong when a policy is asked with its usual settings, or an empty text.

    A policy without usual settings is not asked: whoever chooses it fills them in.
    """
    try:
        for facts in SOME:
            ask(policy, {}, facts)
    except ValidationError:
        return ""
    except Unsound as error:
        return error.told
    finally:
        if isinstance(policy.terms, TermsElsewhere):
            policy.terms.plugin.worker.wake()
    return ""

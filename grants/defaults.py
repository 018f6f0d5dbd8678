"""The core's own plugin: the unconditional policy and whatever every charity has from the start."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from grants.config import Settings
from grants.domain.facts import Facts
from grants.domain.terms import Terms
from grants.hookspecs import hookimpl
from grants.offers import Policy


def unconditional_terms(settings: Mapping[str, Any], facts: Facts) -> Terms:
    """Returns terms that ask nothing: paid at once, nothing to report, nothing to keep."""
    return Terms()


@hookimpl
def grants_policies() -> Iterator[Policy]:
    """Offers trust: the policy that asks nothing."""
    yield Policy(
        slug="unconditional",
        title="Unconditional",
        promise="The money is yours. Nothing is asked afterwards.",
        terms=unconditional_terms,
    )

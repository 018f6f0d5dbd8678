"""Offered: the policies that a fund may choose, of plugins and written without code, and the one that a fund has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, tuple_

from grants.domain.facts import Facts
from grants.domain.terms import Terms
from grants.domain.terms_json import load
from grants.flow.desk import Desk
from grants.model.funds import Fund
from grants.model.policies import PolicyFile
from grants.offers import Policy

MOST = 100
"""So many policies are listed at once: far more than anybody can choose from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A policy that a fund may choose; ``version`` is 0 and ``row`` None where a plugin offers it.

    ``source`` says where it comes from: the distribution, or that it was written here.
    """

    policy: Policy
    version: int = 0
    source: str = ""
    row: PolicyFile | None = None


@dataclass(frozen=True, slots=True)
class _Data:
    """What a written policy says of every award: the same, as data; no code of its own is run."""

    terms: str

    def __call__(self, _settings: Mapping[str, Any], _facts: Facts) -> Terms:
        return load(self.terms)


def policy(desk: Desk, slug: str, version: int | None = None) -> Policy:
    """Returns a policy: of that version (0: a plugin's), or as one would choose it now when none is named.

    Raises Refusal ``policy.missing`` when there is none.
    """
    return find(desk, slug, version).policy


def find(desk: Desk, slug: str, version: int | None = None) -> Offer:
    """Returns a policy with where it comes from; a retired version is still found by its number."""
    if version != 0 and (version or not installed(desk, slug)):
        of = select(PolicyFile).where(PolicyFile.slug == slug)
        if version:
            of = of.where(PolicyFile.version == version, PolicyFile.state.in_(("accepted", "retired")))
        else:
            of = of.where(PolicyFile.state == "accepted").order_by(PolicyFile.version.desc())
        row = desk.session.scalar(of.limit(1))
        if row is not None:
            return _offer(row)
    return Offer(policy=desk.catalogue.policy(slug), source=str(desk.catalogue.source("policies", slug).distribution))


def on_offer(desk: Desk) -> list[Offer]:
    """Returns every policy that a fund may choose: those of plugins, and of each written one the newest accepted."""
    made = [
        Offer(policy=each, source=str(desk.catalogue.source("policies", slug).distribution))
        for slug, each in desk.catalogue.policies.items()
    ]
    newest = select(func.max(PolicyFile.version).label("version"), PolicyFile.slug)
    newest = newest.where(PolicyFile.state == "accepted").group_by(PolicyFile.slug)
    pairs = tuple_(PolicyFile.version, PolicyFile.slug).in_(newest)
    rows = desk.session.scalars(select(PolicyFile).where(pairs).order_by(PolicyFile.title).limit(MOST))
    return made + [_offer(row) for row in rows if not installed(desk, row.slug)]


def source(desk: Desk, slug: str, version: int) -> str:
    """Returns where a fund's policy comes from, to be kept with a grant, in at most 120 characters."""
    if version:
        return f"written without code, version {version}"
    return str(desk.catalogue.source("policies", slug))[:120]


def newer(desk: Desk, fund: Fund) -> int:
    """Returns the newest accepted version of the fund's written policy when the fund has an older one, else 0."""
    if not fund.policy_version:
        return 0
    of = select(func.max(PolicyFile.version))
    of = of.where(PolicyFile.slug == fund.policy_slug, PolicyFile.state == "accepted")
    found = desk.session.scalar(of) or 0
    return found if found > fund.policy_version else 0


def installed(desk: Desk, slug: str) -> bool:
    """Returns whether a plugin offers a policy of this name, or once did under it."""
    return slug in desk.catalogue.policies or any(slug in each.also for each in desk.catalogue.policies.values())


def _offer(row: PolicyFile) -> Offer:
    made = Policy(slug=row.slug, title=row.title, promise=row.promise, terms=_Data(row.terms))
    return Offer(policy=made, version=row.version, source=f"Written without code, version {row.version}", row=row)

"""History: a fund's past as facts: what it awarded and declined, with the terms of then; nobody's name, no writing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import Any, cast

from sqlalchemy import Select, func, select

from grants.domain.facts import Facts
from grants.domain.money import Money
from grants.domain.replay import Past
from grants.domain.terms_json import load
from grants.flow.desk import Desk
from grants.model.applications import Application
from grants.model.funds import Fund
from grants.model.grants import Grant
from grants.model.payments import Attempt, Payment
from grants.model.people import Person

BATCH = 500
"""Rows that are in memory at a time."""

REMEMBERED = 1000
"""Different frozen terms that are kept at hand."""


def past(desk: Desk, fund: Fund, since: date | None = None) -> Iterator[Past]:
    """Yields what a fund awarded and declined, in constant memory: facts and frozen terms, nobody's name.

    Cancelled grants are left out. ``since`` leaves out what was decided before that day.
    """
    thawed = lru_cache(REMEMBERED)(load)
    for row in desk.session.execute(_awarded(fund, since), execution_options={"yield_per": BATCH}):
        frozen, text, amount, on, second, submitted, settled = row
        yield Past(
            facts=_facts(frozen, Money(amount, fund.currency), on),
            terms=thawed(text),
            people=1 if second is None else 2,
            waited=None if settled is None else max((settled.date() - submitted.date()).days, 0),
        )
    standing = load(fund.terms)
    for row in desk.session.execute(_declined(fund, since), execution_options={"yield_per": BATCH}):
        amount, decided, route, purposes, reason, ward, household, had_one = row
        facts = Facts(
            amount=Money(amount, fund.currency),
            awarded_on=decided.date(),
            route=route,
            first_grant=not had_one,
            purposes=tuple(purposes),
            reason=reason or None,
            area=ward or None,
            household_size=household,
        )
        yield Past(facts=facts, terms=standing, awarded=False)


def count(desk: Desk, fund: Fund) -> int:
    """Returns how many ``past`` will yield, for a progress bar; one statement."""
    awarded = select(func.count()).select_from(Grant).where(Grant.fund_id == fund.id, Grant.state != "cancelled")
    declined = select(func.count()).select_from(Application)
    declined = declined.where(Application.fund_id == fund.id, Application.state == "declined")
    both = desk.session.execute(select(awarded.scalar_subquery(), declined.scalar_subquery())).one()
    return sum(both)


def newest(desk: Desk, fund: Fund, most: int) -> date | None:
    """Returns the day from which on the fund made about so many awards, None when it never made more."""
    found = select(Grant.awarded_on).where(Grant.fund_id == fund.id, Grant.state != "cancelled")
    return desk.session.scalar(found.order_by(Grant.awarded_at.desc(), Grant.id.desc()).offset(most).limit(1))


def _facts(frozen: Mapping[str, Any], amount: Money, on: date) -> Facts:
    """Returns the facts as they were frozen at the award; a grant brought in without them has its amount and day."""
    return Facts(
        amount=amount,
        awarded_on=on,
        route=frozen.get("route", "self"),
        first_grant=frozen.get("first_grant", True),
        purposes=tuple(frozen.get("purposes", ())),
        reason=frozen.get("reason"),
        area=frozen.get("area"),
        household_size=frozen.get("household_size"),
    )


def _awarded(fund: Fund, since: date | None) -> Select[Any]:
    first = (
        select(Payment.grant_id, func.min(Attempt.settled_at).label("settled_at"))
        .join(Attempt, Attempt.payment_id == Payment.id)
        .join(Grant, Grant.id == Payment.grant_id)
        .where(Attempt.state == "settled", Grant.fund_id == fund.id)
        .group_by(Payment.grant_id)
        .subquery("first_money")
    )
    found = (
        select(
            Grant.facts,
            Grant.terms,
            Grant.amount,
            Grant.awarded_on,
            Grant.second_by,
            Application.submitted_at,
            first.c.settled_at,
        )
        .join(Application, Application.id == Grant.application_id)
        .outerjoin(first, first.c.grant_id == Grant.id)
        .where(Grant.fund_id == fund.id, Grant.state != "cancelled")
        .order_by(Grant.id)
    )
    return cast(Select[Any], found.where(Grant.awarded_on >= since) if since else found)


def _declined(fund: Fund, since: date | None) -> Select[Any]:
    decided = func.coalesce(Application.decided_at, Application.submitted_at)
    earlier = select(Grant.id).where(
        Grant.person_id == Application.person_id, Grant.awarded_at < Application.decided_at
    )
    found = (
        select(
            Application.amount,
            decided,
            Application.route,
            Application.purposes,
            Application.reason,
            Person.ward,
            Person.household_size,
            earlier.exists(),
        )
        .join(Person, Person.id == Application.person_id)
        .where(Application.fund_id == fund.id, Application.state == "declined")
        .order_by(Application.id)
    )
    if since:
        found = found.where(decided >= datetime.combine(since, time(), UTC))
    return cast(Select[Any], found)

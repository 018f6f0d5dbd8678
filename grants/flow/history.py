"""History: a fund's past as facts: what it awarded and declined, with the terms of then; nobody's name, no writing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
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

when_declined = func.coalesce(Application.decided_at, Application.submitted_at)
"""When an application was declined; one brought in from elsewhere may only know when it came."""


def past(desk: Desk, fund: Fund, since: datetime | None = None) -> Iterator[Past]:
    """Yields what a fund awarded and declined, in constant memory: facts and frozen terms, nobody's name.

    Cancelled grants are left out. ``since`` leaves out what was decided until then.
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


def newest(desk: Desk, fund: Fund, most: int) -> datetime | None:
    """Returns the time after which at most so many awards, and as many refusals, were made; None when all fit."""
    awarded = select(Grant.awarded_at).where(Grant.fund_id == fund.id, Grant.state != "cancelled")
    declined = select(when_declined).where(Application.fund_id == fund.id, Application.state == "declined")
    found = (
        desk.session.scalar(awarded.order_by(Grant.awarded_at.desc()).offset(most).limit(1)),
        desk.session.scalar(declined.order_by(when_declined.desc()).offset(most).limit(1)),
    )
    return max((time for time in found if time is not None), default=None)


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


def _awarded(fund: Fund, since: datetime | None) -> Select[Any]:
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
    return cast(Select[Any], found.where(Grant.awarded_at > since) if since else found)


def _declined(fund: Fund, since: datetime | None) -> Select[Any]:
    earlier = select(Grant.id).where(
        Grant.person_id == Application.person_id, Grant.awarded_at < Application.decided_at
    )
    found = (
        select(
            Application.amount,
            when_declined,
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
        found = found.where(when_declined > since)
    return cast(Select[Any], found)

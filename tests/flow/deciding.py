"""Acts for the stories of deciding: an award by a worker, a policy that always says the same, a limit of a day."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import func, select, update

from grants.domain.money import Money
from grants.domain.terms import Terms
from grants.flow import decide
from grants.flow.desk import Desk
from grants.model.applications import Application
from grants.model.delegations import Delegation
from grants.model.users import User
from grants.offers import Policy
from tests.scenes import ELIGIBLE, at


def a_policy(terms: Terms) -> Policy:
    """Returns a policy called “fixed” that always says these terms."""
    return Policy(slug="fixed", title="Fixed", promise="Always the same.", terms=lambda settings, facts: terms)


def with_policy(desk: Desk, policy: Policy) -> Desk:
    """Returns the desk with one policy more on offer."""
    return replace(desk, catalogue=replace(desk.catalogue, policies={**desk.catalogue.policies, policy.slug: policy}))


def count(desk: Desk, table: type) -> int:
    """Returns how many rows a table has."""
    return desk.session.scalar(select(func.count()).select_from(table)) or 0


def award(desk: Desk, worker: User, application: Application, pence: int = 150_00, **more: str) -> decide.Decided:
    """Awards as this worker, with an attestation."""
    said = {"eligible": ELIGIBLE} | more
    return decide.award(at(desk, worker), application.id, Money(pence), **said)


def a_day(desk: Desk, worker: User, pence: int) -> User:
    """Sets how much this worker may award alone in one day."""
    desk.session.execute(update(Delegation).where(Delegation.user_id == worker.id).values(per_day=pence))
    return worker

"""Who works here in tests, and what was written about them."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from grants.domain.money import Money
from grants.flow import people
from grants.flow.desk import Desk
from grants.flow.people import NewUser
from grants.model.delegations import Delegation
from grants.model.events import EventRow
from grants.model.users import User
from grants.web.edge import actor_of

AMINA = NewUser(name="Amina Yusuf", email=" Amina@Example.org ", roles=("front-line",))


def events(desk: Desk) -> list[str]:
    return list(desk.session.scalars(select(EventRow.name).order_by(EventRow.id)))


def at(desk: Desk, user: User) -> Desk:
    return desk.acting(actor_of(user))


def with_second_factor(user: User) -> User:
    user.tf_primary_method, user.tf_totp_secret, user.mf_recovery_codes = "authenticator", "kept", ["one"]
    return user


def limit(desk: Desk, user: User, pence: int = 30000) -> Delegation:
    money = Money(pence, "GBP")
    return people.set_limit(
        desk, user, per_grant=money, per_day=money, per_person_per_year=money, approved_on=date(2026, 9, 1)
    )

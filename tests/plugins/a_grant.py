"""Run at a place of its own: makes a fund with a policy and awards a grant, or tries one more award; prints JSON."""

from __future__ import annotations

import json
import sys
from datetime import date
from typing import Any

from sqlalchemy import func, select

from grants.app import desk_over, open_house
from grants.config import read_settings
from grants.domain.errors import Refusal
from grants.domain.money import Money
from grants.flow import apply, confirm, decide, fund, people
from grants.flow.desk import Actor, Desk
from grants.ledger.checks import findings
from grants.model.applications import Application, Decision
from grants.model.asks import GrantAsk
from grants.model.books import Journal
from grants.model.funds import Fund
from grants.model.grants import Grant
from grants.model.payments import Payment
from grants.model.users import User
from grants.web.edge import House, actor_of

WORKER = "wanda@example.org"


def start(desk: Desk, policy: str) -> None:
    """Makes a worker with a limit, and a fund with money and the policy."""
    user = people.invite(desk, people.NewUser(name="Wanda Bell", email=WORKER, roles=("front-line", "manager")))
    user.joined_at = desk.now()
    limit = Money(500_00)
    people.set_limit(
        desk, user, per_grant=limit, per_day=limit, per_person_per_year=limit, approved_on=date(2026, 1, 15)
    )
    manager = desk.acting(actor_of(user))
    new = fund.NewFund(
        name="Kettle fund",
        funder=fund.create_funder(manager, "The Kettle Trust"),
        opening=Money(1000_00),
        ceiling=Money(500_00),
        starts_on=date(2026, 1, 1),
        policy=policy,
    )
    fund.create_fund(manager, new)


def submit(desk: Desk, name: str) -> int:
    """Returns the id of the application that waits, or else sends one to the fund."""
    waiting = desk.session.scalar(select(Application.id).where(Application.state == "submitted"))
    if waiting is not None:
        return waiting
    to = desk.session.scalars(select(Fund).where(Fund.name == "Kettle fund")).one()
    answers = apply.Answers(name=name, amount=Money(150_00), how="voucher", need="A kettle", channel="none")
    return apply.submit(desk.acting(Actor(kind="recipient")), to, answers).id


def award(house: House, number: int) -> str:
    """Awards an application in a transaction of its own; returns the words of a refusal, or nothing."""
    with house.database.session() as session:
        desk = desk_over(house, session)
        worker = desk.session.scalars(select(User).where(User.email == WORKER)).one()
        try:
            decide.award(desk.acting(actor_of(worker)), number, Money(150_00), "I know them from the advice line.")
        except Refusal as refusal:
            return f"{refusal.code}: {refusal.message}"
        session.commit()
    return ""


def found(desk: Desk, number: int) -> dict[str, Any]:
    """Returns what is stored now, and a link for the person with the newest grant."""
    counts = {
        table.__tablename__: desk.session.scalar(select(func.count()).select_from(table))
        for table in (Grant, Decision, Payment, GrantAsk, Journal)
    }
    grant = desk.session.scalars(select(Grant).order_by(Grant.id.desc()).limit(1)).one()
    return {
        "stored": counts,
        "terms": json.loads(grant.terms),
        "source": grant.policy_source,
        "minutes": grant.minutes,
        "link": f"/r/{confirm.new_link(desk, grant)}",
        "state": desk.session.get_one(Application, number).state,
        "off": list(findings(desk.session)),
    }


def main(policy: str, name: str) -> None:
    """Does it all, each act in a transaction of its own; the fund is made the first time only."""
    house = open_house(read_settings())
    with house.database.transaction() as session:
        if session.scalar(select(Fund.id).limit(1)) is None:
            start(desk_over(house, session), policy)
    with house.database.transaction() as session:
        number = submit(desk_over(house, session), name)
    refused = award(house, number)
    with house.database.transaction() as session:
        told = found(desk_over(house, session), number)
    sys.stdout.write(json.dumps(told | {"refused": refused}))
    house.database.close()


main(*sys.argv[1:])

"""Fills a database in bulk with grants as they look after some years, and with things to click on."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from grants.app import desk_over, open_house
from grants.cli.init import bring_up_to_date
from grants.config import Settings
from grants.domain.money import Money
from grants.domain.terms import Terms
from grants.domain.terms_json import dump
from grants.flow import fund, people
from grants.flow.desk import Actor, Desk
from grants.model.applications import Application
from grants.model.base import Base
from grants.model.funds import Fund
from grants.model.grants import Grant, Link
from grants.model.payments import Attempt, Payment
from grants.model.people import Draft, Payee, Person
from grants.model.users import User
from grants.model.vault import Vault
from grants.web.edge import House, actor_of
from grants.web.recipients.steps import path
from grants.web.signin.practice import demo_link

LOT = 5000
NOW = datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Filled:
    """What the load needs to know of a filled database."""

    slug: str
    references: list[str]
    links: list[str]
    drafts: list[str]
    manager: str


def token(number: int) -> str:
    """Returns the link of a grant, always the same for its number."""
    return hashlib.sha256(f"bench {number}".encode()).hexdigest()[:32]


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def fill(settings: Settings, size: int, drafts: int) -> Filled:
    """Makes the tables and fills them: ``size`` grants, a tenth as many waiting applications, and drafts."""
    bring_up_to_date(settings)
    house = open_house(settings)
    with house.database.transaction() as session:
        desk = desk_over(house, session)
        manager, one = _staff_and_fund(desk)
        link = demo_link(settings, manager)
        slug, ids = one.slug, (one.id, manager.id)
    for rows in lots(range(1, size + size // 10 + 1)):
        with house.database.transaction() as session:
            _grants(session, rows, size, *ids)
    vault = Vault(settings.secret_key)
    for rows in lots(range(drafts)):
        with house.database.transaction() as session:
            insert_rows(session, Draft, (_draft(number, ids[0], vault) for number in rows))
    _analyse(house)
    house.database.close()
    links = [token(number) for number in range(1, size + 1)]
    return Filled(
        slug, [f"G-{n:06d}" for n in range(1, size + 1)], links, [_draft_token(n) for n in range(drafts)], link
    )


def _staff_and_fund(desk: Desk) -> tuple[User, Fund]:
    manager = people.invite(desk, people.NewUser(name="Bea Nch", email="bea@example.org", roles=("manager",)))
    staff = desk.acting(actor_of(manager))
    funder = fund.create_funder(staff, "The Bench Trust", "GB-CHC-9999901")
    new = fund.NewFund(
        name="Bench fund",
        funder=funder,
        opening=Money(10**11),
        ceiling=Money(10**6),
        starts_on=(NOW - timedelta(days=400)).date(),
        policy="unconditional",
    )
    return manager, fund.create_fund(staff, new)


def _grants(session: Session, numbers: list[int], size: int, fund_id: int, manager: int) -> None:
    """Inserts people with their applications; those up to ``size`` have a paid grant, the others wait."""
    awarded = [number for number in numbers if number <= size]
    terms = dump(Terms())
    insert_rows(session, Person, (_person(n) for n in numbers))
    insert_rows(
        session, Payee, ({"id": n, "person_id": n, "how": "bank", "hint": "45", "created_at": NOW} for n in numbers)
    )
    insert_rows(session, Application, (_application(n, n <= size, fund_id) for n in numbers))
    insert_rows(session, Grant, (_grant(n, fund_id, manager, terms) for n in awarded))
    insert_rows(session, Payment, (_payment(n) for n in awarded))
    insert_rows(session, Attempt, (_attempt(n) for n in awarded))
    insert_rows(session, Link, (_link(n) for n in awarded))


def _at(number: int) -> datetime:
    return NOW - timedelta(minutes=200_000 - number)


def _person(n: int) -> dict[str, Any]:
    name = f"Severina Preda {n}"
    return {"id": n, "number": f"P-{n:08d}", "name": name, "name_key": name.lower(), "created_at": _at(n)}


def _application(n: int, awarded: bool, fund_id: int) -> dict[str, Any]:
    return {
        "id": n,
        "reference": f"A-{n:06d}",
        "fund_id": fund_id,
        "person_id": n,
        "payee_id": n,
        "amount": 15000,
        "currency": "GBP",
        "need": "Winter coats for the children, and the gas meter.",
        "state": "awarded" if awarded else "submitted",
        "submitted_at": _at(n),
    }


def _grant(n: int, fund_id: int, manager: int, terms: str) -> dict[str, Any]:
    return {
        "id": n,
        "reference": f"G-{n:06d}",
        "application_id": n,
        "fund_id": fund_id,
        "person_id": n,
        "payee_id": n,
        "amount": 15000,
        "currency": "GBP",
        "terms": terms,
        "policy_slug": "unconditional",
        "decided_by": manager,
        "state": "completed",
        "awarded_at": _at(n),
        "awarded_on": _at(n).date(),
        "paid_at": _at(n),
    }


def _payment(n: int) -> dict[str, Any]:
    made = {"id": n, "grant_id": n, "number": 1, "amount": 15000, "currency": "GBP", "due_on": _at(n).date()}
    return made | {"rail": "stripe", "statement": f"REF {n}", "done": True}


def _attempt(n: int) -> dict[str, Any]:
    made = {"id": n, "payment_id": n, "number": 1, "rail": "stripe", "amount": 15000, "currency": "GBP"}
    return made | {"key": f"K{n}", "state": "settled", "created_at": _at(n), "sent_at": _at(n), "settled_at": _at(n)}


def _link(n: int) -> dict[str, Any]:
    expires = NOW + timedelta(days=30)
    return {"id": n, "grant_id": n, "token_hash": _hash(token(n)), "created_at": NOW, "expires_at": expires}


def _draft_token(number: int) -> str:
    return f"draft-{number:09d}-of-the-bench"


def _draft(number: int, fund_id: int, vault: Vault) -> dict[str, Any]:
    kept: dict[str, Any] = {
        "amount": 15000,
        "need": "Winter coats for the children.",
        "purposes": ["GTIP080"],
        "reason": "GTIR010",
        "name": f"Amina Yusuf {number}",
        "how": "bank",
        "account": "own",
        "account_name": "A Yusuf",
        "sort_code": "108800",
        "account_number": f"{number:08d}",
        "channel": "email",
        "email": f"amina{number}@post.example.org",
        "contact_wish": "",
        "hours_from": "0",
        "hours_until": "24",
        "helped": False,
    }
    kept["seen"] = path(kept, Terms())
    return {
        "token_hash": _hash(_draft_token(number)),
        "fund_id": fund_id,
        "sealed": vault.seal(kept),
        "touched_at": datetime.now(UTC),
    }


def insert_rows(session: Session, table: type[Base], rows: Iterator[dict[str, Any]]) -> None:
    """Inserts rows of one table in one go."""
    made = list(rows)
    if made:
        session.execute(insert(table), made)


def lots(numbers: range) -> Iterator[list[int]]:
    """Yields the numbers in lists of at most LOT."""
    waiting = iter(numbers)
    while lot := list(islice(waiting, LOT)):
        yield lot


def _analyse(house: House) -> None:
    """Lets the database learn how its tables look, and moves PostgreSQL's own counters past our ids."""
    with house.database.engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            for name in ("people", "payees", "applications", "grants", "payments", "attempts", "links"):
                connection.exec_driver_sql(
                    f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), (SELECT max(id) FROM {name}))"
                )
        connection.exec_driver_sql("ANALYZE")


def actor(desk: Desk) -> Actor:
    """Returns the manager of the bench as an actor."""
    return actor_of(desk.session.get_one(User, 1))

"""The demonstration charity: its people, funders and funds, made once from files in ``demo/``."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from grants.cli.init import bring_up_to_date
from grants.cli.trouble import EX_CANTCREAT
from grants.config import CannotStart, Settings
from grants.domain.codes import PURPOSES
from grants.domain.money import Money
from grants.flow import apply as applying
from grants.flow import fund as funding
from grants.flow import line, people
from grants.flow.desk import Actor, Desk
from grants.folders import demo_folder
from grants.model.asks import GrantAsk
from grants.model.funds import Fund, Funder
from grants.model.users import User
from grants.web.edge import actor_of

ELSEWHERE = "give the demonstration a place of its own: GRANTS_HOME=./demonstration"


@dataclass(frozen=True, slots=True)
class Charity:
    """What ``demo/charity.toml`` and ``demo/trust.toml`` say."""

    name: str
    number: str
    prefix: str
    people: list[dict[str, Any]]
    funds: list[dict[str, Any]]
    applications: list[dict[str, Any]]
    before: list[dict[str, Any]]
    turned_down: list[dict[str, Any]]
    questions: list[dict[str, Any]]
    line: dict[str, Any]
    rule: dict[str, Any]
    trial: dict[str, Any]


def read() -> Charity:
    """Returns the demonstration charity as its two files tell it."""
    texts = ((demo_folder() / name).read_text(encoding="utf-8") for name in ("charity.toml", "trust.toml"))
    data = tomllib.loads("\n".join(texts))
    rest = {each.name: data[each.name] for each in fields(Charity) if each.name not in ("name", "number", "prefix")}
    return Charity(name=data["name"], number=data["id"], prefix=data["prefix"], **rest)


def prepare(settings: Settings) -> None:
    """Makes the database of the demonstration, or brings it up to date; says what to do where that cannot be."""
    try:
        bring_up_to_date(settings)
    except CannotStart as trouble:
        raise CannotStart(f"{trouble} Or {ELSEWHERE}", trouble.exit_code) from None


def exists(desk: Desk, charity: Charity) -> bool:
    """Returns whether the demonstration was loaded before; raises CannotStart where another charity is at home."""
    ours = [entry["email"] for entry in charity.people]
    if desk.session.scalar(select(User.id).where(User.email.in_(ours)).limit(1)) is not None:
        return True
    if desk.session.scalar(select(User.id).limit(1)) is None:
        return False
    words = "Another charity is at home in this database, so the demonstration stays away from it."
    raise CannotStart(f"{words} To try it, {ELSEWHERE}", EX_CANTCREAT)


def told(desk: Desk) -> bool:
    """Returns whether the story was told to its end: somebody’s answer is its last word."""
    return desk.session.scalar(select(GrantAsk.id).where(GrantAsk.state == "met").limit(1)) is not None


def load(desk: Desk, charity: Charity) -> None:
    """Makes the funders, the people with their limits, the charity's line, and the funds, in this order."""
    system = desk
    for entry in charity.people:
        if not entry.get("funder"):
            _person(system, entry)
    manager = acting(system, "carol@")
    drawn = charity.line
    line.set_line(manager, drawn["share"], drawn["intrusiveness"], Money(drawn["hourly"]), drawn["why"])
    for entry in charity.funds:
        _fund(manager, entry)
    for entry in charity.people:
        if entry.get("funder"):
            _person(system, entry)


def acting(desk: Desk, start: str) -> Desk:
    """Returns the desk with somebody of the demonstration at it, found by how their e-mail begins."""
    return desk.acting(actor_of(somebody(desk, start)))


def somebody(desk: Desk, start: str) -> User:
    """Returns the first person whose e-mail begins so: later ones may share a first name with ours."""
    return desk.session.scalars(select(User).where(User.email.startswith(start)).order_by(User.id).limit(1)).one()


def _person(desk: Desk, entry: dict[str, Any]) -> None:
    funder_id = desk.session.scalar(select(Funder.id).where(Funder.name == entry.get("funder", "")))
    new = people.NewUser(
        name=entry["name"],
        email=entry["email"],
        roles=tuple(entry["roles"]),
        funder_id=funder_id,
        organisation=entry.get("organisation", ""),
    )
    user = people.invite(desk, new)
    user.joined_at = desk.now()
    if "limit" in entry:
        grant, day, year = (Money(pounds * 100) for pounds in entry["limit"])
        approved = desk.today() - timedelta(days=60)
        people.set_limit(desk, user, per_grant=grant, per_day=day, per_person_per_year=year, approved_on=approved)


def _fund(desk: Desk, entry: dict[str, Any]) -> None:
    funder = funding.create_funder(desk, entry["funder"], entry["funder_id"])
    new = funding.NewFund(
        name=entry["name"],
        funder=funder,
        opening=Money(entry["opening"] * 100),
        ceiling=Money(entry["ceiling"] * 100),
        starts_on=date(desk.today().year, 1, 1),
        spend_by=date(desk.today().year + 1, 12, 31),
        restriction=entry["restriction"],
        is_emergency=entry.get("emergency", False),
        fees_allowed=entry.get("fees", False),
        losses_allowed=entry.get("losses", False),
        policy=entry["policy"],
        settings=entry.get("settings", {}),
        typical=Money(entry["typical"] * 100) if "typical" in entry else None,
        why_over=entry.get("why_over", ""),
    )
    funding.create_fund(desk, new)


def the_fund(desk: Desk, slug: str) -> Fund:
    """Returns a fund of the demonstration."""
    return desk.session.scalars(select(Fund).where(Fund.slug == slug)).one()


def apply_on_the_web(desk: Desk, entries: Sequence[dict[str, Any]]) -> int:
    """Sends the applications that people made on the web themselves; returns how many."""
    recipient = desk.acting(Actor(kind="recipient"))
    for n, entry in enumerate(entries):
        applying.submit(recipient, the_fund(desk, entry["fund"]), _answers(entry, n))
    return len(entries)


def _answers(entry: dict[str, Any], n: int) -> applying.Answers:
    email = entry.get("email", "")
    at_a_bank = entry["how"] == "bank"
    return applying.Answers(
        name=entry["name"],
        amount=Money(entry["amount"] * 100),
        how=entry["how"],
        need=entry["need"],
        purposes=tuple(code for code in entry["purposes"] if code in PURPOSES),
        reason=entry["reason"],
        channel="email" if email else "none",
        contact_safe=bool(email),
        email=email,
        extra=entry.get("extra", {}),
        sort_code="10-88-00" if at_a_bank else "",
        account_number=f"{20_000_000 + n:08d}" if at_a_bank else "",
    )

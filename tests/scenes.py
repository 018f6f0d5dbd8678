"""Scenes for stories: a fund with money, an application, a worker with a limit, a grant."""

from __future__ import annotations

import itertools
from datetime import date
from typing import Any

from grants.domain.money import Money
from grants.flow import apply, decide, fund
from grants.flow.desk import Actor, Desk
from grants.model.applications import Application
from grants.model.delegations import Delegation
from grants.model.funds import Fund
from grants.model.grants import Grant
from grants.model.users import User
from grants.web.edge import actor_of

_numbers = itertools.count(1)

ELIGIBLE = "I know them from the advice line."

PAPERS = {
    "items": "A cooker £300",
    "quote": "The shop in town",
    "statements": "£412 came in, £409 went out.",
    "letter": "They need a cooker. R. Osei, health visitor.",
}
"""Answers to every question of the policy that asks most."""


def a_worker(desk: Desk, *roles: str, limit: int = 100_000, **more: Any) -> User:
    """Adds a worker who may award up to ``limit`` pence alone (0: no limit recorded)."""
    from tests.conftest import add_user

    user = add_user(desk, *(roles or ("front-line",)), **more)
    if limit:
        row = Delegation(
            user_id=user.id,
            per_grant=limit,
            per_day=limit * 100,
            per_person_per_year=limit * 10,
            approved_on=date(2026, 1, 15),
            recorded_at=desk.now(),
        )
        desk.session.add(row)
        desk.session.flush()
    return user


def at(desk: Desk, user: User) -> Desk:
    """Returns the desk with this user at it."""
    return desk.acting(actor_of(user))


def a_fund(desk: Desk, pounds: int = 1000, policy: str = "unconditional", **more: Any) -> Fund:
    """Adds a funder and a fund with money in it."""
    manager = at(desk, a_worker(desk, "manager", limit=0, name=f"Manager {next(_numbers)}"))
    new = {
        "name": f"Winter fund {next(_numbers)}",
        "funder": fund.create_funder(manager, f"Lantern Trust {next(_numbers)}", "GB-CHC-9999901"),
        "opening": Money(pounds * 100),
        "ceiling": Money(1000_00),
        "starts_on": date(2026, 1, 1),
        "policy": policy,
    }
    return fund.create_fund(manager, fund.NewFund(**new | more))


def answers(**more: Any) -> apply.Answers:
    """Returns the answers of somebody who needs £150 and has a bank account and a safe e-mail."""
    number = next(_numbers)
    usual: dict[str, Any] = {
        "name": f"Severina Preda {number}",
        "amount": Money(150_00),
        "how": "bank",
        "need": "Winter coats for the children",
        "sort_code": "10-88-00",
        "account_number": f"{number:08d}",
        "channel": "email",
        "contact_safe": True,
        "email": f"severina{number}@post.example.org",
    }
    return apply.Answers(**usual | more)


def an_application(desk: Desk, to: Fund, **more: Any) -> Application:
    """Submits an application as the person themselves."""
    return apply.submit(desk.acting(Actor(kind="recipient")), to, answers(**more))


def a_grant(desk: Desk, of: Fund, worker: User | None = None, **more: Any) -> Grant:
    """Submits an application and awards it, by one worker alone."""
    application = an_application(desk, of, **more)
    amount = Money(application.amount, application.currency)
    who = worker or a_worker(desk)
    decided = decide.award(at(desk, who), application.id, amount, ELIGIBLE)
    assert decided.grant is not None, decided.decision.why_second
    return decided.grant

"""Run at a place where the echo is installed: a grant under its policy, over its rail, to the end; prints JSON."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from typing import Any

from flask import Flask
from sqlalchemy import select

from grants.app import create_app, desk_over, house_of, job_context
from grants.config import read_settings
from grants.domain.later import Notebook
from grants.domain.money import Money
from grants.flow import apply, confirm, decide, fund, pay, people
from grants.flow.check import check
from grants.flow.desk import Actor, Desk
from grants.jobs.context import run_by_hand
from grants.jobs.registry import JOBS
from grants.model.asks import GrantAsk
from grants.model.events import EventRow
from grants.model.funds import Fund
from grants.model.grants import Grant
from grants.model.messages import OutboxMessage
from grants.model.runs import Run
from grants.model.users import User
from grants.web.edge import KEY, House, actor_of
from grants.web.signin.practice import demo_link

STAFF = {"wanda": ("front-line",), "mona": ("manager",), "ben": ("finance",), "fay": ("finance", "manager")}


def main() -> None:
    """Walks through every hook but commands and exports, which are typed."""
    notebook = Notebook()
    app = create_app(read_settings(), later=notebook)
    house = by_echo(app)
    users = hire(house)
    grant = award(house, users)
    work(house, notebook)
    send_money(house, users, notebook)
    slots = {place: look(app, house, users.get(who), path) for place, (who, path) in pages(house, grant).items()}
    told = answer(house, grant)
    work(house, notebook, "tell")
    with desk(house) as at:
        events = {row.id: row.name for row in at.session.scalars(select(EventRow))}
        sent = at.session.scalars(select(OutboxMessage).where(OutboxMessage.person_id.is_not(None)))
        found = {
            "process": os.getpid(),
            "blueprint": app.test_client().get("/plugins/echo/").get_data(as_text=True),
            "slots": slots,
            "told": told,
            "events": events,
            "messages": {row.number: [row.event, row.sent_at is not None] for row in sent},
            "off": check(at),
        }
    house.database.close()
    sys.stdout.write(json.dumps(found))


def by_echo(app: Flask) -> House:
    """Lets the echo alone carry words, in place of the practice outbox that a system without a mail server has."""
    house = house_of(app)
    catalogue = replace(house.catalogue, messengers={"echo": house.catalogue.messengers["echo"]})
    app.extensions[KEY] = replace(house, catalogue=catalogue)
    return house_of(app)


@contextmanager
def desk(house: House, user: User | None = None) -> Iterator[Desk]:
    """A desk, committed at its end."""
    with house.database.transaction() as session:
        yield desk_over(house, session, actor_of(user) if user else Actor())


def hire(house: House) -> dict[str, User]:
    """Takes four people on."""
    with desk(house) as at:
        made = {}
        for name, roles in STAFF.items():
            user = people.invite(at, people.NewUser(name=name.title(), email=f"{name}@example.org", roles=roles))
            user.joined_at = at.now()
            made[name] = user
        most = Money(500_00)
        limits = {"per_grant": most, "per_day": most, "per_person_per_year": most}
        people.set_limit(at, made["wanda"], **limits, approved_on=date(2026, 1, 15))
    return made


def award(house: House, users: dict[str, User]) -> int:
    """Makes a fund under the echo, and awards a grant of £150 with a bank account and a safe e-mail."""
    with desk(house, users["mona"]) as at:
        new = fund.NewFund(
            name="Echo fund",
            funder=fund.create_funder(at, "The Valley Trust"),
            opening=Money(1000_00),
            ceiling=Money(500_00),
            starts_on=date(2026, 1, 1),
            policy="echo",
            settings={"days": 20},
        )
        made = fund.create_fund(at, new).id
        pay.top_up(at, Money(500_00))
    answers = apply.Answers(
        name="Ines Marsh",
        amount=Money(150_00),
        how="bank",
        need="A kettle, please",
        purposes=("GTIP020",),
        reason="GTIR010",
        sort_code="10-88-00",
        account_number="12345678",
        channel="email",
        contact_safe=True,
        email="ines@post.example.org",
        hours_from=0,
        hours_until=24,
        household_size=3,
    )
    with desk(house) as at:
        application = apply.submit(at.acting(Actor(kind="recipient")), at.session.get_one(Fund, made), answers).id
    with desk(house, users["wanda"]) as at:
        grant = decide.award(at, application, Money(150_00), "I know them from the advice line.").grant
        assert grant is not None
        return grant.id


def work(house: House, notebook: Notebook, *jobs: str) -> None:
    """Does what waits, as the engine would."""
    notebook.jobs += [(job, ()) for job in jobs]
    run_by_hand(JOBS, job_context(house), notebook)


def send_money(house: House, users: dict[str, User], notebook: Notebook) -> None:
    """One builds a run over the echo, another releases it; the job sends it and asks what became of it."""
    with desk(house, users["ben"]) as at:
        run = pay.build_run(at, "echo").id
    with desk(house, users["fay"]) as at:
        pay.release(at, at.session.get_one(Run, run))
    work(house, notebook, "reconcile")


def pages(house: House, grant: int) -> dict[str, tuple[str, str]]:
    """Returns the pages that have a place for plugins, with who opens each."""
    with desk(house) as at:
        made = at.session.get_one(Grant, grant)
        token, reference = confirm.new_link(at, made), made.reference
        slug = at.session.scalars(select(Fund.slug)).one()
    return {
        "recipient.after_asks": ("", f"/r/{token}"),
        "staff.grant": ("wanda", f"/staff/grants/{reference}"),
        "funder.fund": ("mona", f"/funders/funds/{slug}"),
    }


def look(app: Flask, house: House, user: User | None, path: str) -> list[Any]:
    """Returns how a page answers, and the echo's words on it, as they stand in the HTML."""
    browser = app.test_client()
    if user:
        link = demo_link(house.settings, user).removeprefix(house.settings.base_url)
        token = re.search(r'name="csrf_token" value="([^"]+)"', browser.get(link).get_data(as_text=True))
        assert token
        browser.post(link, data={"csrf_token": token[1]})
    page = browser.get(path)
    return [page.status_code, re.findall(r"The echo stands at .*?\.(?=\s|<|$)", page.get_data(as_text=True))]


def answer(house: House, grant: int) -> dict[str, Any]:
    """The person answers the ask in the echo's form; returns what was kept."""
    with desk(house) as at:
        ask = at.session.scalars(select(GrantAsk).where(GrantAsk.grant_id == grant)).one()
        return dict(confirm.answer_ask(at.acting(Actor(kind="recipient")), ask, {"said": "Hello, valley"}).answers)


main()

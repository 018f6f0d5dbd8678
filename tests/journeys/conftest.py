"""A charity as it stands on its first day: a few people with roles, no fund, and a payment service of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy import select

from grants.app import CORE, desk_over, house_of, job_context
from grants.config import Settings
from grants.domain.later import Notebook
from grants.flow.check import check
from grants.flow.desk import Desk
from grants.jobs.context import run_by_hand
from grants.jobs.registry import JOBS
from grants.model.engine import reading
from grants.model.funds import Fund
from grants.model.users import User
from grants.plugins import gather
from grants.standin.process import Execution, Standin
from grants.web import edge
from tests.conftest import Clock, MakeUser, SignIn, Start
from tests.journeys.walk import Walker, day
from tests.paying import settings_for

STAFF = {
    "mona": ("manager",),
    "gita": ("manager",),
    "ann": ("front-line",),
    "hugo": ("front-line",),
    "ben": ("finance",),
    "fay": ("finance",),
    "tess": ("trustee",),
}
"""Mona and Gita manage, Ann and Hugo are close to people, Ben and Fay pay, Tess is a trustee."""

APPROVED = date(2026, 9, 1)

BANK = {"account_name": "A Yusuf", "sort_code": "20-00-00", "account_number": "31926819"}


@dataclass
class Town:
    """The charity, the people around it, and each one’s browser."""

    app: Flask
    clock: Clock
    notebook: Notebook
    make_user: MakeUser
    sign_in: SignIn
    standin: Standin
    users: dict[str, User]
    walkers: dict[str, Walker] = field(default_factory=dict)

    def staff(self, who: str) -> Walker:
        """Returns somebody of the charity at their desk, signed in; they sign in again when their time is over."""
        walker = self.walkers.get(who)
        if walker is None or walker.browser.get("/account/").status_code != 200:
            walker = self.walkers[who] = Walker(self.app, who)
            self.sign_in(walker.browser, user=self.users[who])
        return walker

    def joined(self, who: str, *roles: str, **more: Any) -> Walker:
        """Returns somebody else with an account: a partner’s worker, or a funder’s viewer."""
        self.users[who] = self.make_user(*roles, name=who.title(), **more)
        walker = self.walkers[who] = Walker(self.app, who)
        self.sign_in(walker.browser, user=self.users[who])
        return walker

    def stranger(self, name: str = "somebody") -> Walker:
        """Returns somebody at a phone, without any account."""
        return Walker(self.app, name)

    @contextmanager
    def desk(self) -> Iterator[Desk]:
        """Looks into the books; changes nothing."""
        house = house_of(self.app)
        with reading(), house.database.session() as session:
            yield desk_over(house, session)

    def work(self) -> None:
        """Does what waits for later, as the engine would."""
        run_by_hand(JOBS, job_context(house_of(self.app)), self.notebook)

    def strikes(self, *jobs: str) -> None:
        """Lets the clock start these jobs, and does them."""
        for job in jobs:
            assert job in JOBS
            self.notebook.jobs.append((job, ()))
        self.work()

    def went_out(self) -> list[Execution]:
        """What truly left the payment service: its own record, which we cannot write."""
        return self.standin.executions()

    def findings(self) -> list[str]:
        """What ``grants check`` says."""
        with self.desk() as desk:
            return check(desk)

    def without_plugins(self) -> None:
        """Takes every installed plugin away, as after ``pip uninstall`` and a restart."""
        house = house_of(self.app)
        bare = gather(house.settings, CORE, found=())
        self.app.extensions[edge.KEY] = replace(house, catalogue=bare)

    def limit(self, who: str, pounds: int) -> None:
        """Mona writes down how much somebody awards alone, as trustees agreed."""
        mona = self.staff("mona").open("/staff/people").follow(who.title()).follow("Record a limit")
        amounts = {"per_grant": str(pounds), "per_day": str(pounds * 5), "per_person_per_year": str(pounds * 2)}
        mona.press("Keep this limit", amounts | day("approved_on", APPROVED)).sees("The limit is kept.")

    def fill_purse(self, pounds: int) -> None:
        """Ben writes down that money went from the bank to the payment service."""
        ben = self.staff("ben").open("/staff/balances/top-up")
        ben.press("Write it down", amount=str(pounds), to="psp", reference="Bank line 4")

    def make_fund(self, name: str, policy: str, look: Callable[[Walker], object] = bool, **more: Any) -> str:
        """Mona makes a funder and a fund under a policy, page by page; returns the fund’s address for applying.

        ``look`` is called on the page that says what it will ask, before anything is saved.
        """
        settings: dict[str, str] = more.pop("settings", {})
        mona = self.staff("mona").open("/staff/").follow("Funds").follow("A new funder")
        mona.press("Save, and go on to the fund", name=f"Funder of {name}", org_id="GB-CHC-9999901")
        usual = {"name": name, "opening": "5000", "ceiling": "400", "restriction": "For people in hardship in Dorset."}
        mona.press("Go on: choose how it trusts", usual | day("starts_on", self.clock().date()) | more)
        mona.press("Choose", having={"__policy": policy})
        if "See what this asks of people" in mona.buttons():
            mona.press("See what this asks of people", settings)
        mona.sees("Nothing is saved yet.")
        look(mona)
        mona.press("Make this fund").sees(f"{name} is made.")
        return urlsplit(mona.follow("The page where people apply").at).path

    def funder(self, fund: str) -> int:
        """Returns the number of the funder whose fund this is: whoever looks on for them belongs to it."""
        with self.desk() as desk:
            return desk.session.scalars(select(Fund).where(Fund.name == fund)).one().funder_id

    def limits(self) -> None:
        """Ann and Hugo each award up to £300 alone."""
        self.limit("ann", 300)
        self.limit("hugo", 300)


@pytest.fixture
def town(
    start: Start,
    settings: Settings,
    clock: Clock,
    notebook: Notebook,
    make_user: MakeUser,
    sign_in: SignIn,
    provider: Standin,
) -> Town:
    """A charity on its first day, over a payment service that runs as a process of its own."""
    app = start(settings_for(settings, provider))
    users = {who: make_user(*roles, name=who.title()) for who, roles in STAFF.items()}
    return Town(app, clock, notebook, make_user, sign_in, provider, users)


def apply(person: Walker, fund: str, **answers: dict[str, Any]) -> str:
    """Applies on the web, page by page as the site leads, and returns the reference number.

    ``answers`` are by page, with ``_`` for ``-`` in its name; whatever page the site shows must have one.
    """
    given = {
        "amount": {"amount": "150"},
        "purposes": {"purposes": ["GTIP050"]},
        "need": {"need": "The boiler is broken and the baby is cold."},
        "reason": {"reason": "GTIR010"},
        "name": {"name": "Amina Yusuf"},
        "pay": {"how": "bank"},
        "account": {"account": "own"},
        "bank": BANK,
        "reach": {"channel": "email"},
        "reach-email": {"email": "amina@post.example.org"},
        "helper": {"helped": "no"},
    } | {name.replace("_", "-"): values for name, values in answers.items()}
    person.open(fund).press("Start now")
    for _ in range(30):
        page = person.at.rpartition("/")[2]
        if page == "check":
            break
        person.press("Continue", given[page])
    person.press("Send")
    assert person.heading == "We have it"
    return person.reads.partition("Your reference number")[2].split()[0]


def award(worker: Walker, name: str, button: str = "Award", **typed: str) -> Walker:
    """Finds the person in the queue and awards what they asked for, as the page leads."""
    worker.open("/staff/").follow("Applications").follow(name)
    return worker.press(button, {"tick": "yes", "eligible": "I know them from the advice line."} | typed)


def pay_by_service(town: Town, pounds: str, builder: str = "ben", releaser: str = "gita") -> Walker:
    """One puts everything due into a run, another releases it, the job sends it; returns the releaser at the run."""
    built = (
        town.staff(builder).open("/staff/").follow("Payments").press("Put a run together", having={"rail": "stripe"})
    )
    built.sees("Nothing is sent until somebody else releases it.", pounds)
    released = town.staff(releaser).open("/staff/payments").follow("Run ")
    released.press("Release ").sees("Released. The money is being sent.")
    town.work()
    return released.open(released.at)


def own_page(town: Town, worker: Walker, name: str) -> str:
    """The worker makes the link on the page of the grant; returns the address to pass on."""
    worker.open("/staff/grants").follow(name).press("Make a")
    address = worker.html.partition('id="their-link">')[2].partition("<")[0]
    assert "/r/" in address
    return urlsplit(address).path

"""A small charity that pays, with the stand-in as its payment service. A pytest plugin."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from time import sleep
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager

from grants import defaults
from grants.config import Settings
from grants.domain.later import Notebook
from grants.domain.money import Money
from grants.domain.terms import Ask, Schedule, Terms
from grants.flow import apply, decide, fund, pay
from grants.flow.check import check
from grants.flow.desk import Actor, Desk
from grants.jobs.context import Again, JobContext
from grants.jobs.payments import JOBS, reconcile
from grants.ledger.book import balance
from grants.model.delegations import Delegation
from grants.model.engine import Database
from grants.model.funds import Fund
from grants.model.grants import Grant
from grants.model.payments import Attempt, Payment
from grants.model.runs import Run
from grants.model.tasks import Task
from grants.model.users import User
from grants.model.vault import Vault
from grants.offers import Policy, Rail
from grants.plugins import Catalogue, gather
from grants.rails.manual import ManualRail
from grants.rails.stripe import StripeRail
from grants.standin.process import Standin
from tests.kept import ENGINES
from tests.nursery import WarmStandin

if TYPE_CHECKING:
    from tests.conftest import Clock

STAFF = {
    "ann": ("front-line",),
    "ben": ("finance",),
    "gita": ("manager",),
    "hugo": ("front-line",),
    "mona": ("manager",),
}
"""Ann decides, Ben builds runs, Gita releases them, Hugo hands over cash, Mona decides and acts on grants."""

OPENING = 10_000_00

POLICIES = {
    "monthly": Terms(schedule=Schedule(parts=3)),
    "receipts": Terms(
        schedule=Schedule(parts=2),
        asks=(
            Ask(
                slug="receipts",
                title="Receipts",
                purpose="The funder wants them.",
                minutes=10,
                due_days=14,
                if_missed="hold_next_payment",
            ),
        ),
    ),
}


@dataclass
class Charity:
    """A charity with one fund and five people; everything it does is committed act by act."""

    database: Database
    settings: Settings
    clock: Clock
    catalogue: Catalogue
    notebook: Notebook = field(default_factory=Notebook)
    staff: dict[str, int] = field(default_factory=dict)
    roles: dict[str, tuple[str, ...]] = field(default_factory=lambda: dict(STAFF))
    fund_id: int = 0
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(10_000_001))

    @contextmanager
    def desk(self, who: str = "") -> Iterator[Desk]:
        """Opens a desk for somebody by first name (nobody: the system itself) and commits at the end."""
        with self.database.transaction() as session:
            yield self._desk_over(session, self.actor(who) if who else Actor())

    @property
    def context(self) -> JobContext:
        """What jobs are given."""
        return JobContext(self.database, self._desk_over, self.catalogue)

    def _desk_over(self, session: Session, actor: Actor | None = None) -> Desk:
        vault = Vault(self.settings.secret_key)
        return Desk(session, self.catalogue, self.clock, actor or Actor(), self.notebook, vault, self.settings)

    def begin(self) -> None:
        """Takes people on, opens the fund and puts money where it is paid from."""
        with self.desk() as desk:
            for name, roles in STAFF.items():
                user = User(name=name.title(), email=f"{name}@example.org", fs_uniquifier=name, role_names=list(roles))
                desk.session.add(user)
                desk.session.flush()
                self.staff[name] = user.id
            for name in ("ann", "mona"):
                desk.session.add(self._delegation(desk, name))
        with self.desk("gita") as desk:
            funder = fund.create_funder(desk, "Harbour Foundation")
            self.fund_id = fund.create_fund(
                desk,
                fund.NewFund(
                    name="Hardship",
                    funder=funder,
                    opening=Money(OPENING),
                    ceiling=Money(5_000_00),
                    starts_on=date(2026, 1, 1),
                    policy="unconditional",
                ),
            ).id
            pay.top_up(desk, Money(5_000_00))

    def _delegation(self, desk: Desk, name: str) -> Delegation:
        return Delegation(
            user_id=self.staff[name],
            per_grant=5_000_00,
            per_day=100_000_00,
            per_person_per_year=100_000_00,
            approved_on=date(2026, 1, 1),
            recorded_at=desk.now(),
        )

    def award(self, amount: int = 80_00, how: str = "bank", *, by: str = "ann", policy: str = "", **more: Any) -> int:
        """Awards a grant to somebody new and returns its id: by bank with a safe e-mail unless said otherwise."""
        number = next(self.numbers)
        given = {
            "name": f"Ada Lovell {number}",
            "channel": "email",
            "contact_safe": True,
            "email": f"ada{number}@example.org",
            "sort_code": "20-00-00",
            "account_number": str(number),
        }
        if how != "bank":
            given |= {"sort_code": "", "account_number": ""}
        with self.desk() as desk:
            pot = desk.session.get_one(Fund, self.fund_id)
            if policy:
                fund.choose_policy(desk.acting(self.actor("gita")), pot, policy, {})
            answers = apply.Answers(amount=Money(amount), how=how, **{**given, **more})  # type: ignore[arg-type]
            application_id = apply.submit(desk, pot, answers).id
        with self.desk(by) as desk:
            grant = decide.award(desk, application_id, Money(amount), "I know them.").grant
            assert grant is not None
            return grant.id

    def actor(self, who: str) -> Actor:
        """Somebody by first name, as an actor."""
        return Actor("staff", self.staff[who], frozenset(self.roles[who]), who)

    def build(self, rail: str = "stripe", by: str = "ben") -> int:
        """Ben puts a run together; returns its id."""
        with self.desk(by) as desk:
            return pay.build_run(desk, rail).id

    def release(self, run_id: int, by: str = "gita") -> None:
        """Gita releases it."""
        with self.desk(by) as desk:
            pay.release(desk, desk.session.get_one(Run, run_id))

    def pay(self) -> int:
        """Builds, releases and performs a run over Stripe; returns its id."""
        run_id = self.build()
        self.release(run_id)
        self.work_off()
        return run_id

    def work_off(self) -> None:
        """Does what was queued, again when a job asks for it."""
        for _ in range(100):
            if not self.notebook.jobs:
                return
            job, ids = self.notebook.jobs.pop(0)
            if job not in JOBS:
                continue
            self.perform(job, *ids)
        raise AssertionError("the work does not end")

    def perform(self, job: str, *ids: int, context: JobContext | None = None) -> None:
        """Does one job, again after the wait that it asks for, as the engine does."""
        for _ in range(100):
            try:
                return JOBS[job](context or self.context, *ids)
            except Again as again:
                sleep(again.seconds)
        raise AssertionError(f"{job} does not end")

    def reconcile(self) -> list[str]:
        """Reconciles by hand."""
        return reconcile(self.desk)

    def attempts(self, grant_id: int | None = None) -> list[Attempt]:
        """Every attempt, or those of one grant, oldest first."""
        with self.desk() as desk:
            found = select(Attempt).join(Attempt.payment).options(contains_eager(Attempt.payment)).order_by(Attempt.id)
            if grant_id is not None:
                found = found.where(Payment.grant_id == grant_id)
            return list(desk.session.scalars(found))

    def states(self, grant_id: int | None = None) -> list[str]:
        """The states of the attempts."""
        return [attempt.state for attempt in self.attempts(grant_id)]

    def grant(self, grant_id: int) -> Grant:
        """One grant as it is now."""
        with self.desk() as desk:
            return desk.session.get_one(Grant, grant_id)

    def payments(self, grant_id: int) -> list[Payment]:
        """The payments of a grant."""
        with self.desk() as desk:
            found = select(Payment).where(Payment.grant_id == grant_id).order_by(Payment.number)
            return list(desk.session.scalars(found))

    def tasks(self) -> list[str]:
        """The kinds of the open tasks, sorted."""
        with self.desk() as desk:
            return sorted(desk.session.scalars(select(Task.kind).where(Task.closed_at.is_(None))))

    def money(self, *names: str) -> tuple[int, ...]:
        """The balances of these accounts, debit positive."""
        with self.desk() as desk:
            return tuple(balance(desk.session, name) for name in names)

    def findings(self) -> list[str]:
        """What ``grants check`` says."""
        with self.desk() as desk:
            return check(desk)


@pytest.fixture
def provider(tmp_path: Path) -> Iterator[Standin]:
    """The payment service, a process of its own; a payment is posted when it is next looked at."""
    with WarmStandin(tmp_path / "standin", opening=5_000_00) as standin:
        yield standin


def settings_for(settings: Settings, standin: Standin) -> Settings:
    """Settings that pay through a stand-in, and wait no longer than they must."""
    return replace(through(settings, standin), poll_seconds=0.001, rail_rate=100_000.0)


def through(settings: Settings, standin: Standin) -> Settings:
    """Settings that pay through a stand-in."""
    return replace(
        settings,
        stripe_api_key=standin.api_key,
        stripe_api_base=standin.url,
        stripe_webhook_secret=standin.webhook_secret,
        stripe_financial_account=standin.financial_account,
    )


Opens = Callable[..., Charity]


@pytest.fixture
def open_charity(settings: Settings, clock: Clock) -> Iterator[Opens]:
    """Opens a charity that pays through a stand-in, over Stripe's own SDK or another rail."""
    opened: list[Charity] = []

    def start(standin: Standin | None = None, make_rail: Callable[[Settings], Rail] = StripeRail) -> Charity:
        chosen = settings_for(settings, standin) if standin else settings
        rails: dict[str, Rail] = {"manual": ManualRail()} | ({"stripe": make_rail(chosen)} if standin else {})
        opened.append(open_over(chosen, clock, rails))
        return opened[-1]

    yield start
    for charity in opened:
        ENGINES.back(charity.database)


def open_over(settings: Settings, clock: Clock, rails: Mapping[str, Rail]) -> Charity:
    """Begins a charity over these rails; whoever opens it closes its database."""
    charity = over(settings, clock, rails)
    charity.begin()
    return charity


def over(settings: Settings, clock: Clock, rails: Mapping[str, Rail]) -> Charity:
    """Returns a charity over these rails, as a process of its own finds it."""
    catalogue = gather(settings, (defaults,), ())
    policies = dict(catalogue.policies) | {slug: policy(slug, terms) for slug, terms in POLICIES.items()}
    database = ENGINES.over(settings.database_url)
    return Charity(database, settings, clock, replace(catalogue, rails=rails, policies=policies))


def policy(slug: str, terms: Terms) -> Policy:
    """A policy that always gives these terms."""
    return Policy(slug=slug, title=slug.title(), promise="As it says.", terms=lambda settings, facts: terms)


@pytest.fixture
def charity(open_charity: Opens, provider: Standin) -> Charity:
    """A charity that pays through the stand-in."""
    return open_charity(provider)


@pytest.fixture
def by_hand(open_charity: Opens) -> Charity:
    """A charity that pays by hand only."""
    return open_charity()

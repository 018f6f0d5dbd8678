"""A practice charity for authors' tests: a few people, a fund under one policy, and a clock that is moved by hand.

It is a SQLite file in a folder of the test. Nothing leaves the machine: money is paid by hand, words go nowhere.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from grants.app import CORE, desk_over, job_context
from grants.config import Settings
from grants.domain import benefits
from grants.domain.later import Notebook
from grants.domain.money import Money
from grants.flow import people
from grants.flow.desk import Actor, Desk
from grants.folders import benefits_note
from grants.jobs.context import run_by_hand
from grants.jobs.registry import JOBS
from grants.model import migrate
from grants.model.engine import Database
from grants.model.vault import Vault
from grants.offers import Form, Message, Messenger, Policy
from grants.plugins import Catalogue, gather
from grants.rails.manual import ManualRail
from grants.web.edge import House, actor_of

MONDAY = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
"""When every story begins."""

STAFF = {
    "Wanda": ("front-line",),
    "Mona": ("manager", "trustee"),
    "Ben": ("finance",),
    "Fay": ("finance",),
    "Gita": ("manager",),
}
"""Wanda decides, Mona agrees where a second person must, Ben pays and Fay confirms; Gita keeps the limits."""

SECRET = "nothing here is secret, all is practice"  # noqa: S105  # it seals the bank details of nobody


@dataclass
class Clock:
    """A clock that stands still until it is moved."""

    at: datetime = MONDAY

    def __call__(self) -> datetime:
        return self.at

    def move_to(self, day: date) -> None:
        """Moves the clock on to ten o'clock of a day; never back."""
        self.at = max(self.at, datetime(day.year, day.month, day.day, 10, tzinfo=UTC))


@dataclass(frozen=True)
class Ground:
    """What all practice charities of a run of tests begin with: a file with every table, and what is installed."""

    tables: Path
    catalogue: Catalogue


@dataclass
class Charity:
    """A charity with nobody real in it."""

    house: House
    clock: Clock
    notebook: Notebook
    staff: dict[str, Actor] = field(default_factory=dict)

    @contextmanager
    def desk(self, who: str = "") -> Iterator[Desk]:
        """Gives a desk with somebody of the staff at it (nobody named: the system itself); all is kept at the end."""
        with self.house.database.transaction() as session:
            yield desk_over(self.house, session, self.staff.get(who))

    @contextmanager
    def recipient(self) -> Iterator[Desk]:
        """Gives a desk with the person at it who gets the grant."""
        with self.desk() as desk:
            yield desk.acting(Actor(kind="recipient"))

    def work(self, *jobs: str) -> None:
        """Does these jobs now, and whatever waited for later."""
        self.notebook.jobs += [(job, ()) for job in jobs]
        run_by_hand(JOBS, job_context(self.house), self.notebook)


def lay_ground(folder: Path) -> Ground:
    """Makes the tables in the folder, and asks what is installed for its forms; nothing else of it is used."""
    settings = _settings(folder)
    database = Database(settings.database_url)
    try:
        migrate.upgrade(database.engine)
    finally:
        database.close()
    return Ground(folder / "grants.db", gather(settings, CORE, kinds=("forms",)))


@contextmanager
def practice(ground: Ground, folder: Path, policy: Policy, forms: Iterable[Form], most: Money) -> Iterator[Charity]:
    """Opens a charity with the policy on offer, and takes it away at the end; ``most`` is what Wanda awards alone."""
    shutil.copy(ground.tables, folder / "grants.db")
    settings, clock, notebook = _settings(folder), Clock(), Notebook()
    house = House(
        settings=settings,
        database=Database(settings.database_url),
        catalogue=_on_offer(ground.catalogue, policy, forms),
        later=notebook,
        clock=clock,
        vault=Vault(settings.secret_key, settings.earlier_secrets),
        benefits=benefits.read(benefits_note(folder).read_text(encoding="utf-8")),
    )
    charity = Charity(house, clock, notebook)
    try:
        _hire(charity, most)
        yield charity
    finally:
        house.database.close()
        for each in folder.glob("grants.db*"):
            each.unlink()


def _settings(folder: Path) -> Settings:
    return Settings(
        home=folder,
        database_url=f"sqlite:///{folder / 'grants.db'}",
        secret_key=SECRET,
        mode="test",
        charity_name="Practice charity",
    )


def _on_offer(installed: Catalogue, policy: Policy, forms: Iterable[Form]) -> Catalogue:
    """Returns the policy and the forms on offer, payment by hand, and a messenger that keeps nothing."""
    nowhere = Messenger(slug="nowhere", title="Nowhere", channel="email", send=_forget)
    return replace(
        installed,
        policies={policy.slug: policy},
        forms={**installed.forms, **{form.slug: form for form in forms}},
        rails={ManualRail.slug: ManualRail()},
        messengers={nowhere.slug: nowhere},
        observers=(),
        slots=(),
    )


def _forget(message: Message) -> None:
    """Takes a message and keeps nothing of it."""


def _hire(charity: Charity, most: Money) -> None:
    with charity.desk() as desk:
        for name, roles in STAFF.items():
            new = people.NewUser(name=f"{name} Practice", email=f"{name.lower()}@practice.example.org", roles=roles)
            user = people.invite(desk, new)
            user.joined_at = desk.now()
            charity.staff[name] = actor_of(user)
            people.set_limit(
                desk,
                user,
                per_grant=most,
                per_day=most,
                per_person_per_year=most,
                approved_on=desk.today() - timedelta(days=30),
            )
    charity.notebook.jobs.clear()

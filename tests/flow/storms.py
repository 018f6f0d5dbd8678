"""Charities with many payments due, and a provider that misbehaves by a seeded plan, over copies of one database."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from grants.config import Settings
from grants.domain.later import Notebook
from grants.jobs.engine import prepare
from grants.jobs.later import DbosLater
from grants.model import migrate
from grants.model.engine import Database
from grants.model.runs import Run
from grants.offers import Rail
from grants.rails.manual import ManualRail
from grants.rails.stripe import StripeRail
from grants.standin.process import Standin
from tests.conftest import SECRET, Clock
from tests.copies import Copies
from tests.flow.bulk import awards
from tests.kept import ENGINES
from tests.nursery import WarmStandin
from tests.oracle import assert_agrees
from tests.paying import Charity, open_over, settings_for

WAITS = 0.2
"""Seconds until an answer counts as lost here."""

LATE = 0.3
"""Seconds that a slow answer takes: longer than anybody waits for it."""

SLOW = 0.10
REST = {"drop_after": 0.20, "error_after": 0.05, "error_before": 0.05, "conflict": 0.03, "rate_limit": 0.05}

CALLS = ["outbound_payments.create", "accounts.create"]

OPENING = 5_000_00
"""What is with the provider, as the charity’s own beginning says."""

EACH = 4
"""How many instalments one person has, all due at once, unless said otherwise: a batch holds one of them."""

CLOSED_TOO_SOON = {"payment_late", "payment_alive", "overpaid"}
"""Tasks that tell of an outcome that was taken for final and was not: a right rail never makes one."""


def brew(provider: Standin, seed: int) -> None:
    """Lets the provider misbehave: half of the slow answers were executed before the wait, half after nobody waits."""
    half = SLOW / 2
    slow: dict[str, object] = {"seconds": LATE, "calls": CALLS}
    provider.control("faults", seed=3 * seed, shares={"delay": half}, when="before", **slow)
    provider.control("faults", seed=3 * seed + 1, shares={"delay": half / (1 - half)}, when="after", **slow)
    rest = {name: share / (1 - SLOW) for name, share in REST.items()}
    provider.control("faults", seed=3 * seed + 2, shares=rest, calls=CALLS)


@dataclass
class Due:
    """A charity with so many payments due, prepared once and copied for each use."""

    copies: Copies
    folder: Path
    count: int
    each: int = EACH
    template: str = ""
    known: Charity | None = None
    run_id: int = 0
    turn: threading.Lock = field(default_factory=threading.Lock)

    def prepare(self, *, release: bool = False, queue: bool = False) -> Due:
        """Awards so many grants; puts them in a released run, and queues it for the durable engine, when asked to."""

        def fill(address: str) -> None:
            database = Database(address)
            migrate.upgrade(database.engine)
            database.close()
            charity = open_over(settings := self._settings(address), Clock(), _rails(settings))
            awards(charity, self.count, random.Random(self.count), self.each)
            if release:
                self.run_id = charity.build()
                charity.release(self.run_id)
            if queue:
                self._queue(charity)
            charity.database.close()
            self.known = charity

        self.template = self.copies.prepared(fill)
        return self

    @contextmanager
    def copy(self, provider: Standin) -> Iterator[Charity]:
        """Gives the charity over a database of its own, paying through this provider; safe from several threads."""
        assert self.known is not None
        with self.turn:
            address = self.copies.fresh(self.template)
            database = ENGINES.over(address)
        settings = settings_for(self._settings(address), provider)
        catalogue = replace(self.known.catalogue, rails=_rails(settings))
        charity = replace(self.known, settings=settings, database=database, catalogue=catalogue, notebook=Notebook())
        try:
            yield charity
        finally:
            with self.turn:
                ENGINES.back(database)
                self.copies.drop(address)

    def _queue(self, charity: Charity) -> None:
        prepare(charity.database.url)
        later = DbosLater(charity.database.url)
        with charity.desk() as desk:
            later.queue(desk.session, "perform_run", self.run_id)
        later.close()

    def _settings(self, address: str) -> Settings:
        return Settings(
            home=self.folder,
            database_url=address,
            secret_key=SECRET,
            mode="test",
            stripe_api_key=Standin.api_key,
            stripe_financial_account=Standin.financial_account,
        )


def _rails(settings: Settings) -> dict[str, Rail]:
    return {"manual": ManualRail(), "stripe": StripeRail(settings, timeout=WAITS)}


def weather(due: Due, folder: Path, seed: int) -> Counter[str]:
    """Pays everything through one storm and holds the books against the provider; returns how calls were answered."""
    with WarmStandin(folder / f"standin-{seed}", opening=OPENING) as provider, due.copy(provider) as charity:
        brew(provider, seed)
        run_id = charity.pay()
        provider.control("faults/clear")
        for _ in range(2):
            charity.reconcile()
        with charity.desk() as desk:
            assert desk.session.get_one(Run, run_id).state == "finished"
        assert set(charity.states()) <= {"settled", "cancelled"}
        assert_agrees(charity, provider)
        while charity.states().count("settled") < due.count:
            charity.pay()
            charity.reconcile()
            assert_agrees(charity, provider)
        assert len(provider.executions()) == due.count
        assert not CLOSED_TOO_SOON & set(charity.tasks())
        return Counter(str(call.get("fault") or "") for call in provider.look("calls"))

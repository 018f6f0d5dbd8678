"""A worker that performs one run and reconciles, in a process of its own that dies where a test says.

It counts boundaries: just before and just after each commit, and each call of the provider. At the one where it is
to die it kills itself with SIGKILL: nothing is tidied up, and other threads stop in the middle of what they do.
Workers are forked from a process that has loaded everything and opened nothing, so each starts in no time.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine as SqlEngine
from sqlalchemy import event, select
from sqlalchemy.orm import Session, configure_mappers

from grants.config import Settings
from grants.jobs.engine import Engine
from grants.jobs.later import DbosLater
from grants.jobs.payments import JOBS
from grants.model.engine import make_engine, reading
from grants.model.payments import Attempt
from grants.model.runs import Run
from grants.offers import Held, Order, Outcome, Payee, Rail, Ready
from grants.rails.manual import ManualRail
from grants.rails.stripe import StripeRail
from grants.standin.process import Standin
from tests.conftest import Clock
from tests.paying import over

configure_mappers()
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload([__name__])


@dataclass
class Boundaries:
    """Counts the boundaries of one worker, and kills it at the given one (0: never)."""

    dies_at: int = 0
    passed: int = 0
    first_call: float = 0.0
    turn: threading.Lock = field(default_factory=threading.Lock)

    def cross(self) -> None:
        """Counts one; does not return from the last."""
        with self.turn:
            self.passed += 1
            if self.passed == self.dies_at:
                os.kill(os.getpid(), signal.SIGKILL)
                signal.pause()

    @contextmanager
    def around(self) -> Iterator[None]:
        """Counts before and after a call of the provider."""
        self.first_call = self.first_call or time.monotonic()
        self.cross()
        yield
        self.cross()

    def watch_commits(self, engine: SqlEngine) -> None:
        """Counts before and after each commit of this process."""
        event.listen(engine, "commit", lambda connection: self.cross())
        event.listen(Session, "after_commit", lambda session: self.cross())


class Watched(StripeRail):
    """The rail itself, with each call of the provider counted."""

    def __init__(self, settings: Settings, boundaries: Boundaries) -> None:
        super().__init__(settings)
        self.boundaries = boundaries

    def ready(self, payee: Payee) -> Ready:
        with self.boundaries.around():
            return super().ready(payee)

    def send(self, order: Order, key: str) -> Outcome:
        with self.boundaries.around():
            return super().send(order, key)

    def check(self, order: Order, key: str, reference: str = "") -> Outcome:
        with self.boundaries.around():
            return super().check(order, key, reference)

    def since(self, time: datetime) -> Iterator[Held]:
        with self.boundaries.around():
            held = list(super().since(time))
        yield from held


@dataclass(frozen=True)
class Told:
    """What a worker tells: the boundaries it passed, and the seconds from ready to its first call of the provider."""

    passed: int
    first_call: float


def work(settings: Settings, run_id: int, dies_at: int, told: Path) -> None:
    """Performs the run and reconciles, and writes what it saw: the work of a forked process."""
    boundaries = Boundaries(dies_at)
    charity = over(settings, Clock(), _rails(settings, boundaries))
    boundaries.watch_commits(charity.database.engine)
    ready = time.monotonic()
    charity.perform("perform_run", run_id)
    charity.reconcile()
    charity.database.close()
    told.write_text(json.dumps([boundaries.passed, max(0.0, boundaries.first_call - ready)]))


def serve(settings: Settings, run_id: int, dies_at: int, told: Path) -> None:
    """Works with the durable engine, as a served process does, until the run is finished and all of it settled.

    Boundaries count from when the engine is ready. The clock starts the reconcile.
    """
    boundaries = Boundaries()
    charity = over(settings, Clock(), _rails(settings, boundaries))
    engine = Engine(settings, JOBS, charity.context, DbosLater(settings.database_url), every={"reconcile": 1.0})
    engine.launch()
    ready = time.monotonic()
    boundaries.dies_at = dies_at
    boundaries.watch_commits(charity.database.engine)
    looks = make_engine(settings.database_url)
    while not _ended(looks, run_id):
        time.sleep(0.05)
    told.write_text(json.dumps([boundaries.passed, max(0.0, boundaries.first_call - ready)]))
    engine.stop()


def _ended(engine: SqlEngine, run_id: int) -> bool:
    with reading(), engine.connect() as connection:
        state = connection.scalar(select(Run.state).where(Run.id == run_id))
        open_still = connection.scalar(select(Attempt.id).where(Attempt.state != "settled").limit(1))
    return state == "finished" and open_still is None


def _rails(settings: Settings, boundaries: Boundaries) -> Mapping[str, Rail]:
    return {"manual": ManualRail(), "stripe": Watched(settings, boundaries)}


Work = Callable[[Settings, int, int, Path], None]


def let_work(settings: Settings, run_id: int, dies_at: int = 0, does: Work = work) -> Told | None:
    """Lets a worker work in a process of its own; returns what it told, or None when it was killed on its way."""
    told = settings.home / f"told-{run_id}-{threading.get_ident()}.json"
    told.unlink(missing_ok=True)
    worker = PROCESSES.Process(target=does, args=(settings, run_id, dies_at, told))
    worker.start()
    worker.join()
    if worker.exitcode == -signal.SIGKILL:
        return None
    assert worker.exitcode == 0, f"the worker ended with {worker.exitcode}"
    passed, first_call = json.loads(told.read_text())
    return Told(passed, first_call)


# A first rail loads what the SDK loads late, before any fork.
Watched(
    Settings(
        home=Path(),
        database_url="sqlite://",
        secret_key="",
        stripe_api_key=Standin.api_key,
        stripe_financial_account=Standin.financial_account,
    ),
    Boundaries(),
)

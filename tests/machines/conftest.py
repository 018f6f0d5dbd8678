"""A charity whose work is done by the real commands, in processes of their own, over one database."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from grants.config import Settings
from grants.flow.pay.holder import process_of
from grants.jobs.engine import prepare
from grants.jobs.later import DbosLater
from grants.model.runs import Run
from grants.rails.manual import ManualRail
from grants.rails.stripe import StripeRail
from grants.standin.process import Standin
from tests.conftest import Clock
from tests.oracle import assert_agrees
from tests.paying import Charity, open_over, settings_for
from tests.running import PATIENCE, Place, Served, Started

LEASE = 2.0

RATE = 4.0
"""Requests of one kind in a second: slow enough to do something in the middle of a run."""

COUNT = 16
"""Payments in a run: four seconds of sending."""


@dataclass
class Town:
    """A charity, its payment service, and the processes that work for it."""

    charity: Charity
    provider: Standin
    place: Place
    told: list[str] = field(default_factory=list)

    @contextmanager
    def working(self, count: int = 1) -> Iterator[list[Started]]:
        """Runs so many workers, all ready to work."""
        with ExitStack() as stack:
            started = [stack.enter_context(self.place.started("worker")) for _ in range(count)]
            for each in started:
                stack.callback(self._listen, each)
                each.says("Working on")
            yield started

    @contextmanager
    def serving(self) -> Iterator[Served]:
        """Runs a server."""
        with self.place.serving() as served:
            yield served
            self._listen(served)

    def _listen(self, started: Started) -> None:
        self.told.append(started.said)

    def run(self, count: int = COUNT) -> int:
        """Releases a run of so many payments of £5, and queues its sending; returns its id."""
        for _ in range(count):
            self.charity.award(5_00)
        run_id = self.charity.build()
        self.charity.release(run_id)
        return run_id

    def holder(self, run_id: int) -> str:
        """Returns the process that sends a run now: ``host-pid-number``; empty when nobody does."""
        with self.charity.desk() as desk:
            return process_of(desk.session.get_one(Run, run_id).held_by)

    def held_in_the_middle(self, run_id: int, already: int) -> str:
        """Waits until so many payments have gone out in all; returns who sends the run."""
        until(lambda: len(self.provider.executions()) >= already)
        holder = self.holder(run_id)
        assert holder, "the run was over before anything could happen to it"
        return holder

    def in_the_middle(self, run_id: int) -> tuple[str, int]:
        """Waits until some payments of a run have gone out; returns the holder’s name and process id."""
        holder = self.held_in_the_middle(run_id, 4)
        return holder, process_id(holder)

    def taken_over(self, run_id: int, before: str) -> float:
        """Waits until another process sends a run, and returns how many seconds that took."""
        began = time.monotonic()
        until(lambda: self.holder(run_id) not in ("", before))
        return time.monotonic() - began

    def finished(self, run_id: int) -> None:
        """Waits until a run is finished."""

        def is_so() -> bool:
            with self.charity.desk() as desk:
                return desk.session.get_one(Run, run_id).state == "finished"

        until(is_so)

    def recorded(self, run_id: int) -> list[tuple[str, str, int, str, str]]:
        """Returns all that is recorded of a run’s attempts, each with its key first."""
        return [
            (each.key, each.state, each.tries, each.code, each.provider_reference)
            for each in self.charity.attempts()
            if each.run_id == run_id
        ]

    def orders(self) -> list[str]:
        """Returns the keys under which somebody asked the provider to pay, each as often as it was asked."""
        calls = self.provider.look("calls")
        return [str(call["key"]) for call in calls if call["method"] == "POST" and "outbound_payments" in call["path"]]

    def agrees(self, count: int = COUNT) -> None:
        """Asserts that everything went out once, and that the books say what the provider’s record says."""
        self.charity.reconcile()
        self.charity.reconcile()
        assert self.charity.states() == ["settled"] * count
        assert len(self.provider.executions()) == count
        assert_agrees(self.charity, self.provider)
        for said in self.told:
            assert "locked" not in said, said
            assert "Traceback" not in said, said


def until(so: Callable[[], bool]) -> None:
    """Waits until something is so."""
    ends = time.monotonic() + PATIENCE
    while not so():
        assert time.monotonic() < ends, "it takes too long"
        time.sleep(0.05)


def process_id(holder: str) -> int:
    """Returns the process id in a worker’s name."""
    found = re.search(r"-(\d+)-[0-9a-f]+$", holder)
    assert found is not None, holder
    return int(found[1])


def place_for(settings: Settings, folder: Path) -> Place:
    """Returns where an operator works with these settings."""
    names = ("database_url", "secret_key", "mode", "lease_seconds", "poll_seconds", "rail_rate")
    stripe = ("stripe_api_key", "stripe_api_base", "stripe_webhook_secret", "stripe_financial_account")
    return Place(folder).having(**{name: getattr(settings, name) for name in (*names, *stripe)})


@pytest.fixture
def town(settings: Settings, provider: Standin, tmp_path: Path) -> Iterator[Town]:
    """A charity that pays through the stand-in; whatever it queues, real workers do."""
    wanted = replace(settings_for(settings, provider), lease_seconds=LEASE, poll_seconds=0.1, rail_rate=RATE)
    prepare(wanted.database_url)
    rails = {"manual": ManualRail(), "stripe": StripeRail(wanted)}
    charity = open_over(wanted, Clock(datetime.now(UTC)), rails)
    later = DbosLater(wanted.database_url)
    charity.notebook = later  # type: ignore[assignment]  # the queue that the workers read, not a notebook
    yield Town(charity, provider, place_for(wanted, tmp_path))
    later.close()
    charity.database.close()


def wake(pid: int) -> None:
    """Lets a frozen process go on."""
    os.kill(pid, signal.SIGCONT)

"""Runs against a provider that misbehaves: with rails that are wrong, with crashes, with two workers at once."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import pytest

from grants.config import Settings
from grants.flow.desk import Desk
from grants.jobs.context import JobContext
from grants.jobs.payments import perform_run
from grants.rails.stripe import StripeRail
from grants.standin.process import Standin
from tests.flow.storms import CLOSED_TOO_SOON
from tests.oracle import assert_agrees
from tests.paying import Charity, Opens
from tests.rails.standins import WRONG

def award_many(charity: Charity, count: int) -> None:
    luck = random.Random(count)
    for _ in range(count):
        charity.award(luck.randrange(10_00, 150_00))


def assert_all_went_well(charity: Charity, provider: Standin) -> None:
    assert_agrees(charity, provider)
    assert_nothing_was_closed_too_soon(charity)


def assert_nothing_was_closed_too_soon(charity: Charity) -> None:
    """A rail that says “failed” too soon is put right by the books later, but never without a task."""
    assert not CLOSED_TOO_SOON & set(charity.tasks())


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong.__name__)
def test_a_storm_shows_each_wrong_rail(open_charity: Opens, provider: Standin, wrong: type[StripeRail]) -> None:
    provider.control("settings", require_verification=False)

    def make(settings: Settings) -> StripeRail:
        return wrong(settings, verify=False)

    charity = open_charity(provider, make)
    award_many(charity, 12)
    for fault in ("error_after", "drop_after"):
        provider.control("faults", fault=fault, times=2)
    provider.control("faults", seed=4, shares={"drop_after": 0.3, "error_after": 0.2, "drop_before": 0.2})
    charity.pay()
    provider.control("faults/clear")
    charity.reconcile()
    charity.reconcile()
    with pytest.raises(AssertionError):
        assert_all_went_well(charity, provider)


class Killed(BaseException):
    """Stands for a kill: nothing catches it, nothing is tidied up."""


@dataclass(frozen=True, slots=True)
class Mortal(JobContext):
    """A context whose process dies when its desk is opened for the nth time (0 is the first)."""

    lives: list[int] = field(default_factory=list)

    @contextmanager
    def desk(self) -> Iterator[Desk]:
        if self.lives[0] == 0:
            raise Killed
        self.lives[0] -= 1
        with self.database.transaction() as session:
            yield self.desk_for(session)


@pytest.mark.parametrize("lives", range(12))
def test_a_crash_between_any_two_commits_is_gone_on_from(charity: Charity, provider: Standin, lives: int) -> None:
    """Dies before each opening of the desk, then runs the same job again, as the engine does."""
    award_many(charity, 3)
    run_id = charity.build()
    charity.release(run_id)
    charity.notebook.jobs.clear()
    known = charity.context
    with suppress(Killed):
        perform_run(Mortal(known.database, known.desk_for, known.catalogue, lives=[lives]), run_id)
    perform_run(known, run_id)
    charity.reconcile()
    assert charity.states() == ["settled"] * 3
    assert len(provider.executions()) == 3
    assert_agrees(charity, provider)


def test_two_workers_on_one_run_pay_once(charity: Charity, provider: Standin) -> None:
    award_many(charity, 8)
    run_id = charity.build()
    charity.release(run_id)
    charity.notebook.jobs.clear()
    provider.control("faults", fault="delay", seconds=0.05, times=99)
    workers = [threading.Thread(target=perform_run, args=(charity.context, run_id)) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    provider.control("faults/clear")
    charity.reconcile()
    assert charity.states() == ["settled"] * 8
    assert len(provider.executions()) == 8
    assert_agrees(charity, provider)

"""Runs against a provider that misbehaves: with rails that are wrong, and with two workers at once."""

from __future__ import annotations

import random
import threading

import pytest

from grants.config import Settings
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

"""Workers are killed wherever they can be; whoever works next ends the run, and nothing goes out twice or is lost."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from grants.model.runs import Run
from grants.standin.process import Standin
from tests.copies import Copies
from tests.flow.pay_worker import let_work, serve
from tests.flow.storms import OPENING, Due
from tests.nearby import Nearby
from tests.oracle import assert_agrees
from tests.paying import Charity
from tests.sizes import PATIENCE, seeds, size

pytestmark = pytest.mark.timeout(PATIENCE)

RESUMED = 2.0
"""Seconds within which whoever works next asks the provider again, from when they are ready."""

LANES = size(ci=16, soak=40)
"""The points of a run are shared out among so many tests: each takes every so manieth."""

KILLS = size(ci=5, soak=10)
"""How many workers of one long run are killed, one after the other."""

EACH = size(ci=12, soak=6)
"""About how many boundaries each payment of a long run has; the longer its batches, the fewer."""

TAKEN_OVER = 5.0
"""Seconds within which a served process goes on with what a dead one left, from when it is ready."""

ENGINES = 2
"""How many engines are killed in one run, one after the other, before one may live."""

Tell = Callable[[str, object], None]


@pytest.fixture(scope="module")
def few(copies: Copies, tmp_path_factory: pytest.TempPathFactory) -> Due:
    """A released run of few payments, in two batches."""
    return Due(copies, tmp_path_factory.mktemp("few"), size(ci=6, soak=20), each=2).prepare(release=True)


@pytest.fixture(scope="module")
def many(copies: Copies, tmp_path_factory: pytest.TempPathFactory) -> Due:
    """A released run of many payments."""
    return Due(copies, tmp_path_factory.mktemp("many"), size(ci=24, soak=500)).prepare(release=True)


@pytest.fixture(scope="module")
def queued(copies: Copies, tmp_path_factory: pytest.TempPathFactory) -> Due:
    """A released run that waits for the durable engine."""
    return Due(copies, tmp_path_factory.mktemp("queued"), size(ci=12, soak=100)).prepare(release=True, queue=True)


@pytest.mark.parametrize("lane", range(1, LANES + 1))
def test_a_worker_killed_at_any_point_is_gone_on_from(
    few: Due, tmp_path: Path, lane: int, record_property: Tell
) -> None:
    """Before and after every commit and every call of the provider, until a worker lives to the end."""
    slowest, dies_at = 0.0, lane
    while True:
        lived, after = kill_and_go_on(few, tmp_path / f"standin-{dies_at}", dies_at)
        if after is None:
            break
        if after > RESUMED:  # the machine may be busy: then a worker who finds nothing left over is slow, too
            assert after < RESUMED + undisturbed(few, tmp_path / f"calm-{dies_at}"), dies_at
        slowest = max(slowest, after)
        dies_at += LANES
    points = len(range(lane, dies_at, LANES))
    assert points
    told = f"{points} points ({lane}, {lane + LANES} … {dies_at - LANES}) of {lived}, {few.count} payments:"
    record_property("kills", f"{told} 0 twice, 0 lost, gone on with after {slowest:.2f} s at most")


def kill_and_go_on(few: Due, folder: Path, dies_at: int) -> tuple[int, float | None]:
    """Returns how many points the last worker passed, and after what time it asked the provider: None if none died."""
    with Nearby(folder, opening=OPENING) as provider, few.copy(provider) as charity:
        lived = let_work(charity.settings, few.run_id, dies_at)
        after = None if lived else let_work(charity.settings, few.run_id)
        assert_ended_well(charity, provider, few, f"killed at {dies_at}")
    last = lived or after
    assert last is not None
    return last.passed, after.first_call if after else None


def undisturbed(few: Due, folder: Path) -> float:
    """Returns after what time a worker on a fresh run asks the provider, on this machine just now."""
    with Nearby(folder, opening=OPENING) as provider, few.copy(provider) as charity:
        told = let_work(charity.settings, few.run_id)
    assert told is not None
    return told.first_call


@pytest.mark.parametrize("seed", seeds(ci=2, soak=100))
def test_worker_after_worker_is_killed_while_answers_are_slow_or_lost(
    many: Due, tmp_path: Path, seed: int, record_property: Tell
) -> None:
    luck, killed = random.Random(seed), 0
    with Standin(tmp_path / "standin", opening=OPENING) as provider, many.copy(provider) as charity:
        shares = {"drop_after": 0.2, "delay": 0.3}
        provider.control("faults", seed=seed, shares=shares, seconds=0.02, calls=["outbound_payments.create"])
        for _ in range(KILLS):
            killed += let_work(charity.settings, many.run_id, luck.randrange(1, EACH * many.count // KILLS)) is None
        provider.control("faults/clear")
        after = let_work(charity.settings, many.run_id)
        assert after is not None
        assert_ended_well(charity, provider, many, f"seed {seed}")
    assert killed == KILLS
    record_property("kills", f"seed {seed}: {killed} workers killed in one run of {many.count}: 0 twice, 0 lost")


@pytest.mark.parametrize("seed", seeds(ci=2, soak=100))
def test_engine_after_engine_is_killed_and_the_next_takes_over(
    queued: Due, tmp_path: Path, seed: int, record_property: Tell
) -> None:
    """Each is a process as it is served: it finds by itself that the one before it is dead, and what it left."""
    luck, killed = random.Random(seed), 0
    with Standin(tmp_path / "standin", opening=OPENING) as provider, queued.copy(provider) as charity:
        settings = replace(charity.settings, poll_seconds=0.05, lease_seconds=2.0)
        for _ in range(ENGINES):
            killed += let_work(settings, queued.run_id, luck.randrange(1, 8 * queued.count), serve) is None
        after = let_work(settings, queued.run_id, does=serve)
        assert after is not None
        assert after.first_call < TAKEN_OVER
        assert_ended_well(charity, provider, queued, f"seed {seed}")
    assert killed
    told = f"seed {seed}: {killed} engines killed in one run of {queued.count}: 0 twice, 0 lost"
    record_property("kills", f"{told}, gone on with {after.first_call:.1f} s after the last was ready")


def assert_ended_well(charity: Charity, provider: Standin, due: Due, where: str) -> None:
    """Every payment was made once and all is told, with no step by a person."""
    with charity.desk() as desk:
        assert desk.session.get_one(Run, due.run_id).state == "finished", where
    assert charity.states() == ["settled"] * due.count, where
    assert len(provider.executions()) == due.count, where
    assert charity.tasks() == [], where
    assert_agrees(charity, provider)


def test_a_finished_run_is_not_begun_again(charity: Charity, provider: Standin) -> None:
    charity.award(20_00)
    run_id = charity.pay()
    before = len(provider.look("calls"))
    charity.notebook.queue(None, "perform_run", run_id)
    charity.work_off()
    assert len(provider.look("calls")) == before

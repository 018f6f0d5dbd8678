"""Whoever was taken for lost marks, sends and records nothing more, whenever it wakes."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from grants.domain.errors import Refusal
from grants.flow.pay import holder, send
from grants.jobs.context import Again
from grants.jobs.paced import Pacer
from grants.jobs.payments import JOBS
from grants.jobs.sending import Sending
from grants.jobs.silence import Silence
from grants.offers import Outcome
from grants.standin.process import Standin
from tests.oracle import assert_agrees
from tests.paying import Charity

FIRST, SECOND = "quay-1-aa#01", "quay-2-bb#01"


def released(charity: Charity, count: int = 3) -> int:
    for _ in range(count):
        charity.award(20_00)
    run_id = charity.build()
    charity.release(run_id)
    return run_id


def take(charity: Charity, run_id: int, by: str, *, living: bool) -> None:
    with charity.desk() as desk:
        holder.take(desk, run_id, by, lambda process: living)


def test_a_run_is_one_workers_until_it_lets_go_or_is_gone(charity: Charity) -> None:
    run_id = released(charity)
    take(charity, run_id, FIRST, living=False)
    with pytest.raises(Refusal, match=f"Payment run {run_id} is being sent by quay-1-aa already"):
        take(charity, run_id, SECOND, living=True)
    take(charity, run_id, "quay-1-aa#02", living=True)  # what its own earlier try left
    take(charity, run_id, SECOND, living=False)
    with charity.desk() as desk:
        holder.let_go(desk, run_id, FIRST)  # not its own any more
        assert holder.held(desk, run_id).held_by == SECOND
        holder.let_go(desk, run_id, SECOND)
        assert holder.held(desk, run_id).held_by == ""


def test_a_worker_that_was_taken_over_neither_marks_nor_records_nor_finishes(
    charity: Charity, provider: Standin
) -> None:
    run_id = released(charity)
    take(charity, run_id, FIRST, living=False)
    with charity.desk() as desk:
        assert send.start(desk, run_id, [], by=FIRST)
    with Sending(charity.desk, run_id, FIRST) as slept:
        chosen = slept._choose()
        take(charity, run_id, SECOND, living=False)
        for act in (
            lambda desk: send.mark_sending(desk, run_id, chosen, by=FIRST),
            lambda desk: send.choose(desk, run_id, 9, by=FIRST),
            lambda desk: send.record_batch(desk, run_id, {1: Outcome(state="failed")}, by=FIRST),
            lambda desk: send.finish(desk, run_id, [], by=FIRST),
            lambda desk: send.start(desk, run_id, [], by=FIRST),
        ):
            with pytest.raises(holder.TakenOver, match="taken over by quay-2-bb"), charity.desk() as desk:
                act(desk)
    assert charity.states() == ["created"] * 3
    assert provider.executions() == []
    charity.work_off()
    charity.reconcile()
    assert_agrees(charity, provider)


def test_a_job_that_finds_its_run_held_asks_to_look_again(charity: Charity, provider: Standin) -> None:
    run_id = released(charity)
    take(charity, run_id, FIRST, living=False)
    other = replace(charity.context, worker=SECOND, lives=lambda process: process == "quay-1-aa")
    with pytest.raises(Again, match="being sent by quay-1-aa already"):
        JOBS["perform_run"](other, run_id)
    assert provider.executions() == []
    JOBS["perform_run"](replace(other, lives=lambda process: False), run_id)
    assert len(provider.executions()) == 3


def test_a_request_whose_moment_is_long_over_is_not_made(charity: Charity) -> None:
    made: list[int] = []
    late = Pacer(charity.desk, "stripe send", 100.0, patience=-math.inf)
    with ThreadPoolExecutor(2) as pool:
        assert late.map(pool, made.append, [1, 2], "too late") == ["too late", "too late"]
    assert made == []
    with pytest.raises(Refusal, match="slept for too long"):
        late.wait()
    Pacer(charity.desk, "stripe send", 100.0, patience=60.0).wait()


def test_only_watched_silence_with_the_same_old_sign_counts() -> None:
    silence = Silence(0.0)
    assert [silence.is_over("one", sign) for sign in ("a", "a")] == [True, True]
    watchful = Silence(60.0)
    assert not any(watchful.is_over("one", "a") for _ in range(100))

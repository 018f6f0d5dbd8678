"""A worker is killed in the middle of a run; whoever runs it again finishes it, and nothing goes out twice."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path

from grants.standin.process import Standin
from tests.oracle import assert_agrees
from tests.paying import Charity

COUNT = 24
MOMENTS = (0.02, 0.15, 0.35, 0.6)
"""Seconds after a worker began to send at which it is killed, one worker after the other."""


def worker(charity: Charity, run_id: int) -> subprocess.Popen[str]:
    settings = asdict(charity.settings) | {"home": str(charity.settings.home)}
    command = [sys.executable, "-m", "tests.flow.pay_worker", json.dumps({"settings": settings, "run": run_id})]
    started = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2])
    assert started.stdout is not None
    assert started.stdout.readline() == "ready\n"
    return started


def test_a_killed_worker_is_gone_on_from(charity: Charity, provider: Standin) -> None:
    for _ in range(COUNT):
        charity.award(20_00)
    run_id = charity.build()
    charity.release(run_id)
    charity.notebook.jobs.clear()
    shares = {"drop_after": 0.2, "delay": 0.5}
    provider.control("faults", seed=5, shares=shares, seconds=0.05, calls=["outbound_payments.create"])
    for moment in MOMENTS:
        running = worker(charity, run_id)
        time.sleep(moment)
        running.kill()
        running.communicate()
    last = worker(charity, run_id)
    out, _ = last.communicate(timeout=60)
    assert (last.returncode, out) == (0, "done\n")
    provider.control("faults/clear")
    charity.reconcile()
    charity.reconcile()
    assert charity.states() == ["settled"] * COUNT
    assert len(provider.executions()) == COUNT
    assert_agrees(charity, provider)


def test_a_finished_run_is_not_begun_again(charity: Charity, provider: Standin) -> None:
    charity.award(20_00)
    run_id = charity.pay()
    before = len(provider.look("calls"))
    charity.notebook.queue(None, "perform_run", run_id)
    charity.work_off()
    assert len(provider.look("calls")) == before

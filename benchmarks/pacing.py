"""How near runs keep to the rate that a provider allows: ``python -m benchmarks.pacing [--payments 1000] [--rate 25]``.

The stand-in allows so many calls of each kind in a second and answers 429 to the rest; each worker is a process that
performs a run of its own over HTTP, all at the pace that they share. Then the same with no limit on either side: how
many payments a second go over HTTP at most.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks import paying
from benchmarks.fill import fill
from benchmarks.served import database
from grants.app import job_context, open_house
from grants.config import Settings
from grants.domain.later import Notebook
from grants.jobs.payments import build_run, perform_run
from grants.standin.process import Standin
from tests.paying import through

SEND = "outbound_payments.create"
TOO_MANY = 429
UNLIMITED = 10**6


def main() -> None:
    """Measures each database with each number of workers, at the allowed rate and without one."""
    words = argparse.ArgumentParser(prog="benchmarks.pacing")
    words.add_argument("--payments", type=int, default=1_000)
    words.add_argument("--rate", type=float, default=25.0)
    words.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    words.add_argument("--databases", nargs="+", default=["sqlite", "postgres"], choices=["sqlite", "postgres"])
    words.add_argument("--work", help=argparse.SUPPRESS)
    given = words.parse_args()
    if given.work:
        _work(json.loads(given.work))
        return
    table = Table(
        "database", "workers", "allowed a second", "payments", "a second", "of the allowed", "429", "of calls"
    )
    for kind in given.databases:
        for workers in given.workers:
            for rate in (given.rate, 0.0):
                with tempfile.TemporaryDirectory() as folder, database(kind, Path(folder)) as settings:
                    told = _measured(settings, given.payments, workers, rate)
                    table.add_row(kind, str(workers), f"{rate:g}" if rate else "any", *told)
    Console(width=130).print(table)


def _measured(settings: Settings, payments: int, workers: int, rate: float) -> Iterator[str]:
    fill(settings, 0, 0)
    settings = replace(settings, rail_rate=rate or UNLIMITED)
    with Standin(settings.home / "standin", opening=10**9) as standin:
        settings = through(settings, standin)
        runs = _released(settings, payments, workers)
        standin.control("limit", a_second=rate)
        before = len(_calls(standin))
        _perform(settings, runs)
        calls = _calls(standin)[before:]
    sent = sorted(call["at"] for call in calls if call.get("call") == SEND and call["status"] != TOO_MANY)
    speed = (len(sent) - 1) / (sent[-1] - sent[0])
    refused = Counter(call["status"] for call in calls)[TOO_MANY]
    yield f"{len(sent):,}"
    yield f"{speed:.1f}"
    yield f"{speed / rate:.1%}" if rate else "–"
    yield str(refused)
    yield f"{refused / len(calls):.2%}"


def _calls(standin: Standin) -> list[dict[str, Any]]:
    found = standin.look("calls")
    assert isinstance(found, list)
    return found


def _released(settings: Settings, payments: int, workers: int) -> list[int]:
    """Makes a released run for each worker, with its part of the payments."""
    part, runs = payments // workers, []
    for number in range(workers):
        if number:
            paying.award_more(settings, part, number * part)
        else:
            paying.award(settings, part)
        runs.append(_built(settings))
    return runs


def _built(settings: Settings) -> int:
    """Returns a run that is put together and released; only its performing is left."""
    house = open_house(settings, later=Notebook())
    run_id = paying.build(house)
    build_run(job_context(house), run_id)
    paying.let_go(house, run_id)
    house.database.close()
    return run_id


def _perform(settings: Settings, runs: list[int]) -> None:
    """Lets each run be performed by a process of its own, all at once."""
    given = asdict(settings) | {"home": str(settings.home)}
    started = [
        subprocess.Popen([sys.executable, "-m", "benchmarks.pacing", "--work", json.dumps([given, run_id])])
        for run_id in runs
    ]
    for process in started:
        if process.wait():
            raise SystemExit("a worker did not come to the end of its run")


def _work(given: list[Any]) -> None:
    """Is one worker: performs its run."""
    settings = Settings(**{**given[0], "home": Path(given[0]["home"])})
    house = open_house(settings, later=Notebook())
    perform_run(job_context(house), given[1])
    house.database.close()


if __name__ == "__main__":
    main()

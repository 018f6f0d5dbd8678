"""How fast a fund's history is replayed, and in how much memory: ``python -m benchmarks.replaying [--sizes 100000]``.

The command runs as a user types it, in a process of its own, with each plugin in another; every grant has facts
of its own, so that nothing can be answered from memory.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

from rich.console import Console
from rich.table import Table
from sqlalchemy import bindparam, update

from benchmarks.fill import LOT, NOW, fill
from benchmarks.served import database, environment, resident
from grants.app import open_house
from grants.config import Settings
from grants.domain import synthetic
from grants.model.grants import Grant

POLICIES = ("unconditional", "light-report", "full-receipts")
LOOKED_EVERY = 0.05


@dataclass(frozen=True, slots=True)
class Replayed:
    """Seconds for the whole command, and the most MiB that the command itself had at once."""

    seconds: float
    memory: float


def vary(settings: Settings, size: int) -> None:
    """Gives every grant the amount and the facts of a made-up year."""
    house = open_house(settings)
    made = synthetic.year(10 * size, "bench", NOW.date().replace(month=1, day=1))
    awarded = (one.facts for one in made if one.awarded)
    change = (
        update(Grant.__table__)  # type: ignore[arg-type]  # a declared table is a table
        .where(Grant.__table__.c.id == bindparam("grant"))
        .values(facts=bindparam("told"), amount=bindparam("minor"), awarded_on=bindparam("day"))
    )
    numbers = iter(range(1, size + 1))
    while lot := list(islice(numbers, LOT)):
        rows = []
        for number, facts in zip(lot, awarded, strict=False):
            told = asdict(facts) | {"awarded_on": facts.awarded_on.isoformat()}
            rows.append({"grant": number, "told": told, "minor": facts.amount.amount, "day": facts.awarded_on})
        with house.database.transaction() as session:
            session.connection().execute(change, rows)
    house.database.close()


def replay(settings: Settings, slug: str) -> Replayed:
    """Runs the command over the fund and returns how long it took and how much memory it needed."""
    command = [sys.executable, "-m", "grants", "policy", "simulate", *POLICIES, "--fund", slug]
    began, most = time.perf_counter(), 0.0
    process = subprocess.Popen(command, env=environment(settings), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while process.poll() is None:
        most = max(most, resident(process.pid))
        time.sleep(LOOKED_EVERY)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    return Replayed(time.perf_counter() - began, most)


def main() -> None:
    """Measures each database at each size."""
    words = argparse.ArgumentParser(prog="benchmarks.replaying")
    words.add_argument("--sizes", type=int, nargs="+", default=[1000, 10_000, 100_000])
    words.add_argument("--databases", nargs="+", default=["sqlite", "postgres"], choices=["sqlite", "postgres"])
    given = words.parse_args()
    table = Table("database", "awards", "policies", "seconds", "answers/s", "MiB at most", title="replay")
    for kind in given.databases:
        for size in given.sizes:
            with tempfile.TemporaryDirectory() as folder, database(kind, Path(folder)) as settings:
                slug = fill(settings, size, 0).slug
                vary(settings, size)
                found = replay(settings, slug)
            rate = size * len(POLICIES) / found.seconds
            table.add_row(
                kind, f"{size:,}", str(len(POLICIES)), f"{found.seconds:.1f}", f"{rate:,.0f}", f"{found.memory:.0f}"
            )
    Console(width=120).print(table)


if __name__ == "__main__":
    main()

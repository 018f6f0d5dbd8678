"""How many payments a second we can send when the provider answers at once: ``python -m benchmarks.runs``.

Each worker is a process that performs a run of its own over a rail of its own process, so that what is measured is
ours alone: choosing, freezing, committing as sending, recording, posting. Building the run is told apart.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from sqlalchemy import select
from sqlalchemy.orm import Session

from benchmarks.fill import fill, insert_rows, lots
from benchmarks.served import database
from grants.app import desk_over, job_context, open_house
from grants.config import Settings
from grants.domain.later import Notebook
from grants.domain.terms import Terms
from grants.domain.terms_json import dump
from grants.flow import check, pay, people
from grants.flow.desk import Desk
from grants.jobs.payments import build_run, perform_run
from grants.ledger.book import Entry, post_many
from grants.model.applications import Application
from grants.model.engine import reading
from grants.model.grants import Grant
from grants.model.payments import Payment
from grants.model.people import Payee, Person
from grants.model.runs import Run
from grants.model.users import User
from grants.offers import Order, Outcome, Rail, Ready
from grants.offers import Payee as OfferedPayee
from grants.web.edge import House, actor_of

NOW = datetime.now(UTC)
POUNDS = 1_00


class AtOnce(Rail):
    """A rail of this process whose every payment arrives at once."""

    def __init__(self, slug: str) -> None:
        self.slug = slug
        self.title = "At once"

    def ready(self, payee: OfferedPayee) -> Ready:
        """Says that everybody can be paid."""
        return Ready(token=payee.token or "t", check="match")

    def body(self, order: Order) -> str:
        """Returns a short request."""
        return json.dumps({"to": order.number, "amount": order.amount.amount})

    def send(self, order: Order, key: str) -> Outcome:
        """Says that it arrived."""
        return Outcome(state="settled", reference=f"r-{key}", amount=order.amount)

    def check(self, order: Order, key: str, reference: str = "") -> Outcome:
        """Says so again."""
        return self.send(order, key)

    def cancel(self, reference: str) -> Outcome:
        """Cannot be stopped."""
        return Outcome(state="unknown")


def main() -> None:
    """Measures each database with so many payments, shared by so many workers."""
    words = argparse.ArgumentParser(prog="benchmarks.runs")
    words.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000])
    words.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4])
    words.add_argument("--databases", nargs="+", default=["sqlite", "postgres"], choices=["sqlite", "postgres"])
    words.add_argument("--work", help=argparse.SUPPRESS)
    given = words.parse_args()
    if given.work:
        _work(json.loads(given.work))
        return
    table = Table("database", "payments", "workers", "build s", "send s", "a second", "MiB each", "check s")
    for kind in given.databases:
        for size in given.sizes:
            for workers in given.workers:
                with tempfile.TemporaryDirectory() as folder, database(kind, Path(folder)) as settings:
                    table.add_row(kind, f"{size:,}", str(workers), *_measured(settings, size, workers))
    Console(width=120).print(table)


def _measured(settings: Settings, size: int, workers: int) -> Iterator[str]:
    settings = replace(settings, rail_rate=10**9)
    fill(settings, 0, 0)
    house = _house(settings, workers)
    _due(house, size, workers)
    began = time.monotonic()
    runs = [_built(house, f"bench{number}") for number in range(workers)]
    yield f"{time.monotonic() - began:.1f}"
    for run_id in runs:
        with house.database.transaction() as session:
            desk = _as(desk_over(house, session), "Gita")
            pay.release(desk, session.get_one(Run, run_id))
    house.database.close()
    told = _performed(settings, runs)
    slowest = max(each["seconds"] for each in told)
    yield f"{slowest:.1f}"
    yield f"{size / slowest:,.0f}"
    yield f"{max(each['MiB'] for each in told):.0f}"
    began = time.monotonic()
    with reading(), house.database.session() as session:
        assert check.books(desk_over(house, session)) == []
    yield f"{time.monotonic() - began:.1f}"
    house.database.close()


def _performed(settings: Settings, runs: list[int]) -> list[dict[str, float]]:
    """Lets each run be performed by a process of its own, all at once."""
    given = asdict(settings) | {"home": str(settings.home)}
    started = []
    for number, run_id in enumerate(runs):
        work = json.dumps({"settings": given, "run": run_id, "rail": number})
        command = [sys.executable, "-m", "benchmarks.runs", "--work", work]
        started.append(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
    for process in started:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in started:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    return [json.loads(process.communicate()[0]) for process in started]


def _work(given: dict[str, Any]) -> None:
    """Is one worker: says that it is ready, waits to be told, performs its run and tells what it took."""
    settings = Settings(**{**given["settings"], "home": Path(given["settings"]["home"])})
    house = _house(settings, given["rail"] + 1)
    print("ready", flush=True)
    sys.stdin.readline()
    began = time.monotonic()
    perform_run(job_context(house), given["run"])
    seconds = time.monotonic() - began
    house.database.close()
    print(json.dumps({"seconds": seconds, "MiB": _most_memory()}), flush=True)


def _most_memory() -> float:
    """Returns the most resident MiB that this process ever had."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    return 0.0


def _house(settings: Settings, rails: int) -> House:
    house = open_house(settings, later=Notebook())
    slugs = [f"bench{number}" for number in range(rails)]
    catalogue = replace(house.catalogue, rails={**house.catalogue.rails, **{slug: AtOnce(slug) for slug in slugs}})
    return replace(house, catalogue=catalogue)


def _built(house: House, rail: str) -> int:
    with house.database.transaction() as session:
        run_id = pay.build_run(_as(desk_over(house, session), "Ben"), rail).id
    build_run(job_context(house), run_id)
    return run_id


def _due(house: House, size: int, workers: int) -> None:
    """Makes so many grants that are due, with the same books as if each had been awarded by itself."""
    with house.database.transaction() as session:
        desk = desk_over(house, session)
        for name in ("Ann", "Ben", "Gita"):
            new = people.NewUser(name=name, email=f"{name}@example.org", roles=("manager",))
            people.invite(desk, new)
        ann = _as(desk, "Ann").actor.user_id or 0
    sealed = house.vault.seal({"sort_code": "108800", "account_number": "00012345"})
    for numbers in lots(range(1, size + 1)):
        with house.database.transaction() as session:
            _grants(session, numbers, ann, sealed, workers)
    with house.database.engine.begin() as connection:
        connection.exec_driver_sql("ANALYZE")


def _grants(session: Session, numbers: list[int], ann: int, sealed: str, workers: int) -> None:
    terms, money = dump(Terms()), {"amount": POUNDS, "currency": "GBP"}
    who = {"name": "Severina Preda", "name_key": "severina preda", "created_at": NOW}
    insert_rows(session, Person, ({"id": n, "number": f"P-{n:08d}", **who} for n in numbers))
    details = {"how": "bank", "name": "S Preda", "sealed": sealed, "hint": "45", "created_at": NOW}
    insert_rows(session, Payee, ({"id": n, "person_id": n, **details} for n in numbers))
    asked = {"fund_id": 1, "need": "Coats.", "state": "awarded", "submitted_at": NOW, **money}
    references = ({"id": n, "reference": f"A-{n:06d}", "person_id": n, "payee_id": n, **asked} for n in numbers)
    insert_rows(session, Application, references)
    awarded = {
        "fund_id": 1,
        "terms": terms,
        "policy_slug": "unconditional",
        "decided_by": ann,
        "state": "active",
        "awarded_at": NOW,
        "awarded_on": NOW.date(),
        **money,
    }
    insert_rows(
        session,
        Grant,
        (
            {"id": n, "reference": f"G-{n:06d}", "application_id": n, "person_id": n, "payee_id": n, **awarded}
            for n in numbers
        ),
    )
    planned = {"number": 1, "due_on": NOW.date(), "done": False, **money}
    insert_rows(
        session,
        Payment,
        ({"id": n, "grant_id": n, "rail": f"bench{n % workers}", "statement": f"REF {n}", **planned} for n in numbers),
    )
    post_many(session, [_award(n) for n in numbers], NOW)


def _award(n: int) -> Entry:
    """Returns J1 of one grant."""
    return Entry(
        key=f"J1.grant.{n}",
        kind="J1",
        debit="F.1",
        credit=f"L.payable.{n}",
        amount=POUNDS,
        currency="GBP",
        fund_id=1,
        grant_id=n,
    )


def _as(desk: Desk, name: str) -> Desk:
    return desk.acting(actor_of(desk.session.scalars(select(User).where(User.name == name)).one()))


if __name__ == "__main__":
    main()

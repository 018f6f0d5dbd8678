"""Runs the benchmarks and prints their tables: ``python -m benchmarks [--sizes 1000 10000] [--databases sqlite]``."""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks import paying
from benchmarks.fill import Filled, fill
from benchmarks.load import Ask, Figures, measure, send, visit
from benchmarks.served import database, memory, server
from benchmarks.statements import statements
from grants.config import Settings

CLIENTS = 8
DRAFTS = 6000
PAYMENTS = 300
console = Console(width=150)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    what: str
    clients: int
    figures: Figures


def main() -> None:
    """Measures each database at each size."""
    words = argparse.ArgumentParser(prog="benchmarks")
    words.add_argument("--sizes", type=int, nargs="+", default=[1000, 10_000, 100_000])
    words.add_argument("--databases", nargs="+", default=["sqlite", "postgres"], choices=["sqlite", "postgres"])
    words.add_argument("--seconds", type=float, default=6.0)
    given = words.parse_args()
    for kind in given.databases:
        for size in given.sizes:
            with (
                tempfile.TemporaryDirectory() as folder,
                database(kind, Path(folder)) as plain,
                paying.with_standin(plain) as settings,
            ):
                _bench(kind, settings, size, given.seconds)


def _bench(kind: str, settings: Settings, size: int, seconds: float) -> None:
    filled = fill(settings, size, DRAFTS)
    counted = statements(settings, filled)
    paying.award(settings, PAYMENTS)
    processes = 1 if kind == "sqlite" else 2
    with server(settings, processes) as (process, started):
        rows = list(_loads(settings, filled, size, seconds))
        resident = memory(process)
        rows.append(_during_a_run(settings, filled, size, seconds))
    table = Table("what", "clients", "requests/s", "p50 ms", "p99 ms", "worst ms", "bad", "statements")
    for row in rows:
        made = row.figures
        figures = [f"{made.rate:,.0f}", f"{made.p50:.1f}", f"{made.p99:.1f}", f"{made.worst:.0f}", str(made.bad)]
        table.add_row(row.what, str(row.clients), *figures, str(counted.get(row.what, "")))
    table.title = (
        f"{kind}, {size:,} grants: start {started:.2f} s, memory {', '.join(f'{m:.0f}' for m in resident)} MiB"
    )
    console.print(table)


def _during_a_run(settings: Settings, filled: Filled, size: int, seconds: float) -> Row:
    """Measures confirmations from the moment a payment run is released, and says how fast it paid."""
    asks = _asks(settings.base_url, filled, size)["confirmation"]
    run_id = paying.release(settings)
    figures = measure(settings.base_url, asks, CLIENTS, seconds)
    took = paying.seconds_until_finished(settings, run_id)
    return Row(f"confirmation during a run of {PAYMENTS} ({PAYMENTS / took:.0f} payments/s)", CLIENTS, figures)


def _loads(settings: Settings, filled: Filled, size: int, seconds: float) -> list[Row]:
    base = settings.base_url
    asks = _asks(base, filled, size)
    rows = []
    for what, found in asks.items():
        once = found[: len(found) // 6] if what in ("submission", "confirmation") else found
        rest = found[len(once) :] if once is not found else found
        rows.append(Row(what, 1, measure(base, once, 1, seconds / 3)))
        rows.append(Row(what, CLIENTS, measure(base, rest, CLIENTS, seconds)))
    return rows


def _asks(base: str, filled: Filled, size: int) -> dict[str, list[Ask]]:
    """Returns the requests of each kind, made ready; each draft and link is used once."""
    manager = visit(base, filled.manager.removeprefix(base))
    staff = send(base, filled.manager.removeprefix(base), manager)
    person = visit(base, f"/r/{filled.links[0]}")
    drafting = visit(base, f"/apply/{filled.slug}/check", f"grants-draft={filled.drafts[0]}")
    plain = "; ".join(c for c in drafting.cookie.split("; ") if not c.startswith("grants-draft"))
    many = 200_000 // max(1, size)
    grants = [Ask(f"/staff/grants/{reference}", cookie=staff) for reference in filled.references[-2000:]]
    links = filled.links[1:] * (1 if size >= 8000 else 8)
    return {
        "submission": [
            Ask(f"/apply/{filled.slug}/check", f"csrf_token={drafting.token}", f"{plain}; grants-draft={draft}", 303)
            for draft in filled.drafts[1:]
        ],
        "confirmation": [Ask(f"/r/{x}", f"csrf_token={person.token}&said=arrived", person.cookie, 303) for x in links],
        "queue": [Ask("/staff/applications", cookie=staff)] * 20_000,
        "list": [Ask("/staff/grants", cookie=staff)] * 20_000,
        "grant": grants * max(1, min(many, 10)),
        "recipient": [Ask(f"/r/{x}", cookie=person.cookie) for x in filled.links[:20_000]] * max(1, min(many, 20)),
    }


main()

"""How fast the chain is made and proven and a backup written and put back: ``python -m benchmarks.keeping``."""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table
from sqlalchemy import insert

from benchmarks.served import database
from grants.app import desk_over, open_house
from grants.cli.init import bring_up_to_date
from grants.config import Settings
from grants.flow import chain
from grants.keeping import backup
from grants.keeping.restore import restore
from grants.ledger.book import Entry, post_many
from grants.model.engine import Database
from grants.model.events import EventRow
from grants.web.edge import House

LOT = 5000
NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


def main() -> None:
    """Measures each database with so many rows, half of them events and half journals with two lines each."""
    words = argparse.ArgumentParser(prog="benchmarks.keeping")
    words.add_argument("--rows", type=int, nargs="+", default=[100_000])
    words.add_argument("--databases", nargs="+", default=["sqlite", "postgres"], choices=["sqlite", "postgres"])
    given = words.parse_args()
    table = Table("database", "rows", "seal s", "prove s", "backup s", "MiB", "verify s", "restore s")
    for kind in given.databases:
        for rows in given.rows:
            with tempfile.TemporaryDirectory() as folder, database(kind, Path(folder)) as settings:
                bring_up_to_date(settings)
                table.add_row(kind, f"{rows:,}", *_measured(settings, rows, Path(folder)))
    Console(width=120).print(table)


def _measured(settings: Settings, rows: int, folder: Path) -> Iterator[str]:
    house = open_house(settings)
    _fill(house.database, rows // 2)
    yield _seconds(lambda: _seal(house))
    with house.database.session() as session:
        yield _seconds(lambda: _sound(chain.verify(session, NOW)))
    path = folder / "bench.backup"
    yield _seconds(lambda: backup.write(house.database, settings, path, house.clock))
    yield f"{path.stat().st_size / 2**20:.1f}"
    yield _seconds(lambda: backup.verify(path, settings))
    house.database.close()
    with _elsewhere(settings, folder) as there:
        over = there.database_url == settings.database_url
        yield _seconds(lambda: restore(path, there, lambda _session, _kept: None, NOW, over=over))


@contextmanager
def _elsewhere(settings: Settings, folder: Path) -> Iterator[Settings]:
    """Gives an empty SQLite file, or the same PostgreSQL database to be written over."""
    sqlite = settings.database_url.startswith("sqlite")
    yield replace(settings, database_url=f"sqlite:///{folder / 'again.db'}") if sqlite else settings


def _fill(into: Database, count: int) -> None:
    event = {
        "at": NOW,
        "name": "attempt.settled",
        "subject": "attempt",
        "actor_kind": "system",
        "data": {"before": "x"},
    }
    for start in range(0, count, LOT):
        lot = range(start, min(start + LOT, count))
        with into.transaction() as session:
            session.execute(insert(EventRow), [event | {"subject_id": number} for number in lot])
            post_many(session, [_entry(number) for number in lot], NOW)


def _entry(number: int) -> Entry:
    return Entry(key=f"J0b.{number}", kind="J0b", debit="A.psp", credit="A.bank", amount=100 + number, currency="GBP")


def _seal(house: House) -> None:
    while True:
        with house.database.transaction() as session:
            if not chain.seal(desk_over(house, session)):
                return


def _sound(verdict: chain.Verdict) -> None:
    assert verdict.wrong == []
    assert verdict.links


def _seconds(act: Callable[[], object]) -> str:
    begun = time.perf_counter()
    act()
    return f"{time.perf_counter() - begun:.2f}"


if __name__ == "__main__":
    main()

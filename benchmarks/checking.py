"""How long ``grants check`` takes: ``python -m benchmarks.checking [--journals 100000 1000000]``.

Every grant is awarded, sent and settled (J1, J2, J3: three journals of two lines each). The command is run as a user
types it, so its start is counted; the books alone are what a payment run asks before its first and after its last send.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.fill import NOW, fill, lots
from benchmarks.served import database, environment
from grants.app import desk_over, open_house
from grants.config import Settings
from grants.flow import check
from grants.ledger.book import Entry, post_many
from grants.model.engine import reading
from grants.web.edge import House

KINDS = (("J1", "F.1", "L.payable.{n}"), ("J2", "L.payable.{n}", "L.in_flight.{n}"), ("J3", "L.in_flight.{n}", "A.psp"))
"""The journals of one grant, in order: kind, debit, credit."""

AMOUNT = 150_00


def main() -> None:
    """Measures each database with so many journals."""
    words = argparse.ArgumentParser(prog="benchmarks.checking")
    words.add_argument("--journals", type=int, nargs="+", default=[100_000])
    words.add_argument("--databases", nargs="+", default=["sqlite", "postgres"], choices=["sqlite", "postgres"])
    given = words.parse_args()
    table = Table("database", "journals", "books s", "grants check s")
    for kind in given.databases:
        for journals in given.journals:
            with tempfile.TemporaryDirectory() as folder, database(kind, Path(folder)) as settings:
                table.add_row(kind, f"{journals:,}", *_measured(settings, journals))
    Console(width=120).print(table)


def _measured(settings: Settings, journals: int) -> Iterator[str]:
    size = journals // len(KINDS) + 1
    fill(settings, size, 0)
    house = open_house(settings)
    _post(house, size)
    with reading(), house.database.session() as session:
        began = time.monotonic()
        assert check.books(desk_over(house, session)) == []
        yield f"{time.monotonic() - began:.1f}"
    house.database.close()
    began = time.monotonic()
    subprocess.run([sys.executable, "-m", "grants", "check"], env=environment(settings), check=True)
    yield f"{time.monotonic() - began:.1f}"


def _post(house: House, size: int) -> None:
    for numbers in lots(range(1, size + 1)):
        with house.database.transaction() as session:
            for kind, debit, credit in KINDS:
                post_many(session, [_entry(kind, debit, credit, n) for n in numbers], NOW)
    with house.database.engine.begin() as connection:
        connection.exec_driver_sql("ANALYZE")


def _entry(kind: str, debit: str, credit: str, n: int) -> Entry:
    return Entry(
        key=f"{kind}.bench.{n}",
        kind=kind,
        debit=debit.format(n=n),
        credit=credit.format(n=n),
        amount=AMOUNT,
        currency="GBP",
        fund_id=1,
        grant_id=n,
        attempt_id=n if kind != "J1" else None,
    )


if __name__ == "__main__":
    main()

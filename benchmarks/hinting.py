"""How fast webhooks are taken while a run pays: ``python -m benchmarks.hinting [--seconds 60] [--rate 50]``.

Signed events are posted at an even pace over kept-open connections, three about each payment of an earlier run and
one of four about nothing that is looked up, while the server's own engine sends another run. Then it is timed how
long the look-ups that wait take.
"""

from __future__ import annotations

import argparse
import http.client
import json
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from rich.console import Console
from rich.table import Table
from sqlalchemy import func, select
from stripe import WebhookSignature

from benchmarks import paying
from benchmarks.fill import fill
from benchmarks.served import database, server
from grants.app import open_house
from grants.config import Settings
from grants.model.payments import Attempt, ProviderEvent
from grants.model.runs import Run

KINDS = ("created", "posted", "updated")
ABOUT = "v2.money_management.outbound_payment."
OTHERS = "v2.money_management.payout_method.updated"
CLIENTS = 4
LONGEST = 120.0
console = Console(width=150)


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of the messages: their times in seconds, how many were not answered by 2xx, and the drain."""

    times: list[float]
    bad: int
    seconds: float
    still_running: bool
    drained: float


def main() -> None:
    """Measures both databases and prints a row for each."""
    words = argparse.ArgumentParser(prog="benchmarks.hinting")
    words.add_argument("--seconds", type=float, default=60.0)
    words.add_argument("--rate", type=float, default=50.0)
    words.add_argument("--payments", type=int, default=600, help="in the run that is sent meanwhile")
    words.add_argument("--databases", nargs="+", default=["sqlite", "postgres"], choices=["sqlite", "postgres"])
    given = words.parse_args()
    table = Table(
        "database", "messages", "a second", "p50 ms", "p95 ms", "worst ms", "not 2xx", "run active", "drained s"
    )
    for kind in given.databases:
        with (
            tempfile.TemporaryDirectory() as folder,
            database(kind, Path(folder)) as plain,
            paying.with_standin(plain) as settings,
        ):
            made = _measure(kind, settings, given)
        ordered = sorted(made.times)
        shown = [1000 * ordered[int(len(ordered) * share)] for share in (0.5, 0.95)]
        figures = [f"{each:.1f}" for each in (len(ordered) / made.seconds, *shown, ordered[-1] * 1000)]
        still = "to the end" if made.still_running else "not to the end"
        table.add_row(kind, f"{len(ordered):,}", *figures, str(made.bad), still, f"{made.drained:.1f}")
    console.print(table)


def _measure(kind: str, settings: Settings, given: argparse.Namespace) -> Taken:
    fill(settings, 100, 10)
    events = int(given.seconds * given.rate)
    earlier = max(1, events // 4)
    paying.award(settings, earlier)
    with server(settings, 1 if kind == "sqlite" else 2):
        paying.seconds_until_finished(settings, paying.release(settings), most=600)
        bodies = _bodies(_references(settings), events)
        paying.award_more(settings, given.payments, 100_000)
        run_id = paying.release(settings)
        times, bad, took = _post(settings, bodies, given.rate)
        still = _running(settings, run_id)
        return Taken(times, bad, took, still, _drained(settings))


def _references(settings: Settings) -> list[str]:
    house = open_house(settings)
    with house.database.session() as session:
        found = list(session.scalars(select(Attempt.provider_reference).where(Attempt.provider_reference != "")))
    house.database.close()
    return found


def _bodies(references: list[str], events: int) -> list[str]:
    """Returns so many events: three about each payment in turn, and one that is about none."""
    bodies = []
    for number in range(events):
        part = number % (len(KINDS) + 1)
        about = references[(number // (len(KINDS) + 1)) % len(references)]
        kind = f"{ABOUT}{KINDS[part]}" if part < len(KINDS) else OTHERS
        event = {"id": f"evt_bench_{number}", "type": kind, "livemode": False, "related_object": {"id": about}}
        bodies.append(json.dumps(event))
    return bodies


def _post(settings: Settings, bodies: list[str], rate: float) -> tuple[list[float], int, float]:
    """Posts the events, each at its own moment; a time counts from that moment, so a queue of ours is counted too."""
    times: list[float] = []
    bad = [0]
    began = time.perf_counter()

    def client(first: int) -> None:
        where = urlsplit(settings.base_url)
        connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=60)
        for place in range(first, len(bodies), CLIENTS):
            moment = began + place / rate
            time.sleep(max(0.0, moment - time.perf_counter()))
            signature = WebhookSignature.generate_signature_header(bodies[place], settings.stripe_webhook_secret)
            connection.request("POST", "/webhooks/stripe", bodies[place], {"Stripe-Signature": signature})
            answer = connection.getresponse()
            answer.read()
            times.append(time.perf_counter() - moment)
            bad[0] += not 200 <= answer.status < 300
        connection.close()

    threads = [threading.Thread(target=client, args=(first,)) for first in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return times, bad[0], time.perf_counter() - began


def _running(settings: Settings, run_id: int) -> bool:
    house = open_house(settings)
    with house.database.session() as session:
        running = session.get_one(Run, run_id).finished_at is None
    house.database.close()
    return running


def _drained(settings: Settings) -> float:
    """Returns the seconds until every stored event was looked up."""
    house = open_house(settings)
    waiting = select(func.count(ProviderEvent.id)).where(ProviderEvent.handled_at.is_(None))
    began = time.perf_counter()
    while time.perf_counter() - began < LONGEST:
        with house.database.session() as session:
            if not session.scalar(waiting):
                break
        time.sleep(0.2)
    took = time.perf_counter() - began
    house.database.close()
    return took


if __name__ == "__main__":
    main()

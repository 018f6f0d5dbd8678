"""What one request costs a serving process: ``python -m benchmarks.spending``.

Processor time, not time on the clock, so that it can be told on a machine that others use too. Requests go straight to
the app of this process, made ready beforehand, ours and the bare one in turns; then the engine sends what was queued.
``--profile`` says where the time goes.
"""

from __future__ import annotations

import argparse
import cProfile
import logging
import pstats
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any
from wsgiref.types import WSGIApplication, WSGIEnvironment

from flask import Flask
from rich.console import Console
from rich.table import Table
from sqlalchemy import Engine, event, func, select
from werkzeug.test import EnvironBuilder

from benchmarks.bare import bare_app
from benchmarks.fill import Filled, fill
from benchmarks.load import TOKEN
from benchmarks.served import database
from grants.app import create_app, house_of
from grants.config import Settings
from grants.model.messages import OutboxMessage
from grants.serving import engine_for
from grants.web import logs

ROUND = 30
"""Requests to one app before it is the other one's turn."""

console = Console(width=130)


def main() -> None:
    """Measures each database."""
    words = argparse.ArgumentParser(prog="benchmarks.spending")
    words.add_argument("--databases", nargs="+", default=["sqlite", "postgres"], choices=["sqlite", "postgres"])
    words.add_argument("--requests", type=int, default=300)
    words.add_argument("--only", choices=["confirmation", "submission", "sending"])
    words.add_argument("--profile", action="store_true")
    given = words.parse_args()
    table = Table("database", "what", "ours ms", "statements", "bare ms", "share")
    for kind in given.databases:
        with tempfile.TemporaryDirectory() as folder, database(kind, Path(folder)) as settings:
            for row in _each(settings, given.requests, given.only, profile=given.profile):
                table.add_row(kind, *row)
    console.print(table)


def _each(settings: Settings, count: int, only: str | None, *, profile: bool) -> Iterator[tuple[str, ...]]:
    """Yields a row for each act, and one for the sending of what the submissions queued."""
    many = count + ROUND
    filled = fill(settings, 2 * many + 1, 2 * many + 1)
    with Path("/dev/null").open("w") as nowhere:
        logs.setup(stream=nowhere)
        ours, theirs = create_app(settings), bare_app(settings)
        for what, asks in _asks(ours, filled, many).items():
            if only in (None, what) or (only == "sending" and what == "submission"):
                with _counting(house_of(ours).database.engine) as seen, _profiled(f"our {what}" * profile) as looked:
                    spent, bare = _spent((ours, theirs), (asks[:many], asks[many:]), looked)
                yield what, f"{spent:.2f}", f"{seen[0] / many:.1f}", f"{bare:.2f}", f"{bare / spent:.0%}"
        if only in (None, "sending"):
            yield "sending one message", *_sending(ours)
        house_of(ours).database.close()
    logging.getLogger().handlers[:] = []


def _asks(app: Flask, filled: Filled, many: int) -> dict[str, list[WSGIEnvironment]]:
    """Returns the requests of each kind, twice as many as wanted: one half is for the bare app."""
    client = app.test_client()
    link, check = f"/r/{filled.links[-1]}", f"/apply/{filled.slug}/check"
    client.set_cookie("grants-draft", filled.drafts[-1])
    said, sent = (TOKEN.search(client.get(path).text) for path in (link, check))
    session = client.get_cookie("grants")
    if said is None or sent is None or session is None:
        raise SystemExit("a page has no form")
    kept = f"grants={session.value}"
    confirming = {"csrf_token": said[1], "said": "arrived"}
    return {
        "confirmation": [_post(f"/r/{each}", confirming, kept) for each in filled.links[: 2 * many]],
        "submission": [
            _post(check, {"csrf_token": sent[1]}, f"{kept}; grants-draft={each}") for each in filled.drafts[: 2 * many]
        ],
    }


def _post(path: str, form: dict[str, str], cookie: str) -> WSGIEnvironment:
    return EnvironBuilder(path, method="POST", data=form, headers={"Cookie": cookie}).get_environ()


@contextmanager
def _counting(engine: Engine) -> Iterator[list[int]]:
    """Counts the statements at an engine."""
    seen = [0]

    def count(*_given: Any) -> None:
        seen[0] += 1

    event.listen(engine, "before_cursor_execute", count)
    yield seen
    event.remove(engine, "before_cursor_execute", count)


def _spent(
    apps: Sequence[WSGIApplication], asks: Sequence[Sequence[WSGIEnvironment]], profile: cProfile.Profile | None
) -> list[float]:
    """Returns the milliseconds of processor time of a request of each app: the median of rounds, taken in turns."""
    rounds: list[list[float]] = [[] for _ in apps]
    for start in range(0, len(asks[0]), ROUND):
        for place, app in enumerate(apps):
            looking = profile if profile is not None and place == 0 and start else nullcontext()
            with looking:
                began = time.process_time()
                for ask in asks[place][start : start + ROUND]:
                    _answered(app, ask)
                rounds[place].append((time.process_time() - began) * 1000 / ROUND)
    return [statistics.median(each[1:]) for each in rounds]  # in the first one statements are compiled


def _answered(app: WSGIApplication, ask: WSGIEnvironment) -> None:
    statuses: list[str] = []

    def start(status: str, *_rest: Any) -> Callable[[bytes], object]:
        statuses.append(status)
        return statuses.append

    body = app(ask, start)
    b"".join(body)
    getattr(body, "close", lambda: None)()
    if not statuses[0].startswith("303"):
        raise SystemExit(f"{ask['PATH_INFO']} answered {statuses[0]}")


def _sending(app: Flask) -> tuple[str, ...]:
    """Lets the engine send what waits, and returns what one message cost, all threads of this process together."""
    house = house_of(app)
    waiting = _waiting(app)
    engine = engine_for(house)
    began, at = time.process_time(), time.perf_counter()
    with _counting(house.database.engine) as seen:
        engine.launch()
        while _waiting(app) and time.perf_counter() < at + 120:
            time.sleep(0.5)
        spent, took = time.process_time() - began, time.perf_counter() - at
    left = _waiting(app)
    engine.stop()
    done = max(1, waiting - left)
    return f"{spent * 1000 / done:.2f}", f"{seen[0] / done:.1f}", "", f"{done / took:.0f} a second, {left} left"


def _waiting(app: Flask) -> int:
    unsent = select(func.count()).where(OutboxMessage.sent_at.is_(None), OutboxMessage.send_after.is_(None))
    with house_of(app).database.session() as session:
        return session.scalar(unsent.where(OutboxMessage.gave_up_at.is_(None))) or 0


@contextmanager
def _profiled(name: str) -> Iterator[cProfile.Profile | None]:
    """Prints where the time of a piece of work went, when it has a name."""
    if not name:
        yield None
        return
    profile = cProfile.Profile(time.process_time)
    yield profile
    for order in ("cumulative", "tottime"):
        pstats.Stats(profile).sort_stats(order).print_stats(90)


if __name__ == "__main__":
    main()

"""A working process for the tests: ``worker.py DATABASE_URL NAME``. Works until it is told to stop, or killed.

Its jobs write in a table ``diary`` who did what. A worker called ``doomed`` never gets past the second
piece of the long job; it waits there to be killed.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any, cast

import structlog
from sqlalchemy import text

from grants.config import Settings
from grants.jobs.context import Again, Job, JobContext
from grants.jobs.engine import Engine, Retry
from grants.jobs.later import DbosLater
from grants.model.engine import Database

WRITE = text("INSERT INTO diary (who, what) VALUES (:who, :what)")


def settings_for(database_url: str) -> Settings:
    return Settings(
        home=Path("/nowhere"),
        database_url=database_url,
        secret_key="x" * 32,
        mode="test",
        lease_seconds=2,
        poll_seconds=0.1,
    )


def context_for(database: Database) -> JobContext:
    """These jobs need no desk: they write their diary straight away."""
    return JobContext(database, cast(Any, None), cast(Any, None))


def make_diary(database: Database) -> None:
    with database.transaction() as session:
        key = "SERIAL" if database.engine.name == "postgresql" else "INTEGER"
        session.execute(text(f"CREATE TABLE diary (id {key} PRIMARY KEY, who TEXT, what TEXT)"))


def diary(database: Database) -> list[tuple[str, str]]:
    with database.session() as session:
        return [(row.who, row.what) for row in session.execute(text("SELECT who, what FROM diary ORDER BY id"))]


class Hand:
    """The jobs, done by one named worker."""

    def __init__(self, who: str) -> None:
        self.who = who

    def jobs(self) -> dict[str, Job]:
        return {"note": self.note, "long": self.long, "stumble": self.stumble, "look": self.look, "hold": self.hold}

    def write(self, context: JobContext, what: str) -> None:
        with context.database.transaction() as session:
            session.execute(WRITE, {"who": self.who, "what": what})

    def note(self, context: JobContext, number: int) -> None:
        self.write(context, f"note {number}")

    def long(self, context: JobContext, pieces: int) -> None:
        """So many pieces, each a step that hands back its number; the end says what they add up to."""
        total = 0
        for number in range(1, pieces + 1):
            total += context.step(f"piece-{number}", partial(self.piece, context, number))
        self.write(context, f"total {total}")

    def piece(self, context: JobContext, number: int) -> int:
        self.write(context, f"piece {number}")
        while self.who == "doomed" and number == 2:
            time.sleep(0.05)
        return number

    def stumble(self, context: JobContext, times: int) -> None:
        """Fails in a step on its first so many tries, with an error whose text names somebody."""
        self.write(context, f"try {context.attempt}")
        if context.attempt <= times:
            context.step("trip", trip)

    def look(self, context: JobContext, times: int) -> None:
        """Looks, and asks to look again until it has looked so many times."""
        self.write(context, "look")
        if diary(context.database).count((self.who, "look")) < times:
            raise Again(0.1)

    def hold(self, context: JobContext, number: int) -> None:
        """Writes that it holds, and ends when somebody has written “go on”."""
        self.write(context, f"hold {number}")
        while "go on" not in [what for _, what in diary(context.database)]:
            time.sleep(0.02)
        self.write(context, f"held {number}")


def trip() -> None:
    raise OSError("amina@example.org was refused")


def engine_for(database: Database, who: str, hand: Hand | None = None, **more: Any) -> Engine:
    """An engine that tries three times, soon after one another."""
    jobs = (hand or Hand(who)).jobs()
    retry = Retry(times=3, first=0.1, factor=1)
    return Engine(settings_for(database.url), jobs, context_for(database), DbosLater(database.url), retry=retry, **more)


def work(database_url: str, who: str) -> None:
    database = Database(database_url)
    engine = engine_for(database, who)
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    told = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        told.set()

    signal.signal(signal.SIGTERM, stop)
    engine.launch()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    told.wait()
    quiet = engine.stop(patience=2)
    database.close()
    if not quiet:
        os._exit(3)


if __name__ == "__main__":
    work(sys.argv[1], sys.argv[2])

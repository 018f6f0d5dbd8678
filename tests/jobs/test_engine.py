"""The engine: work goes on after a crash, what fails is tried again and then seen, and nothing is lost."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import text

from grants.jobs.context import Job, JobContext
from grants.jobs.engine import Engine
from grants.jobs.failures import failed_jobs, forget_finished, let_go, try_once_more
from grants.jobs.later import DbosLater
from grants.model.engine import Database
from tests.jobs.worker import WRITE, Hand, diary, engine_for

WORKER = Path(__file__).with_name("worker.py")


def queue(database: Database, later: DbosLater, job: str, *ids: int) -> None:
    with database.transaction() as session:
        later.queue(session, job, *ids)


def write(database: Database, what: str) -> None:
    with database.transaction() as session:
        session.execute(WRITE, {"who": "test", "what": what})


def said(database: Database) -> list[str]:
    return [what for _, what in diary(database)]


def until(holds: Callable[[], object], database: Database) -> None:
    """Waits until it holds; fails with the diary after half a minute."""
    end = time.monotonic() + 30
    while not holds():
        if time.monotonic() > end:
            pytest.fail(f"waited in vain; the diary says {diary(database)}")
        time.sleep(0.02)


@contextmanager
def working(engine: Engine) -> Iterator[Engine]:
    engine.launch()
    try:
        yield engine
    finally:
        assert engine.stop()


@contextmanager
def process(database: Database, who: str) -> Iterator[subprocess.Popen[str]]:
    """Runs a worker in a process of its own, ready to work."""
    command = [sys.executable, str(WORKER), database.url, who]
    started = subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(WORKER.parents[2])}
    )
    try:
        assert started.stdout is not None
        assert started.stdout.readline() == "ready\n"
        yield started
    finally:
        started.kill()
        started.wait()


def test_a_job_of_a_killed_server_is_taken_over_by_the_next(database: Database, later: DbosLater) -> None:
    with process(database, "doomed") as server:
        queue(database, later, "long", 4)
        until(lambda: ("doomed", "piece 2") in diary(database), database)
        server.kill()
        server.wait()
    with process(database, "next"):
        until(lambda: ("next", "total 10") in diary(database), database)
    assert diary(database) == [
        ("doomed", "piece 1"),
        ("doomed", "piece 2"),  # under way when it was killed, so done again; piece 1 is not
        ("next", "piece 2"),
        ("next", "piece 3"),
        ("next", "piece 4"),
        ("next", "total 10"),
    ]


def test_a_job_of_a_killed_worker_is_taken_over_by_one_that_runs(database: Database, later: DbosLater) -> None:
    with process(database, "doomed") as worker:
        queue(database, later, "long", 3)
        until(lambda: ("doomed", "piece 2") in diary(database), database)
        with process(database, "second"), process(database, "third"):
            queue(database, later, "note", 1)
            until(lambda: "note 1" in said(database), database)
            assert said(database) == ["piece 1", "piece 2", "note 1"]  # the living keep their own work
            worker.kill()
            worker.wait()
            until(lambda: "total 6" in said(database), database)
    assert sorted(said(database)) == ["note 1", "piece 1", "piece 2", "piece 2", "piece 3", "total 6"]


def test_a_worker_told_to_stop_leaves_its_job_to_the_next(database: Database, later: DbosLater) -> None:
    with process(database, "first") as worker:
        queue(database, later, "hold", 1)
        until(lambda: "hold 1" in said(database), database)
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(timeout=30) == 3  # the job did not come to rest in time
    with process(database, "next") as worker:
        write(database, "go on")
        until(lambda: ("next", "held 1") in diary(database), database)
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(timeout=30) == 0


def test_a_job_between_two_steps_goes_on_elsewhere(database: Database, later: DbosLater) -> None:
    between = threading.Event()
    stopping = threading.Event()

    class Slow(Hand):
        def piece(self, context: JobContext, number: int) -> int:
            done = super().piece(context, number)
            if number == 2:
                between.set()
                stopping.wait(10)
            return done

    engine = engine_for(database, "first", Slow("first"))
    engine.launch()
    queue(database, later, "long", 4)
    assert between.wait(20)
    threading.Timer(0.2, stopping.set).start()
    assert engine.stop()
    with working(engine_for(database, "next")):
        until(lambda: "total 10" in said(database), database)
    assert diary(database) == [
        ("first", "piece 1"),
        ("first", "piece 2"),
        ("next", "piece 3"),
        ("next", "piece 4"),
        ("next", "total 10"),
    ]


def test_a_failed_job_is_tried_again_then_shown_and_can_be_tried_once_more(
    database: Database, later: DbosLater, caplog: pytest.LogCaptureFixture
) -> None:
    with working(engine_for(database, "one")):
        queue(database, later, "stumble", 2)
        until(lambda: said(database) == ["try 1", "try 2", "try 3"], database)
        queue(database, later, "stumble", 5)
        until(lambda: failed_jobs(later), database)
        [failed] = failed_jobs(later)
        assert (failed.job, failed.ids, failed.why) == ("stumble", (5,), "OSError")
        assert said(database)[3:] == ["try 1", "try 2", "try 3"]
        assert try_once_more(later, failed.name)
        until(lambda: len(said(database)) == 9 and failed_jobs(later), database)
        [again] = failed_jobs(later)
        assert let_go(later, again.name)
        assert failed_jobs(later) == []
        assert not try_once_more(later, again.name)
    kept = everything_kept(database)
    assert "OSError" in kept
    assert "amina" not in kept
    assert "amina" not in caplog.text


def everything_kept(database: Database) -> str:
    schema = "dbos." if database.engine.name == "postgresql" else ""
    with database.session() as session:
        rows = session.execute(text(f"SELECT error FROM {schema}operation_outputs WHERE error IS NOT NULL"))
        return str(rows.all())


def test_a_job_nobody_knows_is_shown_as_failed(database: Database, later: DbosLater) -> None:
    with working(engine_for(database, "one")):
        queue(database, later, "a job of a plugin that was removed", 1)
        until(lambda: failed_jobs(later), database)
    assert failed_jobs(later)[0].why == "LookupError"


def test_a_job_may_look_again_later(database: Database, later: DbosLater) -> None:
    with working(engine_for(database, "one")):
        queue(database, later, "look", 3)
        until(lambda: len(said(database)) == 3, database)
        queue(database, later, "note", 1)
        until(lambda: "note 1" in said(database), database)
    assert said(database) == ["look", "look", "look", "note 1"]
    assert failed_jobs(later) == []


def test_a_clocked_job_is_queued_once_in_its_time_whoever_looks(database: Database, later: DbosLater) -> None:
    class Clock(Hand):
        def jobs(self) -> dict[str, Job]:
            return {"ring": partial(self.note, number=0)} | super().jobs()

    def work_for_a_while(who: str, number: int) -> None:
        with working(engine_for(database, who, Clock(who), every={"ring": 10_000_000.0})):
            until(lambda: "note 0" in said(database), database)
            queue(database, later, "note", number)
            until(lambda: f"note {number}" in said(database), database)

    work_for_a_while("one", 1)
    work_for_a_while("two", 2)
    assert diary(database) == [("one", "note 0"), ("one", "note 1"), ("two", "note 2")]


def test_work_of_the_clock_is_forgotten_apart(database: Database, later: DbosLater) -> None:
    class Clock(Hand):
        def jobs(self) -> dict[str, Job]:
            return {"ring": partial(self.note, number=0)} | super().jobs()

    def done() -> list[str]:
        return sorted(row.workflow_id.partition(":")[0] for row in later.client.list_workflows(status="SUCCESS"))

    with working(engine_for(database, "one", Clock("one"), every={"ring": 10_000_000.0})):
        queue(database, later, "note", 1)
        until(lambda: len(done()) >= 3, database)
        forget_finished(later, 1, "ring")
        assert [name.partition("@")[0] for name in done()] == ["forget_finished_work", "note", "ring"]
        forget_finished(later, -1, "ring")
    assert [name.partition("@")[0] for name in done()] == ["forget_finished_work", "note"]


def test_finished_work_is_forgotten_and_failed_work_kept(database: Database, later: DbosLater) -> None:
    with working(engine_for(database, "one")):
        queue(database, later, "note", 1)
        queue(database, later, "stumble", 9)
        until(lambda: failed_jobs(later) and "note 1" in said(database), database)
        until(lambda: len(later.client.list_workflows(status="SUCCESS")) >= 4, database)
        forget_finished(later, 1)
        assert later.client.list_workflows(status="SUCCESS")
        forget_finished(later, -1)
    assert later.client.list_workflows(status="SUCCESS") == []
    assert len(failed_jobs(later)) == 1


@pytest.mark.parametrize("seconds", [(0.095, 0.1, 0.105), (0.11, 0.115, 0.12)], ids=["sooner", "later"])
def test_what_an_engine_claims_as_it_is_told_to_stop_is_left_to_the_next_without_a_word(
    database: Database, later: DbosLater, caplog: pytest.LogCaptureFixture, seconds: tuple[float, ...]
) -> None:
    """An engine looks at its queue after a tenth of a second."""
    for number, moment in enumerate(seconds):
        queue(database, later, "note", number)
        with working(engine_for(database, "one")):
            time.sleep(moment)
    with working(engine_for(database, "two")):
        until(lambda: {f"note {number}" for number in range(len(seconds))} == set(said(database)), database)
    errors = [record for record in caplog.records if record.name.startswith("dbos") and record.levelno >= logging.ERROR]
    assert [record.getMessage() for record in errors] == []


def test_nothing_is_lost_while_the_engine_works_in_the_same_database(database: Database, later: DbosLater) -> None:
    """800 additions by 16 threads, a job queued with every tenth, and the engine at work on them all the while."""
    with database.transaction() as session:
        session.execute(text("CREATE TABLE tally (number INTEGER NOT NULL)"))
        session.execute(text("INSERT INTO tally VALUES (0)"))
    lock = " FOR UPDATE" if database.engine.name == "postgresql" else ""

    def add(thread: int) -> None:
        for turn in range(50):
            with database.transaction() as session:
                before = session.execute(text(f"SELECT number FROM tally{lock}")).scalar_one()
                session.execute(text("UPDATE tally SET number = :n"), {"n": before + 1})
                if turn % 10 == 0:
                    later.queue(session, "note", thread * 1000 + turn)

    with working(engine_for(database, "one")), ThreadPoolExecutor(16) as pool:
        for done in [pool.submit(add, thread) for thread in range(16)]:
            done.result()
        until(lambda: len(said(database)) >= 80, database)
    with database.session() as session:
        assert session.execute(text("SELECT number FROM tally")).scalar_one() == 800
    assert len(set(said(database))) == len(said(database)) == 80
    assert failed_jobs(later) == []

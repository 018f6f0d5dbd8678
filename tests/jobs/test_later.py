"""Work for later is queued with the change that caused it, or not at all."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from grants.domain.later import Later
from grants.jobs.later import QUEUE, DbosLater
from grants.model.engine import Database, WroteWhileReading, reading
from tests.jobs.worker import WRITE, diary


def queued(later: DbosLater) -> list[list[object]]:
    rows = later.client.list_workflows(queue_name=QUEUE)
    return [list(row.input["args"]) for row in rows if row.input]


def test_it_is_what_the_flow_asks_for(later: DbosLater) -> None:
    asked: Later = later
    assert asked is later


def test_a_job_comes_with_the_change_that_caused_it(database: Database, later: DbosLater) -> None:
    with database.transaction() as session:
        session.execute(WRITE, {"who": "test", "what": "award"})
        later.queue(session, "pay", 7, 8)
    assert queued(later) == [["pay", [7, 8], 1]]
    assert diary(database) == [("test", "award")]


def test_no_commit_no_job(database: Database, later: DbosLater) -> None:
    with database.session() as session:
        session.execute(WRITE, {"who": "test", "what": "award"})
        later.queue(session, "pay", 7)
        session.rollback()
    assert queued(later) == []
    assert diary(database) == []


def test_the_same_work_waits_only_once(database: Database, later: DbosLater) -> None:
    with database.transaction() as session:
        for _ in range(3):
            later.queue(session, "pay", 7)
        later.queue(session, "pay", 8)
        session.execute(WRITE, {"who": "test", "what": "still here"})
    with database.transaction() as session:
        later.queue(session, "pay", 7)
        session.execute(WRITE, {"who": "test", "what": "and here"})
    assert queued(later) == [["pay", [7], 1], ["pay", [8], 1]]
    assert [what for _, what in diary(database)] == ["still here", "and here"]


def test_two_people_asking_at_once_queue_it_once(database: Database, later: DbosLater) -> None:
    def ask(number: int) -> None:
        with database.transaction() as session:
            session.execute(WRITE, {"who": "test", "what": f"ask {number}"})
            later.queue(session, "pay", 7)

    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(ask, number) for number in range(16)]:
            done.result()
    assert queued(later) == [["pay", [7], 1]]
    assert len(diary(database)) == 16


def test_jobs_are_given_ids_and_nothing_else(database: Database, later: DbosLater) -> None:
    with database.session() as session:
        for wrong in ("7", 7.0, True, None):
            with pytest.raises(TypeError, match="ids"):
                later.queue(session, "pay", wrong)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="session"):
        later.queue(object(), "pay", 7)
    assert queued(later) == []


def test_a_page_that_only_reads_queues_nothing(database: Database, later: DbosLater) -> None:
    with reading(), database.session() as session, pytest.raises(WroteWhileReading):
        later.queue(session, "pay", 7)
    assert queued(later) == []


def test_what_is_kept_is_plain_json(database: Database, later: DbosLater) -> None:
    with database.transaction() as session:
        later.queue(session, "pay", 7)
    schema = "dbos." if database.engine.name == "postgresql" else ""
    with database.session() as session:
        kept = session.execute(text(f"SELECT serialization, inputs FROM {schema}workflow_status")).one()
        if kept.inputs is None:
            moved = session.execute(text(f"SELECT inputs FROM {schema}workflow_input")).scalar_one()
        else:
            moved = kept.inputs
    assert kept.serialization == "portable_json"
    assert moved == '{"namedArgs":{},"positionalArgs":["pay",[7],1]}'

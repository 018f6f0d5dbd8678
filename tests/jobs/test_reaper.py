"""Taking over: only from the dead, only once, and not for ever."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text

from grants.jobs.failures import failed_jobs
from grants.jobs.later import DbosLater
from grants.jobs.reaper import MOST_RESUMED, Reaper
from grants.model.engine import Database


class Register:
    """A register of the living that a test writes itself."""

    def __init__(self, looks: int = 1) -> None:
        self.looks = looks
        self.alive: set[str] = set()

    def hold(self, executor: str) -> None:
        self.alive.add(executor)

    def keep(self) -> None: ...

    def release(self) -> None: ...

    @contextmanager
    def gone(self, executor: str) -> Iterator[bool]:
        yield executor not in self.alive


def under_way_at(database: Database, later: DbosLater, executor: str, *ids: int) -> None:
    """Queues jobs and marks all that wait as taken by an executor, as it does itself when it takes them."""
    schema = "dbos." if database.engine.name == "postgresql" else ""
    with database.transaction() as session:
        for number in ids:
            later.queue(session, "pay", number)
        take = f"UPDATE {schema}workflow_status SET status = 'PENDING', executor_id = :e WHERE status = 'ENQUEUED'"
        session.execute(text(take), {"e": executor})


def states(later: DbosLater) -> dict[int, str]:
    return {row.input["args"][1][0]: row.status for row in later.client.list_workflows() if row.input}


def test_jobs_of_the_dead_are_queued_again_and_of_the_living_not(database: Database, later: DbosLater) -> None:
    under_way_at(database, later, "dead", 1, 2)
    under_way_at(database, later, "living", 3)
    under_way_at(database, later, "me", 4)
    register = Register()
    register.hold("living")
    Reaper("me", register, later, {}).take_over()
    assert states(later) == {1: "ENQUEUED", 2: "ENQUEUED", 3: "PENDING", 4: "PENDING"}


def test_a_lock_that_was_free_for_one_look_only_means_nothing(database: Database, later: DbosLater) -> None:
    under_way_at(database, later, "away", 1)
    register = Register(looks=2)
    reaper = Reaper("me", register, later, {})
    reaper.take_over()
    register.hold("away")
    reaper.take_over()
    register.alive.clear()
    reaper.take_over()
    assert states(later) == {1: "PENDING"}
    reaper.take_over()
    assert states(later) == {1: "ENQUEUED"}


def test_a_job_that_kills_every_process_is_stopped_and_shown(database: Database, later: DbosLater) -> None:
    reaper = Reaper("me", Register(), later, {})
    under_way_at(database, later, "dead 0", 1)
    for death in range(1, MOST_RESUMED + 1):
        reaper.take_over()
        assert states(later) == {1: "ENQUEUED"}
        under_way_at(database, later, f"dead {death}")
    reaper.take_over()
    assert states(later) == {1: "CANCELLED"}
    [failed] = failed_jobs(later)
    assert (failed.job, failed.ids) == ("pay", (1,))
    assert "ended too often" in failed.why


def test_a_clocked_job_still_at_work_is_not_queued_over_itself(database: Database, later: DbosLater) -> None:
    with database.transaction() as session:
        later.queue(session, "reconcile")
    reaper = Reaper("me", Register(), later, {"reconcile": 10_000_000.0})
    reaper.queue_what_is_due()
    reaper.queue_what_is_due()
    assert len(later.client.list_workflows()) == 1

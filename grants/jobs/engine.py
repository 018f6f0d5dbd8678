"""The durable engine: runs queued jobs, tries again what failed, and takes over what a dead process left.

It keeps its own tables beside ours (SQLite) or in the schema ``dbos`` (PostgreSQL), over connections of
its own. Commands never launch it: they queue jobs and look after them through ``DbosLater``.
"""

from __future__ import annotations

import logging
import math
import os
import secrets
import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

import structlog
from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer
from sqlalchemy import make_url

from grants.config import Settings
from grants.jobs.context import Again, Done, Job, JobContext
from grants.jobs.failures import JobFailed, forget_finished, in_plain_words, where_it_broke
from grants.jobs.later import APPLICATION, QUEUE, VERSION, WORKFLOW, DbosLater, options
from grants.jobs.liveness import liveness_for, lives
from grants.jobs.reaper import Reaper
from grants.model.engine import make_engine

POSTGRESQL_SCHEMA = "dbos"

KEEP_DAYS = 30
"""How long finished work is remembered; failed work stays until somebody deals with it."""

KEEP_CLOCKED_DAYS = 1
"""How long finished work that the clock starts is remembered after its time: some of it ends every few seconds."""

TIDY = "forget_finished_work"

log = structlog.get_logger("grants.jobs")


class _Leaving(BaseException):
    """Ends a job between two steps when its process stops; another process goes on from there."""


@dataclass(frozen=True, slots=True)
class Retry:
    """How often a failed job is tried, and how long it waits: ``first`` seconds, then ``factor`` times longer."""

    times: int = 8
    first: float = 5.0
    factor: float = 3.0
    longest: float = 3600.0

    def pause(self, attempt: int) -> float:
        """Returns the seconds to wait after the given try (1 is the first)."""
        return min(self.longest, self.first * self.factor ** (attempt - 1))


class Engine:
    """The engine of one process. A process launches one, after any fork."""

    def __init__(
        self,
        settings: Settings,
        jobs: Mapping[str, Job],
        context: JobContext,
        later: DbosLater,
        *,
        every: Mapping[str, float] | None = None,
        retry: Retry | None = None,
    ) -> None:
        """``every`` names jobs without ids that are queued once in each so many seconds, whoever does it."""
        self.executor = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
        self._settings = settings
        self._context = context
        self._later = later
        self._retry = retry or Retry()
        self._jobs: dict[str, Job] = {**jobs, TIDY: self._tidy}
        self._liveness = liveness_for(settings.database_url, settings.lease_seconds)
        self._every = {TIDY: 86400.0, **(every or {})}
        self._reaper = Reaper(self.executor, self._liveness, later, self._every)
        self._leaving = threading.Event()
        self._running: set[str] = set()

    def launch(self) -> None:
        """Starts to work: takes this process's lock first, so that nobody takes its jobs for a dead one's."""
        prepare(self._settings.database_url)
        self._liveness.hold(self.executor)
        logger = logging.getLogger("dbos")
        if not logger.handlers:  # else the engine would add a console of its own
            logger.addHandler(logging.NullHandler())
        self._dbos = DBOS(config=self._config())
        DBOS.workflow(name=WORKFLOW, max_recovery_attempts=None)(self._workflow())
        self._later.client.register_queue(
            QUEUE,
            worker_concurrency=self._settings.workers,
            polling_interval_sec=self._settings.poll_seconds,
        )
        DBOS.launch()
        self._reaper.start()

    def stop(self, patience: float = 10.0) -> bool:
        """Stops taking work, waits for steps under way, and returns whether all came to rest in ``patience`` seconds.

        A job between two steps is left where it is, for the next process. If the answer is False some
        step still runs: the lock is kept until this process ends, and then another takes the job over.
        """
        self._reaper.stop()
        self._leaving.set()
        self._claim_no_more(patience)
        DBOS.destroy(destroy_registry=True, workflow_completion_timeout_sec=math.ceil(patience) if self._running else 0)
        if self._running:
            log.warning("jobs_left_running", count=len(self._running))
            return False
        self._liveness.release()
        return True

    def _claim_no_more(self, patience: float) -> None:
        """Ends the looks at the queue first: what they claimed while the engine is taken down nobody would start."""
        for told in self._dbos.background_thread_stop_events:
            told.set()
        for thread in threading.enumerate():
            if thread.name.endswith("(queue_thread)"):  # it joins those that look for it
                thread.join(patience)

    def _config(self) -> DBOSConfig:
        return {
            "name": APPLICATION,
            "system_database_url": self._settings.database_url,
            "sys_db_pool_size": self._settings.workers + 6,
            "serializer": DBOSPortableJSONSerializer(),
            "application_version": VERSION,
            "executor_id": self.executor,
            "log_level": "WARNING",
            "enable_otlp": False,
            "notification_listener_polling_interval_sec": 0.5,
        }

    def _workflow(self) -> Callable[[str, list[int], int], str]:
        def perform(job: str, ids: list[int], attempt: int) -> str:
            known_by = DBOS.workflow_id or ""
            self._running.add(known_by)
            try:
                return self._perform(known_by, job, ids, attempt)
            finally:
                self._running.discard(known_by)

        return perform

    def _perform(self, known_by: str, job: str, ids: list[int], attempt: int) -> str:
        """Runs one try of a job and returns how it went; the last failed try raises JobFailed."""
        if self._leaving.is_set():
            raise _Leaving
        try:
            if job not in self._jobs:
                raise LookupError(f"no job is called {job}")
            self._jobs[job](self._context_for(attempt), *ids)
            return "done"
        except Again as again:
            self._queue_again(known_by, job, ids, attempt, again.seconds)
            return str(again)
        except Exception as error:
            if self._leaving.is_set():
                raise _Leaving from None
            words = in_plain_words(error)
            log.warning("job_failed", job=job, ids=ids, attempt=attempt, why=words, where=where_it_broke(error))
            if attempt >= self._retry.times:
                raise JobFailed(words) from None
            self._queue_again(known_by, job, ids, attempt + 1, self._retry.pause(attempt))
            return f"failed: {words}"

    def _context_for(self, attempt: int) -> JobContext:
        """Returns what one try is given; each has a name of its own, so that no two are taken for one."""
        me = f"{self.executor}#{secrets.token_hex(3)}"
        there = partial(lives, self._settings.database_url)
        return replace(self._context, attempt=attempt, remember=self._remember, worker=me, lives=there)

    def _remember(self, name: str, act: Callable[[], Done]) -> Done:
        """Does a step and keeps its result. An error goes on to the job whole, to the tables without its text."""
        if self._leaving.is_set():
            raise _Leaving
        raised: list[Exception] = []

        def without_text() -> Done:
            try:
                return act()
            except Exception as error:
                raised.append(error)
                raise JobFailed(in_plain_words(error)) from None

        try:
            return DBOS.run_step({"name": name}, without_text)
        except JobFailed as failed:
            raise raised[0] if raised else failed from None

    def _tidy(self, _context: JobContext) -> None:
        for job, seconds in self._every.items():
            forget_finished(self._later, KEEP_CLOCKED_DAYS + math.ceil(seconds / 86400), job)
        forget_finished(self._later, KEEP_DAYS)

    def _queue_again(self, known_by: str, job: str, ids: list[int], attempt: int, seconds: float) -> None:
        """Queues the next try, under a name made from this one's, so that a crash here cannot queue it twice.

        The step before it is no more than the question whether this try is still ours: if another process took the
        job over while this one slept, the engine ends us there, and nothing is queued beside it.
        """
        DBOS.run_step({"name": "still ours"}, _nothing)
        root, _, number = known_by.partition("~")
        wanted = options(job, tuple(ids), name=f"{root}~{int(number or 1) + 1}")
        del wanted["deduplication_id"]  # this try holds it until it ends
        self._later.client.enqueue({**wanted, "delay_seconds": seconds}, job, ids, attempt)


def _nothing() -> None:
    """Does nothing, as a step: only to have the engine look whether the job is still ours."""


def prepare(database_url: str) -> None:
    """Makes the engine's tables, or brings them up to date; safe to repeat, and quick when nothing is to do."""
    if make_url(database_url).get_backend_name() == "sqlite":
        engine = make_engine(database_url)  # turns WAL on before the engine's first connection
        engine.connect().close()
        engine.dispose()
    DBOS.migrate(database_url)

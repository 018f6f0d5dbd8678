"""Looks round once a second: takes over what a dead process left, and queues what is due by the clock."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Mapping

import structlog
from dbos import WorkflowStatus

from grants.jobs.later import QUEUE, WORKFLOW, AlreadyQueued, DbosLater, options
from grants.jobs.liveness import Displaced, Liveness

LOOK_SECONDS = 1.0

MOST_RESUMED = 20
"""After this many processes died over one job it is stopped and shown among the failed ones."""

log = structlog.get_logger("grants.jobs")


class Reaper:
    """One thread of a working process. Every call on the engine it makes is outside any session."""

    def __init__(self, executor: str, liveness: Liveness, later: DbosLater, every: Mapping[str, float]) -> None:
        self._executor = executor
        self._liveness = liveness
        self._later = later
        self._every = every
        self._last: dict[str, int] = {}
        self._free: Counter[str] = Counter()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._look_round, name="grants-reaper", daemon=True)

    def start(self) -> None:
        """Looks round at once, and then each second."""
        self._thread.start()

    def stop(self) -> None:
        """Stops looking, and returns when the last look has ended."""
        self._stopping.set()
        self._thread.join(timeout=10)

    def _look_round(self) -> None:
        while True:
            for look in (self._liveness.keep, self.take_over, self.queue_what_is_due):
                try:
                    look()
                except Displaced as displaced:
                    log.error("displaced", why=str(displaced))
                    os.kill(os.getpid(), signal.SIGTERM)  # stop in good order, at once
                    return
                except Exception as error:  # the database may be away for a while: look again in a second
                    log.warning("look_failed", look=look.__name__, error=type(error).__name__)
            if self._stopping.wait(LOOK_SECONDS):
                return

    def take_over(self) -> None:
        """Puts the jobs of executors whose lock is free back into the queue, at their last step."""
        rows = self._under_way()
        owners = {row.executor_id for row in rows if row.executor_id} - {self._executor}
        self._free = Counter({owner: seen for owner, seen in self._free.items() if owner in owners})
        for owner in owners:
            with self._liveness.gone(owner) as gone:
                self._free[owner] = self._free[owner] + 1 if gone else 0
                if self._free[owner] >= self._liveness.looks:
                    self._resume([row for row in self._under_way(owner) if row.executor_id == owner])

    def queue_what_is_due(self) -> None:
        """Queues each clocked job once for each stretch of its time, whichever process comes first."""
        for job, seconds in self._every.items():
            stretch = int(time.time() // seconds)
            if self._last.get(job) == stretch:
                continue
            try:
                self._later.client.enqueue(options(job, (), name=f"{job}@{stretch}"), job, [], 1)
            except AlreadyQueued:
                log.info("still_at_it", job=job)
            self._last[job] = stretch

    def _under_way(self, owner: str | None = None) -> list[WorkflowStatus]:
        return self._later.client.list_workflows(
            status="PENDING", name=WORKFLOW, executor_id=owner, load_input=False, load_output=False
        )

    def _resume(self, rows: list[WorkflowStatus]) -> None:
        """Resumes jobs while their dead owner's lock is ours, so that no second process does the same."""
        client = self._later.client
        back = []
        for row in rows:
            times = int((row.attributes or {}).get("resumed", 0)) + 1
            if times > MOST_RESUMED:
                client.cancel_workflow(row.workflow_id)
                log.error("job_stopped", workflow=row.workflow_id, deaths=times)
            else:
                client.update_workflow_attributes(row.workflow_id, {"resumed": times})
                back.append(row.workflow_id)
        if back:
            client.resume_workflows(back, queue_name=QUEUE)
            log.warning("jobs_taken_over", count=len(back), executor=rows[0].executor_id)

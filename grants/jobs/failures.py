"""Jobs that failed for good: seen, tried once more, or let go; and finished work, forgotten in time."""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from dbos import PortableWorkflowError

from grants.domain.errors import Refusal
from grants.jobs.later import WORKFLOW, DbosLater, options

FAILED = ["ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"]


class JobFailed(Exception):
    """Says that a job failed on its last try, and why, without personal data."""


@dataclass(frozen=True, slots=True)
class FailedJob:
    """A job that is not tried again by itself; ``why`` holds no personal data, ``at`` is UTC."""

    name: str
    job: str
    ids: tuple[int, ...]
    why: str
    at: datetime


def failed_jobs(later: DbosLater, limit: int = 100) -> list[FailedJob]:
    """Returns the jobs that failed for good, newest first. Not to be called inside an open session."""
    found = later.client.list_workflows(status=FAILED, name=WORKFLOW, limit=limit, sort_desc=True)
    return [_read(row) for row in found]


def try_once_more(later: DbosLater, name: str) -> bool:
    """Queues a failed job anew with all its tries, and returns False when there is none of that name."""
    found = later.client.list_workflows(workflow_ids=[name], status=FAILED, name=WORKFLOW)
    for row in found:
        failed = _read(row)
        fresh = options(failed.job, failed.ids, name=f"{name.partition('~')[0]}+")
        del fresh["deduplication_id"]
        later.client.enqueue(fresh, failed.job, list(failed.ids), 1)
        later.client.delete_workflow(name)
    return bool(found)


def let_go(later: DbosLater, name: str) -> bool:
    """Forgets a failed job, and returns False when there is none of that name."""
    found = later.client.list_workflows(workflow_ids=[name], status=FAILED, name=WORKFLOW)
    for row in found:
        later.client.delete_workflow(row.workflow_id)
    return bool(found)


def forget_finished(later: DbosLater, days: int, job: str = "") -> None:
    """Removes the record of work that ended well more than so many days ago; with ``job`` what the clock started."""
    prefix = f"{job}@" if job else None
    before = (datetime.now(UTC) - timedelta(days=days)).isoformat()
    while True:
        old = later.client.list_workflows(
            status="SUCCESS",
            completed_before=before,
            workflow_id_prefix=prefix,
            limit=500,
            load_input=False,
            load_output=False,
        )
        if not old:
            return
        later.client.delete_workflows([row.workflow_id for row in old])


def in_plain_words(error: Exception) -> str:
    """Returns what went wrong: a refusal's own words, for anything else its kind alone (texts may name people)."""
    return error.message if isinstance(error, Refusal | PortableWorkflowError) else type(error).__name__


def where_it_broke(error: Exception) -> list[str]:
    """Returns the last places in the code, innermost last, as ``file:line name``; no values."""
    frames = traceback.extract_tb(error.__traceback__)[-4:]
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]


def _read(row: Any) -> FailedJob:
    job, ids, _attempt = row.input["args"]
    error = row.error
    why = str(error) if error is not None else "It was stopped: its process ended too often while it ran."
    return FailedJob(row.workflow_id, job, tuple(ids), why, datetime.fromtimestamp(row.updated_at / 1000, UTC))

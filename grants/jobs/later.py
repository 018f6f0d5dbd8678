"""Queues jobs in the transaction that caused them: no commit, no job.

Inside an open session the only call made on the engine is ``enqueue_in_transaction``: any other waits for
the very lock that the session holds. A rule test watches over this.
"""

from __future__ import annotations

import secrets
import threading
from contextlib import nullcontext

from dbos import DBOSClient, DBOSPortableJSONSerializer, EnqueueOptions, error
from sqlalchemy import Connection
from sqlalchemy.orm import Session

APPLICATION = "grants"
VERSION = "grants"
"""One version for ever: installing a plugin or a new release strands no job."""

QUEUE = "grants"
WORKFLOW = "perform"

AlreadyQueued = error.DBOSQueueDeduplicatedError


class DbosLater:
    """Queues jobs in the same database; connects when first used."""

    def __init__(self, database_url: str) -> None:
        self._url = database_url
        self._client: DBOSClient | None = None
        self._lock = threading.Lock()

    @property
    def client(self) -> DBOSClient:
        """The engine's client, for looking after work from outside any session."""
        with self._lock:
            if self._client is None:
                self._client = DBOSClient(
                    system_database_url=self._url,
                    serializer=DBOSPortableJSONSerializer(),
                    application_name=APPLICATION,
                    system_database_pool_size=3,
                    lazy=True,
                )
            return self._client

    def queue(self, session: object, job: str, *ids: int) -> None:
        """Queues the named job with ids as its only arguments, within the session's transaction.

        A job with the same ids that is already waiting or running is not queued again. Raises
        TypeError for anything that is not an id, and for a session that is none.
        """
        if not isinstance(session, Session | Connection):
            raise TypeError("a job is queued in a session of the database")
        connection = session.connection() if isinstance(session, Session) else session
        # What PostgreSQL refuses ends the whole transaction; SQLite takes back that one statement by itself.
        apart = nullcontext() if connection.dialect.name == "sqlite" else connection.begin_nested()
        try:
            with apart:
                self.client.enqueue_in_transaction(connection, options(job, ids), job, list(ids), 1)
        except AlreadyQueued:
            return

    def close(self) -> None:
        """Closes the connections of the client."""
        with self._lock:
            if self._client is not None:
                self._client.destroy()
                self._client = None


def options(job: str, ids: tuple[int, ...], *, name: str = "") -> EnqueueOptions:
    """Returns how a job is queued: known by its name and ids while it waits and runs, by ``name`` ever after.

    Without a name a fresh one is made, so that the same work can be queued again once it has ended.
    """
    if any(type(number) is not int for number in ids):
        raise TypeError(f"{job}: a job is given ids, never the things themselves")
    known_by = f"{job}:{','.join(map(str, ids))}"
    return {
        "workflow_name": WORKFLOW,
        "queue_name": QUEUE,
        "workflow_id": name or f"{known_by}:{secrets.token_hex(6)}",
        "deduplication_id": known_by,
        "app_version": VERSION,
    }

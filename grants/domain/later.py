"""Work for later: what flow may ask of the engine without knowing it."""

from __future__ import annotations

from typing import Protocol


class Later(Protocol):
    """Queues a job in the transaction that caused it: no commit, no job."""

    def queue(self, session: object, job: str, *ids: int) -> None:
        """Queues the named job with ids as its only arguments; the same job and ids run once at a time."""


class Nothing:
    """Queues nothing: for pages that only read and for tests that run jobs by hand."""

    def queue(self, session: object, job: str, *ids: int) -> None:
        """Forgets the job."""


class Notebook:
    """Remembers what was queued, so that a test or a command can run it in its own time."""

    def __init__(self) -> None:
        self.jobs: list[tuple[str, tuple[int, ...]]] = []

    def queue(self, session: object, job: str, *ids: int) -> None:
        """Writes the job down."""
        self.jobs.append((job, ids))

"""The job that looks up a code from a letter, after the page said thank you to every code alike."""

from __future__ import annotations

from grants.flow import codes
from grants.jobs.context import JobContext


def take_code(context: JobContext, number: int) -> None:
    """Looks up one typed code and does what it said; an unknown one is dropped without a word."""
    with context.desk() as desk:
        codes.take(desk, number)

"""The chain, kept by the clock: rows are sealed, heads go where the database is not."""

from __future__ import annotations

from collections.abc import Mapping

from grants.flow import chain
from grants.flow.chain.sealing import LOT
from grants.jobs.context import Job, JobContext
from grants.model.engine import reading


def seal_chain(context: JobContext) -> None:
    """Seals what was committed since, lot by lot."""
    while True:
        with context.desk() as desk:
            if chain.seal(desk) < LOT:
                return


def export_head(context: JobContext) -> None:
    """Looks everywhere for rows that came late, seals them, and adds the newest head to its file."""
    with context.desk() as desk:
        chain.seal(desk, sweep=True)
    with reading(), context.desk() as desk:
        chain.append_head(desk)


def mail_head(context: JobContext) -> None:
    """Writes the newest head to the trustees."""
    with context.desk() as desk:
        chain.mail_head(desk)


JOBS: Mapping[str, Job] = {"seal_chain": seal_chain, "export_head": export_head, "mail_head": mail_head}

EVERY: Mapping[str, float] = {"seal_chain": 5.0, "export_head": 3600.0, "mail_head": 7 * 86400.0}

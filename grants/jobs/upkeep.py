"""Upkeep: what time alone brings about: asks that lapse, what is no longer kept, listeners who hear."""

from __future__ import annotations

from grants.flow import assure, confirm, helping, issue
from grants.flow.controls import fingerprints
from grants.flow.controls.look_back import draw_due
from grants.flow.drafts import sweep
from grants.flow.forget import forget_due
from grants.flow.forget_told import WORDS_DAYS
from grants.flow.pay import changes
from grants.flow.tell import note, tell_all, waiting
from grants.jobs.context import JobContext
from grants.keeping.scrub import scrub
from grants.model.engine import reading

LOT = 500
"""How many of a kind are looked at in one transaction."""

FEW = 50
"""How many people are told in one transaction: each takes several statements."""


def lapse_asks(context: JobContext) -> None:
    """Lets go of asks whose time has passed; nobody is blamed."""
    while True:
        with context.desk() as desk:
            if confirm.lapse_due(desk, LOT) < LOT:
                return


def tell_asks(context: JobContext) -> None:
    """Tells people of what is due, once, and reminds them as declared; only in a safe way."""
    while True:
        with context.desk() as desk:
            if confirm.tell_due(desk, FEW) < FEW:
                return


def remind_helpers(context: JobContext) -> None:
    """Reminds who has a call for help whose promised day is over, then the independent reader, once each."""
    while True:
        with context.desk() as desk:
            if helping.remind_late(desk, FEW) < FEW:
                return


def forget_drafts(context: JobContext) -> None:
    """Forgets half-typed applications, and pictures that were never sent, when they were left alone for a day."""
    with context.desk() as desk:
        sweep(desk)
        confirm.receipts.forget_pictures(desk, WORDS_DAYS, LOT)


def forget(context: JobContext) -> None:
    """Forgets what was kept as long as we said, lot by lot."""
    while True:
        with context.desk() as desk:
            if forget_due(desk, LOT) < LOT:
                return


def scrub_log(context: JobContext, *_person: int) -> None:
    """Empties the log beside a SQLite file, so that what was erased or forgotten is in no file any more."""
    scrub(context.database)


def issue_statements(context: JobContext) -> None:
    """Issues the statements whose time has come."""
    with context.desk() as desk:
        issue.issue_due(desk)


def propose_samples(context: JobContext) -> None:
    """Proposes, as a task, to draw the samples that terms speak of."""
    with context.desk() as desk:
        assure.propose_due(desk)


def apply_changes(context: JobContext) -> None:
    """Uses new bank details whose day of waiting is over, and lets go of what nobody agreed to."""
    while True:
        with context.desk() as desk:
            if changes.apply_due(desk, FEW) < FEW:
                return


def mark_accounts(context: JobContext) -> None:
    """Gives bank details that have none a fingerprint, so that accounts can be compared without opening them."""
    while True:
        with context.desk() as desk:
            if fingerprints.mark_unmarked(desk, LOT) == 0:
                return


def look_back(context: JobContext) -> None:
    """Draws, for each month that has ended, the decisions that trustees look back at."""
    with context.desk() as desk:
        draw_due(desk)


def tell(context: JobContext) -> None:
    """Tells the plugins that listen of what happened since; nobody waits for the database while they listen."""
    while True:
        with reading(), context.desk() as desk:
            events = waiting(desk, LOT)
        told = tell_all(context.catalogue, events)
        with context.desk() as desk:
            if note(desk, told) < LOT:
                return

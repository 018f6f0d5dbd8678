"""Upkeep: what time alone brings about: asks that lapse, drafts that are forgotten, listeners who hear."""

from __future__ import annotations

from grants.flow import confirm
from grants.flow.drafts import sweep
from grants.flow.tell import tell_observers
from grants.jobs.context import JobContext

LOT = 500
"""How many of a kind are looked at in one transaction."""


def lapse_asks(context: JobContext) -> None:
    """Lets go of asks whose time has passed; nobody is blamed."""
    while True:
        with context.desk() as desk:
            if confirm.lapse_due(desk, LOT) < LOT:
                return


def forget_drafts(context: JobContext) -> None:
    """Forgets half-typed applications that were left alone for a day."""
    with context.desk() as desk:
        sweep(desk)


def tell(context: JobContext) -> None:
    """Tells the plugins that listen of what happened since."""
    while True:
        with context.desk() as desk:
            if tell_observers(desk, LOT) < LOT:
                return

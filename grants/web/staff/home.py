"""Today: what waits for this worker, oldest first."""

from __future__ import annotations

from flask import render_template

from grants.flow import confirm, find, waiting
from grants.flow.pay.due import due_totals
from grants.flow.readers import NOBODY, readers
from grants.web.edge import desk_for_request
from grants.web.guard import needs
from grants.web.staff.door import door

FIRST = 5
"""So many of the oldest applications are shown at once."""


@door.get("/")
@needs("staff.read")
def home() -> str:
    """Shows what waits: applications, proposals for a second person, tasks, payments due."""
    desk = desk_for_request()
    may = desk.actor.may
    reads = may("apply.read") or may("referral.read")
    return render_template(
        "staff/home.html",
        reads=reads,
        waiting=waiting.applications(desk) if reads else None,
        oldest=find.applications(desk, limit=FIRST).rows if reads else (),
        proposals=find.proposals(desk, FIRST) if may("decide.second") else (),
        proposed=waiting.proposals(desk) if may("decide.second") else None,
        tasks=waiting.tasks(desk) if may("task.take") else None,
        due=due_totals(desk) if may("pay.read") else (),
        held=confirm.undecided(desk) if may("grant.act") else (0, 0),
        no_reader="" if desk.actor.kind == "partner" or readers(desk) else NOBODY,
        helping=len(confirm.asked_of_helpers(desk, limit=waiting.MOST)) if desk.actor.kind == "partner" else 0,
    )

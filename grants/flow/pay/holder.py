"""Who sends a run: one worker at a time, until it lets the run go, or is gone and another takes it over.

The name in the run is also the fence: a worker that slept while another took over finds a name that is not its own,
in the same transaction in which it would have marked or recorded something, and does neither.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select

from grants.domain.errors import Refusal
from grants.flow.desk import Desk
from grants.model.runs import Run

GOING = ("released", "running")
"""The states in which a run has somebody who sends it."""


class TakenOver(Refusal):
    """Says that another worker sends this run by now: nothing more is sent or recorded by this one."""


def held(desk: Desk, run_id: int, by: str = "") -> Run:
    """Returns a run, held until the end of the transaction; raises TakenOver when it is not ``by``'s to send any more.

    Nobody named (jobs run by hand, people) is not asked.
    """
    found = select(Run).where(Run.id == run_id).with_for_update()
    run = desk.session.scalars(found.execution_options(populate_existing=True)).one()
    if by and run.held_by != by:
        raise TakenOver("run.taken_over", f"Payment run {run_id} was taken over by {process_of(run.held_by)}.")
    return run


def take(desk: Desk, run_id: int, by: str, lives: Callable[[str], bool]) -> None:
    """Makes a worker the one who sends this run; raises Refusal ``run.held``, naming the other, while another does.

    ``lives`` tells whether a process is still there. What an earlier try of the same process left is taken over.
    """
    run = held(desk, run_id)
    if run.state not in GOING:
        return
    other = process_of(run.held_by)
    if other and other != process_of(by) and lives(other):
        raise Refusal("run.held", f"Payment run {run_id} is being sent by {other} already. Nothing was begun twice.")
    run.held_by = by


def let_go(desk: Desk, run_id: int, by: str) -> None:
    """Lets a run go, so that whoever comes next may send what is left of it."""
    run = held(desk, run_id)
    if run.held_by == by:
        run.held_by = ""


def process_of(worker: str) -> str:
    """Returns the name of the process in a worker's name: ``host-pid-number``, without the try after the ``#``."""
    return worker.partition("#")[0]

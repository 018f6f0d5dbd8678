"""The freeze: after a backup was put back nothing is paid until what the providers made since is in the books.

A reconcile ends it when everything that they hold is matched; for what cannot be matched two people end it
together, with a reason. What is given to people or to the bank by hand no provider can list: that is a task.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import exists, select

from grants.domain.errors import NotAllowed, Refusal
from grants.flow.desk import Desk
from grants.flow.opening import close_tasks
from grants.flow.pay import people
from grants.flow.step import record
from grants.model.safety import Freeze
from grants.model.tasks import Task
from grants.offers import Rail

BEFORE = timedelta(hours=48)
"""How long before the backup the providers’ lists are read: what was under way then may have ended since."""

TASK = "restored"
"""The task of a freeze, closed when it ends."""

BY_HAND = "restored_by_hand"
"""The task to look up what was paid by hand, or given to the bank as a file, after the backup was made."""


def frozen(desk: Desk) -> Freeze | None:
    """Returns the freeze that is open, or None."""
    return desk.session.scalar(select(Freeze).where(Freeze.lifted_at.is_(None)).order_by(Freeze.id).limit(1))


def refuse_frozen(desk: Desk, rail: str = "") -> None:
    """Raises Refusal ``pay.frozen`` while a freeze is open.

    For a ``rail`` whose provider cannot say what it holds also Refusal ``pay.unlooked``, until somebody has looked.
    """
    freeze = frozen(desk)
    if freeze is not None:
        raise Refusal("pay.frozen", words(freeze))
    if rail and not provable(desk, rail) and _unlooked(desk):
        told = "First look up what was paid or given to the bank after the backup was made. Then close that task."
        raise Refusal("pay.unlooked", told)


def words(freeze: Freeze) -> str:
    """Returns why nothing is paid now, and what ends that."""
    return (
        f"Paying is stopped: {freeze.why} What was paid after {moment(freeze.since)} is not in our books yet. "
        "It ends by itself when “grants reconcile” has found everything, or when two people say why it may end."
    )


def moment(at: datetime) -> str:
    """Returns a time as people say it, in UTC."""
    return f"{at.day} {at:%B %Y, %H:%M} UTC"


def provable(desk: Desk, slug: str) -> bool:
    """Returns whether a rail’s provider can list what it holds."""
    rail = desk.catalogue.rails.get(slug)
    return rail is not None and type(rail).since is not Rail.since


def looked(desk: Desk, freeze: Freeze, left: int, *, whole: bool) -> bool:
    """Notes that a reconcile has read what the providers hold; ends the freeze when nothing is left, and says whether.

    ``left`` is how many things did not fit, ``whole`` whether every provider answered to the end.
    """
    freeze.looked_at = desk.now()
    freeze.left = left
    record(desk, "freeze.looked_at", "freeze", freeze.id, left=left, whole=int(whole))
    if left or not whole:
        return False
    _end(desk, freeze, "Everything that the payment services hold is in our books.", by=None)
    return True


def ask_to_end(desk: Desk, why: str) -> None:
    """Asks a second person to end the freeze although not everything is matched; says why."""
    worker = desk.need("pay.release", "Your role does not include this. Ask finance or a manager.")
    freeze = _open(desk)
    if not why.strip():
        raise Refusal("why.missing", "Say why, in a few words.", "why")
    freeze.asked_by = worker
    freeze.asked_why = why.strip()
    record(desk, "freeze.end_asked", "freeze", freeze.id, why.strip())


def agree_to_end(desk: Desk) -> None:
    """Ends the freeze, as the second person."""
    freeze = _open(desk)
    if freeze.asked_by is None:
        raise Refusal("freeze.not_asked", "Somebody first has to say why paying may go on.")
    others = [freeze.asked_by]
    worker = desk.need(
        "pay.release", f"Your role does not include this. {people.somebody(desk, 'pay.release', others)}"
    )
    if worker == freeze.asked_by:
        told = f"You asked for this, so somebody else agrees. {people.somebody(desk, 'pay.release', others)}"
        raise NotAllowed("freeze.same_person", told)
    _end(desk, freeze, freeze.asked_why, by=worker)


def _end(desk: Desk, freeze: Freeze, why: str, *, by: int | None) -> None:
    freeze.lifted_at = desk.now()
    freeze.lifted_by = by
    record(desk, "freeze.ended", "freeze", freeze.id, why, asked_by=freeze.asked_by, left=freeze.left)
    close_tasks(desk, (TASK,), "freeze", freeze.id, "Paying goes on.")


def _open(desk: Desk) -> Freeze:
    found = select(Freeze).where(Freeze.lifted_at.is_(None)).order_by(Freeze.id).limit(1).with_for_update()
    freeze = desk.session.scalar(found.execution_options(populate_existing=True))
    if freeze is None:
        raise Refusal("freeze.none", "Paying is not stopped.")
    return freeze


def _unlooked(desk: Desk) -> bool:
    return bool(desk.session.scalar(select(exists().where(Task.kind == BY_HAND, Task.closed_at.is_(None)))))

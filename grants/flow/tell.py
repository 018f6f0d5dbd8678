"""Tell: plugins that listen hear of past facts, after commit, as often as it takes."""

from __future__ import annotations

from sqlalchemy import delete, select, update

from grants.flow.desk import Desk
from grants.model.events import EventRow, UntoldEvent
from grants.offers import Event

MOST_TRIES = 8
"""After so many tries an event stays in the outbox with its problem, for staff to see."""


def tell_observers(desk: Desk, limit: int = 200) -> int:
    """Tells observers of the oldest untold events and returns how many were heard by all of them."""
    waiting = (
        select(EventRow)
        .join(UntoldEvent, UntoldEvent.event_id == EventRow.id)
        .where(UntoldEvent.tries < MOST_TRIES)
        .order_by(UntoldEvent.tries, EventRow.id)
        .limit(limit)
    )
    heard = [row.id for row in desk.session.scalars(waiting) if _heard(desk, row)]
    if heard:
        desk.session.execute(delete(UntoldEvent).where(UntoldEvent.event_id.in_(heard)))
    return len(heard)


def unheard(desk: Desk) -> list[UntoldEvent]:
    """Returns the events that some plugin still cannot take, for staff to see."""
    return list(desk.session.scalars(select(UntoldEvent).where(UntoldEvent.tries >= MOST_TRIES).limit(50)))


def _heard(desk: Desk, row: EventRow) -> bool:
    event = Event(
        number=row.id, at=row.at, name=row.name, subject=row.subject, subject_id=row.subject_id, data=dict(row.data)
    )
    wrong = desk.catalogue.tell(event)
    if wrong:
        words = "; ".join(map(str, wrong))[:300]
        this = UntoldEvent.event_id == row.id
        desk.session.execute(update(UntoldEvent).where(this).values(tries=UntoldEvent.tries + 1, problem=words))
    return not wrong

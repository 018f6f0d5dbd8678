"""Tell: plugins that listen hear of past facts, after commit and outside any transaction, as often as it takes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import delete, select, update

from grants.flow.desk import Desk
from grants.model.events import EventRow, UntoldEvent
from grants.offers import Event
from grants.plugins import Catalogue

MOST_TRIES = 8
"""After so many tries an event stays in the outbox with its problem, for staff to see."""


@dataclass(frozen=True, slots=True)
class Told:
    """What came of telling one event: what went wrong, if anything, and whether that counts as a try."""

    number: int
    problem: str = ""
    counts: bool = True


def tell_observers(desk: Desk, limit: int = 200) -> int:
    """Tells observers of the oldest untold events and returns how many were heard by all of them."""
    return note(desk, tell_all(desk.catalogue, waiting(desk, limit)))


def waiting(desk: Desk, limit: int = 200) -> list[Event]:
    """Returns the oldest untold events, those that were tried least first."""
    untold = (
        select(EventRow)
        .join(UntoldEvent, UntoldEvent.event_id == EventRow.id)
        .where(UntoldEvent.tries < MOST_TRIES)
        .order_by(UntoldEvent.tries, EventRow.id)
        .limit(limit)
    )
    return [_event(row) for row in desk.session.scalars(untold)]


def tell_all(catalogue: Catalogue, events: Iterable[Event]) -> list[Told]:
    """Tells observers of events, however long they take: call it while no transaction is open."""
    told = []
    for event in events:
        wrong = catalogue.tell(event)
        counts = not all(finding.later for finding in wrong)
        told.append(Told(event.number, "; ".join(map(str, wrong))[:300], counts))
    return told


def note(desk: Desk, told: Iterable[Told]) -> int:
    """Keeps what came of telling, and returns how many events were heard by all observers."""
    heard = []
    for one in told:
        if not one.problem:
            heard.append(one.number)
            continue
        tries = UntoldEvent.tries + (1 if one.counts else 0)
        this = update(UntoldEvent).where(UntoldEvent.event_id == one.number)
        desk.session.execute(this.values(tries=tries, problem=one.problem))
    if heard:
        desk.session.execute(delete(UntoldEvent).where(UntoldEvent.event_id.in_(heard)))
    return len(heard)


def unheard(desk: Desk) -> list[UntoldEvent]:
    """Returns the events that some plugin still cannot take, for staff to see."""
    return list(desk.session.scalars(select(UntoldEvent).where(UntoldEvent.tries >= MOST_TRIES).limit(50)))


def _event(row: EventRow) -> Event:
    return Event(
        number=row.id, at=row.at, name=row.name, subject=row.subject, subject_id=row.subject_id, data=dict(row.data)
    )

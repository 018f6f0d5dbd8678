"""The inbox of webhooks: each event stored once, then looked up; never believed."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from grants.flow.desk import Desk
from grants.model.payments import Attempt, ProviderEvent
from grants.offers import Hint

MATCHED, UNMATCHED, IGNORED = "matched", "unmatched", "ignored"


def take_hint(desk: Desk, rail: str, hint: Hint) -> bool:
    """Stores a verified event and queues the look-up; returns whether it is new here."""
    on_postgres = desk.session.get_bind().dialect.name == "postgresql"
    make = postgresql.insert(ProviderEvent) if on_postgres else sqlite.insert(ProviderEvent)
    row = {
        "rail": rail,
        "event_id": hint.event_id,
        "kind": hint.kind,
        "about": hint.about,
        "received_at": desk.now(),
        "result": "",
    }
    stored = desk.session.scalar(make.values(row).on_conflict_do_nothing().returning(ProviderEvent.id))
    if stored is None:
        return False
    desk.later.queue(desk.session, "look_again", stored)
    return True


def attempt_for(desk: Desk, event_id: int) -> int | None:
    """Returns the id of the attempt that a stored event is about, or None; an event may come before our own answer."""
    event = desk.session.get_one(ProviderEvent, event_id)
    if not event.about:
        return None
    found = select(Attempt.id).where(Attempt.rail == event.rail, Attempt.provider_reference == event.about)
    return desk.session.scalar(found)


def handled(desk: Desk, event_id: int, result: str) -> None:
    """Marks a stored event as dealt with: matched to an attempt, or unmatched (the reconcile finds those)."""
    event = desk.session.get_one(ProviderEvent, event_id)
    event.handled_at = desk.now()
    event.result = result

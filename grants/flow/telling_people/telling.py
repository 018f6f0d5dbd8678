"""Telling: one thing to one person, written into the outbox once, for the way and the hour that are safe."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import Literal, cast, get_args
from zoneinfo import ZoneInfo

from sqlalchemy import Table, bindparam, select

from grants.domain.message_words import EVENTS, channels_of
from grants.domain.safe_contact import AT_AN_HOUR, NO_WAY, Wishes, next_safe
from grants.flow.desk import Desk
from grants.flow.opening import open_task
from grants.flow.step import record
from grants.model import rows
from grants.model.applications import Application
from grants.model.grants import Grant
from grants.model.messages import OutboxMessage
from grants.model.people import Person

Event = Literal[
    "application_received",
    "decided_award",
    "decided_decline",
    "money_sent",
    "did_it_come",
    "ask_due",
    "payment_returned",
    "contact_code",
]
"""What people are told; their words stand in ``grants/messages/<language>.toml``."""

if set(get_args(Event)) != set(EVENTS):
    raise ImportError("the events that are told and those that have words differ")

LONGEST_TO = 254
"""Characters of an address that the outbox keeps: of a longer postal address, its beginning."""

TOLD_BY_WORKER = "tell_person"

WORKER_TELLS = {
    "decided_award": ("pass_link", "Give this person the link to their page"),
    "money_sent": (TOLD_BY_WORKER, "Tell this person that it is on its way"),
}
"""Where nothing else asks a worker already: the task, and what it is called."""

_MESSAGES = cast(Table, OutboxMessage.__table__).c
_KNOWN = select(_MESSAGES.id).where(_MESSAGES.key == bindparam("key"))
"""Built once, straight from the table: each telling asks first whether it was told."""

PASSED_ON = "Nothing was sent. Make the link on the grant’s page, and pass it on in the way they said is safe."


def tell(
    desk: Desk,
    event: Event,
    person: Person,
    *,
    grant: Grant | None = None,
    application: Application | None = None,
    key: str,
    new_way: tuple[str, str] = ("", ""),
) -> OutboxMessage | None:
    """Tells a person something once for each ``key``; returns the message, or None where nothing is written to them.

    The message goes in the person's own safe way, at a safe hour, with a fresh link; a letter waits for somebody to
    print it. Without a safe way a worker is asked instead. ``new_way`` is a channel and an address that they said is
    safe and have not proven yet, for its code alone.
    """
    told = desk.session.connection().scalar(_KNOWN, {"key": key})
    if told is not None:
        known = desk.session.get_one(OutboxMessage, told)
        return known if known.channel != "none" else None
    if person.erased_at is not None:
        return None
    way, to = new_way if new_way[1] else _where(desk, person, event)
    row = _row(desk, event, person, key[:80], way or "none", to)
    row.grant_id = grant.id if grant is not None else None
    row.application_id = application.id if application is not None else None
    if not way:
        row.gave_up_at, row.problem = desk.now(), NO_WAY
        rows.put(desk.session, row)
        _ask_worker(desk, event, person, grant)
        return None
    row.send_after = later(desk, person, way)
    rows.put(desk.session, row)
    if way != "letter" and row.send_after is None:
        desk.later.queue(desk.session, "send_message", row.id)
    _note(desk, row)
    return row


def _row(desk: Desk, event: str, person: Person, key: str, channel: str, to: str) -> OutboxMessage:
    """Returns a message to a person without words: they are made when it goes."""
    return OutboxMessage(
        number=secrets.token_hex(16),
        channel=channel,
        to=to,
        text="",
        language=person.language,
        person_id=person.id,
        event=event,
        key=key,
        queued_at=desk.now(),
    )


def wishes_of(person: Person) -> Wishes:
    """Returns what a person said about a safe way to reach them."""
    return Wishes(
        channel=person.channel,
        safe=person.contact_safe,
        sender=person.sender,
        discreet=person.discreet,
        avoid=tuple(person.avoid),
        hours_from=person.hours_from,
        hours_until=person.hours_until,
        voicemail=person.voicemail,
        shared=person.shared,
    )


def names_of(desk: Desk) -> tuple[str, ...]:
    """Returns words beyond the lists that a discreet message never says: what the charity is called."""
    return (desk.settings.charity_name,)


def way_to(desk: Desk, person: Person, event: str = "decided_award") -> str:
    """Returns the way in which this person may be written to, empty where there is none.

    A way counts when the person finds it safe, we know where, some hour is safe and something is set up to send it.
    """
    way = person.channel if person.contact_safe else "none"
    if way not in channels_of(event) or not address_of(person, way):
        return ""
    if way in AT_AN_HOUR and next_safe(local(desk), wishes_of(person)) is None:
        return ""
    return way if way == "letter" or carried(desk, way) else ""


def carried(desk: Desk, way: str) -> bool:
    """Returns whether something is set up that sends messages this way."""
    return any(messenger.channel == way for messenger in desk.catalogue.messengers.values())


def _where(desk: Desk, person: Person, event: str) -> tuple[str, str]:
    way = way_to(desk, person, event)
    return way, address_of(person, way)


def address_of(person: Person, way: str) -> str:
    """Returns where this way reaches the person, as the outbox keeps it."""
    known = {"text": person.phone, "email": person.email, "letter": person.address}
    return known.get(way, "")[:LONGEST_TO]


def local(desk: Desk) -> datetime:
    """Returns the time on the charity's own clock."""
    return desk.now().astimezone(ZoneInfo(desk.settings.time_zone))


def later(desk: Desk, person: Person, way: str) -> datetime | None:
    """Returns until when a message waits, in UTC; None when it may go now."""
    here = local(desk)
    moment = next_safe(here, wishes_of(person)) if way in AT_AN_HOUR else here
    return None if moment is None or moment == here else moment.astimezone(UTC)


def _note(desk: Desk, row: OutboxMessage) -> None:
    """Writes down that something was written, beside what it is about: never what it says, nor where it goes."""
    subject, about = "person", row.person_id or 0
    if row.grant_id is not None:
        subject, about = "grant", row.grant_id
    elif row.application_id is not None:
        subject, about = "application", row.application_id
    record(desk, f"{subject}.told", subject, about, event=row.event, channel=row.channel)


def _ask_worker(desk: Desk, event: str, person: Person, grant: Grant | None) -> None:
    """Asks a worker where a person can be told by one, and nothing else asks already."""
    if grant is None or not person.contact_safe or event not in WORKER_TELLS:
        return
    kind, title = WORKER_TELLS[event]
    open_task(desk, kind, "grant", grant.id, title, PASSED_ON)

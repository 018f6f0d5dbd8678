"""Messages: written into the outbox with the change that caused them, sent once from a job."""

from __future__ import annotations

import secrets

from sqlalchemy import select

from grants.flow.desk import Desk
from grants.model.messages import OutboxMessage
from grants.model.people import Person
from grants.offers import Message

MOST_TRIES = 12
"""Tries before a message is given up and a person is told: about two days with growing pauses."""


def write(
    desk: Desk,
    to: str,
    subject: str,
    text: str,
    *,
    person: Person | None = None,
    user_id: int | None = None,
    channel: str = "email",
) -> OutboxMessage:
    """Writes a message into the outbox and queues its sending, in this transaction."""
    row = OutboxMessage(
        number=secrets.token_hex(16),
        channel=channel,
        to=to,
        subject=subject,
        text=text,
        language=person.language if person else "en",
        person_id=person.id if person else None,
        user_id=user_id,
        queued_at=desk.now(),
    )
    desk.session.add(row)
    desk.session.flush()
    desk.later.queue(desk.session, "send_message", row.id)
    return row


def to_send(desk: Desk, message_id: int) -> Message | None:
    """Returns the message if it still waits and its person still finds the channel safe, else None.

    A message to a person is looked at again at the moment of sending: what was safe yesterday may not
    be now. An unsafe one is given up without a try.
    """
    row = desk.session.get(OutboxMessage, message_id)
    if row is None or row.sent_at or row.gave_up_at:
        return None
    if row.person_id and not _safe(desk, row):
        row.gave_up_at = desk.now()
        row.problem = "not safe to send any more"
        return None
    row.tries += 1
    return Message(to=row.to, subject=row.subject, text=row.text, number=row.number, language=row.language)


def sent(desk: Desk, message_id: int) -> None:
    """Records that the channel took the message, and forgets its words: they may hold a link."""
    row = desk.session.get_one(OutboxMessage, message_id)
    row.sent_at = desk.now()
    row.text = ""


def not_sent(desk: Desk, message_id: int, problem: str) -> bool:
    """Records that the channel did not take it; returns whether it is worth another try."""
    row = desk.session.get_one(OutboxMessage, message_id)
    row.problem = problem[:200]
    if row.tries >= MOST_TRIES:
        row.gave_up_at = desk.now()
    return row.gave_up_at is None


def _safe(desk: Desk, row: OutboxMessage) -> bool:
    person = desk.session.scalar(select(Person).where(Person.id == row.person_id))
    return bool(person and person.contact_safe and person.channel == row.channel and row.to == person.email)


def tries(desk: Desk, message_id: int) -> int:
    """Returns how often the message was tried."""
    return desk.session.scalar(select(OutboxMessage.tries).where(OutboxMessage.id == message_id)) or 0


def channel(desk: Desk, message_id: int) -> str:
    """Returns the channel of a message."""
    return desk.session.scalar(select(OutboxMessage.channel).where(OutboxMessage.id == message_id)) or ""

"""Messages to people who work here: written into the outbox with the change that caused them, sent once from a job.

What those who apply and receive are told is written by ``telling_people``; both go by ``telling_people.sending``.
"""

from __future__ import annotations

import secrets

from grants.flow.desk import Desk
from grants.model.messages import OutboxMessage
from grants.model.people import Person


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

"""Delivery: what became of messages, as channels say it later, and as staff see it; never what was in them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import Message as Part

from sqlalchemy import select, tuple_

from grants.domain.message_words import EVENTS
from grants.flow.desk import Desk
from grants.flow.keyset import PAGE, Page, keyset, mark
from grants.flow.step import record
from grants.flow.telling_people.due import LEFT
from grants.flow.telling_people.sending import came_back
from grants.model.messages import OutboxMessage
from grants.offers import Delivery

STATES: Mapping[str, str] = {
    "waits": "Waits to be sent",
    "waits_until": "Waits until a safe hour",
    "to_print": "A letter to print",
    "sent": "Sent",
    "delivered": "Delivered",
    "printed": "Printed",
    "came_back": "Came back",
    "gave_up": "Not sent",
    "by_worker": "Nothing sent: a worker is asked",
}
"""How a message stands, in words for staff."""

_NUMBER = re.compile(r"<?([0-9a-f]{32})@")


@dataclass(frozen=True, slots=True)
class Shown:
    """One message as staff see it: what it told of, by which way, and how it stands."""

    id: int
    about: str
    channel: str
    state: str
    at: datetime
    problem: str = ""
    grant_id: int | None = None
    application_id: int | None = None


def state_of(row: OutboxMessage) -> str:
    """Returns the name of how a message stands, one of STATES."""
    if row.came_back_at is not None:
        return "came_back"
    if row.gave_up_at is not None:
        return "by_worker" if row.channel == "none" else "gave_up"
    if row.printed_at is not None:
        return "printed"
    if row.sent_at is not None:
        return "delivered" if row.delivered_at is not None else "sent"
    if row.channel == "letter":
        return "to_print"
    return "waits_until" if row.send_after is not None else "waits"


def take(desk: Desk, said: Delivery) -> bool:
    """Records what a channel says of a message it took; returns whether that was news. Unknown ones are ignored.

    A message that was delivered and then came back has come back; one that came back is never delivered after all.
    """
    found = select(OutboxMessage).where(OutboxMessage.provider_reference == said.reference[:80])
    row = desk.session.scalars(found.with_for_update().limit(1)).first() if said.reference else None
    if row is None or row.came_back_at is not None:
        return False
    if said.state == "came_back":
        came_back(desk, row, _short(said.code))
        return True
    if said.state != "delivered" or row.delivered_at is not None:
        return False
    row.delivered_at = desk.now()
    record(desk, "message.delivered", "message", row.id, channel=row.channel)
    return True


def bounced(desk: Desk, report: bytes) -> int:
    """Takes a report of a mail server that a message could not be delivered (RFC 3464); returns how many came back.

    It is matched by our own number in the Message-ID of what came back, which only its reader knows. A report of a
    delay, or of a message that is none of ours, changes nothing.
    """
    mail = message_from_bytes(report, policy=policy.compat32)
    codes = [code for part in mail.walk() if (code := _failed(part))]
    if not codes:
        return 0
    numbers = dict.fromkeys(number for part in mail.walk() for number in _numbers(part))
    found = select(OutboxMessage).where(OutboxMessage.number.in_(list(numbers)), OutboxMessage.channel == "email")
    back = [row for row in desk.session.scalars(found.with_for_update()) if row.came_back_at is None]
    for row in back:
        came_back(desk, row, _short(codes[0]))
    return len(back)


def of_grant(desk: Desk, grant_id: int, application_id: int) -> Sequence[Shown]:
    """Returns what the person of a grant was told, newest first; one statement."""
    about = (OutboxMessage.grant_id == grant_id) | (OutboxMessage.application_id == application_id)
    rows = select(OutboxMessage).where(about).order_by(OutboxMessage.id.desc()).limit(20)
    return [shown(row) for row in desk.session.scalars(rows)]


def shown(row: OutboxMessage) -> Shown:
    """Returns a message as staff see it."""
    told = EVENTS.get(row.event)
    at = row.came_back_at or row.gave_up_at or row.delivered_at or row.sent_at or row.send_after or row.queued_at
    return Shown(
        id=row.id,
        about=told.title if told else "A message to somebody who works here" if row.user_id else "A message",
        channel=row.channel,
        state=state_of(row),
        at=at,
        problem=row.problem if row.gave_up_at or row.came_back_at else "",
        grant_id=row.grant_id,
        application_id=row.application_id,
    )


def _failed(part: Part) -> str:
    """Returns the status code of a delivery report's part that says that the message is given up; else nothing."""
    if part.get("Action", "").strip().casefold() != "failed":
        return ""
    return part.get("Status", "").strip() or "failed"


def _numbers(part: Part) -> Iterator[str]:
    """Yields our numbers in the Message-ID of a part, or in headers that came back as text."""
    yield from _NUMBER.findall(part.get("Message-ID", "").strip())
    if part.get_content_type() == "text/rfc822-headers":
        text = part.get_payload(decode=True)
        head = message_from_bytes(text if isinstance(text, bytes) else b"", policy=policy.compat32)
        yield from _NUMBER.findall(head.get("Message-ID", "").strip())


def _short(code: str) -> str:
    """Returns a code without anything that could be personal."""
    return "".join(c for c in code if c.isascii() and (c.isalnum() or c in ".-_"))[:20]


def listed(desk: Desk, after: str = "") -> Page[Shown]:
    """Returns a page of messages, newest first, of people and of those who work here; one statement."""
    key = tuple_(OutboxMessage.queued_at, OutboxMessage.id)
    told = select(OutboxMessage).where(OutboxMessage.problem != LEFT)
    rows = desk.session.scalars(keyset(told, key, after, PAGE, oldest_first=False)).all()
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    return Page(tuple(map(shown, rows[:PAGE])), mark(last.queued_at, last.id) if last is not None else "")

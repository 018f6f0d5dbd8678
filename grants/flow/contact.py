"""Contact: how it is safe to reach a person is changed with proof of the old way, or by a worker who asked them.

The old way is never told. Whoever holds a link asks for a change with one reply, whether what they typed is right or
not: the page keeps it, and a job looks at it. A code goes to the new way alone; typed on the page, the change counts.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta

from sqlalchemy import func, select, update

from grants.domain.errors import Refusal
from grants.domain.names import digits
from grants.domain.safe_contact import AT_AN_HOUR, Wishes, checked
from grants.domain.typable import read
from grants.flow.confirm.links import end_all, made_link
from grants.flow.desk import Desk
from grants.flow.opening import close_tasks, open_task
from grants.flow.person_keys import seal_for
from grants.flow.step import record
from grants.flow.telling_people import names_of, tell
from grants.flow.telling_people.new_way import CODE_DAYS, KEY, address_in, hashed
from grants.flow.telling_people.telling import address_of, carried, later, way_to
from grants.model.grants import Grant
from grants.model.helping import ContactChange
from grants.model.messages import OutboxMessage
from grants.model.people import CHANNELS, Person

MOST_TRIES = 5
"""Wrong codes, after which a worker asks: of 2⁴⁰ codes, five guesses find one in 2 × 10¹¹ changes."""

A_DAY = 5
"""Changes that one person's links may ask for in a day; of more, none is looked at."""

ASK = "check_contact"

ASKED_FOR = (
    "Somebody with this person’s link asked to be reached another way, and it is not proven. Nothing was changed."
)

STOPPED = (
    "Somebody with this person’s link asked that nothing is sent any more. It counts from now on. Ask if they can."
)


def ask_change(desk: Desk, grant: Grant, before: str, channel: str, address: str) -> None:
    """Keeps a wish to be reached another way, and looks at it later; the same whether ``before`` is right or not.

    ``before`` is how they were reached until now, as they know it. Raises Refusal ``contact.channel`` for no way.
    """
    if channel not in CHANNELS:
        raise Refusal("contact.channel", "Choose how it is safe to reach you.", "channel")
    now = desk.now()
    change = ContactChange(
        person_id=grant.person_id,
        grant_id=grant.id,
        channel=channel,
        sealed=seal_for(desk, grant.person_id, {"address": tidy(channel, address)}),
        proven=_proven(grant.person, before),
        asked_at=now,
        expires_at=now + timedelta(days=CODE_DAYS),
    )
    desk.session.add(change)
    desk.session.flush()
    record(desk, "person.contact_change_asked", "person", grant.person_id, channel=channel)
    desk.later.queue(desk.session, "look_at_contact_change", change.id)


def look_at(desk: Desk, change_id: int) -> None:
    """Sends the code of a proven change to the new way, or asks a worker; the old way is never told anything."""
    change = desk.session.get(ContactChange, change_id, with_for_update=True)
    if change is None or change.applied_at or change.dropped_at:
        return
    person = desk.session.get_one(Person, change.person_id)
    if _too_many(desk, change):
        _drop(desk, change, ASKED_FOR)
    elif change.channel == "none":
        _put(desk, person, change, "none", "")
        open_task(desk, ASK, "person", person.id, "Ask whether somebody may be reached another way", STOPPED)
    elif not (change.proven and change.channel in AT_AN_HOUR and carried(desk, change.channel)):
        _drop(desk, change, ASKED_FOR)
    else:
        where = (change.channel, address_in(desk, change))
        tell(desk, "contact_code", person, key=f"{KEY}{change.id}", new_way=where)


def type_code(desk: Desk, grant: Grant, typed: str) -> str:
    """Takes the code of a change that was asked for through this grant; returns a fresh link’s token if it counts.

    Every link of before has ended then: what lies in the old inbox opens nothing. Empty when it does not count.
    """
    waits = select(ContactChange).where(
        ContactChange.grant_id == grant.id,
        ContactChange.applied_at.is_(None),
        ContactChange.dropped_at.is_(None),
        ContactChange.expires_at > desk.now(),
    )
    change = desk.session.scalar(waits.order_by(ContactChange.id.desc()).limit(1).with_for_update())
    right = hmac.compare_digest(hashed(desk, read(typed)), change.code_hash if change is not None else "-")
    if change is None:
        return ""
    change.tries += 1
    if right and change.code_hash and change.tries <= MOST_TRIES:
        person = desk.session.get_one(Person, change.person_id, with_for_update=True)
        _put(desk, person, change, change.channel, address_in(desk, change))
        return made_link(desk, grant)
    if change.tries >= MOST_TRIES:
        _drop(desk, change, ASKED_FOR)
    return ""


def checked_by_worker(desk: Desk, person: Person, channel: str, value: str = "", wishes: Wishes | None = None) -> None:
    """Records that a worker asked the person and found this channel safe (or that none is), and ends the task for it.

    ``value`` is the number or address for the channel where it is new, ``wishes`` what else they said. Raises Refusal
    ``contact.value`` when nothing is known by which the channel could reach them.
    """
    worker = desk.need("contact.check")
    if channel not in CHANNELS:
        raise Refusal("contact.channel", "Choose how it is safe to reach this person.", "channel")
    if wishes is not None:
        _wish(person, checked(wishes, names_of(desk)))
    before = person.channel, address_of(person, person.channel)
    _set_reach(person, channel, value.strip())
    if (channel, address_of(person, channel)) != before:
        end_all(desk, person.id)
    person.channel, person.contact_safe = channel, channel != "none"
    person.contact_checked_by, person.contact_checked_at = worker, desk.now()
    _drop_waiting(desk, person)
    close_tasks(desk, (ASK,), "person", person.id, "asked")
    record(desk, "person.contact_checked", "person", person.id, channel=channel)
    send_on(desk, person)


def ask_again(desk: Desk, person: Person) -> bool:
    """Asks a worker to check how it is safe to reach somebody who has a further grant, where that was long ago.

    Returns whether it was; until somebody has asked, no way counts as safe (``reliability.md`` D.5.1).
    """
    checked_at = person.contact_checked_at or person.created_at
    if not person.contact_safe or checked_at > desk.now() - timedelta(days=desk.settings.contact_days):
        return False
    person.contact_safe = False
    words = "They have a further grant, and it is long since somebody asked. Nothing is sent until you have."
    open_task(desk, ASK, "person", person.id, "Ask again how it is safe to reach this person", words)
    record(desk, "person.contact_check_due", "person", person.id)
    return True


def send_on(desk: Desk, person: Person) -> None:
    """Lets messages that wait go by the person's new way; where there is none they are given up when they would go."""
    way = way_to(desk, person)
    waiting = select(OutboxMessage).where(
        OutboxMessage.person_id == person.id,
        OutboxMessage.event.not_in(("", "contact_code")),
        OutboxMessage.sent_at.is_(None),
        OutboxMessage.gave_up_at.is_(None),
        OutboxMessage.doubtful == 0,
    )
    for row in desk.session.scalars(waiting.with_for_update()) if way else ():
        was_letter = row.channel == "letter"
        row.channel, row.to, row.secret = way, address_of(person, way), ""
        row.send_after = later(desk, person, way)
        if was_letter and way != "letter" and row.send_after is None:
            desk.later.queue(desk.session, "send_message", row.id)
    desk.session.flush()


def tidy(channel: str, address: str) -> str:
    """Returns a number or address as it is kept."""
    typed = address.strip()
    return digits(typed) if channel in ("text", "worker") else typed.casefold() if channel == "email" else typed


def _proven(person: Person, before: str) -> bool:
    """Returns whether somebody knows a way by which this person was reached; in the same time for any answer."""
    ways = {"text": person.phone, "worker": person.phone, "email": person.email, "letter": person.address}
    known = ways.get(person.channel, "") if person.contact_safe else ""
    typed = _digest(digits(before) if person.channel in ("text", "worker") else before)
    return hmac.compare_digest(typed, _digest(known)) and bool(known)


def _digest(address: str) -> bytes:
    squeezed = "".join(letter for letter in address.casefold() if letter.isalnum() or letter in "@._+-")
    return hashlib.sha256(squeezed.encode()).digest()


def _too_many(desk: Desk, change: ContactChange) -> bool:
    since = desk.now() - timedelta(days=1)
    lately = select(func.count()).select_from(ContactChange)
    lately = lately.where(ContactChange.person_id == change.person_id, ContactChange.asked_at > since)
    return (desk.session.scalar(lately) or 0) > A_DAY


def _put(desk: Desk, person: Person, change: ContactChange, channel: str, address: str) -> None:
    """Lets a change count: from now on only the new way is safe."""
    _set_reach(person, channel, address)
    end_all(desk, person.id)
    person.channel, person.contact_safe = channel, channel != "none"
    person.contact_checked_by, person.contact_checked_at = None, desk.now()
    change.applied_at, change.sealed, change.code_hash = desk.now(), "", ""
    record(desk, "person.contact_changed", "person", person.id, channel=channel)
    send_on(desk, person)


def _drop(desk: Desk, change: ContactChange, words: str) -> None:
    change.dropped_at, change.sealed, change.code_hash = desk.now(), "", ""
    record(desk, "person.contact_change_dropped", "person", change.person_id)
    open_task(desk, ASK, "person", change.person_id, "Ask how it is safe to reach this person", words)


def _drop_waiting(desk: Desk, person: Person) -> None:
    """Ends changes that wait for a code: what a worker was told counts."""
    waiting = update(ContactChange).where(
        ContactChange.person_id == person.id, ContactChange.applied_at.is_(None), ContactChange.dropped_at.is_(None)
    )
    desk.session.execute(waiting.values(dropped_at=desk.now(), sealed="", code_hash=""))


def _wish(person: Person, wishes: Wishes) -> None:
    person.sender, person.discreet, person.avoid = wishes.sender, wishes.discreet, list(wishes.avoid)
    person.hours_from, person.hours_until = wishes.hours_from, wishes.hours_until
    person.voicemail, person.shared = wishes.voicemail, wishes.shared


def _set_reach(person: Person, channel: str, value: str) -> None:
    if channel in ("text", "worker"):
        person.phone = digits(value) or person.phone
        missing = channel == "text" and not person.phone
    elif channel == "email":
        person.email = value.casefold() or person.email
        missing = "@" not in person.email
    else:
        person.address = (value if channel == "letter" else "") or person.address
        missing = channel == "letter" and not person.address
    if missing or len(value) > 254:
        raise Refusal("contact.value", "Enter the number or address that is safe.", "value")

"""Sending: a message is looked at again at the moment it goes, and what became of it is written down.

Nobody misses a message and nobody gets three: a try that was surely not taken is made again, up to a limit; one of
which nobody can say (the connection broke after the words, or the process died) is repeated once at most, under the
same number; after that a worker is asked. An address that never takes anything ends it at once, with a task.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from typing import cast

from sqlalchemy import Table, bindparam, case, select, update

from grants.domain.errors import Refusal
from grants.domain.message_words import Words
from grants.domain.safe_contact import NO_WAY, OTHER_WAY, QUIET, Wishes, may_send, next_safe, sender_word
from grants.flow.confirm.links import (
    LENGTH,
    LINK_DAYS,
    application_url,
    find_application,
    find_grant,
    link_url,
    new_application_link,
    new_link,
)
from grants.flow.desk import Desk
from grants.flow.opening import open_task
from grants.flow.person_keys import open_for, seal_for
from grants.flow.step import record
from grants.flow.telling_people import new_way
from grants.flow.telling_people.telling import TOLD_BY_WORKER, address_of, local, names_of, wishes_of
from grants.flow.telling_people.words import said
from grants.model.applications import Application
from grants.model.grants import Grant
from grants.model.helping import ContactChange
from grants.model.messages import OutboxMessage
from grants.model.people import Person
from grants.offers import Message

MOST_TRIES = 12
"""Tries before a message is given up and a person is told: about two days with growing pauses."""

MOST_DOUBTFUL = 2
"""Tries of which nobody can say whether they were taken: the first and one repeat."""

DOUBTFUL = "nobody can say whether it was taken"

CODE = "contact_code"

DEAD_END = "0" * LENGTH
"""What stands for the token of a link while the words are looked through."""

NOT_TOLD = "A message did not reach this person"

NOT_TOLD_WORDS = (
    "Look on the page of messages what became of it. Tell them in another way that is safe, if there is one."
)

SETTLED = (NO_WAY, OTHER_WAY)
"""Reasons for which nobody needs to look: the person's wish has changed, and it was kept to."""

_TABLE = cast(Table, OutboxMessage.__table__)
_HELD = select(OutboxMessage).where(OutboxMessage.id == bindparam("sought")).with_for_update()
_WHO = (
    select(Person).where(Person.id == bindparam("sought")).with_for_update().execution_options(populate_existing=True)
)
_TAKEN = (
    update(_TABLE)
    .where(_TABLE.c.id == bindparam("sought"))
    .values(sent_at=bindparam("now"), problem="", provider_reference=bindparam("reference"), text="", secret="")
    .values(subject=case((_TABLE.c.event == "", _TABLE.c.subject), else_=""))
    .returning(_TABLE.c.channel)
)
"""Built once, as every message needs them; what was taken is written straight to the table."""


def to_send(desk: Desk, message_id: int) -> Message | None:
    """Returns the message, with its words, if it still waits and everything about it is still safe; else None.

    Outside the hours it waits on. For any other reason it is given up without a try. Each try that begins is counted
    as doubtful until its outcome is known: whoever dies in the middle leaves it so.
    """
    row = desk.session.scalar(_HELD, {"sought": message_id})
    if row is None or row.sent_at or row.gave_up_at or row.channel == "letter" or row.send_after:
        return None
    if row.doubtful >= MOST_DOUBTFUL:
        give_up(desk, row, DOUBTFUL)
        return None
    message = _to_person(desk, row) if row.person_id else _message(row, Words(row.text, row.subject))
    if message is not None:
        row.tries += 1
        row.doubtful += 1
    return message


def sent(desk: Desk, message_id: int, reference: str = "") -> None:
    """Records that the channel took the message, and forgets its words and its link."""
    taken = {"sought": message_id, "now": desk.now(), "reference": reference[:80]}
    way = desk.session.execute(_TAKEN, taken).scalar_one()
    record(desk, "message.sent", "message", message_id, channel=way)


def not_sent(desk: Desk, message_id: int, problem: str) -> bool:
    """Records that the channel surely did not take it; returns whether it is worth another try."""
    row = desk.session.get_one(OutboxMessage, message_id)
    row.problem = problem[:200]
    row.doubtful = max(0, row.doubtful - 1)
    if row.tries >= MOST_TRIES:
        give_up(desk, row, problem)
    return row.gave_up_at is None


def perhaps_sent(desk: Desk, message_id: int) -> bool:
    """Records that nobody can say whether the channel took it; returns whether it is repeated, the once."""
    row = desk.session.get_one(OutboxMessage, message_id)
    row.problem = DOUBTFUL
    if row.doubtful >= MOST_DOUBTFUL:
        give_up(desk, row, DOUBTFUL)
    return row.gave_up_at is None


def refused(desk: Desk, message_id: int, code: str) -> None:
    """Records that the channel says that this address never takes anything."""
    row = desk.session.get_one(OutboxMessage, message_id)
    row.doubtful = max(0, row.doubtful - 1)
    came_back(desk, row, code)


def came_back(desk: Desk, row: OutboxMessage, code: str) -> None:
    """Records that a message came back for good: it is not tried again, and a worker is asked."""
    if row.came_back_at is not None:
        return
    row.came_back_at = desk.now()
    give_up(desk, row, f"came back: {code}"[:200])


def give_up(desk: Desk, row: OutboxMessage, problem: str) -> None:
    """Ends a message that did not go, and asks a worker where the person still wants to hear of it."""
    row.gave_up_at = row.gave_up_at or desk.now()
    row.problem = problem[:200]
    _forget(row)
    record(desk, "message.given_up", "message", row.id, channel=row.channel)
    if row.person_id is None or problem in SETTLED:
        return
    subject, about = ("grant", row.grant_id) if row.grant_id else ("application", row.application_id)
    if about is None:
        subject, about = "person", row.person_id
    open_task(desk, TOLD_BY_WORKER, subject, about, NOT_TOLD, NOT_TOLD_WORDS)


def how(desk: Desk, message_id: int) -> tuple[str, int]:
    """Returns the channel of a message and how often it was tried; no statement where this desk has just seen it."""
    row = desk.session.get_one(OutboxMessage, message_id)
    return row.channel, row.tries


def wake(desk: Desk, limit: int = 100) -> int:
    """Queues messages whose hour has come, and returns how many; call it again while it returns ``limit``."""
    due = (
        select(OutboxMessage)
        .where(OutboxMessage.send_after <= desk.now())
        .order_by(OutboxMessage.send_after, OutboxMessage.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows = desk.session.scalars(due).all()
    for row in rows:
        row.send_after = None
        desk.later.queue(desk.session, "send_message", row.id)
    desk.session.flush()
    return len(rows)


def letter(desk: Desk, row: OutboxMessage, *, link: str = "", code: str = "") -> Words:
    """Returns the words of a letter with this link and code in it; raises Refusal where it is not safe any more.

    Whoever prints it makes both, and then calls ``printed``. The whole address stands on the person, not on the row.
    """
    person = desk.session.get_one(Person, row.person_id)
    words = _words(desk, row, person, link, code)
    problem = may_send(_wishes(desk, row, person, None), row.channel, local(desk), words.text, names_of(desk))
    if problem or row.gave_up_at is not None:
        raise Refusal("letter.unsafe", "This letter may not go any more. Ask first what is safe for this person.")
    return words


def printed(desk: Desk, row: OutboxMessage) -> None:
    """Records that a letter was printed, by whoever is at the desk."""
    row.printed_at = row.sent_at = desk.now()
    row.printed_by = desk.actor.user_id
    _forget(row)
    record(desk, "message.printed", "message", row.id)


def _to_person(desk: Desk, row: OutboxMessage) -> Message | None:
    """Returns a message to a person with everything looked at once more, or lets it wait, or gives it up."""
    person = desk.session.execute(_WHO, {"sought": row.person_id}).scalar_one()
    change = new_way.change_of(desk, row) if row.event == CODE else None
    wishes = _wishes(desk, row, person, change)
    draft = _words(desk, row, person, link_url(desk, DEAD_END), "000 000 000" if row.event == CODE else "")
    sender = sender_word(wishes, desk.settings.sender)
    everything = f"{sender}\n{draft.subject}\n{draft.text}"
    problem = may_send(wishes, row.channel, local(desk), everything, names_of(desk))
    moment = next_safe(local(desk), wishes) if problem == QUIET else None
    if moment is not None:
        row.send_after = moment.astimezone(UTC)
        return None
    if problem:
        give_up(desk, row, problem)
        return None
    code = new_way.code_for(desk, row, change) if change is not None else ""
    link = _link(desk, row, draft)
    return _message(row, _words(desk, row, person, link, code) if link or code else draft, sender)


def _wishes(desk: Desk, row: OutboxMessage, person: Person, change: ContactChange | None) -> Wishes:
    """Returns what is safe for this message now: for the code of a new way, that way while it waits for it."""
    wishes = wishes_of(person)
    if person.erased_at is not None or not row.to:
        return replace(wishes, safe=False)
    if row.event != CODE:
        return wishes if row.to == address_of(person, row.channel) else replace(wishes, safe=False)
    same = change is not None and new_way.address_in(desk, change) == row.to
    return replace(wishes, channel=change.channel if change else "none", safe=same)


def _words(desk: Desk, row: OutboxMessage, person: Person, link: str, code: str) -> Words:
    """Returns what a message says; one without an event says what it was written with."""
    if not row.event:
        return Words(row.text, row.subject)
    days = new_way.CODE_DAYS if row.event == CODE else LINK_DAYS
    about = row.grant_id or row.application_id
    return said(desk, row, person, link=link if about else "", code=code, days=days)


def _link(desk: Desk, row: OutboxMessage, draft: Words) -> str:
    """Returns the fresh link of a message that says one; the same when it is tried again, while that link lives."""
    if row.person_id is None or DEAD_END not in f"{draft.subject}{draft.text}":
        return ""
    grant = desk.session.get(Grant, row.grant_id) if row.grant_id else None
    token = str(open_for(desk, row.person_id, row.secret).get("token", ""))
    alive = find_grant if grant is not None else find_application
    if not token or alive(desk, token) is None:
        if grant is not None:
            token = new_link(desk, grant, beside=True)
        else:
            token = new_application_link(desk, desk.session.get_one(Application, row.application_id))
        row.secret = seal_for(desk, row.person_id, {"token": token})
    return link_url(desk, token) if grant is not None else application_url(desk, token)


def _message(row: OutboxMessage, words: Words, sender: str = "") -> Message:
    return Message(
        to=row.to, subject=words.subject, text=words.text, number=row.number, language=row.language, sender=sender
    )


def _forget(row: OutboxMessage) -> None:
    row.text = row.secret = ""
    if row.event:
        row.subject = ""

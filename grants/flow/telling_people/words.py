"""The words in which an event is told: the charity's own, else those that came with us, in the person's language."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from sqlalchemy import bindparam, select

from grants.domain import message_words
from grants.domain.message_words import Words
from grants.domain.safe_contact import sender_word
from grants.flow.desk import Desk
from grants.flow.languages import may_show
from grants.flow.telling_people.telling import wishes_of
from grants.folders import messages_folder
from grants.languages import MESSAGES
from grants.model.messages import MessageWords, OutboxMessage
from grants.model.people import Person

DEFAULT = "en"

_OWN = select(MessageWords).where(
    MessageWords.event == bindparam("event"),
    MessageWords.language == bindparam("language"),
    MessageWords.channel == bindparam("channel"),
)
"""Built once: every message asks whether the charity has words of its own."""


@cache
def shipped() -> Mapping[str, Mapping[tuple[str, str], Words]]:
    """Returns the words that came with the software, by language, then by event and channel.

    Raises Refusal, saying what to mend, for a file in which something is missing, unknown or unsafe: the system looks
    at it when it starts.
    """
    files = sorted(messages_folder().glob("*.toml"))
    return {path.stem: message_words.read(path.read_text(encoding="utf-8")) for path in files}


def languages() -> tuple[str, ...]:
    """Returns the languages in which there are words, English first."""
    return (DEFAULT, *(language for language in shipped() if language != DEFAULT))


def words_for(desk: Desk, event: str, language: str, channel: str) -> tuple[Words, str]:
    """Returns the words of an event with the language that they are in: English where there are none in this one.

    Words that came with us in another language are used once a speaker has read them; the charity's own always are.
    """
    spoken = language if language in shipped() else DEFAULT
    row = desk.session.scalar(_OWN, {"event": event, "language": spoken, "channel": channel})
    if row is not None:
        return Words(row.text, row.subject), spoken
    if spoken != DEFAULT and not may_show(desk, spoken, MESSAGES):
        return words_for(desk, event, DEFAULT, channel)
    return shipped()[spoken][event, channel], spoken


def said(desk: Desk, row: OutboxMessage, person: Person, *, link: str = "", code: str = "", days: int) -> Words:
    """Returns the words of a message with everything filled in; a sentence whose place is empty is left out."""
    words, row.language = words_for(desk, row.event, person.language, row.channel)
    return message_words.fill(words, values(desk, person, link=link, code=code, days=days))


def values(desk: Desk, person: Person | None, *, link: str, code: str, days: int) -> dict[str, str]:
    """Returns what the places of a template hold; without a person, what they usually hold."""
    usual = desk.settings.sender
    return {
        "sender": sender_word(wishes_of(person), usual) if person is not None else usual,
        "phone": desk.settings.contact_phone,
        "link": link,
        "code": code,
        "days": str(days),
    }

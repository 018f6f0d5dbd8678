"""Editing: the charity's own words for an event, a language and a channel; looked through before they count."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import delete, select

from grants.domain import message_words, unsafe_words
from grants.domain.errors import Refusal
from grants.domain.message_words import EVENTS, Reading, Words, channels_of
from grants.flow.confirm.links import LENGTH, LINK_DAYS, link_url
from grants.flow.desk import Desk
from grants.flow.step import record
from grants.flow.telling_people.telling import names_of
from grants.flow.telling_people.words import languages, shipped, values
from grants.model.messages import MessageWords


@dataclass(frozen=True, slots=True)
class Sample:
    """Words as somebody would get them, how hard they are to read, how many texts they take, and what is wrong."""

    words: Words
    reading: Reading
    parts: int
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Template:
    """The words that count now for an event, a language and a channel; ``own`` where the charity wrote them."""

    event: str
    language: str
    channel: str
    words: Words
    own: bool
    sample: Sample


def templates(desk: Desk, language: str) -> list[Template]:
    """Returns every template of a language, the charity's own where there are some; one statement."""
    rows = desk.session.scalars(select(MessageWords).where(MessageWords.language == language))
    own = {(row.event, row.channel): Words(row.text, row.subject) for row in rows}
    return [
        _template(desk, event, language, channel, own.get((event, channel)))
        for event in EVENTS
        for channel in channels_of(event)
    ]


def template(desk: Desk, event: str, language: str, channel: str) -> Template | None:
    """Returns one template, or None where there is no such event, language or channel."""
    if event not in EVENTS or channel not in channels_of(event) or language not in languages():
        return None
    row = _row(desk, event, language, channel)
    return _template(desk, event, language, channel, Words(row.text, row.subject) if row is not None else None)


def sample(desk: Desk, event: str, language: str, channel: str, words: Words) -> Sample:
    """Returns words as they would look, with usual values, and everything that is wrong with them."""
    wrong = tuple(message_words.problems(event, channel, words, names_of(desk)))
    usual = values(desk, None, link=link_url(desk, "0" * LENGTH), code="K7M 2XQ 9TD", days=LINK_DAYS)
    filled = words if wrong else message_words.fill(words, usual)
    reading = message_words.reading(words.text, language)
    return Sample(filled, reading, message_words.text_parts(filled.text) if channel == "text" else 0, wrong)


def keep(desk: Desk, event: str, language: str, channel: str, words: Words) -> None:
    """Keeps the charity's own words, which count from the next message on; other languages stay as they are.

    Raises Refusal ``message.words``, saying what to mend, for words that are unsafe or cannot be filled in.
    """
    editor = desk.need("message.edit")
    if template(desk, event, language, channel) is None:
        raise Refusal("message.missing", "Nobody is told of that.")
    tidy = Words(words.text.strip(), words.subject.strip())
    for problem in message_words.problems(event, channel, tidy, names_of(desk)):
        raise Refusal("message.words", problem, "subject" if not tidy.subject and channel == "email" else "text")
    row = _row(desk, event, language, channel)
    if row is None:
        row = MessageWords(event=event, language=language, channel=channel)
        desk.session.add(row)
    row.text, row.subject, row.edited_by, row.edited_at = tidy.text, tidy.subject, editor, desk.now()
    desk.session.flush()
    record(desk, "message_words.edited", "message_words", row.id, event=event, language=language, channel=channel)


def use_ours(desk: Desk, event: str, language: str, channel: str) -> None:
    """Takes the charity's own words away: those that came with the software count again."""
    desk.need("message.edit")
    gone = delete(MessageWords).where(
        MessageWords.event == event, MessageWords.language == language, MessageWords.channel == channel
    )
    number = desk.session.scalar(gone.returning(MessageWords.id))
    if number is not None:
        record(desk, "message_words.dropped", "message_words", number, event=event, language=language, channel=channel)


def gives_away(desk: Desk) -> str:
    """Returns the word in the address of links that would give a message away; empty where there is none."""
    return unsafe_words.found(link_url(desk, "0" * LENGTH), names_of(desk))


def _row(desk: Desk, event: str, language: str, channel: str) -> MessageWords | None:
    return desk.session.scalar(
        select(MessageWords).where(
            MessageWords.event == event, MessageWords.language == language, MessageWords.channel == channel
        )
    )


def _template(desk: Desk, event: str, language: str, channel: str, own: Words | None) -> Template:
    words = own or shipped()[language][event, channel]
    return Template(event, language, channel, words, own is not None, sample(desk, event, language, channel, words))

"""The words of messages: which events are told, what may stand in their templates, and what is wrong with one; pure."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from string import Formatter

from grants.domain import unsafe_words
from grants.domain.errors import Refusal
from grants.domain.safe_contact import WRITTEN


@dataclass(frozen=True, slots=True)
class Told:
    """One kind of thing that people are told: how staff call it, and what its words may hold."""

    title: str
    places: frozenset[str]
    needs: frozenset[str] = frozenset()


_ALWAYS = frozenset({"sender", "phone"})
_LINK = _ALWAYS | {"link", "days"}

EVENTS: Mapping[str, Told] = {
    "application_received": Told("We have their application", _ALWAYS),
    "decided_award": Told("The answer is yes", _LINK, frozenset({"link"})),
    "decided_decline": Told("The answer is no", _LINK),
    "money_sent": Told("Money is on its way", _LINK, frozenset({"link"})),
    "did_it_come": Told("Did it come?", _LINK, frozenset({"link"})),
    "ask_due": Told("Something that we hope for", _LINK, frozenset({"link"})),
    "payment_returned": Told("A payment came back", _LINK),
    "contact_code": Told("The code of a new way to reach them", _ALWAYS | {"code", "days"}, frozenset({"code"})),
}
"""Everything that people are told, by its name; ``{link}`` is their page, in a letter ``{code}`` what is typed."""

GSM = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""The basic alphabet of text messages (3GPP TS 23.038, 6.2.1)."""

GSM_TWICE = "^{}\\[~]|€"
"""Characters of its extension: each takes the room of two."""

ONE_TEXT, ONE_WIDE = 160, 70
PART_TEXT, PART_WIDE = 153, 67

LONGEST = {"text": 480, "email": 4000, "letter": 4000}
"""The most characters of a template; a text message longer than three parts is too dear and often arrives torn."""

SENTENCE = re.compile(r"(?<=[.!?؟])\s+|(?<=\{link\})\s+")
"""Where one sentence ends and the next begins, in one line; a link ends one too."""


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one event on one channel: a subject where the channel has one, and a text."""

    text: str
    subject: str = ""


def read(text: str) -> dict[tuple[str, str], Words]:
    """Returns the words of a TOML file of one language, by event and channel; raises Refusal for what is not right."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Refusal("messages.toml", f"The file of messages cannot be read: {error}.") from error
    made = {(event, channel): _words(data, event, channel) for event in EVENTS for channel in channels_of(event)}
    more = set(data) - set(EVENTS)
    if more:
        raise Refusal("messages.event", f"Nobody is told of: {', '.join(sorted(more))}.")
    for (event, channel), words in made.items():
        for problem in problems(event, channel, words):
            raise Refusal("messages.words", f"{event}, {channel}: {problem}")
    return made


def channels_of(event: str) -> tuple[str, ...]:
    """Returns the channels on which an event is told; a code of a minute is no matter for the post."""
    return ("text", "email") if event == "contact_code" else WRITTEN


def _words(data: Mapping[str, object], event: str, channel: str) -> Words:
    part = data.get(event)
    found = part.get(channel) if isinstance(part, dict) else None
    if not isinstance(found, dict) or not isinstance(found.get("text"), str):
        raise Refusal("messages.missing", f"There are no words for {event} by {channel}.")
    subject = found.get("subject", "")
    return Words(str(found["text"]).strip(), str(subject).strip())


def problems(event: str, channel: str, words: Words, names: Iterable[str] = ()) -> Iterator[str]:
    """Yields what is wrong with the words of an event, in plain words; ``names`` are the charity's own."""
    told = EVENTS[event]
    allowed = told.places | ({"code"} if channel == "letter" and "link" in told.places else frozenset())
    used, broken = _places(f"{words.subject} {words.text}")
    if broken:
        yield "A curly bracket has no partner. Write places like {link}."
    yield from (f"{{{place}}} is not known here. You can use: {_listed(allowed)}." for place in sorted(used - allowed))
    yield from (f"{{{place}}} is missing: without it the message is of no use." for place in sorted(told.needs - used))
    if "link" in used and words.text.count("{link}") + words.subject.count("{link}") > 1:
        yield "Use {link} once: more than one looks like a trick."
    if "{link}" in words.subject or "{code}" in words.subject:
        yield "Keep the link and the code out of the subject: others can see it."
    if not words.text.strip():
        yield "Write some words."
    if channel == "email" and not words.subject.strip():
        yield "An e-mail needs a subject."
    if channel != "email" and words.subject:
        yield "Only an e-mail has a subject."
    if len(words.text) > LONGEST[channel] or len(words.subject) > 78:
        yield f"It is too long. Use at most {LONGEST[channel]} letters, and 78 for a subject."
    unsafe = unsafe_words.found(f"{words.subject}\n{words.text}", names)
    if unsafe:
        yield f"“{unsafe}” could give it away to somebody else who reads it. Say it without that word."


def fill(words: Words, values: Mapping[str, str]) -> Words:
    """Returns the words with their places filled in; a sentence whose place has no value is left out."""
    return Words(_filled(words.text, values), _filled(words.subject, values))


def _filled(text: str, values: Mapping[str, str]) -> str:
    kept = []
    for line in text.split("\n"):
        said = [each for each in SENTENCE.split(line) if all(values.get(place) for place in _places(each)[0])]
        if said or not line.strip():
            kept.append(" ".join(said))
    filled = "\n".join(kept)
    for place, value in values.items():
        filled = filled.replace(f"{{{place}}}", value)
    return re.sub(r"\n{3,}", "\n\n", filled).strip()


def _places(text: str) -> tuple[set[str], bool]:
    """Returns the places in a text, and whether its brackets are broken."""
    try:
        parsed = list(Formatter().parse(text))
    except ValueError:
        return set(), True
    odd = any(spec or conversion for _, name, spec, conversion in parsed if name is not None)
    return {name for _, name, _, _ in parsed if name is not None}, odd or "{{" in text or "}}" in text


def _listed(places: Iterable[str]) -> str:
    return " ".join(f"{{{place}}}" for place in sorted(places))


def text_parts(text: str) -> int:
    """Returns how many text messages a text takes: 160 letters of the basic alphabet in one, 70 of any other."""
    room = sum(1 if c in GSM else 2 if c in GSM_TWICE else 0 for c in text)
    if all(c in GSM or c in GSM_TWICE for c in text):
        return 1 if room <= ONE_TEXT else -(-room // PART_TEXT)
    wide = len(text.encode("utf-16-be")) // 2
    return 1 if wide <= ONE_WIDE else -(-wide // PART_WIDE)


@dataclass(frozen=True, slots=True)
class Reading:
    """How hard words are to read: sentences, words in the longest one, long words, and an English reading age.

    ``age`` is the Flesch–Kincaid grade (Kincaid et al. 1975) plus five, with syllables counted by groups of vowels:
    a rough figure, and only for English; 0 for other languages.
    """

    sentences: int
    longest: int
    long_words: int
    age: int


def reading(text: str, language: str = "en") -> Reading:
    """Returns how hard a text is to read; links and numbers do not count as words."""
    plain = re.sub(r"\{\w+\}|https?://\S+", "it", text)
    split = (re.findall(r"[^\W\d_]+(?:['’-]\w+)*", each) for each in re.split(r"[.!?؟:\n]+", plain))
    sentences = [words for words in split if words]
    words = [word for sentence in sentences for word in sentence]
    if not words:
        return Reading(0, 0, 0, 0)
    hundredths = 39 * len(words) // len(sentences) + 1180 * sum(map(_syllables, words)) // len(words) - 1559
    age = max(5, (hundredths + 550) // 100) if language == "en" else 0
    return Reading(len(sentences), max(map(len, sentences)), sum(len(word) > 8 for word in words), age)


def _syllables(word: str) -> int:
    plain = re.sub(r"(?<=[^aeiouyl])e$|(?<=[^aeiouy])es$|(?<=[^td])ed$", "", word.casefold())
    return max(1, len(re.findall(r"[aeiouy]+", plain)))

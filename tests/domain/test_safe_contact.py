"""Safe contact: whatever somebody wished, nothing goes by another way, at another hour or with a word that tells."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from grants.domain import message_words, unsafe_words
from grants.domain.errors import Refusal
from grants.domain.message_words import EVENTS, Words, channels_of, fill, problems, reading, text_parts
from grants.domain.safe_contact import (
    OTHER_WAY,
    QUIET,
    WORD,
    Wishes,
    checked,
    may_send,
    next_safe,
    sender_word,
)

FOLDER = Path(__file__).parents[2] / "grants" / "messages"
LANGUAGES = sorted(path.stem for path in FOLDER.glob("*.toml"))
LONDON = ZoneInfo("Europe/London")
NAMES = ("Harbour Trust",)
WAYS = ("none", "text", "email", "letter", "worker")
SEEN = {
    "sender": "Your helper",
    "phone": "01305 555 012",
    "link": f"https://page.example.org/r/{'a1' * 16}",
    "code": "K7M 2XQ 9TD",
    "days": "30",
}


def shipped(language: str) -> dict[tuple[str, str], Words]:
    return message_words.read((FOLDER / f"{language}.toml").read_text(encoding="utf-8"))


def some_wishes(chance: random.Random) -> Wishes:
    return Wishes(
        channel=chance.choice(WAYS),
        safe=chance.random() < 0.8,
        sender=chance.choice(["", "Sam", "Auntie Jo"]),
        discreet=chance.random() < 0.9,
        avoid=tuple(chance.sample(["page", "Sam", "answer", "moneylender", "tudalen", "صفحتك"], chance.randrange(3))),
        hours_from=chance.randrange(24),
        hours_until=chance.randrange(1, 25),
    )


def test_ten_thousand_wishes_are_kept_to() -> None:
    chance, words, seen = random.Random(20261123), {lang: shipped(lang) for lang in LANGUAGES}, Counter[str]()
    for _ in range(10_000):
        wishes = some_wishes(chance)
        language, event = chance.choice(LANGUAGES), chance.choice(list(EVENTS))
        channel = chance.choice(channels_of(event))
        at = datetime(2026, 1, 1, tzinfo=LONDON) + timedelta(minutes=chance.randrange(525_600))
        said = fill(words[language][event, channel], SEEN | {"sender": sender_word(wishes, "Your helper")})
        text = f"{said.subject} {said.text}" + chance.choice(["", "", " Your grant is paid.", " Harbour Trust"])
        why = may_send(wishes, channel, at, text, NAMES)
        seen[why or "went"] += 1
        if why:
            continue
        assert wishes.safe
        assert channel == wishes.channel
        first, last = wishes.hours_from, wishes.hours_until
        inside = first <= at.hour < last if first < last else first > last and (at.hour >= first or at.hour < last)
        assert inside or channel == "letter"
        lower = text.casefold()
        assert not wishes.discreet or ("grant" not in lower and "harbour" not in lower and "paid" not in lower)
        assert not any(f" {word.casefold()} " in f" {lower} " for word in wishes.avoid)
    assert min(seen[way] for way in ("went", OTHER_WAY, QUIET, WORD)) > 100, seen


def test_the_next_safe_moment_is_safe_and_the_first() -> None:
    chance = random.Random(7)
    for _ in range(2000):
        wishes = Wishes("text", True, hours_from=chance.randrange(24), hours_until=chance.randrange(1, 25))
        now = (datetime(2026, 3, 28, tzinfo=UTC) + timedelta(minutes=chance.randrange(4320))).astimezone(LONDON)
        moment = next_safe(now, wishes)
        if wishes.hours_from == wishes.hours_until:
            assert moment is None
            assert may_send(wishes, "text", now, "") == QUIET
            continue
        assert moment is not None
        assert now <= moment <= now + timedelta(hours=24)
        assert may_send(wishes, "text", moment, "") == ""
        before = [now + timedelta(minutes=step) for step in range(0, int((moment - now).total_seconds() // 60), 7)]
        assert all(may_send(wishes, "text", each, "") == QUIET for each in before)


@pytest.mark.parametrize(
    "said",
    [
        *("Your GRANT came", "a gránt", "food-bank", "FOOD\nBANK", "g\u200brant", "ｇｒａｎｔ", "the charity’s page"),
        *("y gronfa", "ei helusen", "fudd-daliadau", "والمنحة", "للفقراء", "بالمال", "مِنْحَة", "بنك الطعام"),
        *("From the Harbour Trust", "HARBOUR-TRUST", "https://grants.example.org/r/1"),
    ],
)
def test_a_word_is_found_however_it_is_written(said: str) -> None:
    assert unsafe_words.found(said, NAMES), said


@pytest.mark.parametrize("said", ["Grantham", "It is a pleasure", "a new page", "Caernarfon", "مرحبا", "your refund"])
def test_a_word_inside_another_is_no_find(said: str) -> None:
    assert not unsafe_words.found(said, NAMES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_shipped_template_is_sound_short_and_says_nothing(language: str) -> None:
    for (event, channel), words in shipped(language).items():
        assert list(problems(event, channel, words, NAMES)) == []
        for values in (SEEN, SEEN | {"phone": ""}):
            said = fill(words, values)
            assert "{" not in said.text + said.subject
            assert said.text.count("/r/") == ("{link}" in words.text)
            assert len(said.text) > 20, (event, channel)
            if channel == "text":
                assert text_parts(said.text) <= (1 if language == "en" else 3), (event, said.text)
        if language == "en":
            figures = reading(words.text)
            assert figures.age <= 9, (event, channel, figures)
            assert figures.longest <= 20


def test_what_is_wrong_with_words_is_said() -> None:
    def wrong(text: str, event: str = "decided_award", channel: str = "text") -> str:
        return " ".join(problems(event, channel, Words(text), NAMES))

    assert "“grant”" in wrong("Your grant: {link}")
    assert "“harbour trust”" in wrong("Harbour Trust: {link}")
    assert "{name} is not known" in wrong("Dear {name}, {link}")
    assert "{link} is missing" in wrong("Call us.")
    assert "no partner" in wrong("See {link")
    assert "no partner" in wrong("See {link!r}")
    assert "once" in wrong("{link} {link}")
    assert "too long" in wrong("{link} " + "word " * 100)
    assert "subject" in wrong("{link}", channel="email")
    assert "{code} is not known" in wrong("{code} {link}")
    assert not wrong("{code} {link}", channel="letter")
    with pytest.raises(Refusal, match="no words for application_received by text"):
        message_words.read("")


def test_texts_are_counted_as_phones_count_them() -> None:
    assert [text_parts(text) for text in ("a" * 160, "a" * 161, "a" * 306, "a" * 307)] == [1, 2, 2, 3]
    assert [text_parts(text) for text in ("€" * 80, "€" * 81, "ŵ" * 70, "ŵ" * 71, "🙂" * 35, "🙂" * 36)] == [
        1,
        2,
        1,
        2,
        1,
        2,
    ]


def test_wishes_that_nobody_could_keep_to_are_refused() -> None:
    for wishes, field in (
        (Wishes(sender="a name too long"), "sender"),
        (Wishes(sender="Grants"), "sender"),
        (Wishes(sender="Sam", avoid=("sam",)), "sender"),
        (Wishes(sender="Harbour Trust"[:11] + "!"), "sender"),
        (Wishes(hours_from=9, hours_until=9), "hours_until"),
        (Wishes(hours_from=24), "hours_until"),
        (Wishes(avoid=("x" * 41,)), "avoid"),
    ):
        with pytest.raises(Refusal) as refused:
            checked(wishes, NAMES)
        assert refused.value.field == field
    tidy = checked(Wishes(sender=" Sam ", avoid=(" rent ", "", "rent")))
    assert (tidy.sender, tidy.avoid) == ("Sam", ("rent",))

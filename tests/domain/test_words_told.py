"""Terms told whole: every part, to every reader, in words that a child of nine can read."""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass, replace
from datetime import date
from typing import Any, get_args

from hypothesis import given

from grants.domain import words
from grants.domain.money import Money
from grants.domain.terms import Ask, Field, Promise, Question, Rows, Schedule, Statement, Terms
from grants.domain.words import Reader
from tests.domain.some_terms import patient, sound_terms
from tests.rules.test_pages import AVOID

READERS: tuple[Reader, ...] = get_args(Reader)

RECEIPTS = Ask(
    slug="receipts",
    title="Send receipts",
    purpose="The funder checks the items.",
    minutes=35,
    due_days=30,
    intrusiveness="document",
    if_missed="hold_next_payment",
)


def part(terms: Terms, reader: Reader, name: str, **more: Any) -> str:
    """Returns the sentences of one part as they are told."""
    return " ".join(next(one.sentences for one in words.told(terms, reader, **more) if one.part == name))


def test_the_empty_terms_are_told_in_seven_parts() -> None:
    told = words.told(Terms(), "recipient")
    assert [(one.part, one.heading) for one in told] == [
        ("eligibility", "Who it is for"),
        ("questions", "What is asked before"),
        ("authority", "Who decides"),
        ("schedule", "How it is paid"),
        ("confirmation", "Whether it came"),
        ("asks", "What is asked after"),
        ("statement", "What the funder sees"),
    ]
    assert told[5].sentences == ("Nothing is asked of you after the award.",)
    assert "You get it before you buy anything." in told[3].sentences


def test_every_burden_is_told_before_it_is_taken_on() -> None:
    form = (Field(slug="a", label="A", required=True), Field(slug="b", label="B"))
    visit = Ask(slug="visit", title="A visit", purpose="To see.", minutes=60, of="referrer")
    asks = (replace(RECEIPTS, fields=form), replace(RECEIPTS, slug="m", title="More", if_missed="further_grant"), visit)
    question = Question(slug="q", text="Which school?", purpose="To pay it.", minutes=9, cost=150)
    terms = Terms(asks=asks, questions=(question,), schedule=Schedule(parts=3))
    assert part(terms, "recipient", "questions").endswith(
        "Which school? It takes about 9 minutes, may cost £1.50. Why: To pay it. "
        "Only staff see the answer. Kept for 365 days."
    )
    told = part(terms, "recipient", "asks")
    assert "It has 2 questions. One of them has to be answered." in told
    assert "We say who can let it go on, and by which day a person decides." in told
    assert "What that person says holds for 12 months at most. You can ask for another look." in told
    assert "A visit" not in told
    assert "A visit. The helper is asked. It takes about 1 hour." in part(terms, "funder", "asks")
    assert "of about £20.00, one each month" in part(terms, "staff", "schedule", amount=Money(6000))


def test_promises_say_whose_they_are_and_by_when() -> None:
    terms = Terms(
        promises=(
            Promise(by="charity", text="We decide in 2 days", days=2),
            Promise(by="funder", text="It pays ahead.", days=5),
        )
    )
    assert words.told(terms, "recipient")[-1].sentences == (
        "The charity promises: We decide in 2 days.",
        "The funder promises: It pays ahead. Kept within 5 days.",
    )


def test_the_agreement_is_told_to_those_who_keep_it() -> None:
    rows = Rows(columns=("month",), reason="The law", agreement="Of 3 May", notice="We share a line")
    terms = Terms(statement=Statement(rows=rows))
    assert "Of 3 May" in part(terms, "staff", "statement")
    assert "Of 3 May" in part(terms, "funder", "statement")
    assert "Of 3 May" not in part(terms, "recipient", "statement")


PLAIN = {"purpose": "To help more people.", "sentence": "People who need help.", "label": "How was it?"}
"""Texts as a kind author writes them: this measures our words, not theirs."""


def plain(value: Any, name: str = "") -> Any:
    """Returns terms with every free text made short and plain."""
    if is_dataclass(value) and not isinstance(value, type):
        kept = ("slug", "seed", "form", "query", "proof", "kind", "of", "by", "who", "mode", "if_missed")
        free = [f.name for f in fields(value) if f.name not in (*kept, "attested_by", "intrusiveness", "accepts")]
        return replace(value, **{free_name: plain(getattr(value, free_name), free_name) for free_name in free})
    if isinstance(value, tuple) and name not in ("payees", "seen_by", "columns", "aggregates", "choices"):
        return tuple(plain(item) for item in value)
    return (PLAIN.get(name, "It is told here.") if value else value) if isinstance(value, str) else value


def syllables(word: str) -> int:
    """Returns how many syllables an English word has, near enough: its groups of vowels, without a mute e."""
    heard = re.sub(r"(?:[^laeiouy]es|[^td]ed|[^aeiouyl]e)$", lambda end: end[0][0], word.lower())
    return max(1, len(re.findall("[aeiouy]+", heard)))


def grade(text: str) -> float:
    """Returns the Flesch-Kincaid grade of a text: 4 is read at the age of nine."""
    sentences = [one for one in re.split(r"[.!?]”?(?:\s|$)|: ", text) if one.strip()]
    found = re.findall(r"[A-Za-z’]+|[£\d][\d,.]*", text)
    return 0.39 * len(found) / len(sentences) + 11.8 * sum(map(syllables, found)) / len(found) - 15.59


def test_the_measure_knows_hard_words_from_plain_ones() -> None:
    assert grade("We pay you at once. You need do nothing.") < 2
    assert grade("Beneficiaries are obliged to furnish documentary evidence of expenditure within the period.") > 12


@patient
@given(sound_terms())
def test_whatever_terms_say_is_told_to_everyone_in_words_of_a_nine_year_old(terms: Terms) -> None:
    for reader in READERS:
        parts = words.told(plain(terms), reader, Money(60_000), date(2026, 11, 23))
        for one in parts:
            text = " ".join(one.sentences)
            assert len(text.split()) < 30 or grade(text) < 7, text
            assert all(line.endswith((".", "?", "”")) for line in one.sentences), text
        whole = " ".join(line for one in parts for line in (f"{one.heading}.", *one.sentences))
        assert grade(whole) < 5, whole
        assert not [word for word in AVOID if re.search(rf"\b{re.escape(word)}\b", whole.lower())]
        assert not re.search(r"  |\.\.|None|_", whole), whole
        assert ("the person" not in whole.lower()) or reader in READERS[2:], whole


@patient
@given(sound_terms())
def test_every_text_of_a_policy_reaches_its_readers(terms: Terms) -> None:
    told = {reader: " ".join(line for one in words.told(terms, reader) for line in one.sentences) for reader in READERS}
    for ask in terms.asks:
        for reader in READERS[2:]:
            assert ask.title.strip().rstrip(".") in told[reader]
            assert ask.purpose.strip() in told[reader]
        assert ask.of != "recipient" or ask.purpose.strip() in told["recipient"]
    for question in terms.questions:
        assert all(question.text.strip() in text and question.purpose.strip() in text for text in told.values())
    for promise in terms.promises:
        assert all(promise.text.strip() in text for text in told.values())
    if terms.statement.rows.columns:
        assert all(terms.statement.rows.notice.strip() in text for text in told.values())

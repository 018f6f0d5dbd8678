"""Told: the whole of some Terms in plain words, part by part, to whoever reads them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from grants.domain.money import Money
from grants.domain.terms import Ask, Field, Terms
from grants.domain.words_asked import Said, asked_in_all, asks, drawn_share, enough, questions, what_applying_takes
from grants.domain.words_counts import Reader, is_you, sentence
from grants.domain.words_paid import confirming, paid, promised, who_decides, who_for
from grants.domain.words_shown import agreement, figures, what_else_funder_sees


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the terms in words: ``part`` is its name in Terms, ``sentences`` are ready for a page."""

    part: str
    heading: str
    sentences: tuple[str, ...]


def told(terms: Terms, reader: Reader, amount: Money | None = None, awarded_on: date | None = None) -> tuple[Part, ...]:
    """Returns every part of the terms in the order in which a grant lives; what was not promised is left out.

    With the ``amount`` the size of each instalment is said, with ``awarded_on`` the day on which it is firm.
    """
    currency = amount.currency if amount else "GBP"
    parts = (
        Part("eligibility", "Who it is for", who_for(terms, reader)),
        Part("questions", "What is asked before", tuple(_before(terms, currency))),
        Part("authority", "Who decides", who_decides(terms, currency)),
        Part("schedule", "How it is paid", tuple(_paid(terms, reader, amount, awarded_on))),
        Part("confirmation", "Whether it came", (confirming(terms, reader),)),
        Part("asks", "What is asked after", tuple(_after(terms, reader, currency))),
        Part("statement", "What the funder sees", tuple(_shown(terms, reader))),
        Part("promises", "What is promised", promised(terms)),
    )
    return tuple(part for part in parts if part.sentences)


def _before(terms: Terms, currency: str) -> Iterator[str]:
    yield from what_applying_takes(terms, currency)
    for said in questions(terms, currency):
        yield sentence(said.what)
        yield f"It takes about {said.time}{_also(said)}. Why: {sentence(said.why)} {said.when}"


def _paid(terms: Terms, reader: Reader, amount: Money | None, awarded_on: date | None) -> Iterator[str]:
    yield from paid(terms, amount, reader, awarded_on)
    if terms.schedule.before_purchase:
        who = "You get it before you buy" if is_you(reader) else "The person gets it before they buy"
        yield f"{who} anything."


def _after(terms: Terms, reader: Reader, currency: str) -> Iterator[str]:
    yield asked_in_all(terms, reader)
    known = {ask.slug: ask for ask in terms.asks}
    for said in asks(terms, reader, currency):
        yield from _ask(said, known[said.slug], reader)


def _ask(said: Said, ask: Ask, reader: Reader) -> Iterator[str]:
    yield sentence(said.what)
    whom = {"referrer": "The helper is asked. ", "charity": "The charity is asked. "}.get(said.of, "")
    proof = enough(ask, reader)
    yield f"{whom}It takes about {said.time}. It comes {said.when}."
    yield f"Why: {sentence(said.why)}"
    yield from (line for line in (drawn_share(ask), f"{proof[:1].upper()}{proof[1:]}." if proof else "") if line)
    if ask.fields:
        yield _blanks(ask.fields)
    yield said.missed
    if ask.if_missed == "further_grant":
        who = "You" if is_you(reader) else "The person"
        yield f"What that person says holds for 12 months at most. {who} can ask for another look."
    if ask.condition:
        yield "We say who can let it go on, and by which day a person decides."


def _blanks(fields: tuple[Field, ...]) -> str:
    needed = sum(field.required for field in fields)
    if len(fields) == 1:
        return f"It has one question. {'It has to be answered.' if needed else 'It may be left out.'}"
    must = {0: "Any of them may be left out", 1: "One of them has to be answered"}
    return f"It has {len(fields)} questions. {must.get(needed, f'{needed} of them have to be answered')}."


def _shown(terms: Terms, reader: Reader) -> Iterator[str]:
    yield from figures(terms)
    yield from what_else_funder_sees(terms)
    yield from () if is_you(reader) else agreement(terms)


def _also(said: Said) -> str:
    return f", {said.extra}" if said.extra else ""

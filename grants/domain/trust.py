"""What a policy does not ask, and why: said to funders, so that trust is seen as a choice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from grants.domain.terms import Ask, Intrusiveness, Question, Terms


@dataclass(frozen=True, slots=True)
class NotAsked:
    """One thing that is often asked elsewhere and not here, with the reason."""

    what: str
    why: str


def not_asked(terms: Terms) -> tuple[NotAsked, ...]:
    """Returns what these terms leave out of what people are often asked, each with why; empty when all is asked."""
    return tuple(thing for missing, thing in USUAL if missing(terms))


PAPERS: tuple[Intrusiveness, ...] = ("document", "third_party", "account_access")
"""How far a question reaches that is answered with paper."""


def _none(kind: Intrusiveness, of_asks: bool, of_questions: bool) -> Callable[[Terms], bool]:
    def missing(terms: Terms) -> bool:
        asked: list[Ask | Question] = []
        asked += terms.asks if of_asks else ()
        asked += terms.questions if of_questions else ()
        return not any(thing.intrusiveness == kind for thing in asked)

    return missing


def _no_papers(terms: Terms) -> bool:
    """Tells whether nobody has to prove need: a letter or a bank statement asked for before the award is paper too."""
    proven = terms.eligibility.attested_by == "document"
    return not proven and not any(question.intrusiveness in PAPERS for question in terms.questions)


def _no_report(terms: Terms) -> bool:
    return not any(ask.of == "recipient" for ask in terms.asks)


def _no_hold(terms: Terms) -> bool:
    return not any(ask.if_missed == "hold_next_payment" for ask in terms.asks)


USUAL: tuple[tuple[Callable[[Terms], bool], NotAsked], ...] = (
    (
        _none("document", of_asks=True, of_questions=False),
        NotAsked("Receipts", "People know best what they need first. Keeping receipts takes time and finds little."),
    ),
    (
        _no_papers,
        NotAsked("Papers to prove need", "A worker who knows the person says that the fund is for them, and why."),
    ),
    (
        _none("account_access", of_asks=True, of_questions=True),
        NotAsked("A look into their bank account", "It tells more about a life than anyone needs to know."),
    ),
    (
        _none("third_party", of_asks=True, of_questions=True),
        NotAsked("A letter from somebody else", "Letters cost money and days, and not everyone has someone to ask."),
    ),
    (_no_report, NotAsked("A report", "What changed is told by those who want to tell it, when they want to.")),
    (_no_hold, NotAsked("Anything before the next payment", "Money that waits for paper comes too late.")),
)
"""What people are often asked, with how to tell that terms leave it out."""

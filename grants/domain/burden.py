"""Burden, counted: minutes, out-of-pocket cost and intrusiveness of everything asked of a person."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from grants.domain.terms import INTRUSIVENESS, Ask, Intrusiveness, Party, Question, Terms

APPLYING_MINUTES = 3
"""Minutes to answer our own questions at application: an assumption until measured."""


@dataclass(frozen=True, slots=True)
class Burden:
    """What is asked, in minutes and minor units, and how intrusive its worst part is."""

    minutes: int = 0
    cost: int = 0
    intrusiveness: Intrusiveness = "none"
    things: int = 0


def of_applicant(terms: Terms) -> Burden:
    """Returns the burden of applying: our own questions and what the policy adds."""
    added = _sum(terms.questions)
    return Burden(APPLYING_MINUTES + added.minutes, added.cost, added.intrusiveness, added.things)


def after_award(terms: Terms, party: Party = "recipient") -> Burden:
    """Returns the burden that the asks lay on a party after the award; a confirmation is never one."""
    return _sum([ask for ask in terms.asks if ask.of == party])


def _sum(things: Iterable[Question] | Iterable[Ask]) -> Burden:
    total = Burden()
    for thing in things:
        worst = max(total.intrusiveness, thing.intrusiveness, key=INTRUSIVENESS.index)
        total = Burden(total.minutes + thing.minutes, total.cost + thing.cost, worst, total.things + 1)
    return total

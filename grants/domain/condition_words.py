"""Conditions in words: what could hold a later payment, said before anybody applies, or there is no condition."""

from __future__ import annotations

from grants.domain.saying import ENGLISH, Say
from grants.domain.terms import Ask, Terms
from grants.domain.words import Reader, minutes, when


def conditions(terms: Terms, reader: Reader = "applicant", say: Say = ENGLISH) -> tuple[str, ...]:
    """Returns one line for each ask that may hold a later payment; empty when nothing may."""
    return tuple(_line(ask, reader, say) for ask in terms.asks if ask.condition)


def if_not(reader: Reader = "applicant", say: Say = ENGLISH) -> str:
    """Returns what a condition means: what waits, who decides, and that the first payment never waits."""
    if reader not in ("applicant", "recipient"):
        return (
            "If it does not come by then, their next payment waits until a person has looked at it. "
            "The first payment never waits."
        )
    return say(
        "If it does not come by then, your next payment waits until a person has looked at it. "
        "The first payment never waits."
    )


def _line(ask: Ask, reader: Reader, say: Say) -> str:
    told = {"title": say.theirs(ask.title).rstrip("."), "when": when(ask, say), "time": minutes(ask.minutes, say)}
    if ask.of == "recipient":
        return say("%(title)s: by %(when)s, about %(time)s.", **told)
    if ask.of == "charity":
        return say("%(title)s (asked of us): by %(when)s, about %(time)s.", **told)
    if reader not in ("applicant", "recipient"):
        return ENGLISH("%(title)s (asked of whoever helps them): by %(when)s, about %(time)s.", **told)
    return say("%(title)s (asked of whoever helps you): by %(when)s, about %(time)s.", **told)

"""Conditions in words: what could hold a later payment, said before anybody applies, or there is no condition."""

from __future__ import annotations

from grants.domain.terms import Ask, Terms
from grants.domain.words import Reader, days, minutes

_WHOSE = {"recipient": "", "referrer": " (asked of whoever helps {whom})", "charity": " (asked of us)"}


def conditions(terms: Terms, reader: Reader = "applicant") -> tuple[str, ...]:
    """Returns one line for each ask that may hold a later payment; empty when nothing may."""
    return tuple(_line(ask, reader) for ask in terms.asks if ask.condition)


def if_not(reader: Reader = "applicant") -> str:
    """Returns what a condition means: what waits, who decides, and that the first payment never waits."""
    whose = "your" if reader in ("applicant", "recipient") else "their"
    return (
        f"If it does not come by then, {whose} next payment waits until a person has looked at it. "
        "The first payment never waits."
    )


def _line(ask: Ask, reader: Reader) -> str:
    whom = "you" if reader in ("applicant", "recipient") else "them"
    whose = _WHOSE[ask.of].format(whom=whom)
    when = f"{days(ask.due_days)} after the award" if ask.due_days else "at the award"
    return f"{ask.title.rstrip('.')}{whose}: by {when}, about {minutes(ask.minutes)}."

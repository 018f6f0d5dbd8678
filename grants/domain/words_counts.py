"""Counts, spans, days and lists in words, and to whom a sentence is said."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Literal

from grants.domain.saying import ENGLISH, Say

Reader = Literal["applicant", "recipient", "staff", "funder"]
"""To whom a sentence is said: an applicant and a recipient are “you”, to the others they are “the person”."""


def is_you(reader: Reader) -> bool:
    """Returns whether the reader is the person whom the grant is for."""
    return reader in ("applicant", "recipient")


def minutes(count: int, say: Say = ENGLISH) -> str:
    """Returns ``no time``, ``1 minute``, ``35 minutes`` or ``1 hour 10 minutes``."""
    hours, rest = divmod(count, 60)
    short = say.many("%(num)d minute", "%(num)d minutes", rest)
    if not hours:
        return short if rest else say("no time")
    long = say.many("%(num)d hour", "%(num)d hours", hours)
    return say("%(hours)s %(minutes)s", hours=long, minutes=short) if rest else long


def days(count: int, say: Say = ENGLISH) -> str:
    """Returns a span in the unit that people use: ``today``, ``5 days``, ``6 weeks``, ``3 months``, ``2 years``."""
    if count <= 0:
        return say("today")
    if count % 365 == 0 and count // 365 >= 2:
        return say.many("%(num)d year", "%(num)d years", count // 365)
    if count % 30 == 0 and count // 30 >= 2:
        return say.many("%(num)d month", "%(num)d months", count // 30)
    if count % 7 == 0 and count // 7 >= 2:
        return say.many("%(num)d week", "%(num)d weeks", count // 7)
    return say.many("%(num)d day", "%(num)d days", count)


def day(on: date, say: Say = ENGLISH) -> str:
    """Returns ``3 March 2027``."""
    return say.day(on)


def counted(count: int, unit: str) -> str:
    """Returns ``1 part`` or ``6 parts``."""
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"


def listed(parts: Iterable[str], word: str = "and") -> str:
    """Returns ``a``, ``a and b`` or ``a, b and c``."""
    found = list(parts)
    return f" {word} ".join([", ".join(found[:-1]), found[-1]]) if len(found) > 1 else "".join(found)


def sentence(text: str) -> str:
    """Returns a text as a sentence: it ends with a point unless it ends with a mark of its own."""
    said = text.strip()
    return said if said.endswith((".", "!", "?", "…")) else said + "."

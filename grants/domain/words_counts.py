"""Counts, spans, days and lists in words, and to whom a sentence is said."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Literal

Reader = Literal["applicant", "recipient", "staff", "funder"]
"""To whom a sentence is said: an applicant and a recipient are “you”, to the others they are “the person”."""

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def is_you(reader: Reader) -> bool:
    """Returns whether the reader is the person whom the grant is for."""
    return reader in ("applicant", "recipient")


def minutes(count: int) -> str:
    """Returns ``no time``, ``1 minute``, ``35 minutes`` or ``1 hour 10 minutes``."""
    hours, rest = divmod(count, 60)
    parts = [counted(hours, "hour")] if hours else []
    parts += [counted(rest, "minute")] if rest else []
    return " ".join(parts) or "no time"


def days(count: int) -> str:
    """Returns a span in the unit that people use: ``today``, ``5 days``, ``6 weeks``, ``3 months``, ``2 years``."""
    if count <= 0:
        return "today"
    for unit, size, least in (("year", 365, 2), ("month", 30, 2), ("week", 7, 2)):
        if count % size == 0 and count // size >= least:
            return counted(count // size, unit)
    return counted(count, "day")


def day(on: date) -> str:
    """Returns ``3 March 2027``."""
    return f"{on.day} {MONTHS[on.month - 1]} {on.year}"


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
    return said if said.endswith((".", "!", "?", "…")) else f"{said}."

"""Saying: how a sentence of the domain reaches its reader; here in English, at the edges in the reader's language.

A sentence is given whole, with ``%(name)s`` where its values go, so that it can be looked up and translated.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from grants.domain.money import Money, format_amount

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


class Say:
    """Says sentences in English, as they are written; whoever speaks another language says them otherwise."""

    def __call__(self, sentence: str, **values: object) -> str:
        """Returns the sentence with its values filled in."""
        return sentence % values if values else sentence

    def many(self, one: str, more: str, num: int) -> str:
        """Returns the sentence for so many things; ``%(num)d`` in it is the number."""
        return (one if num == 1 else more) % {"num": num}

    def theirs(self, text: str) -> str:
        """Returns a text that a policy wrote: a title, a purpose, a question, a promise."""
        return text

    def money(self, value: Money) -> str:
        """Returns ``£99.50``."""
        return format_amount(value)

    def day(self, on: date) -> str:
        """Returns ``3 March 2027``."""
        return f"{on.day} {MONTHS[on.month - 1]} {on.year}"

    def listed(self, parts: Sequence[str], word: str = "and") -> str:
        """Returns ``a``, ``a and b`` or ``a, b and c``; ``word`` is “and” or “or”."""
        return f" {word} ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else "".join(parts)

    def in_a_row(self, parts: Iterable[str]) -> str:
        """Returns short notes one after the other: ``a, b, c``."""
        return ", ".join(parts)


ENGLISH = Say()
"""English as it is written: for staff, for funders, and wherever nobody's language is known."""

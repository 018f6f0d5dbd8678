"""One language: its sentences by their English, how it counts and writes, and what still waits to be read."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from gettext import c2py

from babel import Locale

MACHINE = "machine-made"
"""The mark in a catalogue of a sentence that no speaker has translated or read yet."""

_PLACE = re.compile(r"%\(\w+\)[sd]")

FIRST_STRONG, END = "\u2068", "\u2069"
"""Around a value in a right-to-left sentence (Unicode UAX 9), so that a number or a name keeps its own direction."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a catalogue: its English, what it is in the language, and whether no speaker made or read it.

    One that counts has as many forms as its catalogue has, and that catalogue's ``rule`` to choose among them.
    """

    said: tuple[str, ...]
    told: tuple[str, ...]
    rule: str = ""
    machine: bool = False

    def form(self, num: int) -> str:
        """Returns what it is for so many things."""
        return self.told[min(counting(self.rule)(num), len(self.told) - 1)] if self.rule else self.told[0]


@dataclass(frozen=True, slots=True, eq=False)
class Language:
    """A language that pages can be in; ``sentences`` and the ``parts`` that they belong to are by their English.

    ``told`` is what is looked up while a page is made: the same sentences with values kept in their own direction.
    """

    tag: str
    locale: Locale
    sentences: Mapping[str, Sentence]
    parts: Mapping[str, str]
    told: Mapping[str, Sentence] = field(default_factory=dict)

    @property
    def html(self) -> str:
        """Returns its name in HTML: ``en-GB``, ``cy``, ``ar``."""
        return str(self.locale).replace("_", "-")

    @property
    def name(self) -> str:
        """Returns what those who speak it call it: ``Cymraeg``."""
        called = str(self.locale.get_language_name(str(self.locale)) or self.tag)
        return called[:1].upper() + called[1:]

    @property
    def english_name(self) -> str:
        """Returns what it is called in English: ``Welsh``."""
        return str(self.locale.get_display_name("en") or self.tag)

    @property
    def direction(self) -> str:
        """Returns ``rtl`` for Arabic, Farsi, Sorani and the like, else ``ltr``."""
        return "rtl" if self.locale.language == "ckb" else str(self.locale.text_direction)

    def of_part(self, part: str) -> list[str]:
        """Returns the sentences of a part that the code has, translated or not, in the order of their English."""
        return sorted(said for said, where in self.parts.items() if where == part)

    def digest(self, part: str) -> str:
        """Returns the SHA-256 of a part: of its English and of what each sentence is here."""
        return _digest(self, part)


@lru_cache(maxsize=64)
def _digest(language: Language, part: str) -> str:
    whole = hashlib.sha256()
    for said in language.of_part(part):
        found = language.sentences.get(said)
        for text in (said, *(found.told if found else ())):
            whole.update(text.encode() + b"\0")
        whole.update(b"\1")
    return whole.hexdigest()


@lru_cache(maxsize=64)
def counting(rule: str) -> Callable[[int], int]:
    """Returns which form a count takes, as a catalogue's own rule says: ``n==1 ? 0 : 1``."""
    return c2py(rule)


def kept_apart(told: tuple[str, ...], direction: str) -> tuple[str, ...]:
    """Returns a sentence with its values kept in their own direction, where the sentence runs right to left."""
    if direction != "rtl":
        return told
    return tuple(_PLACE.sub(lambda found: f"{FIRST_STRONG}{found[0]}{END}", text) for text in told)


ENGLISH = Language("en", Locale("en", "GB"), {}, {})
"""The language that everything is written in."""

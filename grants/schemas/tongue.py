"""The reader's language: sentences looked up in the catalogues of ``grants/locale``, found once for each page.

What a language has not, or what nobody who speaks it has read yet where it must be read, stays in English and says
so in HTML: ``<span lang="en" dir="ltr">``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from gettext import NullTranslations
from typing import Any

from babel import Locale
from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import format_currency, get_currency_symbol
from flask import Flask, current_app, g, has_app_context
from markupsafe import Markup

from grants.domain.errors import Refusal
from grants.domain.money import EXPONENTS, Money
from grants.domain.saying import ENGLISH as PLAINLY
from grants.domain.saying import Say
from grants.languages import ENGLISH, GATED, REST, Language, Languages, Sentence

KEY = "grants.languages"

_PLAIN = NullTranslations()


class InEnglish(str):
    """A sentence that stays in English on a page in another language; HTML is told so."""

    __slots__ = ()

    def __html__(self) -> Markup:
        """Returns the sentence with its language marked."""
        return Markup('<span lang="en" dir="ltr">{}</span>').format(str(self))

    def format(self, *values: Any, **named: Any) -> InEnglish:
        """Returns the sentence with its values filled in, still marked."""
        return InEnglish(str(self).format(*values, **named))

    def __add__(self, more: str) -> InEnglish:
        """Returns the sentence with more after it, still marked."""
        return InEnglish(str(self) + more)

    def strip(self, chars: str | None = None, /) -> InEnglish:
        """Returns the sentence without its edges, still marked."""
        return InEnglish(str(self).strip(chars))

    def __mod__(self, values: Any) -> InEnglish:
        """Returns the sentence with its values filled in, still marked."""
        return InEnglish(str(self) % values)


@dataclass(frozen=True, slots=True)
class Spoken:
    """What an app can be read in: its languages, which one this page is in, and which parts speakers have read."""

    languages: Languages
    choose: Callable[[], Language]
    read: Callable[[Language], Collection[str]]
    theirs: Callable[[Language, str], Mapping[str, str]]


class Translations(NullTranslations):
    """The sentences of one language for one page; ``some_english`` is set once one of them had to stay in English."""

    def __init__(self, language: Language, read: Callable[[Language], Collection[str]]) -> None:
        super().__init__()
        self.language = language
        self.some_english = False
        self._read = read
        self._may_show: frozenset[str] | None = None

    def gettext(self, message: str) -> str:
        """Returns a sentence in this language, or in English, marked as such."""
        found = self._found(message)
        return found.told[0] if found else self._english(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """Returns the sentence for a count, in this language's own plural forms."""
        found = self._found(msgid1)
        return found.form(n) if found else self._english(msgid1 if n == 1 else msgid2)

    def _found(self, message: str) -> Sentence | None:
        found = self.language.told.get(message)
        if found is None:
            return None
        return found if self._may(self.language.parts.get(message, REST)) else None

    def _may(self, part: str) -> bool:
        if part not in GATED:
            return True
        if self._may_show is None:
            self._may_show = frozenset(self._read(self.language))
        return part in self._may_show

    def _english(self, message: str) -> InEnglish:
        self.some_english = True
        return InEnglish(message)


def setup(app: Flask, spoken: Spoken) -> None:
    """Lets an app's pages be read in these languages."""
    app.extensions[KEY] = spoken


def gettext(sentence: str, **values: object) -> str:
    """Returns the sentence in the reader's language with its values filled in; outside a page, as written."""
    found = catalogue().gettext(sentence)
    return found % values if values else found


def ngettext(one: str, many: str, num: int) -> str:
    """Returns the sentence for this number of things; ``%(num)d`` in it is the number."""
    return bare_ngettext(one, many, num) % {"num": num}


def bare_ngettext(one: str, many: str, num: int) -> str:
    """Returns the sentence for this number of things with ``%(num)d`` still in it, for a page to fill in."""
    return catalogue().ngettext(one, many, num)


_speaking: ContextVar[Language | None] = ContextVar("speaking", default=None)


@contextmanager
def speaking(chosen: Language) -> Iterator[None]:
    """Says everything in this language for a while, whatever the browser asks for: for messages and for previews."""
    token = _speaking.set(chosen)
    try:
        yield
    finally:
        _speaking.reset(token)


def as_said(said: object) -> str:
    """Returns what a schema says as it is: a sentence that stays in English still knows it."""
    return said if isinstance(said, str) else str(said or "")


def refused(refusal: Refusal) -> str:
    """Returns what was refused, in the reader's language."""
    return gettext(refusal.sentence, **refusal.values)


def language() -> Language:
    """Returns the reader's language: English outside a page, and wherever no other was chosen."""
    chosen = _speaking.get()
    if chosen is not None:
        return chosen
    spoken = current_app.extensions.get(KEY) if has_app_context() else None
    return spoken.choose() if isinstance(spoken, Spoken) else ENGLISH


def languages() -> Languages:
    """Returns the languages that this app's pages can be in."""
    spoken = current_app.extensions[KEY]
    assert isinstance(spoken, Spoken)
    return spoken.languages


def locale() -> Locale:
    """Returns how the reader's language writes days and numbers."""
    return language().locale


def catalogue() -> NullTranslations:
    """Returns the sentences of the reader's language: looked for once, because a page has hundreds."""
    if not has_app_context():
        return _PLAIN
    chosen = _speaking.get()
    kept: tuple[Language | None, NullTranslations] | None = g.get("sentences")
    if kept is None or kept[0] is not chosen:
        kept = g.sentences = (chosen, _translations())
    return kept[1]


def _translations() -> NullTranslations:
    reader = language()
    return _PLAIN if reader is ENGLISH else Translations(reader, current_app.extensions[KEY].read)


def some_english() -> bool:
    """Returns whether something on this page had to stay in English so far."""
    kept = catalogue()
    return isinstance(kept, Translations) and kept.some_english


def written(value: Money) -> str:
    """Returns an amount as the reader's language writes it: ``£150``, ``£99.50``."""
    digits = EXPONENTS.get(value.currency, 2)
    number = Decimal(value.amount).scaleb(-digits)
    reader = locale()
    pattern = str(reader.currency_formats["standard"].pattern)
    if value.amount % 10**digits == 0:
        pattern = pattern.replace(".00", "")
    said = format_currency(number, value.currency, pattern, locale=reader, currency_digits=False)
    return said.replace(get_currency_symbol(value.currency, reader), get_currency_symbol(value.currency, "en_GB"))


class _Saying(Say):
    """Says the domain's sentences in the reader's language; a policy's own texts as its plugin has them."""

    def __init__(self, policy: str = "") -> None:
        self._policy = policy

    def __call__(self, sentence: str, **values: object) -> str:
        """Returns the sentence in the reader's language with its values filled in."""
        return gettext(sentence, **values)

    def many(self, one: str, more: str, num: int) -> str:
        """Returns the sentence for so many things."""
        return ngettext(one, more, num)

    def theirs(self, text: str) -> str:
        """Returns a text of the policy in the reader's language, else as it was written, marked as English."""
        return of_policy(text, self._policy)

    def money(self, value: Money) -> str:
        """Returns an amount as the reader writes it."""
        return written(value)

    def day(self, on: date) -> str:
        """Returns a day as the reader writes it."""
        return str(format_date(on, "long", locale=locale()))

    def listed(self, parts: Sequence[str], word: str = "and") -> str:
        """Returns parts as the reader lists them."""
        return str(format_list(list(parts), "or" if word == "or" else "standard", locale=locale()))

    def in_a_row(self, parts: Iterable[str]) -> str:
        """Returns short notes one after the other, with the reader's comma."""
        return gettext(", ").join(parts)


def saying(policy: str = "") -> Say:
    """Returns how the domain's sentences reach this reader; ``policy`` is whose own texts are among them."""
    return PLAINLY if language() is ENGLISH else _Saying(policy)


def of_policy(text: str, policy: str = "") -> str:
    """Returns a text that a policy or the charity wrote: in the reader's language where its plugin, or the charity's
    own catalogue, has it; else as it was written, marked as English."""
    reader = language()
    if reader is ENGLISH or not text or not has_app_context():
        return text
    found = current_app.extensions[KEY].theirs(reader, policy).get(text)
    return found or catalogue().gettext(text)

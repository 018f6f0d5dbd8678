"""The benefits note: what a charity's money may mean for benefits, by nation, as data that a charity can change.

It is dated and hedged, and never advice: every nation names where to ask. Source of the first text: CPAG's handbooks
on charitable payments, GOV.UK and nidirect on savings and Universal Credit.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from grants.domain.errors import Refusal

LONGEST = 200
"""Characters in one sentence of the note, at most."""

KEYS = {"written_on", "months", "checked_by", "nation"}
NATION_KEYS = {"name", "once", "regular", "advice", "source"}
ADVICE_KEYS = {"name", "phone", "web"}


@dataclass(frozen=True, slots=True)
class Advice:
    """Somebody who gives benefits advice: a name, and a phone number or a web address or both."""

    name: str
    phone: str = ""
    web: str = ""


@dataclass(frozen=True, slots=True)
class Nation:
    """What is usual in one nation for money that comes once and for money that comes again, and where to ask."""

    name: str
    once: tuple[str, ...]
    regular: tuple[str, ...]
    advice: tuple[Advice, ...]
    source: str = ""


@dataclass(frozen=True, slots=True)
class BenefitsNote:
    """The whole note; ``checked_by`` is empty until somebody who gives such advice has checked it."""

    written_on: date
    months: int
    checked_by: str
    nations: tuple[Nation, ...]

    def old(self, today: date) -> bool:
        """Returns whether more than ``months`` have gone by since the note was written."""
        gone = (today.year - self.written_on.year) * 12 + today.month - self.written_on.month
        return gone > self.months or (gone == self.months and today.day > self.written_on.day)


def read(text: str) -> BenefitsNote:
    """Returns the note that a TOML text holds; raises Refusal ``benefits.note``, which names the key to mend."""
    try:
        given = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _off("the file", f"is not TOML ({error})") from error
    _only(given, KEYS, "")
    written_on = given.get("written_on")
    if type(written_on) is not date:
        raise _off("written_on", "is a day, like 2026-11-23")
    months = given.get("months", 12)
    if type(months) is not int or not 1 <= months <= 24:
        raise _off("months", "is a whole number from 1 to 24")
    nations = given.get("nation")
    if not isinstance(nations, list) or not nations:
        raise _off("nation", "names at least one nation")
    told = tuple(_nation(each, f"nation {place}") for place, each in enumerate(nations, 1))
    return BenefitsNote(written_on, months, _text(given, "checked_by", ""), told)


def _nation(given: object, where: str) -> Nation:
    part = _table(given, NATION_KEYS, where)
    advice = part.get("advice")
    if not isinstance(advice, list) or not advice:
        raise _off(f"{where}.advice", "names somebody to ask")
    return Nation(
        name=_needed(part, "name", where),
        once=_sentences(part, "once", where),
        regular=_sentences(part, "regular", where),
        advice=tuple(_advice(each, f"{where}.advice {place}") for place, each in enumerate(advice, 1)),
        source=_text(part, "source", where),
    )


def _advice(given: object, where: str) -> Advice:
    part = _table(given, ADVICE_KEYS, where)
    told = Advice(_needed(part, "name", where), _text(part, "phone", where), _text(part, "web", where))
    if not (told.phone or told.web):
        raise _off(where, "has a phone number or a web address")
    if "/" in told.web and "//" in told.web:
        raise _off(f"{where}.web", "is an address without https://, like adviceni.net")
    return told


def _sentences(part: Mapping[str, Any], key: str, where: str) -> tuple[str, ...]:
    told = part.get(key)
    if not isinstance(told, list) or not told or not all(_is_sentence(each) for each in told):
        raise _off(f"{where}.{key}", f"is a list of sentences of at most {LONGEST} characters")
    return tuple(told)


def _is_sentence(each: object) -> bool:
    return isinstance(each, str) and 0 < len(each.strip()) <= LONGEST


def _table(given: object, keys: set[str], where: str) -> Mapping[str, Any]:
    if not isinstance(given, dict):
        raise _off(where, "is a table")
    _only(given, keys, f"{where}.")
    return given


def _only(given: Mapping[str, Any], keys: set[str], where: str) -> None:
    for key in given:
        if key not in keys:
            raise _off(f"{where}{key}", f"is not known here; known are {', '.join(sorted(keys))}")


def _needed(part: Mapping[str, Any], key: str, where: str) -> str:
    told = _text(part, key, where)
    if not told:
        raise _off(f"{where}.{key}", "is needed")
    return told


def _text(part: Mapping[str, Any], key: str, where: str) -> str:
    told = part.get(key, "")
    if not isinstance(told, str) or len(told) > LONGEST:
        raise _off(f"{where}.{key}".strip("."), f"is a text of at most {LONGEST} characters")
    return told.strip()


def _off(key: str, expected: str) -> Refusal:
    return Refusal("benefits.note", f"The benefits note: {key} {expected}.")

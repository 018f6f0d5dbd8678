"""The JSON form of Terms: exact both ways, with errors that name the place."""

from __future__ import annotations

import hashlib
import json
import types
from dataclasses import MISSING, asdict, fields, is_dataclass
from functools import cache, lru_cache
from typing import Any, Literal, Union, cast, get_args, get_origin, get_type_hints

from grants.domain.terms import Terms

VERSION = 1
"""The version of the shape, written into every frozen Terms."""

FURTHEST = 10**15
"""Whole numbers beyond this, either way, are refused before anything counts with them or writes them out."""


class TermsError(ValueError):
    """Says what is wrong with the data of a policy, one ``place: what was expected`` a line."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


def dump(terms: Terms) -> str:
    """Returns the terms as JSON text with sorted keys, so that equal terms are equal texts."""
    return json.dumps({"version": VERSION, **asdict(terms)}, sort_keys=True, ensure_ascii=False)


def digest(terms: Terms) -> str:
    """Returns a fingerprint of the terms: SHA-256 of their JSON text, so that equal terms have equal ones."""
    return hashlib.sha256(dump(terms).encode()).hexdigest()


@lru_cache(maxsize=256)
def load(text: str) -> Terms:
    """Returns the terms frozen in the text, or raises TermsError; the same text gives the same value, which is frozen.

    A page reads the terms of one fund several times, and a list those of many grants under few policies.
    """
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise TermsError([f"terms: not JSON ({str(error)[:200]})"]) from None
    return from_data(data)


def from_data(data: object) -> Terms:
    """Returns Terms from plain data (of JSON or TOML), or raises TermsError with every problem."""
    problems: list[str] = []
    if isinstance(data, dict):
        data = dict(data)
        version = data.pop("version", VERSION)
        if not isinstance(version, int) or isinstance(version, bool) or version != VERSION:
            problems.append(f"version: expected {VERSION}")
    made = _read(Terms, data, "terms", problems)
    if problems:
        raise TermsError(problems)
    return cast(Terms, made)


def again(terms: Terms) -> Terms:
    """Returns the terms as they would come back from being frozen, or raises TermsError by place.

    What a careless plugin put there is read by its value: a list for a tuple is fine, a float for minutes is not.
    """
    return from_data(_plain(terms))


def _plain(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return value


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _read(kind: Any, value: object, place: str, problems: list[str]) -> object:
    origin = get_origin(kind)
    if is_dataclass(kind):
        return _read_part(cast(type, kind), value, place, problems)
    if origin is tuple:
        return _read_many(get_args(kind)[0], value, place, problems)
    if origin is Literal:
        return _read_choice(get_args(kind), value, place, problems)
    if origin in (Union, types.UnionType):
        inner = [part for part in get_args(kind) if part is not type(None)]
        return None if value is None else _read(inner[0], value, place, problems)
    if kind is int:
        return _read_number(value, place, problems)
    if kind is bool:
        return _expect(value is True or value is False, value, place, "true or false", problems)
    return str.__str__(value) if isinstance(value, str) else _expect(False, value, place, "text", problems)


def _read_choice(choices: tuple[str, ...], value: object, place: str, problems: list[str]) -> object:
    if isinstance(value, str) and str.__str__(value) in choices:
        return str.__str__(value)
    return _expect(False, value, place, f"one of {', '.join(choices)}", problems)


def _read_number(value: object, place: str, problems: list[str]) -> object:
    if not isinstance(value, int) or isinstance(value, bool):
        return _expect(False, value, place, "a whole number", problems)
    if not -FURTHEST <= int.__int__(value) <= FURTHEST:
        problems.append(f"{place}: expected {FURTHEST} or less")
    return int.__int__(value)


def _read_many(kind: Any, value: object, place: str, problems: list[str]) -> object:
    if not isinstance(value, list | tuple):
        return _expect(False, value, place, "a list", problems)
    return tuple(_read(kind, item, f"{place}[{i}]", problems) for i, item in enumerate(value))


def _read_part(kind: type, value: object, place: str, problems: list[str]) -> object:
    if not isinstance(value, dict):
        return _expect(False, value, place, "a group of named values", problems)
    known = {f.name: f for f in fields(kind)}
    problems += [f"{place}.{str(name)[:60]}: not a name we know" for name in value if name not in known]
    needed = [n for n, f in known.items() if f.default is MISSING and f.default_factory is MISSING and n not in value]
    problems += [f"{place}.{name}: missing" for name in needed]
    hints = _hints(kind)
    given = {n: _read(hints[n], v, f"{place}.{n}", problems) for n, v in value.items() if n in known}
    return None if needed else kind(**given)


def _expect(fine: bool, value: object, place: str, expected: str, problems: list[str]) -> object:
    if not fine:
        problems.append(f"{place}: expected {expected}, got {type(value).__name__}")
    return value

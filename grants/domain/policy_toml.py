"""Terms as TOML: only what differs from asking nothing, part by part, with a short word about each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import MISSING, Field, fields, is_dataclass
from typing import Any

from grants.domain.terms import Terms

NOTES = {
    "eligibility": "Who and what the money may be for, and whose word is enough.",
    "questions": "An extra question to whoever applies. Minutes and purpose are shown beside it.",
    "authority": "Who decides.",
    "authority.bands": "Up to so much, in pence, lowest first; without up_to: any amount.",
    "schedule": "When the money goes, and to whom.",
    "schedule.choices": "Another way to be paid that the person may choose.",
    "confirmation": "Whether “it came” is offered, hoped for or sampled. Silence changes nothing.",
    "asks": "Something hoped for after the award. Cost is in pence, due_days counts from the award.",
    "asks.fields": "One blank of the form.",
    "statement": "What the funder sees: totals, never people.",
    "statement.rows": "One line a grant, with codes only: with a reason, an agreement and a notice.",
    "statement.questions": "A question of the funder, answered from what is held.",
    "promises": "A duty that the funder or the charity takes on.",
}
"""What stands above each part in a file."""

_ESCAPED = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_ODD = re.compile(r'["\\\x00-\x1f\x7f]')


def text(value: str) -> str:
    """Returns a text in quotes, as TOML writes it on one line."""
    return f'"{_ODD.sub(_escape, value)}"'


def _escape(found: re.Match[str]) -> str:
    return _ESCAPED.get(found[0]) or f"\\u{ord(found[0]):04x}"


def terms_lines(terms: Terms) -> Iterator[str]:
    """Yields the lines of a file that say these terms; nothing at all for the empty ones."""
    told: set[str] = set()
    for part in fields(terms):
        yield from _part(part, getattr(terms, part.name), part.name, told)


def _part(part: Field[Any], value: Any, place: str, told: set[str]) -> Iterator[str]:
    if isinstance(value, tuple):
        for item in value:
            yield from _table(item, place, f"[[{place}]]", told)
    elif value != _usual(part):
        yield from _table(value, place, f"[{place}]", told)


def _table(thing: Any, place: str, header: str, told: set[str]) -> Iterator[str]:
    yield ""
    if place not in told:
        yield f"# {NOTES[place]}"
        told.add(place)
    yield header
    below = []
    for each in fields(thing):
        value = getattr(thing, each.name)
        if is_dataclass(value) or (isinstance(value, tuple) and value and is_dataclass(value[0])):
            below.append(each)
        elif value is not None and value != _usual(each):
            yield f"{each.name} = {_value(value)}"
    for each in below:
        yield from _part(each, getattr(thing, each.name), f"{place}.{each.name}", told)


def _usual(part: Field[Any]) -> Any:
    return part.default_factory() if part.default_factory is not MISSING else part.default


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return f"[{', '.join(_value(item) for item in value)}]"
    return text(value) if isinstance(value, str) else str(value)

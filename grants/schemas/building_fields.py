"""Blanks of the page on which somebody writes a policy without code: texts, numbers and choices within their limits."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from marshmallow import fields, validate

from grants.domain.terms_limits import NUMBERS, SLUG, TEXTS
from grants.schemas.fields import Choice, PlainText, Pounds

Options = tuple[tuple[str, str], ...]
Fields = dict[str, fields.Field[Any]]

REACH: Options = (
    ("none", "Nothing about their life"),
    ("own_words", "Their own words"),
    ("document", "A paper or a photo"),
    ("third_party", "Somebody else’s word"),
    ("account_access", "A look into their bank account"),
)

KINDS: Options = (
    ("text", "A few words"),
    ("long_text", "Many words"),
    ("number", "A number"),
    ("yes_no", "Yes or no"),
    ("choice", "One of some answers"),
)

PARTIES: Options = (
    ("recipient", "The person"),
    ("referrer", "Whoever referred them"),
    ("charity", "The charity"),
)

PAYEES: Options = (
    ("recipient", "The person"),
    ("agency", "An organisation that helps them"),
    ("supplier", "A shop or supplier"),
)

SHORT = "A short name in small letters. Leave it empty: it is made by itself."


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a policy as the page asks about it; ``more`` names what is folded away at first."""

    kind: type | None
    asked: Mapping[str, fields.Field[Any]]
    more: tuple[str, ...] = ()


def a_text(
    kind: type, name: str, label: str, hint: str = "", *, lines: bool = False, needed: bool = False
) -> PlainText:
    """Returns a blank for a text, as long as Terms let it be; one that is needed says so."""
    more: dict[str, Any] = {"required": True, "error_messages": {"required": "Write this in a few words."}}
    most = TEXTS.get(kind, {}).get(name, (0, 40))[1]
    return PlainText(
        most, lines=lines, metadata={"label": label, "hint": hint}, **(more if needed else {"load_default": ""})
    )


def a_number(kind: type, name: str, label: str, hint: str = "", usual: int | None = None) -> fields.Integer:
    """Returns a blank for a whole number within the limits of Terms; without a usual value it must be answered."""
    least, most = NUMBERS[kind][name]
    about = {"label": label, "hint": hint}
    check = validate.Range(least, most)
    if usual is None:
        return fields.Integer(required=True, validate=check, metadata=about)
    return fields.Integer(load_default=usual, validate=check, metadata=about)


def a_slug(hint: str = SHORT) -> PlainText:
    """Returns the blank for a short name, which may stay empty."""
    check = validate.Regexp(f"({SLUG})?", error="Use small letters, figures and dashes, a letter first.")
    return PlainText(40, load_default="", validate=check, metadata={"label": "Short name", "hint": hint})


def one_of(options: Options, label: str, usual: str, hint: str = "") -> Choice:
    """Returns a list to choose one from."""
    return Choice(options, load_default=usual, metadata={"label": label, "hint": hint, "widget": "select"})


def some_of(options: Options, label: str, hint: str = "", *, least: int = 0) -> fields.List[str]:
    """Returns boxes to tick."""
    check = [validate.Length(min=least, error="Tick at least one.")] if least else []
    about = {"label": label, "hint": hint}
    said: dict[str, Any] = {"required": "Tick at least one."}
    return fields.List(Choice(options), required=bool(least), validate=check, metadata=about, error_messages=said)


def a_tick(label: str, hint: str = "") -> fields.Boolean:
    """Returns one box to tick."""
    return fields.Boolean(load_default=False, metadata={"label": label, "hint": hint, "widget": "tick"})


def answers() -> fields.List[str]:
    """Returns the blank for answers to choose from, one a line."""
    about = {"label": "The answers to choose from", "hint": "One on each line, if one of some answers is chosen."}
    return fields.List(PlainText(100), load_default=list, metadata=about)


def a_cost() -> Pounds:
    """Returns the blank for what something costs whoever answers it."""
    about = {"label": "What it may cost them, in pounds", "hint": "Printing, a bus, a letter. Empty: nothing."}
    return Pounds(metadata=about)


def short_name(text: str, taken: Iterable[str] = ()) -> str:
    """Returns a short name made of a text: small letters, figures and dashes, unlike those taken."""
    plain = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
    stem = re.sub(r"^[^a-z]+", "", plain)[:34].strip("-") or "a"
    used, slug, n = set(taken), stem, 1
    while slug in used:
        n += 1
        slug = f"{stem}-{n}"
    return slug

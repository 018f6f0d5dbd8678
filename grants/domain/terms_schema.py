"""The published JSON Schema of Terms, made from the parts themselves and from the table of their limits."""

from __future__ import annotations

import json
from dataclasses import MISSING, Field, fields, is_dataclass
from inspect import getdoc
from types import UnionType
from typing import Any, Literal, Union, cast, get_args, get_origin, get_type_hints

from grants.domain.terms import Terms
from grants.domain.terms_json import VERSION
from grants.domain.terms_limits import FORM, ITEM_SLUGS, ITEMS, LISTS, NUMBERS, SLUG, SLUGS, TEXTS

DIALECT = "https://json-schema.org/draft/2020-12/schema"

NAME = f"urn:grants-on-trust:terms:{VERSION}"

Shape = dict[str, Any]
"""A schema, or a part of one, as plain data."""


def schema() -> Shape:
    """Returns the schema (draft 2020-12) of Terms as JSON or TOML data.

    It holds every name, kind, limit and default. What only makes sense together, a document that needs an ask,
    say, is left to ``terms_checks.check``: data that fits the schema may still be refused there, never the other way.
    """
    inside: dict[str, Shape] = {}
    whole = _part(Terms, inside)
    version = {"const": VERSION, "title": "Version", "description": "The version of this shape.", "default": VERSION}
    whole["properties"] = {"version": version, **whole["properties"]}
    return {"$schema": DIALECT, "$id": NAME, **whole, "$defs": dict(sorted(inside.items()))}


def schema_text() -> str:
    """Returns the schema as the text of its file, ``plugins/terms.schema.json``."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def _part(kind: type, inside: dict[str, Shape]) -> Shape:
    """Returns the schema of a part; the parts within it are put inside, by name."""
    hints = get_type_hints(kind)
    made: Shape = {
        "title": _spaced(kind.__name__),
        "description": (getdoc(kind) or "").replace("``", ""),
        "type": "object",
        "additionalProperties": False,
        "properties": {f.name: _property(kind, f, hints[f.name], inside) for f in fields(cast(Any, kind))},
    }
    needed = [f.name for f in fields(cast(Any, kind)) if f.default is MISSING and f.default_factory is MISSING]
    return {**made, "required": needed} if needed else made


def _property(kind: type, field: Field[Any], hint: Any, inside: dict[str, Shape]) -> Shape:
    made = {"title": _spaced(field.name), **_of(kind, field.name, hint, inside)}
    if field.default is not MISSING:
        made["default"] = list(field.default) if isinstance(field.default, tuple) else field.default
    elif field.default_factory is not MISSING:
        made["default"] = {}
    return made


def _of(kind: type, name: str, hint: Any, inside: dict[str, Shape]) -> Shape:
    origin = get_origin(hint)
    if is_dataclass(hint):
        return _within(cast(type, hint), inside)
    if origin is tuple:
        return _list(kind, name, get_args(hint)[0], inside)
    if origin is Literal:
        return {"enum": list(get_args(hint))}
    if origin in (Union, UnionType):
        inner = _of(kind, name, next(part for part in get_args(hint) if part is not type(None)), inside)
        return {**inner, "type": [inner["type"], "null"]}
    if hint is bool:
        return {"type": "boolean"}
    if hint is int:
        least, most = NUMBERS[kind][name]
        return {"type": "integer", "minimum": least, "maximum": most}
    return _text(kind, name)


def _within(kind: type, inside: dict[str, Shape]) -> Shape:
    if kind.__name__ not in inside:
        inside[kind.__name__] = _part(kind, inside)
    return {"$ref": f"#/$defs/{kind.__name__}"}


def _list(kind: type, name: str, item: Any, inside: dict[str, Shape]) -> Shape:
    least, most = LISTS[kind][name]
    of = _item(kind, name) if item is str else _of(kind, name, item, inside)
    made: Shape = {"type": "array", "items": of, "maxItems": most, "uniqueItems": True}
    return {**made, "minItems": least} if least else made


def _item(kind: type, name: str) -> Shape:
    if (kind, name) in ITEM_SLUGS:
        return {"type": "string", "pattern": f"^{SLUG}$"}
    least, most = ITEMS[kind, name]
    return {"type": "string", "minLength": least, "maxLength": most}


def _text(kind: type, name: str) -> Shape:
    if name in SLUGS.get(kind, ()):
        return {"type": "string", "pattern": f"^{SLUG}$"}
    if name == "form":
        return {"type": "string", "pattern": f"^({FORM})?$"}
    least, most = TEXTS[kind][name]
    made: Shape = {"type": "string", "maxLength": most}
    return {**made, "minLength": least, "pattern": r"\S"} if least else made


def _spaced(name: str) -> str:
    """Returns ``Funder question`` for FunderQuestion and ``Due days`` for due_days."""
    spaced = "".join(f" {char.lower()}" if char.isupper() else char for char in name).strip().replace("_", " ")
    return spaced[:1].upper() + spaced[1:]

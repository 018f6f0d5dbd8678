"""Checks: what must be true of an offer before it is taken, by kind."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Any

from marshmallow import Schema

from grants.offers import Export, Form, Messenger, Policy, Rail

_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


def _sound(kind: type, *texts: str) -> Callable[[Any], str]:
    def check(offer: Any) -> str:
        if not isinstance(offer, kind):
            return f"expected {kind.__name__}, got {type(offer).__name__}"
        slug = getattr(offer, "slug", None)
        if not isinstance(slug, str) or not _SLUG.fullmatch(slug):
            return f"slug: expected small letters, figures and dashes, got {slug!r}"
        for name in texts:
            if not isinstance(getattr(offer, name, None), str) or not getattr(offer, name).strip():
                return f"{slug}: {name}: expected a text"
        return ""

    return check


def _sound_policy(offer: Any) -> str:
    problem = _sound(Policy, "title", "promise")(offer)
    if problem:
        return problem
    if not (
        isinstance(offer.also, tuple) and all(isinstance(name, str) and _SLUG.fullmatch(name) for name in offer.also)
    ):
        return f"{offer.slug}: also: expected other short names, got {offer.also!r}"[:200]
    if not (inspect.isclass(offer.settings) and issubclass(offer.settings, Schema)):
        return f"{offer.slug}: settings: expected a marshmallow Schema class"
    try:
        inspect.signature(offer.terms).bind({}, None)
    except (TypeError, ValueError):
        return f"{offer.slug}: terms: expected a function of (settings, facts)"
    return ""


def _named(offer: Any) -> str:
    name = getattr(offer, "name", None)
    return "" if isinstance(name, str) and _SLUG.fullmatch(name) else f"name: expected a short name, got {name!r}"


OFFERS: dict[str, Callable[[Any], str]] = {
    "policies": _sound_policy,
    "rails": _sound(Rail, "title"),
    "messengers": _sound(Messenger, "title"),
    "forms": _sound(Form, "title"),
    "exports": _sound(Export, "title", "filename", "media_type"),
    "blueprints": _named,
    "commands": _named,
}
"""What a plugin may offer, and the check of each: it returns what is wrong, or an empty text."""

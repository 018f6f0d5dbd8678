"""Why: a question is asked only with its purpose beside it, who sees the answer, and how long we keep it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from flask import current_app
from marshmallow import Schema

from grants.domain import asked
from grants.domain.money import Money
from grants.schemas.applying import STEPS, helping_schema, holder_schema
from grants.schemas.reaching import AnyField
from grants.schemas.tongue import gettext as _
from grants.web.forms import Form, Raw, bind

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Why:
    """What stands beside a question, each a sentence."""

    purpose: str
    seen: str
    kept: str


class Undeclared(RuntimeError):
    """A page asks something for which nobody said why."""


def bound(schema: Schema, raw: Raw = None, initial: Mapping[str, Any] | None = None) -> tuple[Form, list[Why]]:
    """Returns the form of a question's page, and what stands beside its questions, each sentence once.

    A field without a purpose is left out and logged; in a test it raises Undeclared.
    """
    for name in [name for name, field in schema.fields.items() if of_field(name, field) is None]:
        if current_app.testing:
            raise Undeclared(f"“{name}” has no purpose: declare it in grants/domain/asked.py")
        log.error("a question without a purpose was left out", field=name)
        for place in (schema.fields, schema.load_fields, schema.dump_fields):
            place.pop(name, None)
    found = [why for name, field in schema.fields.items() if (why := of_field(name, field)) is not None]
    return bind(schema, raw, initial), list(dict.fromkeys(found))


def of_field(name: str, field: AnyField) -> Why | None:
    """Returns what is declared of a field: by a policy for its questions, by us for ours; None without a purpose."""
    said = field.metadata
    if said.get("why"):
        return Why(str(said["why"]), str(said.get("seen", "")), str(said.get("kept", "")))
    ours = asked.BY_FIELD.get(name)
    if ours is None or not ours.purpose:
        return None
    return Why(_(ours.purpose), _(asked.SEEN[ours.seen]), _(asked.KEPT[ours.kept]))


def undeclared() -> Iterator[str]:
    """Yields the names of our own questions for which nobody said why, so that no page asks them."""
    pages = [make(Money(1)) for make in STEPS.values()]
    pages += [helping_schema(), holder_schema(("agency",)), holder_schema(("supplier",))]
    for page in pages:
        yield from (name for name, field in page.fields.items() if of_field(name, field) is None)

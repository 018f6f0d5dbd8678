"""Plain: facts, events and subjects as JSON data, there and back, so that no object of a plugin crosses the pipe."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from grants.domain.facts import Facts
from grants.domain.money import Money
from grants.domain.terms import Terms
from grants.domain.terms_json import dump, load
from grants.offers import Event

Plain = dict[str, Any]
"""What JSON can hold, by name."""


def line(message: Mapping[str, Any]) -> bytes:
    """Returns a message as one line of JSON; what is no plain data is written as text."""
    return json.dumps(message, default=_text, separators=(",", ":")).encode() + b"\n"


def _text(value: object) -> object:
    if isinstance(value, set | frozenset):
        return sorted(value, key=str)
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


def of_facts(facts: Facts) -> Plain:
    """Returns facts as plain data."""
    told = {name: getattr(facts, name) for name in Facts.__slots__}
    amount = {"amount": facts.amount.amount, "currency": facts.amount.currency}
    return told | {"amount": amount, "awarded_on": facts.awarded_on.isoformat()}


def to_facts(data: Plain) -> Facts:
    """Returns the facts again."""
    given: Plain = {name: tuple(value) if isinstance(value, list) else value for name, value in data.items()}
    given |= {"amount": Money(**data["amount"]), "awarded_on": date.fromisoformat(data["awarded_on"])}
    return Facts(**given)


def of_event(event: Event) -> Plain:
    """Returns an event as plain data."""
    told = ("number", "name", "subject", "subject_id")
    return {name: getattr(event, name) for name in told} | {"at": event.at.isoformat(), "data": dict(event.data)}


def to_event(data: Plain) -> Event:
    """Returns the event again."""
    return Event(**data | {"at": datetime.fromisoformat(data["at"])})


def of_subject(subject: object) -> Plain:
    """Returns what a place in a page is about as plain data: Terms, or anything that JSON holds."""
    return {"terms": _frozen(subject)} if isinstance(subject, Terms) else {"value": subject}


def to_subject(data: Plain) -> object:
    """Returns what a place in a page is about."""
    return _thawed(data["terms"]) if "terms" in data else data["value"]


@lru_cache(64)
def _frozen(terms: Terms) -> str:
    return dump(terms)


@lru_cache(64)
def _thawed(text: str) -> Terms:
    return load(text)

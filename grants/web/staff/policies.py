"""Policies on offer: cards to choose from, the settings form that a policy's schema makes, and what it would ask."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from marshmallow import ValidationError
from werkzeug.datastructures import MultiDict

from grants.domain import burden
from grants.domain.errors import Refusal
from grants.domain.facts import Facts
from grants.domain.money import Money
from grants.domain.terms import Terms
from grants.flow import fund as funding
from grants.flow import policies
from grants.flow.desk import Desk
from grants.web.forms import Form, bind

Raw = Mapping[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One policy to choose: what it promises, what it asks in minutes as it comes, and the distribution it comes in.

    ``problem`` says in plain words why it cannot be chosen now; empty when it can.
    """

    slug: str
    title: str
    promise: str
    source: str
    version: int = 0
    applying: int = 0
    after: int = 0
    terms: Terms | None = None
    problem: str = ""


def cards(desk: Desk, typical: Money) -> list[Card]:
    """Returns a card for every policy on offer, lightest first; one that does not work says so."""
    made = [_card(offer, typical, desk) for offer in policies.on_offer(desk)]
    return sorted(made, key=_weight)


def _weight(card: Card) -> tuple[bool, int, int, int, bool, str]:
    """Returns what cards are ordered by: the person's minutes, those of others, and among equals pure trust first."""
    others = sum(ask.minutes for ask in card.terms.asks) - card.after if card.terms else 0
    return (bool(card.problem), card.after, card.applying, others, card.terms != Terms(), card.title)


def _card(offer: policies.Offer, typical: Money, desk: Desk) -> Card:
    policy = offer.policy
    card = Card(
        slug=policy.slug, title=policy.title, promise=policy.promise, source=offer.source, version=offer.version
    )
    try:
        terms = funding.ask_policy(policy, {}, Facts(amount=typical, awarded_on=desk.today()))
    except (Refusal, ValidationError) as error:
        words = error.message if isinstance(error, Refusal) else "Its usual settings do not fit. Tell whoever made it."
        return replace(card, problem=words)
    applying, after = burden.of_applicant(terms).minutes, burden.after_award(terms).minutes
    return replace(card, applying=applying, after=after, terms=terms)


def settings_form(desk: Desk, slug: str, raw: Raw = None, initial: Mapping[str, Any] | None = None) -> Form:
    """Returns the form of a policy's settings; raises Refusal when the policy is not here or does not work."""
    policy = policies.policy(desk, slug)
    with suppress(ValidationError):  # a policy that insists on an answer gets it from the form
        funding.load_settings(policy, {})
    try:
        return bind(policy.settings, raw, initial)
    except Exception as error:
        raise Refusal("policy.unsound", f"The settings of “{policy.title}” cannot be shown. Choose another.") from error


def kept_settings(desk: Desk, slug: str, form: Form) -> dict[str, Any]:
    """Returns what was typed as it is kept with a fund: plain values that JSON can hold."""
    policy = policies.policy(desk, slug)
    try:
        kept = policy.settings().dump(form.data)
        return dict(json.loads(json.dumps(kept)))
    except Exception as error:
        raise Refusal("policy.unsound", f"The settings of “{policy.title}” cannot be kept. Choose another.") from error


def pack(raw: Mapping[str, Any]) -> str:
    """Returns a sent form as text for a hidden field, so that the next page has it without anything being saved."""
    pairs = list(raw.items(multi=True)) if isinstance(raw, MultiDict) else list(raw.items())
    return json.dumps([[name, value] for name, value in pairs if not name.startswith("__") and name != "csrf_token"])


def unpack(text: str) -> MultiDict[str, str]:
    """Returns a form from its hidden field; what is not ours is an empty form."""
    try:
        pairs = json.loads(text or "[]")
    except ValueError:
        return MultiDict()
    if not isinstance(pairs, list):
        return MultiDict()
    fine = [
        pair for pair in pairs if isinstance(pair, list) and len(pair) == 2 and all(isinstance(p, str) for p in pair)
    ]
    return MultiDict([(name, value) for name, value in fine])

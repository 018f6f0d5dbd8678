"""Steps: which pages an application has, in which order, and where somebody goes next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from marshmallow import Schema

from grants.domain import asked
from grants.domain.errors import Refusal
from grants.domain.money import Money
from grants.domain.terms import Question, Terms
from grants.flow.apply import bank_details
from grants.flow.draft_answers import QUESTION
from grants.flow.drafts import HELPER, HELPING
from grants.schemas.applying import helping_schema, holder_schema, question_schema, schema_for

FIRST = "amount"

CHECK = "check"

HELPER_DETAILS = "helper-details"
"""The page that asks who helps; the first one, where a helper types."""

HOLDER = "holder"
"""The page that asks who holds the money, in place of how to be paid, where a fund never pays the person."""

PLAIN = "recipients/step.html"

TEMPLATES = {
    "pay": "recipients/pay.html",
    "whose": "recipients/whose.html",
    "bank": "recipients/bank.html",
    HELPER_DETAILS: "recipients/helper.html",
    "reach-text": "recipients/where.html",
    "reach-email": "recipients/where.html",
    "reach-letter": "recipients/where.html",
    "reach-worker": "recipients/where.html",
}
"""Pages with more than one question, or with more to say than the question itself."""

FIELD_STEPS = {
    "sort_code": "bank",
    "account_number": "bank",
    "why": "whose",
    "contact_wish": "reach",
    "address": "reach",
    **dict.fromkeys(("sender", "avoid", "hours_from", "hours_until"), "reach"),
}
"""The page of a field that is not named like its page, for what the flow refuses at the end."""


@dataclass(frozen=True, slots=True)
class Choice:
    """An answer on which later pages hang: when it changes, what was answered on those is forgotten."""

    name: str
    answers: tuple[str, ...]
    pages: tuple[str, ...]


_DETAILS = ("account_name", "sort_code", "account_number")
_WISHES = ("contact_wish", "sender", "discreet", "avoid", "hours_from", "hours_until", "voicemail", "shared")
_WAYS = tuple(f"reach-{way}" for way in ("text", "email", "letter", "worker"))

CHOICES = {
    "pay": Choice("how", ("account", "whose", "why", *_DETAILS), ("account", "whose", "bank")),
    "account": Choice("account", ("whose", "why", *_DETAILS), ("whose", "bank")),
    "reach": Choice("channel", ("phone", "email", "address", "contact_name", *_WISHES), _WAYS),
    "helper": Choice("helped", ("helper_name", "helper_organisation", "helper_contact"), (HELPER_DETAILS,)),
}


def path(kept: Mapping[str, Any], terms: Terms) -> list[str]:
    """Returns the pages that somebody who answered like this goes through, in order, without the last check.

    Whoever types for somebody else first says who they are. What a policy asks again is left out.
    """
    steps = [HELPER_DETAILS] if kept.get(HELPING) else []
    steps += [FIRST, "purposes", "need", "reason", "name", "pay" if terms.schedule.to_person else HOLDER]
    if kept.get("how") == "bank" and terms.schedule.to_person:
        steps += ["account", "whose", "bank"] if kept.get("account") == "other" else ["account", "bank"]
    steps.append("reach")
    if kept.get("channel", "none") != "none":
        steps.append(f"reach-{kept['channel']}")
    if not kept.get(HELPING):
        steps += ["helper", HELPER_DETAILS] if kept.get("helped") else ["helper"]
    return steps + [QUESTION + question.slug for question in asked.to_ask(terms.questions, kept)]


def following(kept: Mapping[str, Any], terms: Terms) -> str:
    """Returns the first page that was not answered yet, or the check when all were."""
    seen = kept.get("seen", ())
    return next((step for step in path(kept, terms) if step not in seen), CHECK)


def preceding(step: str, kept: Mapping[str, Any], terms: Terms) -> str:
    """Returns where “back” leads: the page before, the check once all is answered, empty before the first page."""
    steps = path(kept, terms)
    if step != CHECK and following(kept, terms) == CHECK:
        return CHECK
    if step == CHECK:
        return steps[-1]
    place = steps.index(step) if step in steps else 0
    return steps[place - 1] if place else ""


def schema_of(step: str, terms: Terms, most: Money, side: str = "") -> Schema | None:
    """Returns the schema of a page, or None when there is no such page; ``side`` is who types: person or helper."""
    if step == HELPER_DETAILS and side == HELPER:
        return helping_schema()
    question = question_of(step, terms)
    if question is not None:
        return question_schema(question)
    if step == HOLDER:
        return None if terms.schedule.to_person else holder_schema(terms.schedule.payees)
    try:
        return schema_for(step, most)
    except KeyError:
        return None


def question_of(step: str, terms: Terms) -> Question | None:
    """Returns the policy's own question that a page asks, or None."""
    slug = step.removeprefix(QUESTION) if step.startswith(QUESTION) else ""
    return next((question for question in terms.questions if question.slug == slug), None)


def kept_values(step: str, data: Mapping[str, Any], terms: Terms, kept: Mapping[str, Any]) -> dict[str, Any]:
    """Returns what a page's answers add to the draft, as JSON; answers left blank are kept as blank.

    Raises Refusal, with the field to mend, for bank details that cannot be.
    """
    if step == "bank":
        bank_details(data.get("sort_code", ""), data.get("account_number", ""))
    schema = schema_of(step, terms, Money(0))
    names = list(schema.fields) if schema else []
    values = {_key(step, name): _plain(data.get(name, "")) for name in names}
    seen = list(dict.fromkeys([*kept.get("seen", ()), step]))
    chosen = CHOICES.get(step)
    if chosen is None or kept.get(chosen.name, values[chosen.name]) == values[chosen.name]:
        return values | {"seen": seen}
    forgotten = dict.fromkeys(chosen.answers, "")
    return forgotten | values | {"seen": [page for page in seen if page not in chosen.pages]}


def initial(step: str, kept: Mapping[str, Any], terms: Terms, currency: str) -> dict[str, Any]:
    """Returns what was answered on a page before, for its form."""
    question = question_of(step, terms)
    if question is not None:
        return {question.slug: kept.get(step, "")}
    return {**kept, "amount": Money(kept["amount"], currency)} if "amount" in kept else dict(kept)


def step_of(refusal: Refusal, terms: Terms) -> str:
    """Returns the page on which a refused answer is mended."""
    field = refusal.field or FIRST
    if any(question.slug == field for question in terms.questions):
        return QUESTION + field
    if field in ("whose", "why") and not terms.schedule.to_person:
        return HOLDER
    return FIELD_STEPS.get(field, field)


def _key(step: str, name: str) -> str:
    return step if step.startswith(QUESTION) else name


def _plain(value: Any) -> Any:
    if isinstance(value, Money):
        return value.amount
    return str(value) if isinstance(value, Decimal) else value

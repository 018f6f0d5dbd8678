"""Asked: what our own pages ask of somebody who applies, and for each answer why, who sees it and how long it stays.

An answer that is not declared here, or has no purpose of its own, is not asked: pages leave it out. The times that
things are kept are those of ``flow/forget.py``. Sentences are in English; pages translate them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from grants.domain.names import name_key
from grants.domain.terms import Question

Seen = Literal["staff", "payers", "sums"]
"""Who sees an answer: those who decide or help, those who pay, or the first and funders in sums of many people."""

Kept = Literal["name", "bank", "words", "accounts"]
"""Which clock an answer goes by."""

SEEN: dict[Seen, str] = {
    "staff": "The people here who decide or who help you see it.",
    "payers": "Only the people here who pay you see it, and the company that moves the money.",
    "sums": "The people here who decide see it. Funders see only sums of many people.",
}

KEPT: dict[Kept, str] = {
    "name": "We delete it a year after your grant ends.",
    "bank": "We delete it 90 days after the last payment.",
    "words": "We delete it 90 days after we decide.",
    "accounts": "We keep it for 6 years, without your name. The law on accounts asks for that.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One answer: the name of its field, the page that asks it, and what the page says about it.

    ``said`` names it in a list; ``seconds`` is what answering takes, an assumption until measured. ``usual`` is False
    for what only some people are asked. ``slugs`` are other names under which a policy might ask the same.
    """

    field: str
    page: str
    said: str
    purpose: str
    seconds: int
    seen: Seen = "staff"
    kept: Kept = "name"
    usual: bool = True
    slugs: tuple[str, ...] = ()


_WHY_REACH = "So that we write or call only where it is safe for you."
_WHY_WORDS = "So that no message of ours can harm you."
_WHY_BANK = "So that the money goes to the right account."
_WHY_HELPER = "So that we can ask the person who helps you, and not you."

DECLARED: tuple[Asked, ...] = (
    Asked(
        field="amount",
        page="amount",
        said="the amount",
        purpose="So that we know how much to give you.",
        seconds=20,
        seen="sums",
        kept="accounts",
        slugs=("how-much", "sum"),
    ),
    Asked(
        field="purposes",
        page="purposes",
        said="what it is for",
        purpose="So that we learn what people need. It does not change the answer.",
        seconds=15,
        seen="sums",
        kept="accounts",
        slugs=("purpose",),
    ),
    Asked(
        field="need",
        page="need",
        said="what it would help with",
        purpose="So that whoever decides can see what it is for.",
        seconds=40,
        kept="words",
        slugs=("what-for",),
    ),
    Asked(
        field="reason",
        page="reason",
        said="what made things hard",
        purpose="So that we learn why people need money. It does not change the answer.",
        seconds=15,
        seen="sums",
        kept="accounts",
    ),
    Asked(
        field="name",
        page="name",
        said="the name",
        purpose="So that we know whom we pay, and can find you when you call.",
        seconds=10,
        slugs=("your-name", "full-name"),
    ),
    Asked(
        field="how",
        page="pay",
        said="how to be paid",
        purpose="So that the money comes in the way that suits you.",
        seconds=10,
        seen="payers",
        kept="bank",
    ),
    Asked(
        field="account",
        page="account",
        said="whose bank account it is",
        purpose="So that nobody sees the money, or has control of it, by surprise.",
        seconds=10,
        seen="payers",
        kept="bank",
    ),
    Asked(
        field="whose",
        page="whose",
        said="who holds the money",
        purpose="So that we know whom we pay for you.",
        seconds=15,
        kept="name",
        usual=False,
    ),
    Asked(
        field="why",
        page="whose",
        said="why it goes there",
        purpose="So that we can see that this is your own wish.",
        seconds=20,
        kept="name",
        usual=False,
    ),
    *(
        Asked(field=name, page="bank", said=said, purpose=_WHY_BANK, seconds=seconds, seen="payers", kept="bank")
        for name, said, seconds in (
            ("account_name", "the name on the account", 10),
            ("sort_code", "the sort code", 10),
            ("account_number", "the account number", 10),
        )
    ),
    Asked(field="channel", page="reach", said="the safe way to reach them", purpose=_WHY_REACH, seconds=15),
    *(
        Asked(
            field=name,
            page="reach",
            said="where to reach them",
            purpose=_WHY_REACH,
            seconds=seconds,
            usual=name == "phone",
            slugs=slugs,
        )
        for name, seconds, slugs in (
            ("phone", 10, ("mobile", "telephone", "phone-number")),
            ("email", 15, ("e-mail", "email-address")),
            ("address", 30, ("home-address",)),
            ("contact_name", 10, ()),
        )
    ),
    *(
        Asked(
            field=name,
            page="reach",
            said="what to be careful about",
            purpose=_WHY_WORDS,
            seconds=seconds,
            usual=False,
        )
        for name, seconds in (
            ("contact_wish", 15),
            ("sender", 10),
            ("discreet", 5),
            ("avoid", 10),
            ("hours_from", 5),
            ("hours_until", 5),
            ("voicemail", 5),
            ("shared", 5),
        )
    ),
    Asked(field="helped", page="helper", said="whether somebody helps", purpose=_WHY_HELPER, seconds=5),
    *(
        Asked(field=name, page="helper-details", said="who helps", purpose=_WHY_HELPER, seconds=10, usual=False)
        for name in ("helper_name", "helper_organisation", "helper_contact")
    ),
)
"""Every answer that our own pages ask, in their order."""

BY_FIELD: dict[str, Asked] = {each.field: each for each in DECLARED}

MINUTES = -(-sum(each.seconds for each in DECLARED if each.usual) // 60)
"""Whole minutes that our own questions take most people, rounded up."""


def said_of(page: str) -> str:
    """Returns how the answer of a page is named in a list; a page of a way to reach somebody counts as where."""
    if page.startswith("reach-"):
        return BY_FIELD["phone"].said
    found = next((each.said for each in DECLARED if each.page == page), "")
    return found or {"holder": BY_FIELD["whose"].said}.get(page, page.replace("-", " "))


def place_of(page: str) -> tuple[int, str]:
    """Returns where a page stands among ours, for putting them in order; a policy's own questions come last."""
    plain = "reach" if page.startswith("reach-") else {"holder": "pay"}.get(page, page)
    return next((place for place, each in enumerate(DECLARED) if each.page == plain), len(DECLARED)), page


def repeated(question: Question) -> str:
    """Returns the field of ours that a policy's question only asks again, or an empty text."""
    for each in DECLARED:
        if question.slug.casefold() in (each.field.replace("_", "-"), each.field, each.page, *each.slugs):
            return each.field
    asked = name_key(question.text)
    return next((field for words, field in _SAME.items() if name_key(words) == asked), "")


_SAME = {
    "What is your name?": "name",
    "Your name": "name",
    "How much would help?": "amount",
    "How much do you need?": "amount",
    "What would it help with?": "need",
    "Your address": "address",
    "Your email address": "email",
    "Your mobile number": "phone",
}


def held(question: Question, answers: Mapping[str, Any]) -> str:
    """Returns what was answered already to a policy's question, or an empty text where it is still to be asked.

    ``answers`` are ours by field, an amount in minor units. A choice, or a question of yes or no, is always asked.
    """
    field = repeated(question) if question.kind in ("text", "long_text", "number") else ""
    value = answers.get(field) if field else None
    if field == "amount" and isinstance(value, int):
        return f"{value // 100}.{value % 100:02d}"
    return value.strip() if isinstance(value, str) else ""


def to_ask(questions: Iterable[Question], answers: Mapping[str, Any]) -> tuple[Question, ...]:
    """Returns the policy's questions that are still to be asked: nothing is asked twice."""
    return tuple(question for question in questions if not held(question, answers))

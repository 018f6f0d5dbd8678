"""Draft answers: what was typed on the pages of an application, as the answers that it sends."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, cast

from grants.domain import asked
from grants.domain.codes import REASONS
from grants.domain.money import Money
from grants.domain.terms import Question
from grants.flow.answers import Answers
from grants.flow.fund import terms_of
from grants.model.funds import Fund

HELD = "This fund pays somebody who holds the money for the person."
"""Why the money goes to another account, where the fund's terms leave no other way."""

QUESTION = "question-"
"""What comes before the slug of a policy's own question, in a draft and in its page's address."""

TYPED = "typed"
"""Where a draft holds who typed the answers of each page: person, helper, staff or partner."""


def answers_of(fund: Fund, kept: Mapping[str, Any], language: str = "en") -> Answers:
    """Returns what was typed as answers, leaving out what later answers made pointless.

    A way to reach the person counts as safe when they chose it and wrote nothing to be careful about:
    only a worker can keep to such a wish.
    """
    terms = terms_of(fund)
    held = not terms.schedule.to_person
    bank = kept.get("how") == "bank" and not held
    other = bank and kept.get("account") == "other"
    helped = kept.get("helped") is True
    wish = _text(kept, "contact_wish")
    channel = kept.get("channel", "none")
    return Answers(
        name=_text(kept, "name"),
        amount=Money(int(kept.get("amount", 0)), fund.currency),
        how="bank" if held else kept.get("how", "bank"),
        need=_text(kept, "need"),
        purposes=tuple(kept.get("purposes", ())),
        reason=_text(kept, "reason") * (kept.get("reason") in REASONS),
        account_name=_text(kept, "whose" if held else "account_name") * (bank or held),
        sort_code=_text(kept, "sort_code") * bank,
        account_number=_text(kept, "account_number") * bank,
        own_account=not (other or held),
        whose=_text(kept, "whose") * (other or held),
        why=HELD if held else _text(kept, "why") * other,
        channel=channel,
        contact_safe=channel != "none" and not wish,
        contact_wish=_wish(kept, wish),
        language=language,
        route="referred" if helped else "self",
        helper_name=_text(kept, "helper_name") * helped,
        helper_organisation=_text(kept, "helper_organisation") * helped,
        helper_contact=_text(kept, "helper_contact") * helped,
        **_about_messages(kept, channel),
        typed_by=who_typed(kept),
        extra={question.slug: answer_to(question, kept) for question in terms.questions},
    )


def _about_messages(kept: Mapping[str, Any], channel: str) -> dict[str, Any]:
    """Returns where messages go and what they keep to; as it usually is where nothing is sent."""
    reached = channel != "none"
    return {
        "phone": _text(kept, "phone") * (channel in ("text", "worker")),
        "email": _text(kept, "email") * (channel == "email"),
        "address": _text(kept, "address") * (channel == "letter"),
        "sender": _text(kept, "sender") * reached,
        "discreet": kept.get("discreet") is not False,
        "avoid": _words(kept.get("avoid")) * reached,
        "hours_from": _hour(kept, "hours_from", 9),
        "hours_until": _hour(kept, "hours_until", 18),
        "voicemail": kept.get("voicemail") is True and reached,
        "shared": kept.get("shared") is True and reached,
    }


def answer_to(question: Question, kept: Mapping[str, Any]) -> str:
    """Returns the answer to a policy's question: what was typed to it, or what we hold of it already."""
    return _text(kept, QUESTION + question.slug) or asked.held(question, kept)


def who_typed(kept: Mapping[str, Any]) -> dict[str, str]:
    """Returns who typed the answers of each page that still counts."""
    typed = kept.get(TYPED) or {}
    return {page: typed[page] for page in kept.get("seen", ()) if page in typed}


def _wish(kept: Mapping[str, Any], wish: str) -> str:
    if kept.get("channel") == "worker":
        return f"Call {_text(kept, 'contact_name')}. {wish}".strip()
    return wish if kept.get("channel", "none") != "none" else ""


def _words(said: Any) -> tuple[str, ...]:
    """Returns words as they were listed or typed: one a line, or with commas between them."""
    typed = re.split(r"[\n,،;]+", said) if isinstance(said, str) else said or ()
    return tuple(dict.fromkeys(word for each in typed if (word := str(each).strip())))


def _hour(kept: Mapping[str, Any], name: str, usual: int) -> int:
    """Returns an hour of the day as a number, also where a list gave it as text; the usual one when none was said."""
    said = str(kept.get(name, "")).partition(":")[0]
    return int(said) if said.isdecimal() and int(said) <= 24 else usual


def _text(kept: Mapping[str, Any], name: str) -> str:
    return cast(str, kept.get(name) or "")

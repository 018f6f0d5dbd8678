"""The summary of an application before it is sent: each answer in words, with the page that changes it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from grants.domain.codes import PURPOSES, REASONS
from grants.domain.money import Money
from grants.domain.terms import Terms
from grants.flow.draft_answers import QUESTION, TYPED
from grants.flow.drafts import PERSON, Typed
from grants.schemas.tongue import gettext as _
from grants.web.filters import money
from grants.web.recipients import steps

Row = tuple[str, str, str, str]
"""What was asked, what was answered, the page that changes it, and who typed it where that was somebody else."""


def rows(typed: Typed, terms: Terms) -> Iterator[Row]:
    """Yields a row for each answer that will be sent, in the order of the pages."""
    kept = typed.kept
    for step in steps.path(kept, terms):
        if step.startswith(QUESTION):
            question = steps.question_of(step, terms)
            yield question.text if question else "", _question_answer(kept.get(step)), step, _mark(typed, step)
        else:
            for label, value in _SHOWN[step](kept, typed.fund.currency):
                yield label, value or _("Left blank"), step, _mark(typed, step)


def _mark(typed: Typed, step: str) -> str:
    """Returns who typed an answer, where that was not whoever looks at it now."""
    who = typed.kept.get(TYPED, {}).get(step, "")
    if who in ("", typed.side):
        return ""
    if who == PERSON:
        return _("They typed this themselves")
    name = typed.kept.get("helper_name") or ""
    return _("%(name)s typed this", name=name) if name else _("Your helper typed this")


def _question_answer(value: Any) -> str:
    return {"yes": _("Yes"), "no": _("No")}.get(value, value) or _("Left blank")


def _amount(kept: Mapping[str, Any], currency: str) -> list[tuple[str, str]]:
    return [(_("Amount"), money(Money(kept["amount"], currency)))]


def _purposes(kept: Mapping[str, Any], _currency: str) -> list[tuple[str, str]]:
    return [(_("What it is for"), "; ".join(_(PURPOSES[code]) for code in kept.get("purposes") or ()))]


def _need(kept: Mapping[str, Any], _currency: str) -> list[tuple[str, str]]:
    return [(_("In your words"), kept.get("need", ""))]


def _reason(kept: Mapping[str, Any], _currency: str) -> list[tuple[str, str]]:
    reason = kept.get("reason", "")
    said = _("I would rather not say") if reason == "unsaid" else ""
    return [(_("What made things hard"), _(REASONS[reason]) if reason in REASONS else said)]


def _name(kept: Mapping[str, Any], _currency: str) -> list[tuple[str, str]]:
    return [(_("Name"), kept["name"])]


def _how(kept: Mapping[str, Any], _currency: str) -> list[tuple[str, str]]:
    ways = {"bank": _("Into a bank account"), "cash": _("In cash"), "voucher": _("As a shop voucher")}
    return [(_("How you are paid"), ways[kept["how"]])]


def _account(kept: Mapping[str, Any], _currency: str) -> list[tuple[str, str]]:
    whose = {"own": _("Mine, or one I share"), "other": _("Somebody else’s")}
    return [(_("Bank account"), whose[kept["account"]])]


def _whose(kept: Mapping[str, Any], _currency: str) -> list[tuple[str, str]]:
    return [(_("Whose account"), kept["whose"]), (_("Why it goes there"), kept["why"])]


def _holder(kept: Mapping[str, Any], _currency: str) -> list[tuple[str, str]]:
    return [(_("Who holds the money for you"), kept["whose"])]


def _bank(kept: Mapping[str, Any], _currency: str) -> list[tuple[str, str]]:
    return [
        (_("Name on the account"), kept["account_name"]),
        (_("Sort code"), kept["sort_code"]),
        (_("Account number"), kept["account_number"]),
    ]


def _reach(kept: Mapping[str, Any], _currency: str) -> list[tuple[str, str]]:
    ways = {
        "text": _("Text message"),
        "email": _("Email"),
        "letter": _("Letter"),
        "worker": _("A call to somebody who helps you"),
        "none": _("Nothing. You call us."),
    }
    return [(_("Safe way to reach you"), ways[kept["channel"]])]


def _where(kept: Mapping[str, Any], _currency: str) -> list[tuple[str, str]]:
    labels = {"text": _("Mobile number"), "email": _("Email address"), "letter": _("Address")}
    channel = kept["channel"]
    field = {"text": "phone", "email": "email", "letter": "address"}.get(channel, "phone")
    found = kept[field] if channel in labels else f"{kept['contact_name']}, {kept['phone']}"
    shown = [(labels.get(channel, _("Who we call")), found)]
    return shown + list(_careful(kept))


def _careful(kept: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yields what messages keep to, as far as it was said."""
    if kept.get("contact_wish"):
        yield _("To be careful about"), kept["contact_wish"]
    if kept.get("shared") is True:
        yield _("Somebody else sees it"), _("Yes")
    if kept.get("voicemail") is True:
        yield _("A voice message is fine"), _("Yes")
    if kept.get("sender"):
        yield _("What we call ourselves"), kept["sender"]
    if kept.get("avoid"):
        yield _("Words that must not appear"), kept["avoid"]
    if kept.get("hours_from") and kept.get("hours_until"):
        hours = {"start": f"{kept['hours_from']}:00", "end": f"{kept['hours_until']}:00"}
        yield _("When we may write"), _("From %(start)s to %(end)s", **hours)


def _helper(kept: Mapping[str, Any], _currency: str) -> list[tuple[str, str]]:
    return [(_("Someone is helping"), _("Yes") if kept["helped"] else _("No"))]


def _helper_details(kept: Mapping[str, Any], _currency: str) -> list[tuple[str, str]]:
    parts = (kept["helper_name"], kept["helper_organisation"], kept["helper_contact"])
    return [(_("Who is helping"), ", ".join(part for part in parts if part))]


_SHOWN = {
    "amount": _amount,
    "purposes": _purposes,
    "need": _need,
    "reason": _reason,
    "name": _name,
    "pay": _how,
    "account": _account,
    "whose": _whose,
    "holder": _holder,
    "bank": _bank,
    "reach": _reach,
    "reach-text": _where,
    "reach-email": _where,
    "reach-letter": _where,
    "reach-worker": _where,
    "helper": _helper,
    "helper-details": _helper_details,
}

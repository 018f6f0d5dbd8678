"""Paying: what the pages about money ask of staff, in plain words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from marshmallow import Schema, fields

from grants.domain.money import Money
from grants.schemas.fields import Choice, DayFirstDate, PlainText, Pounds, western_digits

LONGEST = 500
"""The most characters of a reason: it is kept with the event."""

Options = Sequence[tuple[str, str]]

WAYS: Options = (("bank", "By bank transfer"), ("cash", "In cash"), ("voucher", "With a voucher"))
"""Ways to pay by hand."""

PLACES: Options = (
    ("psp", "To the payment service"),
    ("cash", "To the cash box"),
    ("vouchers", "Into vouchers"),
)
"""Where the bank’s money can go."""


CHANGED = (
    "How did you hear of the new details?",
    "Leave out what is private. A colleague reads this before agreeing.",
    "Say how you heard of the new details, in a few words.",
)
"""What is asked about a change of bank details: the question, a hint, and what is said when it is empty."""


class Counted(Pounds):
    """Takes what was counted: an amount, or nothing at all (0)."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **rest: Any) -> Money:
        bare = western_digits(str(value)).strip().lstrip("£").strip()
        if bare and not bare.strip("0.") and bare.count(".") < 2 and any(c == "0" for c in bare):
            return Money(0, self.currency)
        return super()._deserialize(value, attr, data, **rest)


def why_schema(label: str = "Why?", hint: str = "", asked: str = "Say why, in a few words.") -> Schema:
    """Returns a form with one reason."""
    return _schema(why=_why(label, hint, asked))


def said_schema(choices: Options, hint: str = "", extra: Money | None = None) -> Schema:
    """Returns the form in which somebody says what became of a payment, with the evidence for it.

    Of ``extra`` money that went out it also asks how much came back.
    """
    part: dict[str, fields.Field[Any]] = {}
    if extra is not None:
        told = {"label": "How much of it came back?", "hint": f"Leave it empty for all of it: {extra}."}
        part["amount"] = Pounds(extra.currency, most=extra, metadata=told)
    about = {
        "label": "What did you see, and where?",
        "hint": hint or "The page or the line of the statement, its day, and whom you asked. No name of the person.",
        "widget": "textarea",
    }
    return _schema(
        choice=Choice(
            choices,
            required=True,
            metadata={"label": "What became of it?"},
            error_messages=_asked("Choose what became of it."),
        ),
        **part,
        evidence=PlainText(
            1000,
            lines=True,
            required=True,
            metadata=about,
            error_messages=_asked("Say what you saw and where, in a few words."),
        ),
    )


def cancel_schema(*, firm: bool) -> Schema:
    """Returns the form in which cancelling is proposed; of a firm award, only where its person gave it up."""
    tick = {"label": "The person gave it up, or has died", "widget": "tick"}
    given_up: dict[str, fields.Field[Any]] = {}
    if firm:
        given_up["given_up"] = fields.Boolean(load_default=False, metadata=tick)
    return _schema(why=_why("Why?", "", "Say why, in a few words."), **given_up)


def by_hand_schema(awarded_on: date, today: date) -> Schema:
    """Returns the form in which somebody writes down a payment that they made."""
    day = {"label": "When was it paid?", "hint": f"From {awarded_on.day} {awarded_on:%B %Y} to today."}
    reference = {
        "label": "Reference of the payment",
        "hint": "What a colleague can find: on the bank’s page, the receipt or the voucher. Each is used once.",
        "autocomplete": "off",
    }
    return _schema(
        how=Choice(WAYS, required=True, metadata={"label": "How was it paid?"}, error_messages=_asked("Choose how.")),
        paid_on=DayFirstDate(
            earliest=awarded_on,
            latest=today,
            required=True,
            metadata=day,
            error_messages=_asked("Enter the day on which it was paid."),
        ),
        reference=PlainText(
            60, required=True, metadata=reference, error_messages=_asked("Enter the reference of the payment.")
        ),
    )


def details_schema(*, change: bool = False) -> Schema:
    """Returns the form for bank details; a ``change`` of them is asked with a reason."""
    name = {"label": "Name on the account", "hint": "As it is on the card or in the app.", "autocomplete": "off"}
    sort = {"label": "Sort code", "hint": "6 numbers, like 10-88-00.", "widget": "tel", "autocomplete": "off"}
    account = {"label": "Account number", "hint": "8 numbers.", "widget": "tel", "autocomplete": "off"}
    return _schema(
        name=PlainText(200, required=True, metadata=name, error_messages=_asked("Enter the name on the account.")),
        sort_code=PlainText(30, required=True, metadata=sort, error_messages=_asked("Enter the sort code.")),
        account_number=PlainText(
            30, required=True, metadata=account, error_messages=_asked("Enter the account number.")
        ),
        **({"why": _why(*CHANGED)} if change else {}),
    )


def float_schema(holders: Options) -> Schema:
    """Returns the form in which cash is counted out."""
    holder = {"label": "Who takes it?", "hint": "Somebody else than you, who may hand over cash."}
    amount = {"label": "How much did you both count?"}
    return _schema(
        holder=Choice(holders, required=True, metadata=holder, error_messages=_asked("Choose who takes the cash.")),
        amount=Pounds(required=True, metadata=amount, error_messages=_asked("Enter what was counted, like 150.")),
    )


def hand_over_schema(payments: Options) -> Schema:
    """Returns the form in which the holder of a float hands cash over."""
    payment = {"label": "Which payment?", "widget": "select" if len(payments) > 1 else "radios"}
    reference = {
        "label": "Number of the paper that they signed",
        "hint": "Leave it empty if there is none: we make a reference.",
        "autocomplete": "off",
    }
    return _schema(
        payment=Choice(payments, required=True, metadata=payment, error_messages=_asked("Choose the payment.")),
        reference=PlainText(60, metadata=reference),
    )


def counted_schema(currency: str) -> Schema:
    """Returns the form in which a float is counted back."""
    counted = {"label": "How much is there?", "hint": "Count it together with the person who held it. 0 is fine."}
    why = {"label": "If it is more or less than it should be: why?", "widget": "textarea"}
    return _schema(
        counted=Counted(
            currency, required=True, metadata=counted, error_messages=_asked("Enter what you counted, like 35 or 0.")
        ),
        why=PlainText(LONGEST, lines=True, metadata=why),
    )


def top_up_schema() -> Schema:
    """Returns the form in which money moved out of the bank is written down."""
    amount = {"label": "How much was moved?"}
    to = {"label": "Where did it go?"}
    reference = {"label": "What the bank statement says", "autocomplete": "off"}
    return _schema(
        amount=Pounds(required=True, metadata=amount, error_messages=_asked("Enter the amount, like 500.")),
        to=Choice(PLACES, required=True, metadata=to, error_messages=_asked("Choose where the money went.")),
        reference=PlainText(60, metadata=reference),
    )


def nothing_schema() -> Schema:
    """Returns a form that asks nothing: its button is the whole act."""
    return _schema()


def _why(label: str, hint: str, asked: str) -> PlainText:
    about = {"label": label, "hint": hint}
    return PlainText(
        LONGEST,
        lines=True,
        required=True,
        metadata=about,
        error_messages=_asked(asked),
    )


def _asked(words: str) -> dict[str, str]:
    return {"required": words}


def _schema(**asked: fields.Field[Any]) -> Schema:
    return Schema.from_dict(dict(asked), name="Paying")()

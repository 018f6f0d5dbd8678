"""Entering: an application that a worker or a partner types for someone, on one page."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from grants.domain.codes import PURPOSES, REASONS
from grants.domain.money import Money
from grants.domain.names import name_key
from grants.domain.terms import Question
from grants.schemas.applying import question_schema
from grants.schemas.fields import Choice, PlainText, Pounds
from grants.schemas.reaching import Phone

QUESTION = "question_"
"""What comes before the slug of a policy's own question in the names of this form."""

FIRST = ("name", "amount", "need", "route", "purposes", "reason", "household_size")
"""What the page asks first; the policy's own questions come next, then how to reach and how to pay."""

ROUTES = (("phone", "They told us by phone"), ("staff", "They told us in person, or on paper"))

WAYS = (("bank", "Bank account"), ("cash", "Cash"), ("voucher", "Shop voucher"))

REACH = (
    ("none", "No way is safe, or we do not know"),
    ("text", "Text message"),
    ("email", "E-mail"),
    ("letter", "Letter"),
    ("worker", "By phone, through somebody who helps them"),
)

WHERE = {"text": "phone", "worker": "phone", "email": "email", "letter": "address"}
"""Which answer a way of reaching someone needs."""

NEEDED = {
    "phone": "Enter the phone number that is safe.",
    "email": "Enter the e-mail address that is safe.",
    "address": "Enter the address that is safe.",
}


class _Entry(Schema):
    name = PlainText(
        200,
        required=True,
        error_messages={"required": "Enter a name. It can be the name they are known by."},
        metadata={"label": "Their name", "hint": "The name they are known by is fine.", "autocomplete": "off"},
    )
    need = PlainText(
        2000,
        lines=True,
        load_default="",
        metadata={"label": "What would it help with?", "hint": "In their own words. They do not have to prove it."},
    )
    purposes = fields.List(
        Choice(tuple(PURPOSES.items())), load_default=list, metadata={"label": "What kind of thing is it for?"}
    )
    reason = Choice(
        tuple(REASONS.items()),
        load_default="",
        metadata={"label": "What made things hard?", "hint": "Only if they said.", "widget": "select"},
    )
    channel = Choice(
        REACH,
        required=True,
        error_messages={"required": "Ask them what is safe, and choose it."},
        metadata={
            "label": "How is it safe to reach them?",
            "hint": "Ask: does anybody else see your phone, e-mail or post?",
            "widget": "radios",
        },
    )
    asked_safe = fields.Boolean(
        load_default=False,
        metadata={
            "label": "I asked them myself, and they said that this is safe",
            "hint": "Leave it empty if you did not ask. Then nothing is sent until somebody asks.",
            "widget": "tick",
        },
    )
    phone = Phone(
        40,
        load_default="",
        metadata={
            "label": "Phone",
            "hint": "Theirs, or the helper’s if you call through somebody.",
            "widget": "tel",
            "autocomplete": "off",
        },
    )
    email = fields.Email(load_default="", metadata={"label": "E-mail", "autocomplete": "off"})
    address = PlainText(
        2000, lines=True, load_default="", metadata={"label": "Address", "hint": "Only if letters are safe."}
    )
    contact_wish = PlainText(
        2000,
        lines=True,
        load_default="",
        metadata={
            "label": "Anything to take care of when we get in touch?",
            "hint": "For example: do not leave a voice message.",
        },
    )
    how = Choice(
        WAYS,
        required=True,
        error_messages={"required": "Choose how they want to be paid."},
        metadata={"label": "How do they want to be paid?"},
    )
    account_name = PlainText(200, load_default="", metadata={"label": "Name on the account", "autocomplete": "off"})
    sort_code = PlainText(
        30,
        load_default="",
        metadata={"label": "Sort code", "hint": "6 numbers, like 10-88-00.", "widget": "tel", "autocomplete": "off"},
    )
    account_number = PlainText(
        30,
        load_default="",
        metadata={"label": "Account number", "hint": "8 numbers.", "widget": "tel", "autocomplete": "off"},
    )
    own_account = fields.Boolean(
        load_default=True,
        metadata={
            "label": "Is it their own account?",
            "hint": "If it is somebody else’s, that person will have control of the money. Cash or a voucher is safer.",
        },
    )
    whose = PlainText(200, load_default="", metadata={"label": "Whose account is it?", "autocomplete": "off"})
    why = PlainText(2000, load_default="", metadata={"label": "Why should the money go there?"})
    helper_name = PlainText(200, load_default="", metadata={"label": "Who is helping them?", "autocomplete": "off"})
    helper_organisation = PlainText(
        200, load_default="", metadata={"label": "Where the helper works", "autocomplete": "off"}
    )
    helper_contact = PlainText(
        254, load_default="", metadata={"label": "How to reach the helper", "autocomplete": "off"}
    )
    notes = PlainText(
        2000,
        lines=True,
        load_default="",
        metadata={"label": "Notes for staff", "hint": "Only staff of the charity see these."},
    )

    @validates_schema(skip_on_field_errors=False)
    def _fits(self, data: dict[str, Any], **_rest: Any) -> None:
        wrong: dict[str, list[str]] = {}
        if "name" in data and not name_key(data["name"]):
            wrong["name"] = ["Enter a name. It can be the name they are known by."]
        if data.get("own_account") is False and data.get("how") == "bank":
            wrong |= {field: [words] for field, words in _WHOSE.items() if not data.get(field)}
        needed = WHERE.get(data.get("channel", ""))
        if needed and needed in data and not data[needed]:
            wrong[needed] = [NEEDED[needed]]
        if wrong:
            raise ValidationError(wrong)


_HOLDER = {
    "label": "Which organisation or shop holds the money?",
    "hint": "This fund pays somebody who holds it for the person, never the person.",
    "autocomplete": "off",
}

NOT_WHERE_HELD = ("how", "own_account", "why")
"""What is not asked where a fund never pays the person: the answer is always the same."""

_NOT_ATTESTED = "Tick this if it is so. If it is not, this fund cannot be used."


_WHOSE = {"whose": "Say whose account it is.", "why": "Say why the money should go there."}


def entry_schema(
    ceiling: Money, questions: Iterable[Question], *, partner: bool, held: bool = False, attest: str = ""
) -> Schema:
    """Returns the form for one fund: amounts up to its ceiling, its policy's own questions, and who is typing.

    ``held`` says that the fund never pays the person, ``attest`` is what a partner who refers says of them.
    """
    most = str(ceiling).removesuffix(".00")
    asked: dict[str, fields.Field[Any]] = {
        "amount": Pounds(
            ceiling.currency, most=ceiling, required=True, metadata={"label": "How much?", "hint": f"Up to {most}."}
        ),
        "household_size": fields.Integer(
            metadata={"label": "How many people live with them, with themselves?", "hint": "Only if they said."},
            validate=_household,
        ),
    }
    if not partner:
        asked["route"] = Choice(
            ROUTES,
            required=True,
            error_messages={"required": "Choose how they told us."},
            metadata={"label": "How did they tell us?"},
        )
    for question in questions:
        asked[f"{QUESTION}{question.slug}"] = _question(question)
    asked |= _of_terms(held, attest)
    made: Schema = type("EntrySchema", (_Entry,), asked)(exclude=NOT_WHERE_HELD if held else ())
    first = [name for name in FIRST if name in made.fields]
    extra = [name for name in made.fields if name.startswith(QUESTION)]
    rest = [name for name in made.fields if name not in (*first, *extra)]
    made.fields = {name: made.fields[name] for name in (*first, *extra, *rest)}
    return made


def _question(question: Question) -> fields.Field[Any]:
    """Returns a policy's own question with all that the person may ask about it: why, who sees it, how long."""
    field = question_schema(question).fields[question.slug]
    said = field.metadata
    field.metadata = {**said, "purpose": question.purpose, "hint": f"{said['seen']} {said['kept']}"}
    return field


def _of_terms(held: bool, attest: str) -> dict[str, fields.Field[Any]]:
    """Returns what only some funds ask: who holds the money, and the word of the one who refers."""
    asked: dict[str, fields.Field[Any]] = {}
    if held:
        missing = {"required": "Say who holds the money for them."}
        asked["whose"] = PlainText(200, required=True, error_messages=missing, metadata=dict(_HOLDER))
    if attest:
        asked["attested"] = fields.Boolean(
            required=True,
            validate=validate.Equal(True, error=_NOT_ATTESTED),
            error_messages={"required": _NOT_ATTESTED},
            metadata={"label": attest, "widget": "tick"},
        )
    return asked


def _household(size: int) -> None:
    if not 1 <= size <= 30:
        raise ValidationError("Enter a number from 1 to 30.")

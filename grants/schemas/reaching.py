"""Reaching: how it is safe to reach a person who applies, and where; nothing is sent in any other way."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from grants.domain.names import digits
from grants.schemas.fields import Choice, PlainText
from grants.schemas.tongue import gettext as _

LONGEST = 2000
"""The most characters of any free answer."""

MOBILE = re.compile(r"07\d{9}")
"""A mobile number in the United Kingdom, to which a text can go."""

AnyField = fields.Field[Any]


class Phone(PlainText):
    """Takes a phone number as people type it and gives its figures, with 0 for the country where it was +44."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **rest: Any) -> str:
        typed = super()._deserialize(value, attr, data, **rest)
        if re.search(r"[^\d\s()+./-]", typed):
            raise ValidationError(_("Use only numbers, like 07700 900 982."))
        number = digits(typed)
        home = number.removeprefix("00") if number.startswith("0044") else number
        if home.startswith("44") and len(home) > 10:
            number = f"0{home.removeprefix('44').removeprefix('0')}"
        if len(number) > 15:
            raise ValidationError(_("That number is too long. Check it and try again."))
        return number


def reach_schema() -> Schema:
    """Returns the question how it is safe to reach the person."""
    options = [
        ("text", _("By text message")),
        ("email", _("By email")),
        ("letter", _("By letter")),
        ("worker", _("By phone, through somebody who helps me")),
        ("none", _("Do not contact me")),
    ]
    label = {
        "label": _("How is it safe to reach you?"),
        "hint": _("Choose a way that nobody else reads. We send nothing in any other way."),
        "notes": {
            "worker": _("We call them, never you."),
            "none": _("You call us with your reference number, whenever you like."),
        },
    }
    asked = {"required": _("Choose how it is safe to reach you.")}
    return Schema.from_dict({"channel": Choice(options, required=True, error_messages=asked, metadata=label)})()


def where_schema(channel: str) -> Schema:
    """Returns the questions where to reach the person in this way, and what to be careful about."""
    wish = {
        "label": _("Is there anything we should be careful about?"),
        "hint": _("Like times that are not safe. If you write here, a person reads it before we send anything."),
    }
    careful = PlainText(LONGEST, lines=True, metadata=wish)
    return Schema.from_dict(_WHERE[channel]() | {"contact_wish": careful})()


def _by_text() -> dict[str, AnyField]:
    label = {"label": _("Your mobile number"), "hint": _("Like 07700 900 982."), "widget": "tel", "autocomplete": "tel"}
    asked = {"required": _("Enter your mobile number, or go back and choose another way.")}

    def check(number: str) -> None:
        if not MOBILE.fullmatch(number):
            raise ValidationError(_("Enter a mobile number with 11 numbers, like 07700 900 982."))

    return {"phone": Phone(required=True, validate=check, error_messages=asked, metadata=label)}


def _by_email() -> dict[str, AnyField]:
    label = {"label": _("Your email address"), "hint": _("One that only you read.")}
    asked: dict[str, Any] = {"required": _("Enter your email address, or go back and choose another way.")}
    short = validate.Length(max=254)
    return {"email": fields.Email(required=True, validate=short, error_messages=asked, metadata=label)}


def _by_letter() -> dict[str, AnyField]:
    label = {"label": _("Your address"), "hint": _("Or the address of somebody who keeps your letters safe.")}
    asked = {"required": _("Enter an address, or go back and choose another way.")}
    return {"address": PlainText(500, lines=True, required=True, error_messages=asked, metadata=label)}


def _by_worker() -> dict[str, AnyField]:
    name = {"label": _("Who should we call?"), "hint": _("For example: Sam at the advice centre.")}
    phone = {"label": _("Their phone number"), "widget": "tel", "autocomplete": "off"}
    who_asked = {"required": _("Enter the name of the person we should call.")}
    phone_asked = {"required": _("Enter their phone number.")}
    enough = validate.Length(min=10, error=_("Enter a phone number with 10 or 11 numbers, like 01305 555 012."))
    return {
        "contact_name": PlainText(200, required=True, error_messages=who_asked, metadata=name),
        "phone": Phone(required=True, validate=enough, error_messages=phone_asked, metadata=phone),
    }


_WHERE: dict[str, Callable[[], dict[str, AnyField]]] = {
    "text": _by_text,
    "email": _by_email,
    "letter": _by_letter,
    "worker": _by_worker,
}

"""Reaching: how it is safe to reach a person who applies, and where; nothing is sent in any other way."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from grants.domain.errors import Refusal
from grants.domain.names import digits
from grants.domain.safe_contact import Wishes, checked
from grants.schemas.fields import Choice, PlainText
from grants.schemas.tongue import gettext as _
from grants.schemas.tongue import refused

LONGEST = 2000
"""The most characters of any free answer."""

FIRST_HOUR, LAST_HOUR = 9, 18
"""The hours between which messages may come, where nobody said otherwise."""

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
    return _Where.from_dict(_WHERE[channel]() | {"contact_wish": careful} | _safety(channel))()


class _Where(Schema):
    @validates_schema
    def _can_be_kept_to(self, data: dict[str, Any], **_rest: Any) -> None:
        refuse_wishes(data)


def refuse_wishes(data: Mapping[str, Any]) -> None:
    """Raises ValidationError, beside its field, for what messages could not keep to."""
    try:
        wishes_in(data)
    except Refusal as refusal:
        raise ValidationError({refusal.field or "avoid": [refused(refusal)]}) from refusal


def wishes_in(data: Mapping[str, Any], names: Iterable[str] = ()) -> Wishes:
    """Returns what a form says about messages, or raises Refusal; what it does not ask is as it usually is."""
    return checked(
        Wishes(
            sender=str(data.get("sender") or ""),
            discreet=data.get("discreet") is not False,
            avoid=tuple(re.split(r"[\n,،;]+", str(data.get("avoid") or ""))),
            hours_from=int(data.get("hours_from") or FIRST_HOUR),
            hours_until=int(data.get("hours_until") or LAST_HOUR),
            voicemail=data.get("voicemail") is True,
            shared=data.get("shared") is True,
        ),
        names,
    )


def _safety(channel: str) -> dict[str, AnyField]:
    """Returns what else may be said about this way: the safest is chosen already, and nothing has to be answered."""
    asked = {"shared": _shared(channel)} if channel in ("text", "email") else {}
    if channel == "worker":
        return {"voicemail": _voicemail()}
    asked["sender"] = PlainText(11, metadata=_sender())
    asked["avoid"] = PlainText(400, metadata=_avoid())
    return asked | hours() if channel != "letter" else asked


def _sender() -> dict[str, Any]:
    hint = _("A word that is safe if others see it, like a first name. At most 11 letters.")
    return {"label": _("What may we call ourselves?"), "hint": hint, "autocomplete": "off"}


def _avoid() -> dict[str, Any]:
    return {
        "label": _("Are there words that must not appear?"),
        "hint": _("Put a comma between them. We never write what it is about, or your name."),
        "autocomplete": "off",
    }


def _shared(channel: str) -> AnyField:
    phone = _("Somebody else uses this phone, or sees its messages")
    inbox = _("Somebody else can read this inbox")
    hint = _("Then they may see that we wrote. Another way, or a helper, may be safer. You can go back and change it.")
    label = {"label": phone if channel == "text" else inbox, "hint": hint, "widget": "tick"}
    return fields.Boolean(load_default=False, metadata=label)


def _voicemail() -> AnyField:
    label = {"label": _("You may leave a voice message"), "widget": "tick", "hint": _("If not, we just call again.")}
    return fields.Boolean(load_default=False, metadata=label)


def hours() -> dict[str, AnyField]:
    """Returns the hours between which messages may come, with the usual ones chosen."""
    first = {"label": _("Messages may come from"), "hint": _("We send nothing before this time."), "widget": "select"}
    last = {"label": _("Until"), "hint": _("We send nothing after this time."), "widget": "select"}
    return {
        "hours_from": Choice(_clock(range(24)), load_default=str(FIRST_HOUR), metadata=first),
        "hours_until": Choice(_clock(range(1, 25)), load_default=str(LAST_HOUR), metadata=last),
    }


def _clock(times: Iterable[int]) -> list[tuple[str, str]]:
    return [(str(hour), f"{hour}:00") for hour in times]


def change_schema() -> Schema:
    """Returns what somebody types to be reached another way: how it was until now, and the new way."""
    before = {
        "label": _("How did we reach you until now?"),
        "hint": _("Type the phone number or email address. Never mind if you are not sure."),
        "autocomplete": "off",
    }
    address = {
        "label": _("The new number or address"),
        "hint": _("One that only you see. Leave it empty if we should send nothing."),
        "autocomplete": "off",
    }
    asked: dict[str, AnyField] = {
        "before": PlainText(500, metadata=before),
        **reach_schema().fields,
        "address": PlainText(254, metadata=address),
    }
    return _Change.from_dict(asked)()


class _Change(Schema):
    @validates_schema
    def _fits(self, data: dict[str, Any], **_rest: Any) -> None:
        typed, channel = str(data.get("address") or ""), data.get("channel")
        if channel == "text" and not MOBILE.fullmatch(_number(typed)):
            raise ValidationError({"address": [_("Enter a mobile number with 11 numbers, like 07700 900 982.")]})
        if channel == "email" and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", typed):
            raise ValidationError({"address": [_("Enter an email address, like name@example.org.")]})
        if channel in ("letter", "worker") and not typed.strip():
            raise ValidationError({"address": [_("Enter the new address, or who we should call.")]})


def code_schema() -> Schema:
    """Returns what somebody types who was sent a code at their new number or address."""
    label = {"label": _("The code"), "hint": _("9 letters and numbers."), "autocomplete": "one-time-code"}
    asked = {"required": _("Type the code that came to the new number or address.")}
    return Schema.from_dict({"code": PlainText(40, required=True, error_messages=asked, metadata=label)})()


def _number(typed: str) -> str:
    number = digits(typed)
    return f"0{number.removeprefix('44')}" if number.startswith("44") and len(number) == 12 else number


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

"""Plain words for what goes wrong: marshmallow's own messages, said so that anyone knows what to do."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from marshmallow import Schema, fields, validate

from grants.domain.saying import Say
from grants.schemas.fields import Choice, DayFirstDate, Pounds
from grants.schemas.tongue import gettext as _

Check = Callable[[Any], Any]


def soften(schema: Schema) -> Schema:
    """Returns a copy of the schema whose default messages are in plain words; chosen messages stay."""
    softened = copy.copy(schema)
    softened.fields = {name: _soft(field) for name, field in schema.fields.items()}
    softened.load_fields = {name: softened.fields[name] for name in schema.load_fields}
    return softened


def said_with(schema: Schema, say: Say) -> Schema:
    """Returns a copy of the schema whose questions reach their reader in their language, as its author has them."""
    told = copy.copy(schema)
    told.fields = {name: _said_with(field, say) for name, field in schema.fields.items()}
    told.load_fields = {name: told.fields[name] for name in schema.load_fields}
    return told


def _said_with(field: fields.Field[Any], say: Say) -> fields.Field[Any]:
    told = copy.copy(field)
    words = {name: say.theirs(str(field.metadata[name])) for name in _QUESTION if field.metadata.get(name)}
    told.metadata = {**field.metadata, **words}
    if isinstance(told, Choice):
        told.options = tuple((value, say.theirs(text)) for value, text in told.options)
    return told


_QUESTION = ("label", "hint", "description", "purpose")


def plain_messages(field: fields.Field[Any]) -> dict[str, str]:
    """Returns the plain sentence for each of a field's error keys."""
    asked = _("Answer this question.")
    messages = {"required": asked, "null": asked}
    for kind, key, sentence in _sentences():
        if isinstance(field, kind):
            messages[key] = sentence
    if field.metadata.get("widget") == "tick":
        messages["required"] = _("Tick the box if this is right.")
    elif any(isinstance(check, validate.OneOf) for check in field.validators):
        messages["required"] = _("Choose an answer.")
    return messages


def plain_check(check: Check) -> Check:
    """Returns the validator with a plain sentence, or as it is when its author chose the words."""
    sentence = _sentence(check)
    if sentence is None:
        return check
    softened = copy.copy(check)
    softened.error = sentence  # type: ignore[attr-defined]  # marshmallow's validators all have it
    return softened


def _sentences() -> list[tuple[type[fields.Field[Any]], str, str]]:
    """Lists (field type, error key, sentence), the general before the particular."""
    return [
        (fields.String, "invalid", _("Answer in words.")),
        (Choice, "required", _("Choose an answer.")),
        (Pounds, "required", _("Enter how much, like 150 or 99.50.")),
        (DayFirstDate, "required", _("Enter a day, a month and a year, like 27 3 2026.")),
        (fields.Number, "required", _("Enter a number, like 5.")),
        (fields.Number, "invalid", _("Enter a number, like 5 or 2.5.")),
        (fields.Number, "too_large", _("That number is too large.")),
        (fields.Number, "special", _("Enter a number, like 5 or 2.5.")),
        (fields.Integer, "invalid", _("Enter a whole number, like 5.")),
        (fields.Boolean, "required", _("Choose yes or no.")),
        (fields.Boolean, "invalid", _("Choose yes or no.")),
        (fields.Date, "required", _("Enter a day, a month and a year, like 27 3 2026.")),
        (fields.Date, "invalid", _("Enter a day, a month and a year, like 27 3 2026.")),
        (fields.Time, "invalid", _("Enter a time, like 14:30.")),
        (fields.List, "required", _("Choose at least one answer.")),
        (fields.List, "invalid", _("Choose from the answers shown.")),
        (fields.Enum, "required", _("Choose an answer.")),
        (fields.Enum, "unknown", _("Choose one of the answers shown.")),
        (fields.Url, "invalid", _("Enter a web address that begins with https://.")),
        (fields.Email, "invalid", _("Enter an email address, like name@example.org.")),
    ]


def _soft(field: fields.Field[Any]) -> fields.Field[Any]:
    softened = copy.copy(field)
    usual = _usual_messages(type(field))
    plain = plain_messages(field)
    softened.error_messages = {
        key: plain.get(key, message) if message == usual.get(key) else message
        for key, message in field.error_messages.items()
    }
    softened.validators = [plain_check(check) for check in field.validators]
    if isinstance(softened, fields.List):
        softened.inner = _soft(softened.inner)
    return softened


def _usual_messages(kind: type[Any]) -> dict[str, Any]:
    usual: dict[str, Any] = {}
    for ancestor in reversed(kind.__mro__):
        usual.update(getattr(ancestor, "default_error_messages", {}))
    return usual


def _sentence(check: Check) -> str | None:
    match check:
        case validate.Range(error=None):
            return _range_sentence(check)
        case validate.Length(error=None):
            return _length_sentence(check)
        case validate.ContainsOnly() | validate.OneOf() if check.error == type(check).default_message:
            return _("Choose one of the answers shown.")
        case validate.Email() if check.error in (
            validate.Email.default_message,
            _usual_messages(fields.Email)["invalid"],
        ):
            return _("Enter an email address, like name@example.org.")
        case validate.URL() if check.error in (validate.URL.default_message, _usual_messages(fields.Url)["invalid"]):
            return _("Enter a web address that begins with https://.")
        case validate.Regexp() if check.error == validate.Regexp.default_message:
            return _("We cannot read this. Check it and try again.")
        case _:
            return None


def _range_sentence(check: validate.Range) -> str:
    low = _("{min} or more") if check.min_inclusive else _("more than {min}")
    high = _("{max} or less") if check.max_inclusive else _("less than {max}")
    if check.min is None:
        return _("Enter %(high)s.", high=high)
    if check.max is None:
        return _("Enter %(low)s.", low=low)
    if check.min_inclusive and check.max_inclusive:
        return _("Enter a number from {min} to {max}.")
    return _("Enter %(low)s and %(high)s.", low=low, high=high)


def _length_sentence(check: validate.Length) -> str:
    if check.equal is not None:
        return _("Use exactly {equal} characters.")
    if check.max is None:
        return _("Use {min} characters or more.")
    return _("Use {max} characters or fewer.") if not check.min else _("Use from {min} to {max} characters.")

"""Forms: one marshmallow schema drives the page, the checks and the words when something is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, missing, validate
from werkzeug.datastructures import MultiDict

from grants.domain.errors import Refusal
from grants.domain.money import SYMBOLS, Money
from grants.schemas.fields import (
    HIDDEN,
    Choice,
    DayFirstDate,
    PlainText,
    Pounds,
    bare_amount,
    parse_day,
    tidy,
    western_digits,
)
from grants.schemas.tongue import as_said, refused
from grants.schemas.tongue import gettext as _
from grants.schemas.wording import soften

Raw = Mapping[str, Any] | None
AnyField = fields.Field[Any]

FEW = 7
"""Up to so many choices are shown as radios; more become a list to select from."""

LONG = 250
"""A text that may be longer than this many characters gets a large box."""

NUMERIC = frozenset({"money", "whole", "number", "date", "tel"})
"""Kinds whose digits may be typed in any script."""


@dataclass(frozen=True, slots=True)
class Field:
    """One question as the page shows it: what is asked, what was typed, and what is wrong with it.

    ``kind`` is one of text, textarea, lines, email, tel, url, money, whole, number, date, radios,
    select, checkboxes, yes_no, tick. ``value`` is what was typed, never tidied; ``values`` are the
    ticked values, or day, month and year of a date. ``notes`` says more about some choices, by value.
    ``minutes`` is what answering costs. ``optional`` is marked on the page: not required, and nothing preset.
    """

    name: str
    kind: str
    label: str
    hint: str = ""
    purpose: str = ""
    minutes: float = 0
    value: str = ""
    values: tuple[str, ...] = ()
    choices: tuple[tuple[str, str], ...] = ()
    notes: Mapping[str, str] | None = None
    required: bool = False
    optional: bool = False
    autocomplete: str = ""
    symbol: str = ""
    most: int = 0
    error: str = ""

    @property
    def target(self) -> str:
        """Returns the id of the element that the error summary links to."""
        return f"{self.name}-day" if self.kind == "date" else self.name


class Form:
    """A schema together with what a person typed: what it means, or what to mend; nothing typed is lost."""

    def __init__(self, schema: Schema, raw: Raw, initial: Mapping[str, Any] | None) -> None:
        self.bound = raw is not None
        self.data: dict[str, Any] = {}
        self.errors: dict[str, list[str]] = {}
        self._schema = soften(schema)
        typed: MultiDict[str, Any] = raw if isinstance(raw, MultiDict) else MultiDict(raw or {})
        known = {name: field for name, field in self._schema.fields.items() if not field.dump_only}
        self._names = {name: field.data_key or name for name, field in known.items()}
        self._views = {
            self._names[name]: _view(self._names[name], field, typed if self.bound else None, (initial or {}).get(name))
            for name, field in known.items()
        }
        if self.bound:
            self._load(known)

    @property
    def ok(self) -> bool:
        """Returns whether something was sent and nothing is wrong with it."""
        return self.bound and not self.errors

    @property
    def fields(self) -> list[Field]:
        """Returns the questions in the schema's order, each with its first error."""
        return [self[name] for name in self._views]

    @property
    def summary(self) -> list[tuple[str, str]]:
        """Returns (sentence, link) for each error; the link is empty when no one field is meant."""
        rows = [(m, f"#{f.target}") for f in self.fields for m in self.errors.get(f.name, [])[:1]]
        return [(message, "") for message in self.errors.get("", [])] + rows

    @property
    def minutes(self) -> float:
        """Returns what answering the whole form costs, in minutes."""
        return sum(view.minutes for view in self._views.values())

    def __contains__(self, name: str) -> bool:
        return name in self._views

    def __getitem__(self, name: str) -> Field:
        found = self.errors.get(name)
        return replace(self._views[name], error=found[0]) if found else self._views[name]

    def add_error(self, name: str | None, message: str) -> None:
        """Adds what is wrong with one field, or with the whole form when the name is None or not ours."""
        ours = name if name is not None and name in self._views else ""
        self.errors.setdefault(ours, []).append(message)

    def refuse(self, refusal: Refusal) -> None:
        """Adds what the flow refused, beside the field that it names."""
        self.add_error(refusal.field, refused(refusal))

    def _load(self, known: Mapping[str, AnyField]) -> None:
        sent = {}
        for name, field in known.items():
            view = self._views[self._names[name]]
            if any(HIDDEN.search(tidy(text)) for text in (view.value, *view.values)):
                self.add_error(view.name, _("There is a hidden character in this. Type it again instead of pasting."))
            elif (value := _sent(view, field)) is not None:
                sent[view.name] = value
        try:
            self.data = dict(self._schema.load(sent, unknown=EXCLUDE))
        except ValidationError as error:
            self.data = dict(error.valid_data) if isinstance(error.valid_data, dict) else {}
            for name, messages in error.messages_dict.items():
                if name not in self.errors:
                    for message in _flat(messages):
                        self.add_error(name, message)


def bind(schema: Schema | type[Schema], raw: Raw = None, initial: Mapping[str, Any] | None = None) -> Form:
    """Returns the form for a schema: blank or with ``initial`` values when ``raw`` is None, else checked.

    ``raw`` is ``request.form`` or any mapping of texts. Names that the schema does not declare are
    ignored. A blank answer counts as not given: absent from ``data`` unless the field has a default.
    """
    return Form(schema() if isinstance(schema, type) else schema, raw, initial)


def kind_of(field: AnyField) -> str:
    """Returns how a field is shown: what its metadata says, or what fits its type."""
    if widget := field.metadata.get("widget"):
        return str(widget)
    if isinstance(field, fields.List):
        return "checkboxes" if choices_of(field) else "lines"
    if isinstance(field, fields.Boolean):
        return "yes_no"
    if choices := choices_of(field):
        return "radios" if len(choices) <= FEW else "select"
    if isinstance(field, PlainText):
        return "textarea" if field.lines else "text"
    for kind, name in _KINDS:
        if isinstance(field, kind):
            return name
    return "textarea" if _longest(field) > LONG else "text"


_KINDS: tuple[tuple[type[AnyField], str], ...] = (
    (Pounds, "money"),
    (DayFirstDate, "date"),
    (fields.Date, "date"),
    (fields.Integer, "whole"),
    (fields.Number, "number"),
    (fields.Email, "email"),
    (fields.Url, "url"),
)


def choices_of(field: AnyField) -> tuple[tuple[str, str], ...]:
    """Returns the (value, words) that a field offers, empty when anything may be typed."""
    if isinstance(field, fields.List):
        return choices_of(field.inner)
    if isinstance(field, fields.Boolean):
        return (("yes", _("Yes")), ("no", _("No")))
    if isinstance(field, Choice):
        return field.options
    if isinstance(field, fields.Enum):
        return tuple((item.name, item.name.replace("_", " ").capitalize()) for item in field.enum)
    for check in field.validators:
        if isinstance(check, validate.OneOf):
            words = [as_said(label) for label in check.labels]
            values = [str(value) for value in check.choices]
            return tuple(zip(values, words if len(words) == len(values) else map(_words, values), strict=True))
    return ()


def _view(name: str, field: AnyField, typed: MultiDict[str, Any] | None, initial: Any) -> Field:
    kind = kind_of(field)
    if typed is None and initial is None and not callable(field.load_default):
        initial = field.load_default
    value, values = _shown(kind, initial) if typed is None else _typed(kind, name, typed)
    if kind == "date" and not values:
        values = ("", "", "")
    say = field.metadata
    return Field(
        name=name,
        kind=kind,
        label=as_said(say.get("label")) or _words(name),
        hint=as_said(say.get("hint") or say.get("description")),
        purpose=as_said(say.get("purpose")),
        minutes=float(say.get("minutes") or 0),
        value=value,
        values=values,
        choices=choices_of(field),
        notes=say.get("notes"),
        required=field.required,
        optional=say.get("optional", _may_be_left(field, kind)),
        autocomplete=str(say.get("autocomplete") or ("email" if kind == "email" else "")),
        symbol=SYMBOLS.get(field.currency, field.currency) if isinstance(field, Pounds) else "",
        most=_longest(field),
    )


def _may_be_left(field: AnyField, kind: str) -> bool:
    return not field.required and field.load_default is missing and kind not in ("tick", "checkboxes")


def _typed(kind: str, name: str, typed: MultiDict[str, Any]) -> tuple[str, tuple[str, ...]]:
    if kind == "date":
        parts = tuple(str(typed.get(f"{name}-{part}", "")) for part in ("day", "month", "year"))
        return str(typed.get(name, "")) or "/".join(parts) * any(part.strip() for part in parts), parts
    found = tuple(str(value) for value in typed.getlist(name))
    return (found[0] if found else ""), (found if kind == "checkboxes" else ())


def _shown(kind: str, value: Any) -> tuple[str, tuple[str, ...]]:
    """Returns a value of ours as the text, and the parts, that the page shows for it."""
    if isinstance(value, bool):
        return ("yes" if value else "no"), ()
    if isinstance(value, Money):
        return bare_amount(value), ()
    if isinstance(value, date):
        return value.isoformat(), (str(value.day), str(value.month), str(value.year))
    if isinstance(value, Iterable) and not isinstance(value, str | bytes):
        texts = tuple(str(item) for item in value)
        return ("\n".join(texts), ()) if kind == "lines" else ("", texts)
    # marshmallow's "missing" is falsy, as is None; zero is a value
    return (str(value) if value or value == 0 else ""), ()


def _sent(view: Field, field: AnyField) -> Any:
    """Returns what the schema is to load for a question, None when it was left blank."""
    if view.kind == "checkboxes":
        return list(view.values) or (None if field.required else [])
    text = tidy(western_digits(view.value) if view.kind in NUMERIC else view.value)
    if view.kind == "lines":
        return [line.strip() for line in text.splitlines() if line.strip()]
    if view.kind == "tick":
        return (text not in ("", "no")) or (None if field.required else False)
    if not text:
        return "" if isinstance(field, fields.String) and field.load_default and not view.choices else None
    if view.kind == "whole":
        return text.replace(",", "")
    if isinstance(field, fields.Date):
        return _iso(text)
    return text


def _iso(text: str) -> str:
    try:
        return parse_day(text).isoformat()
    except ValidationError:
        return text


def _longest(field: AnyField) -> int:
    if isinstance(field, PlainText):
        return field.most
    return max((c.max or c.equal or 0 for c in field.validators if isinstance(c, validate.Length)), default=0)


def _words(name: str) -> str:
    return name.replace("_", " ").replace("-", " ").strip().capitalize()


def _flat(messages: Any) -> list[str]:
    if isinstance(messages, dict):
        messages = messages.values()
    elif isinstance(messages, str):
        return [messages]
    return list(dict.fromkeys(text for part in messages for text in _flat(part)))

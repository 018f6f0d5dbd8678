"""Forms: in what shape an ask is answered: a form written as data, one that a plugin offers, and what proves enough."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from marshmallow import Schema, fields, validate

from grants.domain.terms import Ask, Field, Proof
from grants.domain.terms_json import load
from grants.flow.desk import Desk
from grants.model.asks import GrantAsk

LONGEST = 2000
"""The most characters of an answer in somebody's own words."""

SHORT = 200

DEFAULT_FORM = "story"
"""The form of an ask whose author named none: where proofs are accepted in its place, it is left out."""

ANYTHING_ELSE = "anything_else"

NUMBER = r"-?\d{1,12}([.,]\d{1,4})?"

_LINE = {
    "label": "A line of your bank statement",
    "hint": "Type the one line that shows it, like “3 Dec, B&M, £84.99”. Leave out everything else.",
}
_OWN = {"label": "In your own words", "hint": "What did you buy, and about how much was it? A few words are enough."}


class Bare(Schema):
    """A form that asks nothing of its own."""


@dataclass(frozen=True, slots=True)
class AskForm:
    """How one ask is answered: its blanks, and which proofs are accepted, any one of them.

    A ``story`` is kept as one: sealed under the person's own key, and read by those to whom they consent.
    """

    shape: type[Schema]
    accepts: tuple[Proof, ...] = ()
    story: bool = False

    @property
    def pictures(self) -> bool:
        """Returns whether pictures may be sent with the answer."""
        return "photo" in self.accepts

    def schema(self, proven: bool = False) -> Schema:
        """Returns the blanks; once something is ``proven`` by a picture or a bank line, none has to be filled in."""
        made = self.shape()
        for field in made.fields.values() if proven else ():
            field.required = False
        return made

    def proven(self, answers: Mapping[str, Any], pictures: int) -> bool:
        """Returns whether a picture or a bank line is there, in place of other words."""
        line = "bank_line" in self.accepts and str(answers.get("bank_line") or "").strip()
        return bool(line) or ((self.pictures or self.story) and pictures > 0)

    def enough(self, answers: Mapping[str, Any], pictures: int) -> bool:
        """Returns whether something was told: any one proof, or any blank but “anything else” filled in."""
        told = (value for name, value in answers.items() if name != ANYTHING_ELSE or not self.accepts)
        return self.proven(answers, pictures) or any(value not in ("", None) for value in told)


def terms_of_ask(ask: GrantAsk) -> Ask | None:
    """Returns the ask as it was frozen with its grant, or None when the terms do not name it."""
    return next((one for one in load(ask.grant.terms).asks if one.slug == ask.slug), None)


def form_of(desk: Desk, ask: GrantAsk, instead: type[Schema] | None = None) -> AskForm | None:
    """Returns how this ask is answered: its own blanks, else the form it names, else ``instead``; None without any."""
    asked = terms_of_ask(ask)
    accepts = asked.accepts if asked else ()
    if asked and asked.fields:
        return AskForm(_shape(asked.fields, accepts), accepts)
    if accepts and ask.form == DEFAULT_FORM:
        return AskForm(_shape((), accepts), accepts)
    offered = desk.catalogue.forms.get(ask.form)
    shape = offered.schema if offered else instead
    if shape is None:
        return None
    line = {"bank_line": _text(SHORT, _LINE)} if "bank_line" in accepts else {}
    shaped = type(shape.__name__, (shape,), dict(line)) if line else shape
    story = ask.form == DEFAULT_FORM and ask.of == "recipient" and not accepts
    return AskForm(shaped, accepts, story=story)


def _shape(blanks: tuple[Field, ...], accepts: tuple[Proof, ...]) -> type[Schema]:
    """Returns the form of some blanks and proofs; it always ends with an optional “anything else?”."""
    made: dict[str, Any] = {}
    if "bank_line" in accepts:
        made["bank_line"] = _text(SHORT, _LINE)
    if "own_words" in accepts and not blanks:
        made["own_words"] = _text(LONGEST, _OWN)
    made |= {blank.slug: _blank(blank) for blank in blanks}
    made.setdefault(ANYTHING_ELSE, _text(LONGEST, {"label": "Anything else?"}))
    return Schema.from_dict(made, name="AskForm")


def _text(most: int, say: Mapping[str, str]) -> fields.String:
    more = {"widget": "textarea"} if most > SHORT else {}
    return fields.String(load_default="", validate=validate.Length(max=most), metadata={**say, **more})


def _blank(blank: Field) -> fields.Field[Any]:
    say: dict[str, Any] = {"label": blank.label, "hint": blank.hint}
    given: dict[str, Any] = {"required": blank.required, "metadata": say}
    if blank.required:
        given["error_messages"] = {"required": "Answer this, or ask us for help with it."}
    else:
        given["load_default"] = ""
    if blank.kind in ("choice", "yes_no"):
        return fields.String(validate=_choices(blank), **given)
    if blank.kind == "number":
        say["widget"] = "number"
        told = "Enter a number, like 5 or 2.5."
        return fields.String(validate=validate.Regexp(rf"^({NUMBER})?\Z", error=told), **given)
    if blank.kind == "long_text":
        say["widget"] = "textarea"
    return fields.String(validate=validate.Length(max=LONGEST if blank.kind == "long_text" else SHORT), **given)


def _choices(blank: Field) -> validate.OneOf:
    """Returns the choices of a blank; leaving it open is one too, where it may be."""
    options = ("yes", "no") if blank.kind == "yes_no" else blank.choices
    labels = ("Yes", "No") if blank.kind == "yes_no" else blank.choices
    return validate.OneOf(options, labels=labels, error="Choose one of the answers shown.")

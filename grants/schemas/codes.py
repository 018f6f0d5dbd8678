"""Codes: what the page asks of somebody who has a letter with a code."""

from __future__ import annotations

from marshmallow import Schema

from grants.schemas.fields import Choice, PlainText
from grants.schemas.tongue import gettext as _


def code_schema() -> Schema:
    """Returns the form for the code of a letter and one of two answers."""
    typed = {
        "label": _("The code in your letter"),
        "hint": _("9 letters and numbers. Capitals and spaces do not matter."),
        "autocomplete": "off",
    }
    said = {"label": _("What do you want to tell us?"), "widget": "radios"}
    options = (("arrived", _("It arrived")), ("wrong", _("Something is wrong")))
    wanted, choose = {"required": _("Type the code in your letter.")}, {"required": _("Choose one of the two.")}
    fields = {
        "code": PlainText(60, required=True, metadata=typed, error_messages=wanted),
        "said": Choice(options, required=True, metadata=said, error_messages=choose),
    }
    return Schema.from_dict(dict(fields), name="LetterCode")()

"""Codes: what a letter says of its picture and its code, and what the page for the code asks."""

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


def below_letter(*, link: bool, page: str, days: int) -> tuple[str, ...]:
    """Returns what stands below a letter that leads to a page: of its picture, of the code, and what that does."""
    if not link:
        return ()
    return (
        _("Point the camera of a phone at the picture: it opens your page."),
        _("Or type this code at %(page)s", page=page),
        _("The code says that it arrived, or that something is wrong. It shows nothing."),
        _("It works for %(days)s days.", days=days),
    )

"""What we hold: what a person may ask us to do with it, in plain words."""

from __future__ import annotations

from marshmallow import Schema

from grants.schemas.fields import Choice, PlainText
from grants.schemas.tongue import gettext as _

LONGEST = 2000


def ours_schema() -> Schema:
    """Returns the form in which somebody asks to see, correct or erase what we hold of them."""
    options = (
        ("see", _("Show me what you hold")),
        ("correct", _("Something is not right")),
        ("erase", _("Delete what you can")),
    )
    about = {
        "label": _("What would you like?"),
        "widget": "radios",
        "notes": {"erase": _("Amounts and dates stay, without your name: the law on accounts asks for them.")},
    }
    say = {
        "label": _("Do you want to say more?"),
        "hint": _("You do not have to. Do not write anything that could harm you if somebody else reads it."),
    }
    fields = {
        "kind": Choice(options, required=True, metadata=about, error_messages={"required": _("Choose one of them.")}),
        "words": PlainText(LONGEST, lines=True, metadata=say),
    }
    return Schema.from_dict(dict(fields), name="Ours")()

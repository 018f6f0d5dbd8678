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


def ours_by_phone_schema() -> Schema:
    """Returns the form in which a worker writes down what somebody asks about their data."""
    options = (("see", "To see what we hold"), ("correct", "To have something put right"), ("erase", "To be erased"))
    ways = (("phone", "By phone"), ("person", "In person"), ("letter", "By letter"), ("email", "By e-mail"))
    wanted = {"required": "Choose what they ask."}
    kind = {"label": "What do they ask?", "widget": "radios"}
    how = {"label": "How did they ask?", "widget": "radios"}
    words = {"label": "What did they say with it?"}
    fields = {
        "kind": Choice(options, required=True, metadata=kind, error_messages=wanted),
        "how": Choice(ways, load_default="phone", metadata=how),
        "words": PlainText(LONGEST, lines=True, metadata=words),
    }
    return Schema.from_dict(dict(fields), name="OursByPhone")()

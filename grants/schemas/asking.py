"""Asking: what the pages about asks, held payments and further grants ask of whoever fills them in."""

from __future__ import annotations

from collections.abc import Sequence

from marshmallow import Schema

from grants.schemas.fields import Choice, PlainText
from grants.schemas.tongue import gettext as _

LONGEST = 2000

REASON = 500
"""The most characters of a reason: it is kept with the event."""

ANSWERS = (("go_on", "Go on: a further grant is decided as for anybody"), ("not_now", "Not now"))
"""Answers to the question of a further grant."""

HOW = (("phone", "By phone, or face to face"), ("letter", "By letter"))
"""How somebody’s answer came that a worker types in."""


def appeal_schema() -> Schema:
    """Returns the form in which somebody asks for a second look: they may say something with it."""
    say = {"label": _("Do you want to say something with it?"), "hint": _("You do not have to.")}
    return _schema(words=PlainText(LONGEST, lines=True, metadata=say))


def further_schema() -> Schema:
    """Returns the form in which a worker answers the question of a further grant, or an appeal."""
    chosen = {"label": "What do you say?", "widget": "radios"}
    why = {"label": "Why?", "hint": "In kind words: the person may read this. Nobody is to blame."}
    return _schema(
        answer=Choice(ANSWERS, required=True, metadata=chosen, error_messages={"required": "Choose an answer."}),
        why=_why(why, "Say why, in a few words that the person may read."),
    )


def waive_fund_schema(options: Sequence[tuple[str, str]]) -> Schema:
    """Returns the form in which something asked is let go for everybody of a fund."""
    what = {"label": "What is let go?", "widget": "radios"}
    why = {"label": "Why?", "hint": "For example: the funder agreed that it is not needed any more."}
    return _schema(
        what=Choice(options, required=True, metadata=what, error_messages={"required": "Choose what is let go."}),
        why=_why(why, "Say in a few words why it is no longer asked."),
    )


def how_schema() -> Schema:
    """Returns how an answer came that a worker types in."""
    how = {"label": "How did it come?", "widget": "radios"}
    return _schema(how=Choice(HOW, load_default="phone", metadata=how))


def further_why_schema() -> Schema:
    """Returns the reason that answers an open question of a further grant in the same step as an award."""
    say = {
        "label": "Why is a further grant right?",
        "hint": "If you leave this empty, how you know that the fund fits them answers it.",
    }
    return _schema(further_why=PlainText(REASON, metadata=say))


def _why(say: dict[str, str], asked: str) -> PlainText:
    return PlainText(REASON, lines=True, required=True, metadata=say, error_messages={"required": asked})


def _schema(**made: PlainText | Choice) -> Schema:
    return Schema.from_dict(dict(made), name="Asking")()

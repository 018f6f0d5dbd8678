"""A story in one plain box: as somebody tells it, or in answer to an ask; with a tick for each who may know of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, fields

from grants.schemas.asking import HOW
from grants.schemas.fields import Choice, PlainText
from grants.schemas.tongue import gettext as _

LONGEST = 2000

YES, NO = "yes", "no"


class StorySchema(Schema):
    """What the person wants to tell, in their own words."""

    words = PlainText(
        LONGEST,
        lines=True,
        required=True,
        error_messages={"required": "Write a few words, or leave this page: that is fine too."},
        metadata={"label": "In your own words", "hint": "Write as much or as little as you like."},
    )


def own_words_schema() -> Schema:
    """Returns the box of a story that nobody asked for; a picture alone is a story too."""
    about = {
        "label": _("In your own words"),
        "hint": _("Write as much or as little as you like. Leave out names and addresses."),
    }
    return Schema.from_dict({"words": PlainText(LONGEST, lines=True, metadata=about)}, name="OwnWords")()


def consent_schema() -> Schema:
    """Returns a tick for each who may know of a story: none is set, each is told by an example."""
    said = consents_said()
    ticks = {
        f"to_{to}": fields.Boolean(load_default=False, metadata={"label": label, "hint": example, "widget": "tick"})
        for to, (label, example) in said.items()
    }
    return Schema.from_dict(dict(ticks), name="Consents")()


def consents_in(data: Mapping[str, Any]) -> tuple[str, ...]:
    """Returns who may know of the story, from what was ticked or answered."""
    return tuple(to for to in ("charity", "funder", "public") if data.get(f"to_{to}") in (True, YES))


def consents_said() -> dict[str, tuple[str, str]]:
    """Returns each who may know of a story: the sentence of the tick, and an example of what it means."""
    return {
        "charity": (
            _("The people who work here may read it."),
            _("For example: they talk about it in a meeting, to learn what helps."),
        ),
        "funder": (
            _("The funder may read it."),
            _("For example: the trust that gave the money reads your words. It gets no name and no picture."),
        ),
        "public": (
            _("Everybody may read it."),
            _("For example: it stands on our website, without your name. Friends may still see that it is you."),
        ),
    }


def by_phone_schema() -> Schema:
    """Returns the form in which a worker writes a story down, and asks for each consent by itself."""
    words = {"label": "What did they tell?", "hint": "In their own words, without names and addresses."}
    wanted = {"required": "Write down what they told."}
    asked: dict[str, fields.Field[Any]] = {
        "words": PlainText(LONGEST, lines=True, required=True, metadata=words, error_messages=wanted)
    }
    return Schema.from_dict({**asked, **consents_by_phone()}, name="StoryByPhone")()


def consents_by_phone() -> dict[str, fields.Field[Any]]:
    """Returns one question for each consent, to be read out: nothing is chosen before."""
    questions = {
        "charity": ("“May the people who work here read it?”", "For example in a meeting, to learn what helps."),
        "funder": ("“May the funder read it?”", "They read the words. They get no name and no picture."),
        "public": ("“May everybody read it?”", "For example on our website, without their name."),
    }
    options = ((YES, "They said yes"), (NO, "They said no, or they do not know"))
    wanted = {"required": "Ask them this, and choose their answer."}
    return {
        f"to_{to}": Choice(options, required=True, metadata={"label": label, "hint": hint}, error_messages=wanted)
        for to, (label, hint) in questions.items()
    }


def story_schema() -> Schema:
    """Returns what is asked beside a story that answers an ask: how it came, and each consent by itself."""
    how = Choice(HOW, load_default="phone", metadata={"label": "How did it come?", "widget": "radios"})
    return Schema.from_dict({"how": how, **consents_by_phone()}, name="StoryAnswer")()

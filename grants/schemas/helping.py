"""Helping: what somebody is asked who tells us that something is wrong, and who answers them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from marshmallow import Schema, fields

from grants.domain.helping import COMPLAINTS, OUTCOMES, PROBLEMS
from grants.schemas.fields import Choice, PlainText
from grants.schemas.tongue import gettext as _

LONGEST = 2000

NAME = 200

Options = Sequence[tuple[str, str]]


def problem_schema(*, outside: bool) -> Schema:
    """Returns the form in which a person says what is wrong; ``outside``: somebody outside the charity can answer."""
    asked = {"required": _("Choose what is wrong.")}
    kind = Choice(_said(PROBLEMS), required=True, error_messages=asked, metadata={"label": _("What is wrong?")})
    return _schema(kind=kind, words=_more(), **_who(outside=outside))


def complaint_schema(*, outside: bool) -> Schema:
    """Returns the form in which a person complains, and may say about whom."""
    asked = {"required": _("Choose what it is about.")}
    about = {
        "label": _("Is it about one person?"),
        "hint": _("If you know the name, write it. They will not see what you write."),
        "autocomplete": "off",
    }
    kind = Choice(_said(COMPLAINTS), required=True, error_messages=asked, metadata={"label": _("What is it about?")})
    return _schema(kind=kind, words=_more(), about=PlainText(NAME, metadata=about), **_who(outside=outside))


def appeal_schema() -> Schema:
    """Returns the form in which an applicant asks for a second look."""
    said = {
        "label": _("Is there something that we should know?"),
        "hint": _("You do not have to say anything. Do not write anything that could harm you if somebody reads it."),
    }
    return _schema(words=PlainText(LONGEST, lines=True, metadata=said))


def told_us_schema(options: Options, *, complaint: bool) -> Schema:
    """Returns the form in which a worker writes down what a person told them by phone."""
    words = {"label": "Their own words", "hint": "You will not see this again. Whoever answers reads it."}
    asked: dict[str, fields.Field[Any]] = {
        "kind": Choice(
            options,
            required=True,
            metadata={"label": "What did they say?"},
            error_messages={"required": "Choose what they said."},
        ),
        "words": PlainText(LONGEST, lines=True, metadata=words),
    }
    if complaint:
        about = {"label": "Is it about one person here?", "hint": "Their name. They will not see this."}
        asked["about"] = PlainText(NAME, metadata=about)
    trusted = {"label": "Whom do they trust?", "hint": "A name, if they said one."}
    return _schema(**asked, name=PlainText(NAME, metadata=trusted))


def answer_schema(ways: Options) -> Schema:
    """Returns the form in which somebody keeps what they answered; ``ways`` are those that are safe."""
    how = {"label": "How did you reach them?"}
    words = {"label": "What did you tell them?", "hint": "Short. It is locked with the person’s own key."}
    return _schema(
        how=Choice(ways, required=True, metadata=how, error_messages={"required": "Choose how you reached them."}),
        words=_words(words, "Write down what you told them."),
    )


def outcome_schema() -> Schema:
    """Returns the form in which a call is closed with what came of it."""
    asked = {"required": "Choose what came of it."}
    about = {"label": "What came of it?"}
    return _schema(outcome=Choice(list(OUTCOMES.items()), required=True, metadata=about, error_messages=asked))


def colleague_schema(colleagues: Options) -> Schema:
    """Returns the form in which a call is handed over."""
    about = {"label": "Who answers instead?", "hint": "Only those who may see it.", "widget": "select"}
    asked = {"required": "Choose a colleague."}
    return _schema(colleague=Choice(colleagues, required=True, metadata=about, error_messages=asked))


def second_look_schema(*, stays: bool) -> Schema:
    """Returns the form in which a second look ends: the answer stays, with words, or is opened again."""
    label = "Why does the answer stay?" if stays else "What do you tell them?"
    about = {"label": label, "hint": "Kind and plain: this is what the person hears from you."}
    if stays:
        return _schema(words=_words(about, "Say why the answer stays."))
    return _schema(words=PlainText(LONGEST, lines=True, metadata=about))


def _who(*, outside: bool) -> dict[str, fields.Field[Any]]:
    """Returns the two questions about who should answer; both may be left."""
    options = [("new", _("Somebody new to me")), ("name", _("Somebody I trust"))]
    if outside:
        options.append(("outside", _("Somebody from outside the charity")))
    label = {
        "label": _("Who should answer you?"),
        "hint": _("Whoever decided about you or paid you never sees this."),
    }
    name = {"label": _("The name of somebody here whom you trust"), "autocomplete": "off"}
    return {"who": Choice(options, metadata=label), "name": PlainText(NAME, metadata=name)}


def _more() -> PlainText:
    wanted = {
        "label": _("Do you want to say more?"),
        "hint": _("You do not have to. Do not write anything that could harm you if somebody else reads it."),
    }
    return PlainText(LONGEST, lines=True, metadata=wanted)


def _words(about: dict[str, str], missing: str) -> PlainText:
    return PlainText(LONGEST, lines=True, required=True, metadata=about, error_messages={"required": missing})


def _said(codes: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(code, _(said)) for code, said in codes.items()]


def _schema(**asked: fields.Field[Any]) -> Schema:
    return Schema.from_dict(dict(asked), name="Helping")()

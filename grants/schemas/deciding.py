"""Deciding: what a worker types to award, decline, agree, reopen or withdraw, or about a safe way to reach someone."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from grants.domain.money import Money
from grants.schemas.fields import Choice, PlainText, Pounds
from grants.schemas.tongue import gettext as _

CHANNELS = (
    ("none", "No way is safe"),
    ("text", "Text message"),
    ("email", "E-mail"),
    ("letter", "Letter"),
    ("worker", "By phone, through somebody who helps them"),
)
"""How a person may be reached safely, as workers say it."""


def attestation(eligible: str, restriction: str) -> str:
    """Returns what is attested of a person: that they are who the fund is for, in the words of its terms."""
    said = eligible.strip().rstrip(".") or restriction.strip().rstrip(".")
    if not said:
        return "Yes, this person is in need, and this fund can help."
    return f"Yes, this fits what the money is for: {said}."


def award_schema(asked: Money, sentence: str, *, vouched: bool = False) -> Schema:
    """Returns what awarding takes: an amount, the tick and reason for who the fund is for, why another amount.

    ``asked`` is what the person asked for, ``sentence`` says who the fund is for; where the one who referred
    them ``vouched`` for it, there is nothing to tick.
    """
    attested: dict[str, fields.Field[Any]] = {} if vouched else _attested(sentence)
    return Schema.from_dict(
        {
            "amount": Pounds(asked.currency, required=True, metadata={"label": _("Amount to award")}),
            "reason": PlainText(
                500,
                metadata={
                    "label": _("Why another amount than %(asked)s?", asked=str(asked).removesuffix(".00")),
                    "hint": _("Only if you change the amount."),
                },
            ),
            **attested,
        },
        name="Award",
    )()


def _attested(sentence: str) -> dict[str, fields.Field[Any]]:
    return {
        "tick": fields.Boolean(
            required=True,
            error_messages={"required": _("Tick this if it is so. If it is not, the fund cannot be used.")},
            metadata={"label": sentence, "widget": "tick"},
        ),
        "eligible": PlainText(
            500,
            required=True,
            error_messages={"required": _("Say in a few words how you know. No papers are needed.")},
            metadata={"label": _("How do you know?"), "hint": _("A few words. No papers are needed.")},
        ),
    }


class DeclineSchema(Schema):
    """Declining takes a reason in words that the person may read."""

    decline_reason = PlainText(
        1000,
        lines=True,
        required=True,
        error_messages={"required": "Say why, in words that the person may read."},
        metadata={
            "label": "Why is the answer no?",
            "hint": "In kind words: the person may read this. Say where else they could ask.",
        },
    )


class WhyNotSchema(Schema):
    """Saying no to a colleague's proposal takes a reason."""

    why_not = PlainText(
        500,
        lines=True,
        required=True,
        error_messages={"required": "Say why not, so that your colleague can decide again."},
        metadata={"label": "Why not?", "hint": "Your colleague reads this, and can decide again."},
    )


class ReopenSchema(Schema):
    """Opening a declined application again takes a reason."""

    reopen_why = PlainText(
        500,
        required=True,
        error_messages={"required": "Say why it is opened again."},
        metadata={"label": "Why open it again?", "hint": "For example: they told us something new."},
    )


class WithdrawSchema(Schema):
    """Taking an application back is the person's wish; a reason may be given."""

    withdraw_why = PlainText(500, metadata={"label": "What did they say?", "hint": "Only if it helps later."})


class ContactSchema(Schema):
    """What a worker learned when they asked how it is safe to reach someone."""

    channel = Choice(
        CHANNELS,
        required=True,
        error_messages={"required": "Choose how it is safe to reach this person."},
        metadata={"label": "What is safe?", "widget": "radios"},
    )
    value = PlainText(
        254,
        metadata={
            "label": "The number or address that is safe",
            "hint": "Leave it empty if it is the one that we have.",
            "autocomplete": "off",
        },
    )


class SafeContactSchema(ContactSchema):
    """All that a worker learned when they asked: the way, the hours, the words, and who else sees the messages."""

    shared = fields.Boolean(
        load_default=False, metadata={"label": "Somebody else sees this phone, inbox or post", "widget": "tick"}
    )
    voicemail = fields.Boolean(load_default=False, metadata={"label": "A voice message may be left", "widget": "tick"})
    discreet = fields.Boolean(
        load_default=False,
        metadata={
            "label": "Messages must not say what they are about",
            "hint": "Leave this ticked, unless they asked for plainer words.",
            "widget": "tick",
        },
    )
    sender = PlainText(
        11,
        load_default="",
        metadata={
            "label": "What we may call ourselves",
            "hint": "A word that you agreed with them, at most 11 letters. Empty: our usual neutral word.",
            "autocomplete": "off",
        },
    )
    avoid = PlainText(
        400,
        load_default="",
        metadata={"label": "Words that must not appear", "hint": "With a comma between them.", "autocomplete": "off"},
    )

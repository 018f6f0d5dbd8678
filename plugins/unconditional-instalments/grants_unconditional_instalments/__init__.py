"""Unconditional instalments: nothing is asked, and the person chooses how the money is spread."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from marshmallow import Schema, fields, validate

from grants import Ask, Facts, Field, Pace, Policy, Promise, Schedule, Terms, hookimpl

FORTNIGHT = 14

PROMISES = (
    Promise(by="charity", text="We go on paying, whatever happens. We stop only if you ask us to."),
    Promise(by="charity", text="You may change how the rest is paid, as often as you like."),
    Promise(by="funder", text="The funder never asks for any of it back."),
)


class UnconditionalInstalmentsSettings(Schema):
    """What the funder may tune."""

    months = fields.Integer(
        load_default=6,
        validate=validate.Range(2, 24),
        metadata={"label": "Months over which the money is spread", "hint": "6 is usual. 24 at most."},
    )
    usual = fields.String(
        load_default="monthly",
        validate=validate.OneOf(
            ["once", "monthly", "fortnightly"], labels=["All at once", "Each month", "Every two weeks"]
        ),
        metadata={"label": "How it is paid until the person picks", "hint": "They may always pick another way."},
    )
    smallest_part = fields.Integer(
        load_default=10,
        validate=validate.Range(1, 500),
        metadata={"label": "Pounds: no part is smaller than this", "hint": "Small awards then come in fewer parts."},
    )
    survey = fields.Boolean(
        load_default=False,
        metadata={"label": "A few questions at the end", "hint": "For those who like. Silence changes nothing."},
    )
    survey_minutes = fields.Integer(
        load_default=5,
        validate=validate.Range(1, 15),
        metadata={"label": "Minutes that the questions take", "hint": "A guess until it is measured."},
    )


def unconditional_instalments_terms(settings: Mapping[str, Any], facts: Facts) -> Terms:
    """Returns terms without conditions, with three ways to be paid that the person chooses from."""
    most = max(1, facts.amount.amount // (settings["smallest_part"] * 100))
    paces = {
        "once": Pace(),
        "monthly": Pace(parts=min(settings["months"], most)),
        "fortnightly": Pace(parts=min(settings["months"] * 2, most), every_days=FORTNIGHT),
    }
    usual = paces.pop(settings["usual"])
    schedule = Schedule(
        parts=usual.parts,
        every_months=usual.every_months,
        every_days=usual.every_days,
        choices=tuple(pace for pace in paces.values() if most > 1),
    )
    return Terms(schedule=schedule, asks=_survey(settings), promises=PROMISES)


def _survey(settings: Mapping[str, Any]) -> tuple[Ask, ...]:
    if not settings["survey"]:
        return ()
    ask = Ask(
        slug="survey",
        title="Tell us how the payments worked for you, if you like",
        purpose="So that the funder and we learn how people like to be paid. It changes nothing for you.",
        minutes=settings["survey_minutes"],
        due_days=settings["months"] * 30,
        fields=(
            Field(slug="worked", label="What was good about how it came?"),
            Field(slug="better", label="What would have been better?"),
        ),
    )
    return (ask,)


@hookimpl
def grants_policies() -> Iterator[Policy]:
    """Offers the policy."""
    yield Policy(
        slug="unconditional-instalments",
        title="Unconditional instalments",
        promise="Nothing is asked. You choose how it comes: at once, each month or every two weeks.",
        settings=UnconditionalInstalmentsSettings,
        terms=unconditional_instalments_terms,
    )

"""Sample assured: no papers from anybody; a few people, drawn by chance, are asked whether the money came."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from marshmallow import Schema, fields, validate

from grants import Authority, Band, Confirmation, Facts, Policy, Promise, Terms, hookimpl


class SampleAssuredSettings(Schema):
    """What the funder may tune."""

    confidence = fields.Integer(
        load_default=90,
        validate=validate.Range(50, 99),
        metadata={"label": "How sure the figure is to be, in 100", "hint": "Surer means that more people are called."},
    )
    margin = fields.Integer(
        load_default=10,
        validate=validate.Range(1, 50),
        metadata={"label": "How far off it may be, in points", "hint": "10 is usual. Closer means more calls."},
    )
    seed = fields.String(
        load_default="",
        validate=validate.Length(max=64),
        metadata={"label": "Seed of the draw", "hint": "Left empty, one is made by chance for each draw."},
    )
    alone_up_to = fields.Integer(
        load_default=500,
        validate=validate.Range(1, 5000),
        metadata={"label": "Pounds up to which one person decides", "hint": "Above it, two people decide."},
    )
    two_up_to = fields.Integer(
        load_default=2000,
        validate=validate.Range(2, 50000),
        metadata={"label": "Pounds up to which any two people decide", "hint": "Above it, one is a manager."},
    )
    days = fields.Integer(
        load_default=3,
        validate=validate.Range(1, 30),
        metadata={"label": "Working days within which we pay", "hint": "This is promised to the person."},
    )


def sample_assured_terms(settings: Mapping[str, Any], facts: Facts) -> Terms:
    """Returns terms with nothing asked of everybody and a sample in place of papers."""
    alone, two = settings["alone_up_to"] * 100, settings["two_up_to"] * 100
    middle = (Band(up_to=two, people=2),) if two > alone else ()
    day = "1 working day" if settings["days"] == 1 else f"{settings['days']} working days"
    return Terms(
        authority=Authority(bands=(Band(up_to=alone), *middle, Band(people=2, who="manager"))),
        confirmation=Confirmation(
            mode="sampled",
            confidence=settings["confidence"],
            margin=settings["margin"],
            seed=settings["seed"],
        ),
        promises=(
            Promise(by="charity", text=f"We pay within {day} of the award.", days=settings["days"]),
            Promise(by="charity", text="If we call and you do not answer, nothing changes for you."),
            Promise(by="funder", text="The funder asks nobody for receipts. It reads what the sample tells."),
        ),
    )


@hookimpl
def grants_policies() -> Iterator[Policy]:
    """Offers the policy."""
    yield Policy(
        slug="sample-assured",
        title="Sample assured",
        promise="No papers, from anybody. A few people, drawn by chance, are asked if the money came.",
        settings=SampleAssuredSettings,
        terms=sample_assured_terms,
    )

"""Keep receipts, spot check: 5 in 100 people are asked what they bought, and their own words are enough."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from marshmallow import Schema, fields, validate

from grants import Ask, Authority, Band, Facts, Field, Policy, Promise, Terms, hookimpl

PROMISES = (
    Promise(by="charity", text="We draw by chance, by the number of the grant, never by who you are."),
    Promise(by="charity", text="If nothing comes, we close it with a note. We take nothing back."),
    Promise(by="funder", text="Your own words are enough for the funder."),
)


class KeepReceiptsSettings(Schema):
    """What the funder may tune."""

    share = fields.Integer(
        load_default=5,
        validate=validate.Range(1, 100),
        metadata={"label": "How many in 100 grants are asked", "hint": "5 is plenty to learn from."},
    )
    seed = fields.String(
        load_default="keep-receipts",
        validate=validate.Length(1, 64),
        metadata={"label": "Seed of the draw", "hint": "Publish it: then anybody can run the draw again."},
    )
    days = fields.Integer(
        load_default=60,
        validate=validate.Range(14, 365),
        metadata={"label": "Days after the award until we ask", "hint": "People need time to buy things."},
    )
    minutes = fields.Integer(
        load_default=10,
        validate=validate.Range(1, 60),
        metadata={"label": "Minutes that an answer takes", "hint": "A guess until it is measured."},
    )
    reminders = fields.Integer(
        load_default=2,
        validate=validate.Range(0, 3),
        metadata={"label": "Reminders, at most", "hint": "Sent only where it is safe to reach the person."},
    )
    alone_up_to = fields.Integer(
        load_default=0,
        validate=validate.Range(0, 5000),
        metadata={"label": "Pounds up to which one person decides", "hint": "0 means that two people always decide."},
    )


def keep_receipts_terms(settings: Mapping[str, Any], facts: Facts) -> Terms:
    """Returns terms in which a small share of grants, drawn by chance, is asked what was bought."""
    receipts = Ask(
        slug="receipts",
        title="Tell us what you bought: a photo, a bank line or your own words",
        purpose="The funder wants to know what the money goes to. It asks a few people, not everybody.",
        minutes=settings["minutes"],
        due_days=settings["days"],
        if_missed="remind" if settings["reminders"] else "let_go",
        reminders=settings["reminders"],
        fields=(Field(slug="bought", label="What did you buy?", hint="A few words are enough."),),
        accepts=("photo", "bank_line", "own_words"),
        share=settings["share"],
        seed=settings["seed"],
    )
    alone = settings["alone_up_to"] * 100
    bands = (Band(up_to=alone), Band(people=2)) if alone else (Band(people=2),)
    return Terms(authority=Authority(bands=bands), asks=(receipts,), promises=PROMISES)


@hookimpl
def grants_policies() -> Iterator[Policy]:
    """Offers the policy."""
    yield Policy(
        slug="keep-receipts-spot-check",
        title="Keep receipts, spot check",
        promise="A few in 100 people are asked what they bought. Your own words are enough.",
        settings=KeepReceiptsSettings,
        terms=keep_receipts_terms,
    )

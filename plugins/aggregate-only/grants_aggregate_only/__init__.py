"""Aggregate only: the funder asks the charity for totals, and the person for nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from marshmallow import Schema, fields, validate

from grants import Ask, Facts, Field, Policy, Promise, Statement, Terms, hookimpl

PROMISES = (
    Promise(by="charity", text="We send the funder totals only. Nobody can be found in them."),
    Promise(by="funder", text="If a figure is missing, the funder asks us. It never asks you."),
)


class AggregateOnlySettings(Schema):
    """What the funder may tune."""

    every_months = fields.Integer(
        load_default=3,
        validate=validate.Range(1, 12),
        metadata={"label": "Months from one statement to the next", "hint": "3 is usual."},
    )
    smallest_cell = fields.Integer(
        load_default=10,
        validate=validate.Range(5, 50),
        metadata={"label": "The smallest number shown", "hint": "Smaller numbers are hidden, to keep people safe."},
    )
    minutes = fields.Integer(
        load_default=1,
        validate=validate.Range(1, 30),
        metadata={"label": "Minutes of the charity’s time for each grant", "hint": "A guess until it is measured."},
    )


def aggregate_only_terms(settings: Mapping[str, Any], facts: Facts) -> Terms:
    """Returns terms that ask the charity for totals and nobody else for anything."""
    counts = Ask(
        slug="counts",
        title="Count this grant in the totals for the funder",
        purpose="The funder wants to know how many households it helped, with how much and for what.",
        minutes=settings["minutes"],
        of="charity",
        due_days=settings["every_months"] * 30,
        fields=(Field(slug="sent", label="When did the totals go to the funder?", kind="text"),),
    )
    return Terms(
        asks=(counts,),
        statement=Statement(
            aggregates=("money", "counts"),
            every_months=settings["every_months"],
            smallest_cell=settings["smallest_cell"],
        ),
        promises=PROMISES,
    )


@hookimpl
def grants_policies() -> Iterator[Policy]:
    """Offers the policy."""
    yield Policy(
        slug="aggregate-only",
        title="Aggregate only",
        promise="The funder asks us for totals. You are asked for nothing.",
        settings=AggregateOnlySettings,
        terms=aggregate_only_terms,
    )

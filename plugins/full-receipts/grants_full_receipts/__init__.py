"""Full receipts: every item agreed, papers first, two people decide, receipts for everything in 30 days."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from typing import Any

from flask import Blueprint
from marshmallow import Schema, fields, validate

from grants import (
    Ask,
    Authority,
    Band,
    Event,
    Facts,
    Field,
    Form,
    Policy,
    Promise,
    Question,
    Schedule,
    Statement,
    Terms,
    hookimpl,
)

_log = logging.getLogger(__name__)


class FullReceiptsSettings(Schema):
    """What the funder may tune."""

    days = fields.Integer(
        load_default=30,
        validate=validate.Range(7, 365),
        metadata={"label": "Days until the receipts", "hint": "30 is usual. More days are kinder."},
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
    if_missed = fields.String(
        load_default="further_grant",
        validate=validate.OneOf(
            ["remind", "further_grant", "hold_next_payment"],
            labels=["Remind, then let go", "A person looks at it before a further grant", "The next payment waits"],
        ),
        metadata={"label": "If the receipts do not come"},
    )
    more_above = fields.Integer(
        load_default=750,
        validate=validate.Range(0, 50000),
        metadata={"label": "Pounds above which more papers are asked", "hint": "750 is what this practice uses."},
    )


class ReceiptsSchema(Schema):
    """What a person sends instead of a folder of paper: their own list is enough to begin with."""

    items = fields.String(
        required=True,
        validate=validate.Length(1, 2000),
        metadata={"label": "What did you buy, and what did each thing cost?", "widget": "textarea"},
    )
    missing = fields.String(
        load_default="",
        validate=validate.Length(max=2000),
        metadata={"label": "Is a receipt missing? Tell us what happened.", "widget": "textarea"},
    )
    anything_else = fields.String(
        load_default="",
        validate=validate.Length(max=2000),
        metadata={"label": "Anything else?", "widget": "textarea"},
    )


LETTER = 10_00
"""What a letter of a professional costs the person, in pence: an assumption until measured."""

QUESTIONS = (
    Question(
        slug="items",
        text="What will you buy, and what does each thing cost?",
        purpose="The funder agrees to each item before it pays.",
        minutes=15,
        kind="long_text",
        required=True,
        seen_by=("staff", "funder"),
    ),
    Question(
        slug="quote",
        text="Where did you find these prices?",
        purpose="The funder compares prices.",
        minutes=20,
        kind="long_text",
        required=True,
        intrusiveness="third_party",
    ),
    Question(
        slug="statements",
        text="What do your bank statements of the last 2 months show: what came in, and what went out?",
        purpose="The funder wants to see that you cannot pay for it yourself.",
        minutes=20,
        kind="long_text",
        required=True,
        intrusiveness="account_access",
        kept_days=90,
    ),
    Question(
        slug="letter",
        text="What does a professional who knows you write? Copy their letter here, with their name and work.",
        purpose="The funder wants somebody else’s word that you need it.",
        minutes=30,
        kind="long_text",
        required=True,
        cost=LETTER,
        intrusiveness="third_party",
    ),
)


def full_receipts_terms(settings: Mapping[str, Any], facts: Facts) -> Terms:
    """Returns terms with papers first, two people deciding, and receipts for every item; more for large awards."""
    large = facts.amount.amount > settings["more_above"] * 100
    alone = settings["alone_up_to"] * 100
    both = Band(people=2, who="manager")
    return Terms(
        questions=QUESTIONS,
        authority=Authority(bands=(Band(up_to=alone), both) if alone else (both,)),
        schedule=Schedule(before_purchase=True),
        asks=(_receipts(settings), _documents(settings)) if large else (_receipts(settings),),
        statement=Statement(every_months=1),
        promises=(Promise(by="funder", text="The funder answers questions about items within 5 days.", days=5),),
    )


def _receipts(settings: Mapping[str, Any]) -> Ask:
    return Ask(
        slug="receipts",
        title="Send a list of what you bought, with the receipts",
        purpose="The funder wants to see that the agreed items were bought.",
        minutes=35,
        form="receipts",
        due_days=settings["days"],
        intrusiveness="document",
        if_missed=settings["if_missed"],
        reminders=settings["reminders"],
        accepts=("photo", "bank_line", "own_words"),
    )


def _documents(settings: Mapping[str, Any]) -> Ask:
    return Ask(
        slug="documents",
        title="Send the guarantee and the delivery note of each large item",
        purpose="The funder wants more papers for large awards.",
        minutes=20,
        due_days=settings["days"],
        intrusiveness="document",
        if_missed="remind" if settings["reminders"] else "let_go",
        reminders=settings["reminders"],
        fields=(Field(slug="papers", label="Which papers do you have?"),),
        accepts=("photo", "own_words"),
    )


@hookimpl
def grants_policies() -> Iterator[Policy]:
    """Offers the policy."""
    yield Policy(
        slug="full-receipts",
        title="Full receipts",
        promise="Items are agreed first, papers are read, two people decide, receipts are asked for in 30 days.",
        settings=FullReceiptsSettings,
        terms=full_receipts_terms,
    )


@hookimpl
def grants_forms() -> Iterator[Form]:
    """Offers the form in which receipts are told."""
    yield Form(slug="receipts", title="What you bought", schema=ReceiptsSchema)


@hookimpl
def grants_blueprints() -> Iterator[Blueprint]:
    """Offers a public page that says what counts as a receipt."""
    pages = Blueprint("full-receipts", __name__)
    pages.add_url_rule("/", "what_counts", what_counts, methods=["GET"])
    yield pages


def what_counts() -> str:
    """Returns a page in plain words; it holds nothing about anybody."""
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>What counts as a receipt</title></head>'
        "<body><main><h1>What counts as a receipt</h1><ul>"
        "<li>A till receipt, or a photo of one.</li><li>A line on your bank statement.</li>"
        "<li>An e-mail from a shop.</li><li>If you have none: tell us what you bought, in your own words.</li>"
        "</ul><p>Ask us if you are not sure. A missing receipt is not held against you.</p></main></body></html>"
    )


@hookimpl
def grants_event(event: Event) -> None:
    """Notes for the operator when receipts did not come; numbers only, no names."""
    if event.name == "ask.lapsed":
        _log.info("ask %s lapsed", event.subject_id)

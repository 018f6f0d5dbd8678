"""Agency held: an organisation holds the money and answers for it; the person only agrees."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from marshmallow import Schema, fields, validate

from grants import (
    Ask,
    Authority,
    Eligibility,
    Facts,
    Field,
    Policy,
    Promise,
    Question,
    Schedule,
    Terms,
    hookimpl,
)

CONSENT = Question(
    slug="consent",
    text="May the organisation that helps you hold this money for you?",
    purpose="The money goes to them, so it is for you to say yes or no.",
    minutes=1,
    kind="yes_no",
    required=True,
    intrusiveness="none",
)

PROMISES = (
    Promise(by="charity", text="We ask the organisation for papers. We never ask you."),
    Promise(by="charity", text="If the organisation is late, nothing changes for you."),
    Promise(by="funder", text="The funder agrees to a changed plan within 5 days.", days=5),
)


class AgencyHeldSettings(Schema):
    """What the funder may tune."""

    weeks = fields.Integer(
        load_default=8,
        validate=validate.Range(2, 52),
        metadata={"label": "Weeks until the organisation sends receipts", "hint": "8 is usual."},
    )
    plan_days = fields.Integer(
        load_default=14,
        validate=validate.Range(1, 60),
        metadata={"label": "Days until it sends the spending plan", "hint": "14 is usual."},
    )
    survey = fields.Boolean(
        load_default=True,
        metadata={"label": "The organisation fills in a survey", "hint": "About how it went. Only the organisation."},
    )
    reminders = fields.Integer(
        load_default=2,
        validate=validate.Range(0, 3),
        metadata={"label": "Reminders to the organisation, at most", "hint": "The person is never reminded."},
    )
    partners = fields.Boolean(
        load_default=False,
        metadata={"label": "The organisation’s worker may decide too", "hint": "The money goes to them, so take care."},
    )
    who = fields.String(
        load_default="Children and families in crisis.",
        validate=validate.Length(1, 300),
        metadata={"label": "Who the money is for", "hint": "One sentence. The one who refers says that it fits."},
    )


def agency_held_terms(settings: Mapping[str, Any], facts: Facts) -> Terms:
    """Returns terms in which the money goes to an agency, and everything is asked of the agency."""
    asks = [_plan(settings), _receipts(settings)]
    if settings["survey"]:
        asks.append(_survey(settings))
    return Terms(
        eligibility=Eligibility(sentence=settings["who"], attested_by="referrer"),
        questions=(CONSENT,),
        authority=Authority(partners=settings["partners"]),
        schedule=Schedule(payees=("agency",)),
        asks=tuple(asks),
        promises=PROMISES,
    )


def _plan(settings: Mapping[str, Any]) -> Ask:
    return _ask(
        settings,
        slug="plan",
        title="Send the spending plan",
        purpose="The funder wants to know what will be bought before it is bought.",
        minutes=20,
        due_days=settings["plan_days"],
        fields=(Field(slug="plan", label="What will be bought, and for about how much?", required=True),),
    )


def _receipts(settings: Mapping[str, Any]) -> Ask:
    return _ask(
        settings,
        slug="receipts",
        title="Send the receipts",
        purpose="The funder wants to see that the plan was followed.",
        minutes=30,
        due_days=settings["weeks"] * 7,
        intrusiveness="document",
        fields=(Field(slug="bought", label="What was bought, and what is left over?", required=True),),
        accepts=("photo", "bank_line"),
    )


def _survey(settings: Mapping[str, Any]) -> Ask:
    return _ask(
        settings,
        slug="survey",
        title="Fill in the survey",
        purpose="So that the funder learns what helps families. Leave names out.",
        minutes=10,
        due_days=settings["weeks"] * 7 + 28,
        fields=(
            Field(slug="changed", label="What has changed for the family?"),
            Field(slug="better", label="What could we do better?"),
        ),
    )


def _ask(settings: Mapping[str, Any], **said: Any) -> Ask:
    reminded = settings["reminders"]
    missed: dict[str, Any] = {"if_missed": "remind", "reminders": reminded} if reminded else {}
    return Ask(of="referrer", **said, **missed)


@hookimpl
def grants_policies() -> Iterator[Policy]:
    """Offers the policy."""
    yield Policy(
        slug="agency-held",
        title="Agency held",
        promise="You agree, and that is all. The organisation that helps you holds the money and answers for it.",
        settings=AgencyHeldSettings,
        terms=agency_held_terms,
    )

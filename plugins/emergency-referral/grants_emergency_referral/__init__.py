"""Emergency referral: the referrer attests and may decide, cash the same day, and nothing is asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from marshmallow import Schema, fields, validate

from grants import (
    Authority,
    Band,
    Confirmation,
    Eligibility,
    Facts,
    Policy,
    Promise,
    Terms,
    hookimpl,
)

PROMISES = (
    Promise(by="charity", text="We get the money to you within 1 day.", days=1),
    Promise(by="charity", text="Cash or a voucher is fine. You need no bank account."),
    Promise(by="charity", text="We never contact you, except in the way that you said is safe."),
    Promise(by="funder", text="The funder never learns who you are."),
)


class EmergencyReferralSettings(Schema):
    """What the funder may tune."""

    alone = fields.Integer(
        load_default=250,
        validate=validate.Range(1, 5000),
        metadata={"label": "Pounds that one person decides for somebody alone", "hint": "Above it, two decide."},
    )
    with_others = fields.Integer(
        load_default=500,
        validate=validate.Range(1, 5000),
        metadata={"label": "Pounds that one person decides for a household", "hint": "Where others live there too."},
    )
    partners = fields.Boolean(
        load_default=True,
        metadata={"label": "Who referred somebody may decide", "hint": "Somebody of the charity still pays."},
    )
    who = fields.String(
        load_default="People who need money today to be safe.",
        validate=validate.Length(1, 300),
        metadata={"label": "Who the money is for", "hint": "One sentence. The one who refers says that it fits."},
    )


def emergency_referral_terms(settings: Mapping[str, Any], facts: Facts) -> Terms:
    """Returns terms that ask nothing and pay at once; how much one person decides depends on the household."""
    several = (facts.household_size or 1) > 1
    limit = settings["with_others" if several else "alone"] * 100
    return Terms(
        eligibility=Eligibility(sentence=settings["who"], attested_by="referrer"),
        authority=Authority(bands=(Band(up_to=limit), Band(people=2)), partners=settings["partners"]),
        confirmation=Confirmation(mode="none"),
        promises=PROMISES,
    )


@hookimpl
def grants_policies() -> Iterator[Policy]:
    """Offers the policy."""
    yield Policy(
        slug="emergency-referral",
        title="Emergency referral",
        promise="Money to be safe, today. Who referred you vouches for you. Nothing is asked.",
        settings=EmergencyReferralSettings,
        terms=emergency_referral_terms,
    )

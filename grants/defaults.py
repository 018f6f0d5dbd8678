"""The core's own plugin: the unconditional policy and whatever every charity has from the start."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from marshmallow import Schema, fields, validate

from grants.config import Settings
from grants.domain.facts import Facts
from grants.domain.terms import Terms
from grants.exports.tables import GRANTS
from grants.exports.threesixty import THREESIXTY
from grants.hookspecs import hookimpl
from grants.messengers import email, folder
from grants.offers import Export, Form, Messenger, Policy, Rail
from grants.rails.manual import ManualRail


def unconditional_terms(settings: Mapping[str, Any], facts: Facts) -> Terms:
    """Returns terms that ask nothing: paid at once, nothing to report, nothing to keep."""
    return Terms()


class Story(Schema):
    """A story, told in the person's own words, or not at all."""

    story = fields.String(
        load_default="",
        validate=validate.Length(max=2000),
        metadata={
            "label": "What did the money change for you?",
            "hint": "Write as much or as little as you like. Leave out names and addresses.",
        },
    )
    more = fields.String(
        load_default="", validate=validate.Length(max=2000), metadata={"label": "Is there anything else?"}
    )


@hookimpl
def grants_policies() -> Iterator[Policy]:
    """Offers trust: the policy that asks nothing."""
    yield Policy(
        slug="unconditional",
        also=("unconditional-once",),
        title="Unconditional",
        promise="The money is yours. Nothing is asked afterwards.",
        terms=unconditional_terms,
    )


@hookimpl
def grants_rails(settings: Settings) -> Iterator[Rail]:
    """Offers payment by hand, by a file for the bank when its account is set, and by Stripe when its key is."""
    yield ManualRail()
    if settings.bankfile_user_number:
        from grants.rails.bankfile import BankFileRail  # loaded only where it is used

        yield BankFileRail(settings)
    if settings.stripe_api_key:
        from grants.rails.stripe import StripeRail  # loaded only where it is used

        yield StripeRail(settings)


@hookimpl
def grants_messengers(settings: Settings) -> Iterator[Messenger]:
    """Offers e-mail when a mail server is set; a practice copy without one writes files instead."""
    if settings.smtp_url and settings.mail_from:
        send = email.sender(settings.smtp_url, settings.mail_from)
        yield Messenger(slug="email", title="E-mail", channel="email", send=send)
    elif settings.mode != "live":
        send = folder.sender(settings.home / "outbox")
        yield Messenger(slug="practice-outbox", title="Practice outbox", channel="email", send=send)


@hookimpl
def grants_forms() -> Iterator[Form]:
    """Offers the story."""
    yield Form(slug="story", title="Your story", schema=Story)


@hookimpl
def grants_exports() -> Iterator[Export]:
    """Offers open data and a table of grants."""
    yield THREESIXTY
    yield GRANTS

"""Light report: paid at once, one short story hoped for later, and silence is fine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import click
from marshmallow import Schema, fields, validate

from grants import Ask, Confirmation, Facts, Policy, Terms, hookimpl

QUESTION = "What did the money change for you? Write as much or as little as you like."


class LightReportSettings(Schema):
    """What the funder may tune."""

    months = fields.Integer(
        load_default=6,
        validate=validate.Range(1, 24),
        metadata={"label": "Months until we ask", "hint": "6 is usual. People need time before there is a story."},
    )
    minutes = fields.Integer(
        load_default=5,
        validate=validate.Range(1, 15),
        metadata={"label": "Minutes a story takes", "hint": "A guess until it is measured. Keep it short."},
    )


def light_report_terms(settings: Mapping[str, Any], facts: Facts) -> Terms:
    """Returns terms with one story, let go if it does not come."""
    story = Ask(
        slug="story",
        title="Tell us how it went, if you like",
        purpose="So that the funder and we learn what helps. It changes nothing for you.",
        minutes=settings["minutes"],
        due_days=settings["months"] * 30,
    )
    return Terms(confirmation=Confirmation(mode="hoped_for"), asks=(story,))


@hookimpl
def grants_policies() -> Iterator[Policy]:
    """Offers the policy."""
    yield Policy(
        slug="light-report",
        title="Light report",
        promise="One short story, later. Silence is fine.",
        settings=LightReportSettings,
        terms=light_report_terms,
    )


@hookimpl
def grants_slot(slot: str, subject: Any) -> str | None:
    """Says beside the ask that nothing depends on it."""
    asks = getattr(subject, "asks", ())
    if slot == "recipient.after_asks" and any(ask.slug == "story" for ask in asks):
        return "If you would rather not tell a story, that is fine. Nothing changes."
    return None


@hookimpl
def grants_commands() -> Iterator[click.Command]:
    """Offers the story question as a sheet of paper."""
    yield story_on_paper


@click.command("story-on-paper")
def story_on_paper() -> None:
    """Prints the story question as a sheet to send with a letter."""
    click.echo(f"{QUESTION}\n\n{'_' * 60}\n{'_' * 60}\n{'_' * 60}\n")
    click.echo("Anything else?\n\n" + "_" * 60 + "\n\nYou do not have to answer. Nothing changes if you do not.")

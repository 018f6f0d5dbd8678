"""``grants policy``: the policies to choose from, and what each would ask of people."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime

import click
from marshmallow import ValidationError
from rich.console import Console
from rich.table import Table

from grants.app import CORE
from grants.cli.simulate import compare_policies, simulate_policies
from grants.config import read_settings
from grants.domain.burden import after_award, of_applicant
from grants.domain.errors import Refusal
from grants.domain.facts import Facts
from grants.domain.money import Money, parse_amount
from grants.domain.terms import Terms
from grants.domain.terms_json import dump
from grants.flow.fund import ask_policy
from grants.offers import Policy
from grants.plugins import Catalogue, gather

USUAL = Money(15_000)


@click.group()
def policy() -> None:
    """Policies: how each funder trusts, and what that costs people."""


policy.add_command(simulate_policies)
policy.add_command(compare_policies)


@policy.command("list")
def list_policies() -> None:
    """Lists the installed policies with what each asks in minutes."""
    rows = list(_rows(_catalogue()))
    if not sys.stdout.isatty():
        for slug, promise, applying, after, source in rows:
            click.echo(f"{slug}: {promise} To apply {applying}, after the award {after}. From {source}.")
        return
    table = Table("policy", "promise", "to apply", "after the award", "from")
    for row in rows:
        table.add_row(*row)
    Console().print(table)


def _rows(catalogue: Catalogue) -> Iterator[tuple[str, str, str, str, str]]:
    """Yields each policy as it is listed; one that does not work says so and keeps nobody else away."""
    for slug, offered in sorted(catalogue.policies.items()):
        source = str(catalogue.source("policies", slug))
        try:
            terms = _usual(offered, USUAL)
        except Refusal as broken:
            yield slug, broken.message, "?", "?", source
            continue
        applying, after = of_applicant(terms).minutes, after_award(terms).minutes
        yield slug, offered.promise, f"{applying} min", f"{after} min", source


@policy.command()
@click.argument("slug")
@click.option("--amount", default="150", show_default=True, help="The award to show it for.")
def show(slug: str, amount: str) -> None:
    """Shows the terms of a policy with its usual settings, as JSON."""
    click.echo(dump(_usual(_policy(slug), parse_amount(amount))))


@policy.command()
@click.argument("slug")
@click.option("--amount", default="150", show_default=True, help="The award to count it for.")
def burden(slug: str, amount: str) -> None:
    """Counts what a policy asks of people: each thing, its minutes and its purpose."""
    terms = _usual(_policy(slug), parse_amount(amount))
    for question in terms.questions:
        click.echo(f"to apply, {question.minutes} min: {question.text} Why: {question.purpose}")
    for ask in terms.asks:
        click.echo(f"after the award, {ask.minutes} min, by the {ask.of}: {ask.title}. Why: {ask.purpose}")
    applying, after = of_applicant(terms), after_award(terms)
    click.echo(f"To apply: {applying.minutes} minutes. After the award: {after.minutes} minutes.")
    click.echo("Minutes are assumptions until they are measured.")


def _policy(slug: str) -> Policy:
    """Returns a policy by name; raises UsageError with the names that there are."""
    offered = _catalogue().policies
    if slug not in offered:
        raise click.UsageError(f"There is no policy “{slug}”. The policies are: {', '.join(sorted(offered))}.")
    return offered[slug]


def _usual(offered: Policy, amount: Money) -> Terms:
    """Returns what a policy says with its usual settings; raises Refusal when it has none or does not work."""
    try:
        return ask_policy(offered, {}, Facts(amount=amount, awarded_on=datetime.now(UTC).date()))
    except ValidationError as error:
        names = ", ".join(error.messages) if isinstance(error.messages, dict) else "all of them"
        words = f"The policy “{offered.slug}” has no usual settings: give each a load_default ({names})."
        raise Refusal("policy.settings", words) from None


def _catalogue() -> Catalogue:
    return gather(read_settings(), CORE)

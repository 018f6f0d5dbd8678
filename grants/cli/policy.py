"""``grants policy``: the policies to choose from, and what each would ask of people."""

from __future__ import annotations

from datetime import UTC, datetime

import click
from rich.console import Console
from rich.table import Table

from grants.app import CORE
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


@click.group()
def policy() -> None:
    """Policies: how each funder trusts, and what that costs people."""


@policy.command("list")
def list_policies() -> None:
    """Lists the installed policies with what each asks in minutes."""
    catalogue = _catalogue()
    table = Table("policy", "promise", "to apply", "after the award", "from")
    for slug, offered in catalogue.policies.items():
        terms = _usual(offered, Money(15_000))
        applying, after = of_applicant(terms).minutes, after_award(terms).minutes
        source = str(catalogue.source("policies", slug))
        table.add_row(slug, offered.promise, f"{applying} min", f"{after} min", source)
    Console().print(table)


@policy.command()
@click.argument("slug")
@click.option("--amount", default="150", show_default=True, help="The award to show it for.")
def show(slug: str, amount: str) -> None:
    """Shows the terms of a policy with its usual settings, as JSON."""
    click.echo(dump(_usual(_catalogue().policy(slug), parse_amount(amount))))


@policy.command()
@click.argument("slug")
@click.option("--amount", default="150", show_default=True, help="The award to count it for.")
def burden(slug: str, amount: str) -> None:
    """Counts what a policy asks of people: each thing, its minutes and its purpose."""
    terms = _usual(_catalogue().policy(slug), parse_amount(amount))
    for question in terms.questions:
        click.echo(f"to apply, {question.minutes} min: {question.text} Why: {question.purpose}")
    for ask in terms.asks:
        click.echo(f"after the award, {ask.minutes} min, by the {ask.of}: {ask.title}. Why: {ask.purpose}")
    applying, after = of_applicant(terms), after_award(terms)
    click.echo(f"To apply: {applying.minutes} minutes. After the award: {after.minutes} minutes.")
    click.echo("Minutes are assumptions until they are measured.")


def _usual(offered: Policy, amount: Money) -> Terms:
    try:
        return ask_policy(offered, {}, Facts(amount=amount, awarded_on=datetime.now(UTC).date()))
    except Refusal as refused:
        raise click.ClickException(refused.message) from refused


def _catalogue() -> Catalogue:
    return gather(read_settings(), CORE)

"""``grants policy``: the policies to choose from, and what each would ask of people."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import click
from marshmallow import ValidationError
from rich.console import Console
from rich.table import Table
from sqlalchemy import make_url

from grants.app import CORE
from grants.cli import policy_files
from grants.cli.context import open_desk
from grants.cli.simulate import compare_policies, simulate_policies
from grants.config import CannotStart, read_settings
from grants.domain.assumed import HOURS
from grants.domain.burden import after_award, by_party, expected, net_grant, of_applicant
from grants.domain.errors import Refusal
from grants.domain.facts import Facts
from grants.domain.line import in_100
from grants.domain.money import Money, parse_amount
from grants.domain.terms import Terms
from grants.domain.terms_json import dump
from grants.flow import policies
from grants.flow.fund import ask_policy
from grants.model.engine import reading
from grants.offers import Policy
from grants.plugins import gather

USUAL = Money(15_000)


@click.group()
def policy() -> None:
    """Policies: how each funder trusts, and what that costs people."""


policy.add_command(simulate_policies)
policy.add_command(compare_policies)
policy.add_command(policy_files.add)
policy.add_command(policy_files.export)
policy.add_command(policy_files.schema)

Offers = dict[str, tuple[Policy, str]]
"""Policies by name, each with where it comes from."""


@policy.command("list")
def list_policies() -> None:
    """Lists the policies that funds may choose with what each asks in minutes."""
    rows = list(_rows(_offers()))
    if not sys.stdout.isatty():
        for slug, promise, applying, after, source in rows:
            click.echo(f"{slug}: {promise} To apply {applying}, after the award {after}. From {source}.")
        return
    table = Table("policy", "promise", "to apply", "after the award", "from")
    for row in rows:
        table.add_row(*row)
    Console().print(table)


def _rows(offers: Offers) -> Iterator[tuple[str, str, str, str, str]]:
    """Yields each policy as it is listed; one that does not work says so and keeps nobody else away."""
    for slug, (offered, source) in sorted(offers.items(), key=lambda item: item[0]):
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
@click.option("--hour", default="", help="What an hour of a person’s time is worth; an assumption where none is given.")
def burden(slug: str, amount: str, hour: str) -> None:
    """Counts what a policy asks of people: each thing, its minutes, its purpose, and what is left of an award."""
    award = parse_amount(amount)
    terms = _usual(_policy(slug), award)
    for question in terms.questions:
        click.echo(f"to apply, {question.minutes} min: {question.text} Why: {question.purpose}")
    for ask in terms.asks:
        click.echo(f"after the award, {ask.minutes} min, by the {ask.of}: {ask.title}. Why: {ask.purpose}")
    applying, after = of_applicant(terms), after_award(terms)
    click.echo(f"To apply: {applying.minutes} minutes. After the award: {after.minutes} minutes.")
    hourly = parse_amount(hour) if hour else Money(HOURS[award.currency][1], award.currency)
    for line in _weighed(terms, award, hourly):
        click.echo(line)
    click.echo("Minutes are assumptions until they are measured.")


def _weighed(terms: Terms, award: Money, hourly: Money) -> Iterator[str]:
    """Yields who bears how much, and what is left of an award when a person’s time and costs are taken off."""
    names = {"recipient": "The person", "referrer": "Their helper", "charity": "The charity"}
    for party, borne in by_party(terms).items():
        if borne.things:
            pays = f", pays {Money(-(-borne.cost // 1), award.currency)}" if borne.cost else ""
            yield f"{names[party]}: {-(-borne.minutes // 1)} minutes{pays}."
    net = net_grant(award, expected(terms), hourly.amount)
    yield f"Of {award}, {net.left} is left when an hour counts {hourly}: {in_100(net.share)} goes on it."


def _policy(slug: str) -> Policy:
    """Returns a policy by name; raises UsageError with the names that there are."""
    offers = _offers()
    if slug not in offers:
        raise click.UsageError(f"There is no policy “{slug}”. The policies are: {', '.join(sorted(offers))}.")
    return offers[slug][0]


def _usual(offered: Policy, amount: Money) -> Terms:
    """Returns what a policy says with its usual settings; raises Refusal when it has none or does not work."""
    try:
        return ask_policy(offered, {}, Facts(amount=amount, awarded_on=datetime.now(UTC).date()))
    except ValidationError as error:
        names = ", ".join(error.messages) if isinstance(error.messages, dict) else "all of them"
        words = f"The policy “{offered.slug}” has no usual settings: give each a load_default ({names})."
        raise Refusal("policy.settings", words) from None


def _offers() -> Offers:
    """Returns the installed policies and, where there is a database, those that were written and accepted."""
    settings = read_settings()
    catalogue, found = None, list[policies.Offer]()
    if _has_database(settings.database_url):
        with suppress(CannotStart), reading(), open_desk() as desk:
            catalogue, found = desk.catalogue, policies.on_offer(desk)
    catalogue = catalogue or gather(settings, CORE)
    offers = {slug: (offered, str(catalogue.source("policies", slug))) for slug, offered in catalogue.policies.items()}
    written = {each.policy.slug: (each.policy, f"a file, version {each.version}") for each in found if each.version}
    return offers | written


def _has_database(url: str) -> bool:
    """Returns whether there may be a database there: opening a SQLite file that is missing would make it."""
    address = make_url(url)
    return address.get_backend_name() != "sqlite" or Path(address.database or "").is_file()

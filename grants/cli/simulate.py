"""``grants policy simulate`` and ``compare``: what policies would mean, before anybody has to live under one."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from marshmallow import ValidationError
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from sqlalchemy import select

from grants.app import CORE
from grants.cli.context import open_desk
from grants.cli.trouble import EX_CANTCREAT
from grants.config import read_settings
from grants.domain import assumed
from grants.domain.compare import told
from grants.domain.errors import Refusal
from grants.domain.facts import Facts
from grants.domain.money import Money, parse_amount
from grants.domain.replay import Past
from grants.domain.replay_words import Column, problems, rows
from grants.exports.simulation import write_simulation
from grants.flow import history, simulate
from grants.flow.desk import Desk
from grants.flow.fund import ask_policy
from grants.flow.policies import on_offer
from grants.model.engine import reading
from grants.model.funds import Fund
from grants.plugins import gather

TOLD_EVERY = 10_000
"""On no terminal, a line is printed after so many applications."""

Settings = dict[str, Any]


@click.command("simulate")
@click.argument("policies", nargs=-1, required=True, metavar="POLICY...")
@click.option("--fund", "slug", metavar="SLUG", help="The fund whose real history is replayed.")
@click.option("--settings", "typed", multiple=True, metavar="JSON|K=V", help="Other settings: “months=3” or JSON.")
@click.option("--synthetic", "number", type=int, metavar="N", help="A made-up year of N applications in its place.")
@click.option("--seed", default="1", show_default=True, help="The same seed makes the same year.")
@click.option("--staff-hour", metavar="AMOUNT", help="What an hour of staff is worth, as you see it.")
@click.option("--person-hour", metavar="AMOUNT", help="What an hour of anybody’s own time is worth, as you see it.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write a CSV file besides.")
def simulate_policies(
    policies: tuple[str, ...],
    slug: str | None,
    typed: tuple[str, ...],
    number: int | None,
    seed: str,
    staff_hour: str | None,
    person_hour: str | None,
    out: Path | None,
) -> None:
    """Replays a fund’s history under other policies: who would wait, minutes, days, money. Nothing is written.

    With several policies, settings name theirs: --settings light-report:months=3
    """
    given = _given(policies, typed)
    if slug is None and number is None:
        raise click.UsageError("Say which fund: --fund SLUG. Or take a made-up year: --synthetic 500.")
    with reading(), open_desk() as desk:
        fund = None if slug is None else _fund(desk, slug)
        currency = fund.currency if fund else "GBP"
        supposed = assumed.assumptions(currency, _hour(staff_hour, currency), _hour(person_hour, currency))
        _refuse_unknown(policies, {each.policy.slug for each in on_offer(desk)})
        candidates = [simulate.candidate(desk, name, fund, given.get(name)) for name in dict.fromkeys(policies)]
        columns = simulate.run(_past(desk, fund, number, seed), candidates, supposed)
    report = simulate.Report(columns, supposed, made_up=None if number is None else seed)
    _show(report)
    if out:
        _write(out, write_simulation(columns, currency, report.notes, report.assumptions))


@click.command("compare")
@click.argument("one")
@click.argument("other")
@click.option("--amount", default="150", show_default=True, help="The award to compare them for.")
def compare_policies(one: str, other: str, amount: str) -> None:
    """Shows two policies side by side for one award, with their usual settings."""
    award = parse_amount(amount)
    offered = gather(read_settings(), CORE).policies
    _refuse_unknown((one, other), offered)
    facts = Facts(amount=award, awarded_on=datetime.now(UTC).date())
    sides = []
    for policy in (offered[one], offered[other]):
        try:
            sides.append(told(ask_policy(policy, {}, facts), award, assumed.assumptions(award.currency)))
        except ValidationError as error:
            words = f"The policy “{policy.slug}” has no usual settings. {simulate.misfits(error)}"
            raise Refusal("policy.settings", words) from None
    head = ("", offered[one].title, offered[other].title)
    _table(head, [(label, words, also) for (label, words), (_, also) in zip(*sides, strict=True)])
    click.echo(f"For an award of {award}. Minutes and what they are worth are assumptions until they are measured.")


def _given(policies: Sequence[str], typed: Iterable[str]) -> dict[str, Settings]:
    """Returns the settings that were typed, by policy; raises UsageError saying how to type them."""
    given: dict[str, Settings] = {}
    for text in typed:
        name, colon, rest = text.partition(":")
        named = bool(colon) and name in policies
        if not named and len(policies) > 1:
            raise click.UsageError(f"Say whose setting “{text}” is, like {policies[0]}:{text}")
        given.setdefault(name if named else policies[0], {}).update(_setting(rest if named else text))
    return given


def _setting(text: str) -> Settings:
    if text.lstrip().startswith("{"):
        try:
            found = json.loads(text)
        except ValueError as error:
            raise click.UsageError(f"The settings {text} are not JSON: {error}.") from None
        return dict(found)
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise click.UsageError(f"Type a setting like months=3, or as JSON; “{text}” is neither.")
    return {name.strip(): value.strip()}


def _fund(desk: Desk, slug: str) -> Fund:
    found = desk.session.scalar(select(Fund).where(Fund.slug == slug))
    if found is None:
        names = ", ".join(desk.session.scalars(select(Fund.slug).order_by(Fund.slug).limit(20))) or "none yet"
        raise click.UsageError(f"There is no fund “{slug}”. The funds are: {names}.")
    return found


def _refuse_unknown(names: Iterable[str], offered: Collection[str]) -> None:
    for name in names:
        if name not in offered:
            raise click.UsageError(f"There is no policy “{name}”. The policies are: {', '.join(sorted(offered))}.")


def _hour(typed: str | None, currency: str) -> Money | None:
    return None if typed is None else parse_amount(typed, currency)


def _past(desk: Desk, fund: Fund | None, number: int | None, seed: str) -> Iterator[Past]:
    if number is not None:
        made = simulate.made_up(desk, number, seed, fund.currency if fund else "GBP")
        return _followed(made, number)
    if fund is None:
        raise click.UsageError("Say which fund: --fund SLUG.")
    return _followed(history.past(desk, fund), history.count(desk, fund))


def _followed(past: Iterable[Past], total: int) -> Iterator[Past]:
    """Yields the past and shows how far it is: a bar on a terminal, a line now and then elsewhere."""
    if sys.stderr.isatty():
        with Progress(transient=True, console=Console(stderr=True)) as progress:
            yield from progress.track(past, total=total, description="Replaying")
        return
    for number, one in enumerate(past, 1):
        yield one
        if number % TOLD_EVERY == 0:
            click.echo(f"{number:,} of {total:,}", err=True)


def _show(report: simulate.Report) -> None:
    columns: Sequence[Column] = report.columns
    _table(("", *(column.title for column in columns)), rows(columns, report.supposed.currency))
    for line in problems(columns):
        click.echo(f"look at: {line}")
    for note in report.notes:
        click.echo(note)
    click.echo("What is assumed:")
    for label, words in report.assumptions:
        click.echo(f"  {label}: {words}")


def _table(head: Sequence[str], lines: Iterable[Sequence[str]]) -> None:
    """Prints a table on a terminal, and elsewhere a line a figure with the title before each value."""
    if not sys.stdout.isatty():
        for label, *values in lines:
            click.echo(f"{label}: " + "; ".join(f"{t}: {v}" for t, v in zip(head[1:], values, strict=True)))
        return
    table = Table(*head)
    for line in lines:
        table.add_row(*line)
    Console().print(table)


def _write(out: Path, blocks: Iterable[bytes]) -> None:
    made = out.with_name(f".{out.name}.{os.getpid()}")
    try:
        made.write_bytes(b"".join(blocks))
        made.replace(out)
    except OSError as error:
        made.unlink(missing_ok=True)
        raise CannotWrite(f"{out} cannot be written: {error.strerror or error}. Choose another place.") from error
    click.echo(f"Written: {out}")


class CannotWrite(click.ClickException):
    """Says that the file cannot be written there."""

    exit_code = EX_CANTCREAT

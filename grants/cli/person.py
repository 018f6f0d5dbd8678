"""``grants person``: hands over what we hold of somebody, or erases them, as they asked."""

from __future__ import annotations

from pathlib import Path

import click

from grants.app import desk_over
from grants.cli.context import house
from grants.cli.trouble import EX_CANTCREAT, EX_DATAERR
from grants.config import CannotStart
from grants.domain.data_classes import TABLES
from grants.domain.data_held import page
from grants.flow.privacy import erase as erasing
from grants.flow.privacy import export as exporting
from grants.flow.privacy import papers
from grants.flow.privacy.finding import person_id
from grants.flow.privacy.plan import Plan, plan
from grants.keeping.scrub import asides, scrub

FIRST_BACKUP = (
    "Now make a new backup. Keep only its file of keys, and delete those of before: older backups then tell nothing "
    "of this person any more."
)


@click.group()
def person() -> None:
    """What we hold of one person: hand it over, or erase it."""


@person.command()
@click.argument("who", metavar="NUMBER|REFERENCE")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="A new folder for the papers.")
def export(who: str, out: Path) -> None:
    """Writes all that we hold of a person into a new folder: a page to read, JSON and pictures."""
    if out.exists():
        raise CannotStart(f"{out} is there already. Choose another name.", EX_CANTCREAT)
    here = house()
    with here.database.transaction() as session:
        desk = desk_over(here, session)
        made = exporting.export(desk, person_id(desk, who))
    here.database.close()
    for path in papers.written(made, out):
        click.echo(f"Written: {path}")
    if made.to_look_at:
        click.echo(f"{made.to_look_at} places may name somebody else. They are marked: look at each first.")
    click.echo("Make sure that it is them, then hand it over in a safe way or in person. Delete the folder after.")


@person.command()
@click.argument("who", metavar="NUMBER|REFERENCE")
@click.option("--yes", is_flag=True, help="Do it. Without this, only what would go and stay is told.")
def erase(who: str, yes: bool) -> None:
    """Tells what erasing a person would do; with --yes erases them for ever."""
    here = house()
    with here.database.transaction() as session:
        desk = desk_over(here, session)
        number = person_id(desk, who)
        found = erasing.erase(desk, number) if yes else plan(desk, number)
    if found.erased:
        click.echo(f"Person {found.number} was erased already. Nothing is left to do.")
        return
    _tell(found)
    if not yes:
        click.echo("Nothing was changed. To erase them for ever, run this again with --yes.")
        raise click.exceptions.Exit(EX_DATAERR if found.first else 0)
    scrub(here.database)
    click.echo(f"Person {found.number} is erased.")
    click.echo(FIRST_BACKUP)
    for path in asides(here.settings.database_url):
        click.echo(f"{path} is an older copy of the database. Delete it.")


@person.command()
def classes() -> None:
    """Prints, as Markdown, which kind of data each column of each table holds, and how long it is kept."""
    click.echo(page(TABLES))


def _tell(found: Plan) -> None:
    click.echo(f"Person {found.number}.")
    for words in found.first:
        click.echo(f"Not yet: {words}")
    for words, count in found.goes:
        click.echo(f"Goes: {words} ({count})")
    for words, count, why in found.stays:
        click.echo(f"Stays: {words} ({count}). Why: {why}.")
    for place in found.named:
        click.echo(f"Look there yourself, their name stands in it: {place}")
    click.echo("A payment service that paid them keeps its own record. Ask it as well.")

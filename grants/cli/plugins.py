"""``grants plugins``: what is installed, what it offers, and what is wrong with it."""

from __future__ import annotations

import subprocess
import sys

import click

from grants import defaults
from grants.cli.trouble import EX_DATAERR
from grants.config import read_settings
from grants.plugins import OFFERS, Catalogue, gather


@click.group()
def plugins() -> None:
    """Plugins: what is installed and whether it is sound."""


@plugins.command("list")
def list_plugins() -> None:
    """Lists each plugin, its version and what it offers."""
    catalogue = _catalogue()
    for source in catalogue.sources:
        offers = [f"{kind}: {', '.join(found)}" for kind in OFFERS if (found := _offered(catalogue, kind, source.name))]
        click.echo(f"{source.name} ({source.distribution or 'the core'})")
        for offer in offers:
            click.echo(f"  {offer}")


@plugins.command("check")
def check_plugins() -> None:
    """Names everything that is wrong with a plugin; ends with 65 when something is."""
    catalogue = _catalogue()
    for finding in catalogue.findings:
        click.echo(str(finding))
    if catalogue.findings:
        raise click.exceptions.Exit(EX_DATAERR)
    click.echo(f"{len(catalogue.sources)} plugins, all sound.")


@plugins.command("install")
@click.argument("names", nargs=-1, required=True)
def install(names: tuple[str, ...]) -> None:
    """Installs plugins beside this program, with its own pip; restart the server afterwards."""
    done = subprocess.run([sys.executable, "-m", "pip", "install", *names], check=False)
    if done.returncode:
        raise click.ClickException("pip could not install this: its own words are above.")
    click.echo("Installed. Restart “grants serve” to use it.")


def _catalogue() -> Catalogue:
    return gather(read_settings(), (defaults,))


def _offered(catalogue: Catalogue, kind: str, name: str) -> list[str]:
    return [slug for (of, slug), source in catalogue.offered_by.items() if of == kind and source.name == name]

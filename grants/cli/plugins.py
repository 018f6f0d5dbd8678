"""``grants plugins``: what is installed, what it offers, what is wrong with it, and what a live system may import."""

from __future__ import annotations

import importlib
import json
import site
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from importlib.metadata import Distribution, distributions
from pathlib import Path

import click
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename

from grants import defaults
from grants.admitting.allowed import record
from grants.asking import Unsound
from grants.asking.rehearsal import problem_with
from grants.asking.sound import in_words
from grants.cli.new_plugin import new_plugin
from grants.cli.trouble import EX_DATAERR
from grants.config import read_settings
from grants.domain.terms import Terms
from grants.plugins import GROUP, OFFERS, Catalogue, Finding, gather


@click.group()
def plugins() -> None:
    """Plugins: what is installed and whether it is sound."""


plugins.add_command(new_plugin)


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
    """Tries each plugin and names everything that is wrong with it; ends with 65 when something is."""
    catalogue = _catalogue()
    findings = [*catalogue.findings, *_rehearsed(catalogue)]
    for finding in findings:
        click.echo(str(finding))
    if findings:
        raise click.exceptions.Exit(EX_DATAERR)
    click.echo(f"{len(catalogue.sources)} plugins, all sound.")


@plugins.command("install")
@click.argument("names", nargs=-1, required=True)
def install(names: tuple[str, ...]) -> None:
    """Installs plugins beside this program and puts them on the list of those that a live system imports.

    It is this program's own pip that installs; restart the server afterwards.
    """
    home = read_settings().home
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        done = subprocess.run([sys.executable, "-m", "pip", "install", "--report", report, *names], check=False)
        if done.returncode:
            raise click.ClickException("pip could not install this: its own words are above.")
        wanted = {name for name in map(_name_in, names) if name} | set(_names_in(report))
    _see_what_is_new()
    here = {str(canonicalize_name(dist.name)): dist for dist in distributions() if _is_plugin(dist)}
    put = record(home, [dist for name, dist in here.items() if name in wanted])
    for name, row in sorted(put.items()):
        click.echo(f"On the list of plugins: {name} {row.version}")
    if not put:
        raise click.ClickException("Installed, but none of it is a plugin: the list of plugins stays as it was.")
    click.echo("Installed. Run “grants plugins check”, and restart “grants serve” to use it.")


def _rehearsed(catalogue: Catalogue) -> Iterator[Finding]:
    """Yields what goes wrong when policies are asked about awards that nobody made, and places in pages filled."""
    for slug, policy in catalogue.policies.items():
        problem = problem_with(policy)
        if problem:
            yield Finding(catalogue.source("policies", slug).name, f"{slug}: terms", problem)
    for name, call in catalogue.slots:
        try:
            call(slot="staff.grant", subject=Terms())
        except Unsound as error:
            yield Finding(name, "grants_slot", error.told)
        except Exception as error:
            yield Finding(name, "grants_slot", in_words(error))


def _name_in(asked: str) -> str:
    """Returns the distribution that was asked for, by name, by wheel or by address; empty when pip must say."""
    try:
        return str(canonicalize_name(Requirement(asked).name))
    except InvalidRequirement:
        pass
    try:
        return str(parse_wheel_filename(asked.partition("#")[0].rpartition("/")[2])[0])
    except InvalidWheelFilename:
        return ""


def _names_in(report: Path) -> Iterator[str]:
    """Yields the distributions that pip says it installed."""
    if report.exists():
        for one in json.loads(report.read_text(encoding="utf-8"))["install"]:
            yield str(canonicalize_name(one["metadata"]["name"]))


def _see_what_is_new() -> None:
    """Lets this process find what was installed after it began."""
    importlib.invalidate_caches()
    site.addsitedir(sysconfig.get_path("purelib"))


def _is_plugin(dist: Distribution) -> bool:
    return any(entry.group == GROUP for entry in dist.entry_points)


def _catalogue() -> Catalogue:
    return gather(read_settings(), (defaults,))


def _offered(catalogue: Catalogue, kind: str, name: str) -> list[str]:
    return [slug for (of, slug), source in catalogue.offered_by.items() if of == kind and source.name == name]

"""``grants plugins new``: a plugin of one's own, from a template, with tests that pass at once."""

from __future__ import annotations

import re
import tempfile
from datetime import UTC, datetime
from importlib.metadata import distributions, entry_points, version
from importlib.util import find_spec
from pathlib import Path

import click

from grants import defaults
from grants.admitting.metadata import API_VERSIONS, OURS
from grants.cli.trouble import EX_CANTCREAT
from grants.folders import template_folder
from grants.plugins import GROUP, gather

KINDS = ("policy", "rail", "messenger")

LONGEST = 30
"""Characters of a name: with “grants-” before it, it is the name of a distribution, and a short one of an offer."""

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


class CannotMake(click.ClickException):
    """Says why a folder cannot be made there."""

    exit_code = EX_CANTCREAT


@click.command("new")
@click.argument("name")
@click.option("--kind", type=click.Choice(KINDS), default="policy", show_default=True, help="What it offers.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path(),
    help="The folder in which to make it; this one unless said.",
)
def new_plugin(name: str, kind: str, out: Path) -> None:
    """Makes a plugin in a new folder: package, test, README and what a CI needs.

    NAME is in small letters, figures and dashes, like warm-homes.
    """
    problem = _misfit(name) or _taken(name)
    if problem:
        raise click.BadParameter(problem, param_hint="NAME")
    folder = out / name
    if folder.exists() or folder.is_symlink():
        raise CannotMake(f"{folder} is there already. Choose another name, or another folder with --out.")
    _make(folder, _answers(name, kind))
    click.echo(f"Made {folder}. Try it:")
    click.echo(f"\n  cd {folder}\n  pip install --editable .[test]\n  pytest\n  grants plugins check\n")
    click.echo("Then change it, and its tests with it. README.md there says what it promises.")


def _misfit(name: str) -> str:
    if not _NAME.fullmatch(name) or len(name) > LONGEST:
        return f"use small letters, figures and single dashes, a letter first, {LONGEST} at most, like warm-homes."
    if name == "grants" or name.startswith("grants-"):
        return "leave out “grants-”: it is put in front of the distribution's name by itself."
    return ""


def _taken(name: str) -> str:
    """Returns who has this name already, or an empty text; imports no plugin but the core's own."""
    dists = {str(dist.metadata["Name"]).lower().replace("_", "-") for dist in distributions()}
    plugins = {entry.name for entry in entry_points(group=GROUP)} | {"defaults"}
    core = gather(None, (defaults,), found=(), kinds=("policies", "forms", "exports"))
    ours = {*core.policies, *core.forms, *core.exports, "manual", "stripe", "email", "practice-outbox"}
    ours |= {other for policy in core.policies.values() for other in policy.also}
    if name in plugins or f"grants-{name}" in dists:
        return f"a plugin called “{name}” is installed here already. Choose another name."
    if name in ours:
        return f"“{name}” is something that Grants on Trust has itself. Choose another name."
    if find_spec(_package(name)) is not None:
        return f"a package called “{_package(name)}” is here already. Choose another name."
    return ""


def _package(name: str) -> str:
    return f"grants_{name.replace('-', '_')}"


def _answers(name: str, kind: str) -> dict[str, object]:
    """Returns what the template asks; it runs with this version of the program until the next minor one."""
    major, minor = version(OURS).split(".")[:2]
    return {
        "name": name,
        "kind": kind,
        "api": API_VERSIONS[-1],
        "core": f"{major}.{minor}",
        "below": f"{major}.{int(minor) + 1}",
        "year": datetime.now(UTC).year,
    }


def _make(folder: Path, answers: dict[str, object]) -> None:
    """Fills the template in beside the folder and moves it there whole, so that a failure leaves nothing."""
    from copier import run_copy  # half a second to load, and needed here alone

    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".new-plugin-") as beside:
            made = Path(beside) / folder.name
            run_copy(str(template_folder()), made, data=answers, defaults=True, quiet=True)
            made.rename(folder)
    except OSError as error:
        raise CannotMake(f"{folder} cannot be made: {error.strerror or error}. Nothing was written.") from error

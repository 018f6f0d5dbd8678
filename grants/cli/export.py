"""``grants export``: files made of grants, written whole or not at all."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from tempfile import mkstemp
from typing import IO, Any

import click
from rich.progress import Progress

from grants.app import CORE
from grants.cli.context import open_desk
from grants.cli.trouble import EX_CANTCREAT
from grants.flow import learn, ledger_file
from grants.flow.desk import Desk
from grants.flow.ledger_file import Form, Span
from grants.model.engine import reading
from grants.offers import Export
from grants.plugins import gather

LEDGER = "ledger"
PUBLISHED = "360giving"

TOLD_EVERY = 10_000
"""On no terminal, a line is printed after so many rows."""


class CannotWrite(click.ClickException):
    """Says that the file cannot be written there."""

    exit_code = EX_CANTCREAT

    def __init__(self, out: Path, error: OSError) -> None:
        super().__init__(f"{out} cannot be written: {error.strerror or error}. Choose another place.")


class Exports(click.Group):
    """The files that can be made: the ledger, and whatever the installed plugins offer."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Returns the names of all files that can be made."""
        return sorted([*_offered(), LEDGER])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Returns the command that makes one file."""
        if cmd_name == LEDGER:
            return ledger
        offered = _offered().get(cmd_name)
        if offered is None:
            return None

        def make(out: Path) -> None:
            _export(out, lambda desk: _blocks(desk, cmd_name))

        title = f"{offered.title}."
        return click.Command(cmd_name, callback=make, params=[_out()], help=title, short_help=title)


class Day(click.ParamType[date]):
    """A day as ``2027-03-31``."""

    name = "DAY"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Returns the day."""
        try:
            return value if isinstance(value, date) else date.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value} is not a day like 2027-03-31.", param, ctx)


@click.command(LEDGER, short_help="The books: every line of every journal.")
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The file to write.")
@click.option("--format", "form", type=click.Choice(["csv", "beancount"]), help="What it is; else by the file’s name.")
@click.option("--from", "since", type=Day(), help="The first day. Default: all of it.")
@click.option("--to", "until", type=Day(), help="The last day. Default: all of it.")
def ledger(out: Path, form: Form | None, since: date | None, until: date | None) -> None:
    """The books: every line of every journal, without names.

    As a table (csv), or for Beancount, whose bean-check then proves every balance.
    """
    span = Span(since, until)
    wanted: Form = form or ("beancount" if out.suffix in (".beancount", ".bean") else "csv")

    def blocks(desk: Desk) -> Iterator[bytes]:
        ledger_file.snapshot(desk)
        yield from ledger_file.write(desk, wanted, span, _followed)

    _export(out, blocks)


export = Exports("export", help="Makes a file: open data (360giving), a table of grants, or the books (ledger).")


def _offered() -> Mapping[str, Export]:
    return gather(None, CORE, kinds=("exports",)).exports


def _out() -> click.Option:
    return click.Option(
        ["--out"], required=True, type=click.Path(dir_okay=False, path_type=Path), help="The file to write."
    )


def _export(out: Path, blocks: Callable[[Desk], Iterator[bytes]]) -> None:
    with reading(), open_desk() as desk, _whole(out) as file:
        for block in blocks(desk):
            file.write(block)
    click.echo(f"Written: {out}")


def _blocks(desk: Desk, name: str) -> Iterator[bytes]:
    about = learn.ready_to_publish(desk) if name == PUBLISHED else learn.about(desk)
    yield from desk.catalogue.exports[name].write(_followed(learn.grant_rows(desk), learn.count_grants(desk)), about)


@contextmanager
def _whole(out: Path) -> Iterator[IO[bytes]]:
    """Gives a file that takes its name only when it is complete; whatever goes wrong, the old one stays."""
    try:
        handle, name = mkstemp(dir=out.parent, prefix=f".{out.name}.")
    except OSError as error:
        raise CannotWrite(out, error) from error
    made = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
        made.chmod(0o640)
        made.replace(out)
    except OSError as error:
        raise CannotWrite(out, error) from error
    finally:
        made.unlink(missing_ok=True)


def _followed(rows: Iterable[dict[str, Any]], total: int) -> Iterator[dict[str, Any]]:
    """Yields the rows and shows how far they are: a bar on a terminal, a line now and then elsewhere."""
    follow: Callable[..., Iterator[dict[str, Any]]] = _with_bar if sys.stderr.isatty() else _with_lines
    yield from follow(rows, total)


def _with_bar(rows: Iterable[dict[str, Any]], total: int) -> Iterator[dict[str, Any]]:
    with Progress(transient=True) as progress:
        yield from progress.track(rows, total=total, description="Writing")


def _with_lines(rows: Iterable[dict[str, Any]], total: int) -> Iterator[dict[str, Any]]:
    for number, row in enumerate(rows, 1):
        yield row
        if number % TOLD_EVERY == 0:
            click.echo(f"{number:,} of {total:,}", err=True)

"""``grants policy add|export|schema``: policies without code, brought in as proposals and taken out as files."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from grants.cli.context import acting, open_desk
from grants.cli.trouble import EX_CANTCREAT, EX_DATAERR, EX_NOINPUT
from grants.domain.money import parse_amount
from grants.domain.policy_file import LARGEST, PolicyFileError, Written, read, write
from grants.domain.terms_schema import schema_text
from grants.flow import policies
from grants.flow.fund import preview
from grants.model.engine import reading
from grants.model.policies import PolicyFile


class CannotRead(click.ClickException):
    """Says that the file is not there, or is kept from us."""

    exit_code = EX_NOINPUT


class NotText(click.ClickException):
    """Says that what the file holds is no policy at all."""

    exit_code = EX_DATAERR


@click.command("add")
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@click.option("--why", default="", help="Why this policy, in a sentence.")
@click.option("--accept-as", "first", metavar="EMAIL", help="Who agrees as the first of two people.")
@click.option("--second", metavar="EMAIL", help="Who agrees as the second.")
def add(file: Path, why: str, first: str | None, second: str | None) -> int:
    """Checks a policy FILE and keeps it as a proposal; says what happens next. Nothing in it is run."""
    text = _text(file)
    try:
        read(text)
    except PolicyFileError as error:
        for problem in error.problems:
            click.echo(f"{file}: {problem}", err=True)
        click.echo("Nothing was kept. Mend this and add it again.", err=True)
        return EX_DATAERR
    if second and not first:
        raise click.UsageError("Name the first person as well: --accept-as EMAIL.")
    with open_desk() as desk:
        row = policies.propose(desk, text, why)
        for email in filter(None, (first, second)):
            policies.accept(acting(desk, email), row)
        told = _next(row)
    click.echo(f"“{row.title}” is kept as version {row.version} of {row.slug}. {told}")
    return 0


@click.command("export")
@click.argument("slug")
@click.option("--version", type=click.IntRange(1), help="One version of a written policy; without it the newest.")
@click.option("--amount", default="150", show_default=True, help="For an installed policy: the award to write it for.")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="Write it there; without it, to the screen."
)
def export(slug: str, version: int | None, amount: str, out: Path | None) -> int:
    """Writes a policy as a file: a written one as it came, an installed one with its usual settings."""
    award = parse_amount(amount)
    with reading(), open_desk() as desk:
        found = policies.version_of(desk, slug, version or 0)
        if found is not None:
            text = found.row.source
        else:
            offered = policies.policy(desk, slug, version)
            terms = preview(desk, slug, {}, award)
            text = write(Written(slug=offered.slug, title=offered.title, promise=offered.promise, terms=terms))
    if out is None:
        click.echo(text, nl=False)
        return 0
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        click.echo(f"{out} cannot be written: {error.strerror}.", err=True)
        return EX_CANTCREAT
    click.echo(f"Written to {out}.", err=True)
    return 0


@click.command("schema")
def schema() -> None:
    """Prints the JSON Schema of what a policy says, for editors and programs."""
    click.echo(schema_text(), nl=False)


def _text(file: Path) -> str:
    """Returns the text of a file (``-``: what is typed in), or ends with plain words."""
    try:
        body = sys.stdin.buffer.read(LARGEST + 1) if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise CannotRead(f"{file} cannot be read: {error.strerror}.") from None
    if len(body) > LARGEST:
        raise NotText(f"{file}: expected a file of at most {LARGEST:,} bytes. Nothing was kept.")
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        raise NotText(f"{file}: line {line}: expected plain text in UTF-8. Nothing was kept.") from None


def _next(row: PolicyFile) -> str:
    if row.state == "accepted":
        return "Two people accepted it: funds may choose it for new awards."
    more = "A second person of the charity accepts it" if row.first_by else "Two people of the charity accept it"
    return f"It is a proposal. {more}: on the staff pages under Policies, or with --accept-as and --second."

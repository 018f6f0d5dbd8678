"""``grants apply``: applications that come in a file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import nullcontext
from itertools import islice
from pathlib import Path

import click
from sqlalchemy import select

from grants.app import desk_over
from grants.cli.apply_report import Report
from grants.cli.context import house
from grants.cli.trouble import EX_DATAERR, EX_NOINPUT
from grants.domain.errors import Refusal
from grants.domain.terms import Question
from grants.flow.apply import Answers, refuse_closed
from grants.flow.desk import Desk
from grants.flow.fund import terms_of
from grants.flow.import_applications import LOT, Incoming, Intake, Outcome
from grants.model.engine import reading
from grants.model.funds import Fund
from grants.schemas.columns import Columns, choose_sheet, match_columns
from grants.schemas.importing import ReadRow, read_rows
from grants.schemas.sheets import Book, Sheet
from grants.schemas.spreadsheet import open_spreadsheet
from grants.web.edge import House


@click.group()
def apply() -> None:
    """Applications: bring them in from a spreadsheet."""


@apply.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--fund", "slug", required=True, metavar="SLUG", help="The fund that they apply to.")
@click.option("--dry-run", is_flag=True, help="Show everything first; store nothing.")
@click.option("--keep", multiple=True, metavar="COLUMN", help="Keep this unknown column in the notes for staff.")
def import_(file: Path, slug: str, dry_run: bool, keep: tuple[str, ...]) -> None:
    """Brings in applications from FILE (.csv, .xlsx, .xls, .ods; up to 200,000 rows).

    Good rows come in, each bad row is named and stored nowhere, and running it again adds nothing. Numbers
    that nobody should keep (National Insurance, birth dates) are dropped and named.
    """
    here = house()
    with reading(), here.database.transaction() as session:
        desk = desk_over(here, session)
        fund = _fund(desk, slug)
        refuse_closed(desk, fund)
        questions = terms_of(fund).questions
    book, sheet, columns = _open(file, questions, keep)
    report = Report(columns, dry_run=dry_run)
    report.mapping(book, sheet.name)
    intake = Intake(slug)
    for lot in _lots(read_rows(sheet, columns, fund.currency), report):
        report.add(lot, _bring(here, intake, lot, dry_run=dry_run))
    report.finish(fund.name)
    if not report.worth_it:
        raise click.exceptions.Exit(EX_DATAERR)


def _open(file: Path, questions: Sequence[Question], keep: Iterable[str]) -> tuple[Book, Sheet, Columns]:
    """Returns what was opened and how its columns are used; leaves with an exit code when that cannot be."""
    try:
        book = open_spreadsheet(file)
        sheet, row = choose_sheet(book)
        return book, sheet, match_columns(sheet, row, questions, keep)
    except Refusal as refusal:
        if refusal.code.startswith("keep."):
            raise click.UsageError(refusal.message) from None
        click.echo(f"{file.name}: {refusal.message}", err=True)
        missing = refusal.code in ("file.missing", "file.unreadable")
        raise click.exceptions.Exit(EX_NOINPUT if missing else EX_DATAERR) from None


def _fund(desk: Desk, slug: str) -> Fund:
    fund = desk.session.scalar(select(Fund).where(Fund.slug == slug))
    if fund is None:
        there = ", ".join(desk.session.scalars(select(Fund.slug).order_by(Fund.slug).limit(20)))
        known = f"The funds are: {there}." if there else "There are no funds yet."
        raise click.UsageError(f"There is no fund “{slug}”. {known}")
    return fund


def _lots(rows: Iterator[ReadRow], report: Report) -> Iterator[list[ReadRow]]:
    """Gives the rows in lots, each as large as one transaction, and shows how far it has come."""
    with report.progress() as step:
        while lot := list(islice(rows, LOT)):
            yield lot
            step(len(lot))


def _bring(here: House, intake: Intake, lot: Sequence[ReadRow], *, dry_run: bool) -> list[Outcome]:
    """Returns what became of a lot's sound rows, or would; commits them, or writes nothing when dry."""
    sound = [
        Incoming(row=row.row, answers=Answers(**row.values), content=row.content, sent=row.sent)
        for row in lot
        if not row.problems
    ]
    if not sound:
        return []
    with reading() if dry_run else nullcontext(), here.database.transaction() as session:
        desk = desk_over(here, session)
        act = intake.foresee if dry_run else intake.store
        return act(desk, _fund(desk, intake.slug), sound)

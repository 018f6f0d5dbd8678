"""What an import tells whoever runs it: tables on a terminal, plain lines elsewhere; never a person's name."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import click
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from grants.flow.import_applications import LOT, Outcome
from grants.schemas.columns import Columns
from grants.schemas.importing import ReadRow, Remark
from grants.schemas.sheets import Book

SPEAK_EVERY = 20 * LOT
"""Rows between two lines of progress where there is no terminal."""


class Report:
    """Collects what became of each row, and shows it."""

    def __init__(self, columns: Columns, *, dry_run: bool) -> None:
        self.columns = columns
        self.dry_run = dry_run
        self.console = Console()
        self.counts: Counter[str] = Counter()
        self.problems: list[Remark] = []
        self.repeats: list[Remark] = []
        self.remarks: list[Remark] = []

    @property
    def worth_it(self) -> bool:
        """Returns whether at least one row came in, would come in, or was there already."""
        return bool(self.counts["in"] or self.counts["already"])

    def mapping(self, book: Book, sheet: str) -> None:
        """Shows what was read and what each column is used for."""
        for remark in book.remarks:
            click.echo(remark)
        if len(book.sheets) > 1:
            click.echo(f"Only the sheet “{sheet}” is used: it is the first with names of columns.")
        click.echo(f"Names of columns in row {self.columns.row}:")
        self._rows(("column", "what we do with it"), self.columns.told)
        never = [self.columns.names[place] for place in self.columns.never]
        if never:
            click.echo(f"Dropped and never stored: {', '.join(never)}.")
        left = [name for place in self.columns.left_out if (name := self.columns.names[place])]
        if left:
            click.echo(f"Left out: {', '.join(left)}. To keep one in the notes for staff, add --keep “NAME”.")

    @contextmanager
    def progress(self) -> Iterator[Callable[[int], None]]:
        """Gives a function that is told how many more rows are done."""
        if not sys.stderr.isatty():
            yield self._speak
            return
        parts = (SpinnerColumn(), TextColumn("{task.description}"), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*parts, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("rows", total=None)
            yield lambda done: bar.advance(task, done)

    def _speak(self, done: int) -> None:
        before, self.counts["done"] = self.counts["done"], self.counts["done"] + done
        if self.counts["done"] // SPEAK_EVERY > before // SPEAK_EVERY:
            click.echo(f"{self.counts['done']:,} rows done", err=True)

    def add(self, lot: Sequence[ReadRow], outcomes: Sequence[Outcome]) -> None:
        """Takes in a lot as read, and what became of its sound rows."""
        self.counts["read"] += len(lot)
        came_in = {outcome.row for outcome in outcomes if outcome.what == "in"}
        for row in lot:
            self.problems += row.problems
            if row.row in came_in:
                self.remarks += row.remarks
                self.counts["ask first"] += not row.values["contact_safe"]
        self.counts["refused"] += sum(1 for row in lot if row.problems)
        for outcome in outcomes:
            self._outcome(outcome)

    def _outcome(self, outcome: Outcome) -> None:
        self.counts[outcome.what] += 1
        self.counts["ahead"] += outcome.ahead
        if outcome.doubt:
            self.remarks.append(Remark(outcome.row, self.columns.name_of("account_number"), outcome.doubt))
        if outcome.what == "refused":
            column = self.columns.name_of(outcome.field) if outcome.field else ""
            self.problems.append(Remark(outcome.row, column, outcome.words))
        elif outcome.what == "same":
            self.repeats.append(Remark(outcome.row, "", f"The same as {outcome.like}, word for word: left out."))
        elif outcome.like:
            self.counts["repeats"] += 1
            words = f"May be the same person as {outcome.like}. It comes in all the same."
            self.repeats.append(Remark(outcome.row, "", words))

    def finish(self, fund: str) -> None:
        """Shows the rows that did not come in, possible repeats, what is worth a look, and the sums."""
        self._remarks("Not in: mend these rows and run it again", self.problems)
        self._remarks("Possible repeats", self.repeats)
        self._remarks("Worth a look", self.remarks)
        count = self.counts
        if count["ahead"]:
            click.echo(
                f"{count['ahead']:,} rows were sent later than now, by their own clock: the time of this import stands."
            )
        if count["ask first"]:
            click.echo(
                f"{count['ask first']:,} people: ask how it is safe to reach them. Nothing is sent to them before."
            )
        if not count["read"]:
            click.echo("There are no rows below the names of the columns.")
        self._sums(fund)

    def _sums(self, fund: str) -> None:
        count = self.counts
        parts = [
            f"{count['read']:,} rows read",
            f"{count['in']:,} {'would come in' if self.dry_run else 'in'}",
            f"{count['already']:,} already there",
            f"{count['same']:,} the same as another row",
            f"{count['repeats']:,} possible repeats",
            f"{count['refused']:,} not in",
        ]
        click.echo(f"{fund}: {', '.join(parts)}.")
        if self.dry_run:
            click.echo("This was a dry run: nothing was stored.")

    def _remarks(self, title: str, remarks: list[Remark]) -> None:
        if remarks:
            click.echo(f"{title}:")
            lines = sorted(remarks, key=lambda remark: remark.row)
            self._rows(("row", "column", "what"), [(str(line.row), line.column, line.words) for line in lines])

    def _rows(self, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        if self.console.is_terminal:
            table = Table(*heads)
            for row in rows:
                table.add_row(*(Text(cell) for cell in row))
            self.console.print(table)
            return
        for row in rows:
            first, *middle, last = row
            place = ", ".join(part for part in (f"row {first}" if middle else first, *middle) if part)
            click.echo(f"  {place}: {last}")

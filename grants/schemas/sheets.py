"""Sheets: the one shape in which every spreadsheet is read, whatever file it came in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

MOST_ROWS = 200_000
"""The most rows of one file, its header included."""

MOST_BYTES = 60 * 1024 * 1024
"""The largest file that is read."""

MOST_COLUMNS = 200
"""The most columns of a sheet."""

Row = tuple[int, tuple[str, ...]]
"""A row's number as a spreadsheet program shows it (the first is 1) and its cells as text."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet; ``rows()`` gives its rows afresh each time, so that a long one is never held whole as text.

    ``ragged`` says that rows may have fewer or more cells than the header, as in a CSV file.
    """

    name: str
    rows: Callable[[], Iterator[Row]]
    ragged: bool = False


@dataclass(frozen=True, slots=True)
class Book:
    """What was opened: what kind of file it is, its visible sheets, and remarks for whoever brought it."""

    kind: str
    sheets: tuple[Sheet, ...]
    remarks: tuple[str, ...] = ()

"""Separated values: CSV files as spreadsheet programs, banks and web forms really write them."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator

from grants.domain.errors import Refusal
from grants.schemas.fields import tidy
from grants.schemas.sheets import MOST_ROWS, Book, Row, Sheet

SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "upright bars"}
"""What may stand between two cells, with the word for it."""

AS_UTF8 = "In the spreadsheet program choose “Save as”, then “CSV UTF-8”, and try again."

_HINT = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)
_CONTROL = re.compile(r"[\x01-\x08\x0e-\x1f]")


def read_separated(data: bytes) -> Book:
    """Returns the one sheet of a CSV file, with the letters and the separator that were found.

    Raises Refusal ``csv.encoding``, ``csv.quote`` or ``file.rows`` naming what is wrong and where.
    """
    encoding, letters = _letters(data)
    start = _text(data, encoding).read(50_000)
    if not start.strip():
        raise Refusal("file.empty", "This file is empty. Check that it is the right one.")
    separator, skip = _separator(start)
    _refuse_broken(_cells(data, encoding, separator, skip, strict=True))
    remarks = (f"Read as CSV: {letters}, cells divided by {SEPARATORS[separator]}.",)

    def rows() -> Iterator[Row]:
        for number, cells in enumerate(_cells(data, encoding, separator, skip), start=1):
            yield number, tuple(tidy(cell) for cell in cells)

    return Book("CSV", (Sheet("CSV", rows, ragged=True),), remarks)


def _letters(data: bytes) -> tuple[str, str]:
    """Returns the encoding and its name in words that tell what was assumed; every letter was tried."""
    if data.startswith(codecs.BOM_UTF8):
        return _tried(data, "utf-8-sig"), "UTF-8 with a byte-order mark"
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _tried(data, "utf-16"), "UTF-16"
    if b"\x00" in data:
        words = "This file has zero bytes (NUL) in it: it is no text, or UTF-16 without its mark."
        raise Refusal("csv.encoding", f"{words} {AS_UTF8}")
    try:
        return _textual(data, "utf-8"), "UTF-8"
    except UnicodeDecodeError:
        words = "Windows letters (cp1252), because it is not UTF-8; check a name with an accent"
        return _tried(data, "cp1252"), words


def _tried(data: bytes, encoding: str) -> str:
    try:
        return _textual(data, encoding)
    except UnicodeDecodeError:
        words = f"We cannot read the letters of this file (it looked like {encoding} and is not)."
        raise Refusal("csv.encoding", f"{words} {AS_UTF8}") from None


def _textual(data: bytes, encoding: str) -> str:
    """Returns the encoding when all of the file can be read in it and is text; reads piece by piece."""
    odd = 0
    lines = _text(data, encoding)
    while piece := lines.read(1 << 20):
        odd += len(_CONTROL.findall(piece))
        if "\x00" in piece or odd > 20:
            words = "This file is not a spreadsheet: it holds bytes that no text has."
            raise Refusal("file.not_a_spreadsheet", f"{words} Choose a .csv or .xlsx file.")
    return encoding


def _text(data: bytes, encoding: str) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(data), encoding=encoding, newline="")


def _cells(data: bytes, encoding: str, separator: str, skip: int, *, strict: bool = False) -> Iterator[list[str]]:
    text = _text(data, encoding)
    text.read(skip)
    return csv.reader(text, delimiter=separator, strict=strict)


def _separator(start: str) -> tuple[str, int]:
    """Returns the separator that gives most lines the same number of cells, and the length of a ``sep=`` line."""
    hint = _HINT.match(start)
    if hint and hint[1] in SEPARATORS:
        return hint[1], hint.end()

    def agreeing(separator: str) -> tuple[int, int]:
        lines = csv.reader(io.StringIO(start, newline=""), delimiter=separator)
        try:
            widths = Counter(len(cells) for cells, _ in zip(lines, range(20), strict=False) if len(cells) > 1)
        except csv.Error:
            return 0, 0
        return max(((rows, width) for width, rows in widths.items()), default=(0, 0))

    return max(SEPARATORS, key=agreeing), 0


def _refuse_broken(rows: Iterator[list[str]]) -> None:
    number = 0
    try:
        for number, _ in enumerate(rows, start=1):
            if number > MOST_ROWS:
                words = f"This file has more than {MOST_ROWS:,} rows. Split it into smaller files."
                raise Refusal("file.rows", words)
    except csv.Error as error:
        what = "a cell is far too long" if "limit" in str(error) else 'a quote mark (") is opened and not closed'
        words = f"From row {number + 1} on this file cannot be read: {what}. Mend that row, or save the file again."
        raise Refusal("csv.quote", words) from None

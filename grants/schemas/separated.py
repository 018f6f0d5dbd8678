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
    text, letters = _decode(data)
    if not text.strip():
        raise Refusal("file.empty", "This file is empty. Check that it is the right one.")
    separator, text = _separator(text)
    _refuse_broken(text, separator)
    remarks = (f"Read as CSV: {letters}, cells divided by {SEPARATORS[separator]}.",)
    return Book("CSV", (Sheet("CSV", lambda: _rows(text, separator), ragged=True),), remarks)


def _decode(data: bytes) -> tuple[str, str]:
    """Returns the text and the name of its letters, in words that tell what was assumed."""
    if data.startswith(codecs.BOM_UTF8):
        return _strictly(data[3:], "utf-8"), "UTF-8 with a byte-order mark"
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _strictly(data, "utf-16"), "UTF-16"
    if b"\x00" in data:
        words = "This file has zero bytes (NUL) in it: it is no text, or UTF-16 without its mark."
        raise Refusal("csv.encoding", f"{words} {AS_UTF8}")
    try:
        return _textual(data.decode("utf-8")), "UTF-8"
    except UnicodeDecodeError:
        text = _strictly(data, "cp1252")
        return text, "Windows letters (cp1252), because it is not UTF-8; check a name with an accent"


def _strictly(data: bytes, encoding: str) -> str:
    try:
        return _textual(data.decode(encoding))
    except UnicodeDecodeError:
        words = f"We cannot read the letters of this file (it looked like {encoding} and is not)."
        raise Refusal("csv.encoding", f"{words} {AS_UTF8}") from None


def _textual(text: str) -> str:
    if "\x00" in text or len(_CONTROL.findall(text[:100_000])) > 20:
        words = "This file is not a spreadsheet: it holds bytes that no text has."
        raise Refusal("file.not_a_spreadsheet", f"{words} Choose a .csv or .xlsx file.")
    return text


def _separator(text: str) -> tuple[str, str]:
    """Returns the separator that gives most lines the same number of cells, and the text without a ``sep=`` line."""
    hint = _HINT.match(text)
    if hint and hint[1] in SEPARATORS:
        return hint[1], text[hint.end() :]
    start = text[:50_000]

    def agreeing(separator: str) -> tuple[int, int]:
        lines = csv.reader(io.StringIO(start, newline=""), delimiter=separator)
        try:
            widths = Counter(len(cells) for cells, _ in zip(lines, range(20), strict=False) if len(cells) > 1)
        except csv.Error:
            return 0, 0
        return max(((rows, width) for width, rows in widths.items()), default=(0, 0))

    return max(SEPARATORS, key=agreeing), text


def _refuse_broken(text: str, separator: str) -> None:
    number = 0
    try:
        for cells in csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True):
            number += 1
            if number > MOST_ROWS:
                words = f"This file has more than {MOST_ROWS:,} rows. Split it into smaller files."
                raise Refusal("file.rows", words)
            del cells
    except csv.Error as error:
        what = "a cell is far too long" if "limit" in str(error) else 'a quote mark (") is opened and not closed'
        words = f"From row {number + 1} on this file cannot be read: {what}. Mend that row, or save the file again."
        raise Refusal("csv.quote", words) from None


def _rows(text: str, separator: str) -> Iterator[Row]:
    for number, cells in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=separator), start=1):
        yield number, tuple(tidy(cell) for cell in cells)

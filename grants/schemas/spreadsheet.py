"""Spreadsheets: opens whatever file somebody brings, by what is in it and not by its name."""

from __future__ import annotations

from pathlib import Path

from grants.domain.errors import Refusal
from grants.schemas.separated import read_separated
from grants.schemas.sheets import MOST_BYTES, Book

NOT_SHEETS = {
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"\x1f\x8b": "a packed file",
    b"{\\rtf": "a text document",
    b"SQLite format": "a database",
    b"\x7fELF": "a program",
    b"MZ": "a program",
}
"""First bytes of files that people choose by mistake."""


def open_spreadsheet(path: Path) -> Book:
    """Returns the sheets of a CSV, .xlsx, .xls or .ods file.

    Raises Refusal, with a code that begins ``file.`` or ``csv.`` and a sentence that says what to do.
    """
    try:
        if path.is_dir():
            raise Refusal("file.missing", f"“{path.name}” is a folder. Choose the file in it.")
        size = path.stat().st_size
        if size > MOST_BYTES:
            most = MOST_BYTES // 1024 // 1024
            raise Refusal("file.too_large", f"This file is larger than {most} MB. Split it into smaller files.")
        data = path.read_bytes()
    except FileNotFoundError:
        raise Refusal("file.missing", f"There is no file “{path.name}” there. Check the name.") from None
    except OSError as error:
        raise Refusal("file.unreadable", f"“{path.name}” cannot be opened: {error.strerror}.") from None
    return read_bytes(data)


def read_bytes(data: bytes) -> Book:
    """Returns the sheets of a file's bytes; raises Refusal as ``open_spreadsheet`` does."""
    if not data.strip():
        raise Refusal("file.empty", "This file is empty. Check that it is the right one.")
    for start, what in NOT_SHEETS.items():
        if data.startswith(start):
            raise Refusal("file.not_a_spreadsheet", f"This is {what}, not a spreadsheet. Choose a .csv or .xlsx file.")
    if data.lstrip(b"\xef\xbb\xbf \r\n\t")[:15].lower().startswith((b"<html", b"<!doctype", b"<table", b"<?xml")):
        words = "This is a web page, not a spreadsheet. Open it in a spreadsheet program and save it as .xlsx."
        raise Refusal("file.not_a_spreadsheet", words)
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0")):
        from grants.schemas.workbook import read_workbook  # loaded only for a workbook

        return read_workbook(data)
    return read_separated(data)

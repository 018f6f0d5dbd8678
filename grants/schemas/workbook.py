"""Workbooks: Excel and OpenDocument files, read as text without running anything in them."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from collections.abc import Iterator
from typing import IO

from python_calamine import CalamineSheet, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

from grants.domain.errors import Refusal
from grants.schemas.fields import tidy
from grants.schemas.sheets import MOST_COLUMNS, MOST_ROWS, Book, Row, Sheet

MOST_UNPACKED = 600 * 1024 * 1024
"""The most bytes that a packed workbook may unpack to."""

Value = int | float | str | bool | dt.time | dt.date | dt.datetime | dt.timedelta

_FORMULA_ONLY = re.compile(
    rb'<c r="([A-Z]{1,3}\d{1,7})"[^>]*>\s*<f(?:[^>]*/>|[^>]*>[^<]*</f>)\s*(?:<v>\s*</v>|<v/>)?\s*</c>'
)


def read_workbook(data: bytes) -> Book:
    """Returns the visible sheets of an .xlsx, .xls or .ods file.

    Raises Refusal, saying what to do, for a password, macros, a damaged file, formulas that have never
    been worked out, or a file that is too large.
    """
    if data.startswith(b"PK"):
        _refuse_unsafe(data)
    book = _open(data)
    shown = [
        meta.name
        for meta in book.sheets_metadata
        if meta.typ is SheetTypeEnum.WorkSheet and meta.visible is SheetVisibleEnum.Visible
    ]
    sheets = tuple(_sheet(book.get_sheet_by_name(name)) for name in shown)
    hidden = len(book.sheets_metadata) - len(shown)
    remarks = [f"Read as a workbook with {len(shown)} {'sheet' if len(shown) == 1 else 'sheets'}."]
    if hidden:
        remarks.append(f"{hidden} hidden {'sheet was' if hidden == 1 else 'sheets were'} not read.")
    return Book("workbook", sheets, tuple(remarks))


def as_text(value: Value) -> str:
    """Returns a cell as a person would have typed it: whole numbers bare, days first, Yes and No."""
    if isinstance(value, str):
        return tidy(value)
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, (int, float)):
        return f"{value:.15g}"
    if isinstance(value, dt.datetime):
        at = value.strftime("%d/%m/%Y %H:%M:%S").removesuffix(":00")
        return at.removesuffix(" 00:00")
    if isinstance(value, dt.date):
        return value.strftime("%d/%m/%Y")
    return str(value)


def _open(data: bytes) -> CalamineWorkbook:
    try:
        return CalamineWorkbook.from_filelike(io.BytesIO(data))
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException as error:
        if isinstance(error, PasswordError) or _encrypted(data):
            words = "This file is locked with a password. Save it without one, and try again."
            raise Refusal("file.password", words) from None
        words = "This workbook is damaged or is no workbook. Open it, save it again as .xlsx, and try again."
        raise Refusal("file.not_a_spreadsheet", words) from None


def _encrypted(data: bytes) -> bool:
    """Returns whether an old-style container holds an encrypted workbook (names in it are UTF-16)."""
    return "EncryptedPackage".encode("utf-16-le") in data


def _sheet(sheet: CalamineSheet) -> Sheet:
    if sheet.total_height > MOST_ROWS:
        words = f"The sheet “{sheet.name}” has more than {MOST_ROWS:,} rows. Split it into smaller files."
        raise Refusal("file.rows", words)
    if sheet.total_width > MOST_COLUMNS:
        words = f"The sheet “{sheet.name}” has more than {MOST_COLUMNS} columns. Take out what is not needed."
        raise Refusal("file.columns", words)
    return Sheet(sheet.name, lambda: _rows(sheet))


def _rows(sheet: CalamineSheet) -> Iterator[Row]:
    if sheet.start is None:
        return
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        yield number, tuple(as_text(cell) for cell in cells)


def _refuse_unsafe(data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            if sum(part.file_size for part in packed.infolist()) > MOST_UNPACKED:
                raise Refusal(
                    "file.too_large", "This workbook is too large when unpacked. Save it as CSV, and try again."
                )
            names = packed.namelist()
            if any(name.endswith("vbaProject.bin") for name in names):
                raise Refusal(
                    "file.macros", "This workbook holds macros. Save it as .xlsx without them, and try again."
                )
            empty = [cell for name in names if _is_sheet(name) for cell in _without_value(packed, name)]
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError):
        words = "This workbook is damaged. Open it, save it again as .xlsx, and try again."
        raise Refusal("file.not_a_spreadsheet", words) from None
    if empty:
        cells = ", ".join(empty[:5]) + (f" and {len(empty) - 5} more" if len(empty) > 5 else "")
        words = f"Formulas without a value stand in {cells}. Open the file, save it, and try again."
        raise Refusal("file.formulas", words)


def _is_sheet(name: str) -> bool:
    return name.startswith("xl/worksheets/") and name.endswith(".xml")


def _without_value(packed: zipfile.ZipFile, name: str) -> list[str]:
    """Returns the cells whose formula was never worked out, as ``B7``; reads the sheet piece by piece."""
    with packed.open(name) as part:
        return [cell.decode() for piece in _pieces(part) for cell in _FORMULA_ONLY.findall(piece)]


def _pieces(part: IO[bytes]) -> Iterator[bytes]:
    """Gives the sheet in pieces that end at the end of a row, so that no cell is cut in two."""
    rest = b""
    while piece := part.read(1 << 20):
        whole, mark, after = (rest + piece).rpartition(b"</row>")
        if mark:
            yield whole
        rest = after if mark else rest + piece
    yield rest

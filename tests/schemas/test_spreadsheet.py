"""Spreadsheets as charities have them: whatever was saved is read as it stands, or refused with what to do."""

from __future__ import annotations

import codecs
import io
import zipfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from grants.domain.errors import Refusal
from grants.schemas import sheets
from grants.schemas.sheets import Book
from grants.schemas.spreadsheet import open_spreadsheet, read_bytes

LINES = "Full name,How much?\r\nZoë O’Brien,£80\r\n"


def cells(book: Book, sheet: int = 0) -> list[tuple[str, ...]]:
    return [row for _, row in book.sheets[sheet].rows()]


def workbook(*pages: Sequence[Sequence[Any]], **hidden: bool) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False})
    dates = book.add_format({"num_format": "dd/mm/yyyy hh:mm"})
    for n, page in enumerate(pages):
        sheet = book.add_worksheet(f"Sheet{n + 1}")
        for y, row in enumerate(page):
            for x, value in enumerate(row):
                sheet.write_datetime(y, x, value, dates) if isinstance(value, datetime) else sheet.write(y, x, value)
        if hidden.get(f"Sheet{n + 1}"):
            sheet.hide()
    book.close()
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "remark"),
    [
        (LINES.encode(), "UTF-8,"),
        (codecs.BOM_UTF8 + LINES.encode(), "byte-order mark"),
        (LINES.encode("utf-16"), "UTF-16"),
        (codecs.BOM_UTF16_BE + LINES.encode("utf-16-be"), "UTF-16"),
        (LINES.encode("cp1252"), "cp1252"),
        (LINES.replace(",", ";").encode(), "semicolons"),
        (LINES.replace(",", "\t").encode(), "tabs"),
        (("sep=;\r\n" + LINES.replace(",", ";")).encode(), "semicolons"),
        (LINES.replace("\r\n", "\n").encode(), "commas"),
        (LINES.replace("\r\n", "\r").encode(), "commas"),
    ],
)
def test_letters_and_separators_are_found_and_named(data: bytes, remark: str) -> None:
    book = read_bytes(data)
    assert cells(book) == [("Full name", "How much?"), ("Zoë O’Brien", "£80")]
    assert remark in book.remarks[0]


def test_a_long_note_full_of_semicolons_does_not_change_the_separator() -> None:
    note = "one; two; three; four; five; six"
    assert cells(read_bytes(f"Name,Amount,Note\nAna,50,{note}\nBo,60,\n".encode()))[1] == ("Ana", "50", note)


def test_lines_in_a_quoted_cell_stay_in_one_row_and_blank_lines_count() -> None:
    rows = list(read_bytes(b'Name,Need\n"Ana","a bed\nand bedding"\n\nBo,coat\n').sheets[0].rows())
    assert rows[1] == (2, ("Ana", "a bed\nand bedding"))
    assert rows[3] == (4, ("Bo", "coat"))


@pytest.mark.parametrize(
    ("data", "code", "words"),
    [
        (b"", "file.empty", "empty"),
        (b" \r\n\t ", "file.empty", "empty"),
        (codecs.BOM_UTF8, "file.empty", "empty"),
        (b"Name,Amount\nAna\x00,50\n", "csv.encoding", "CSV UTF-8"),
        ("Name,Amount\n".encode("utf-16-le"), "csv.encoding", "CSV UTF-8"),
        (b"Name,Amount\nJos\x81\x8d,50\n", "csv.encoding", "CSV UTF-8"),
        (bytes(range(1, 32)) * 40, "file.not_a_spreadsheet", ".xlsx"),
        (b"%PDF-1.7 ...", "file.not_a_spreadsheet", "PDF"),
        (b"\x89PNG\r\n\x1a\n....", "file.not_a_spreadsheet", "picture"),
        (b"<html><table><tr><td>Name</td></tr></table></html>", "file.not_a_spreadsheet", "web page"),
        (b"PK\x03\x04 this is no workbook", "file.not_a_spreadsheet", "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "file.not_a_spreadsheet", "damaged"),
        (b'Name,Amount\nAna,50\n"Bo,60\nCy,70\n', "csv.quote", "row 3"),
        (b"Name,Amount\nAna," + b"x" * 200_000 + b"\n", "csv.quote", "row 2"),
    ],
)
def test_what_is_no_spreadsheet_is_refused_with_what_to_do(data: bytes, code: str, words: str) -> None:
    with pytest.raises(Refusal) as refused:
        read_bytes(data)
    assert refused.value.code == code
    assert words in refused.value.message


def test_more_rows_than_the_limit_are_refused_with_the_limit() -> None:
    with pytest.raises(Refusal, match="200,000 rows"):
        read_bytes(b"Name,Amount\n" + b"Ana,50\n" * sheets.MOST_ROWS)


def test_a_missing_file_and_a_folder_say_so(tmp_path: Path) -> None:
    for path, words in ((tmp_path / "none.csv", "no file"), (tmp_path, "folder")):
        with pytest.raises(Refusal, match=words) as refused:
            open_spreadsheet(path)
        assert refused.value.code == "file.missing"


def test_cells_of_a_workbook_are_read_as_a_person_would_have_typed_them() -> None:
    page = [
        ["When", "Amount", "Safe"],
        [datetime(2026, 10, 1, 6, 28), 250.0, True],
        [datetime(2026, 10, 2), 99.5, 0.1 + 0.2],
        [None, 108800, "00012345"],
    ]
    assert cells(read_bytes(workbook(page)))[1:] == [
        ("01/10/2026 06:28", "250", "Yes"),
        ("02/10/2026", "99.5", "0.3"),
        ("", "108800", "00012345"),
    ]


def test_rows_of_a_workbook_keep_their_numbers_below_a_title() -> None:
    page = [["Hardship 2026", None], [None, None], ["Name", "Amount"], ["Ana", 50]]
    assert list(read_bytes(workbook(page)).sheets[0].rows())[3] == (4, ("Ana", "50"))


def test_hidden_sheets_are_left_alone_and_told() -> None:
    book = read_bytes(workbook([["Name"]], [["Secret"]], Sheet2=True))
    assert [sheet.name for sheet in book.sheets] == ["Sheet1"]
    assert "1 hidden sheet was not read." in book.remarks


def test_a_formula_that_was_never_worked_out_is_named() -> None:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["Name", "Amount"])
    sheet.write_formula(1, 1, "=40+10", None, "")
    book.close()
    with pytest.raises(Refusal, match="B2") as refused:
        read_bytes(out.getvalue())
    assert refused.value.code == "file.formulas"


def test_a_formula_with_its_value_is_read_as_the_value() -> None:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["Name", "Amount"])
    sheet.write_formula(1, 1, "=40+10", None, 50)
    book.close()
    assert cells(read_bytes(out.getvalue()))[1] == ("", "50")


def _packed(more: dict[str, bytes]) -> bytes:
    out = io.BytesIO(workbook([["Name", "Amount"], ["Ana", 50]]))
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as packed:
        for name, data in more.items():
            packed.writestr(name, data)
    return out.getvalue()


def test_macros_a_password_and_a_bomb_are_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Refusal, match="macros"):
        read_bytes(_packed({"xl/vbaProject.bin": b"macro"}))
    locked = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600 + "EncryptedPackage".encode("utf-16-le")
    with pytest.raises(Refusal, match="password"):
        read_bytes(locked)
    monkeypatch.setattr("grants.schemas.workbook.MOST_UNPACKED", 1_000_000)
    with pytest.raises(Refusal, match="too large"):
        read_bytes(_packed({"xl/media/big.bin": b"\x00" * 2_000_000}))

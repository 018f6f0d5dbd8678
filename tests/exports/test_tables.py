"""Tables that a spreadsheet opens without harm."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest

from grants.exports import tables


@pytest.mark.parametrize(
    "cell", ["=1+1", "+44", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "  =1", "=cmd|'/C calc'!A0", "＝1+1", "-", "+"]
)
def test_no_cell_is_a_formula(cell: str) -> None:
    assert tables.safe(cell).startswith("'")


@pytest.mark.parametrize("cell", ["150.00", "-150.00", "0", "Winter fund", "", "2026-11-23", "a=b", "x@y"])
def test_what_is_harmless_stays_as_it_is(cell: str) -> None:
    assert tables.safe(cell) == cell


def test_amounts_are_exact() -> None:
    assert [tables.decimal(n, "GBP") for n in (0, 5, 150_50, -1, 10**13)] == [
        "0.00",
        "0.05",
        "150.50",
        "-0.01",
        "100000000000.00",
    ]
    assert tables.decimal(1500, "JPY") == "1500"


def test_every_line_reads_back_with_commas_quotes_and_line_breaks() -> None:
    rows = [["Fund, “A”", 'said "yes"\nand no', "Łódź"], ["=HYPERLINK(1)", "", None]]
    text = b"".join(tables.lines(["a", "b", "c"], rows)).decode()
    back = list(csv.reader(io.StringIO(text, newline="")))
    assert back == [["a", "b", "c"], rows[0], ["'=HYPERLINK(1)", "", ""]]


def test_a_long_table_comes_in_blocks() -> None:
    blocks = list(tables.lines(["n"], ([f"{n:0100d}"] for n in range(5000))))
    assert len(blocks) > 3
    assert b"".join(blocks).count(b"\n") == 5001


def test_a_line_of_the_books_is_a_debit_or_a_credit() -> None:
    line = {"journal": 1, "day": date(2026, 11, 23), "kind": "J1", "key": "J1.grant.1", "account": "F.1"}
    line |= {"what": "Award", "words": "Fund 1", "fund": "Winter fund", "grant": "G-1"}
    rows = [line | {"currency": "GBP", "amount": 15000}, line | {"currency": "GBP", "amount": -15000}]
    read = list(csv.DictReader(io.StringIO(b"".join(tables.write_ledger(rows)).decode())))
    assert [(r["debit"], r["credit"]) for r in read] == [("150.00", ""), ("", "150.00")]

"""The year’s end: every figure again from the exported table alone, conditions apart, and small numbers hidden."""

from __future__ import annotations

import csv
import io
from collections import Counter, defaultdict
from datetime import date
from decimal import Decimal

import pytest

from grants.domain.years import ending_in, year_of
from grants.flow import ledger_file, year_end
from grants.flow.ledger_file import Span
from grants.flow.year_end import Book, Pack
from tests.lively import Year, live
from tests.paying import Charity

THIS, NEXT = ending_in(2027, "31/03"), ending_in(2028, "31/03")


def lines_up_to(charity: Charity, last: date) -> list[dict[str, str]]:
    with charity.desk() as desk:
        text = b"".join(ledger_file.write(desk, "csv", Span(until=last))).decode()
    return list(csv.DictReader(io.StringIO(text, newline="")))


def pence(row: dict[str, str]) -> int:
    return int((Decimal(row["debit"] or 0) - Decimal(row["credit"] or 0)) * 100)


def pack_of(charity: Charity, year: object = THIS) -> Pack:
    with charity.desk() as desk:
        return year_end.pack(desk, year)  # type: ignore[arg-type]


def test_every_figure_is_what_the_exported_table_says(by_hand: Charity) -> None:
    lived = live(by_hand)
    for year in (THIS, NEXT):
        rows = lines_up_to(by_hand, year.last)
        (book,) = pack_of(by_hand, year).books
        funds_agree(book, rows, year.first.isoformat())
        others_agree(book, rows, year.first.isoformat(), lived)
    assert sum(each.carried for each in pack_of(by_hand).books[0].movements) == sum(
        each.brought for each in pack_of(by_hand, NEXT).books[0].movements
    )


def funds_agree(book: Book, rows: list[dict[str, str]], first: str) -> None:
    columns = {"J0": "came", "J11": "given_back", "J1": "awarded", "J8": "cancelled", "J14": "returned"}
    columns |= {"J9b": "costs", "J13": "costs"}
    told: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        if row["account"].startswith("F."):
            column = "brought" if row["date"] < first else columns[row["kind"]]
            told[row["account"]][column] -= pence(row)
    assert len(book.movements) == len(told) == 2
    for each in book.movements:
        ours = {name: getattr(each, name) for name in ("brought", "other", *columns.values())}
        assert {name: amount for name, amount in ours.items() if amount} == {
            name: amount for name, amount in told[f"F.{each.fund.id}"].items() if amount
        }
        assert sum(ours.values()) == each.carried, "the columns add up to what is carried forward"


def others_agree(book: Book, rows: list[dict[str, str]], first: str, lived: Year) -> None:
    ends: Counter[str] = Counter()
    year: Counter[str] = Counter()
    for row in rows:
        kind = row["account"].rpartition(".")[0] if row["account"][-1].isdigit() else row["account"]
        ends[kind] += pence(row)
        year[kind] += pence(row) if row["date"] >= first else 0
    assert sum(each.conditional + each.unconditional for each in book.commitments) == -(
        ends["L.payable"] + ends["L.in_flight"]
    )
    assert book.places == {kind: amount for kind, amount in ends.items() if kind.startswith("A.") and amount}
    assert (book.suspense, book.fees, book.losses) == (-ends["L.suspense"], year["E.fees"], year["E.loss"])
    awards = [row for row in rows if row["kind"] == "J1" and row["debit"] and row["date"] >= first]
    assert (book.grants, book.granted) == (len(awards), sum(map(pence, awards)))
    assert len({row["grant"] for row in awards}) == len(awards)
    assert set(lived.purposes) >= {row["grant"] for row in awards}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_conditions_stand_apart_few_people_are_not_told_and_costs_are_those_of_nobody(by_hand: Charity) -> None:
    live(by_hand)
    (book,), (after,) = pack_of(by_hand).books, pack_of(by_hand, NEXT).books
    conditions_stand_apart(book, after)
    few_people_are_not_told(book, after)
    assert book.losses == 10_00 - 6_00, "the fund bore six pounds of it"
    assert book.fees == 0
    assert book.incidents[1] >= 10_00
    assert [each.restricted for each in sorted(book.movements, key=lambda each: each.fund.id)] == [False, True]


def conditions_stand_apart(book: Book, after: Book) -> None:
    (this,), (later,) = book.commitments, after.commitments
    assert this.conditional == 45_00, "the second part; its first was paid"
    # Of eight grants of £50 three were paid, one of those came back, and one grant was cancelled.
    assert this.unconditional == 5 * 50_00
    assert later.conditional == 0, "the condition was let go in the new year, and the last day knows nothing of it"
    assert later.unconditional == 5 * 50_00 + 45_00, "one more was awarded, one was paid"


def few_people_are_not_told(book: Book, after: Book) -> None:
    assert (book.grants, book.few, after.few) == (9, False, True)
    assert [each.hidden for each in book.purposes or ()] == [True, True], "three for debt are nine less six"
    lots: dict[str, tuple[int, int]] = {"GTIP080": (20, 900_00), "GTIP090": (3, 90_00), "GTIP050": (4, 50_00)}
    shown = {each.words: each for each in year_end._purposes(lots) or ()}
    assert [each.hidden for each in shown.values()] == [True, False, True]
    assert (shown["Clothes or school uniform"].count, shown["Debt"].amount) == (20, 0)


@pytest.mark.parametrize(
    ("day", "end", "name", "last"),
    [
        (date(2027, 3, 31), "31/03", "2026/27", date(2027, 3, 31)),
        (date(2027, 4, 1), "31/03", "2027/28", date(2028, 3, 31)),
        (date(2028, 2, 29), "28/02", "2027/28", date(2028, 2, 29)),
        (date(2026, 5, 1), "31/12", "2026", date(2026, 12, 31)),
    ],
)
def test_a_day_lies_in_one_year(day: date, end: str, name: str, last: date) -> None:
    year = year_of(day, end)
    assert (year.name, year.last) == (name, last)
    assert year.first <= day <= year.last

"""Bank statements: what each column of a bank's file is, guessed by its name, and each line as day, amount and words.

Banks name columns as they like, give money out and in as two columns or as one with a sign, and put words before
the header. A line that cannot be read is named with its row, and then nothing of the file comes in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from marshmallow import ValidationError

from grants.domain.errors import Refusal
from grants.domain.statement import Line, with_keys
from grants.schemas.columns import LOOK
from grants.schemas.fields import parse_day, tidy
from grants.schemas.headings import plain
from grants.schemas.sheets import Book, Sheet

NAMES: Mapping[str, tuple[str, ...]] = {
    "day": ("date", "transaction date", "posting date", "posted date", "booking date", "value date", "entry date"),
    "amount": ("amount", "value", "transaction amount", "amount gbp", "net amount"),
    "out": ("paid out", "money out", "debit", "debits", "debit amount", "withdrawals", "withdrawn", "payments", "out"),
    "in": ("paid in", "money in", "credit", "credits", "credit amount", "deposits", "receipts", "in"),
    "words": (
        "description",
        "transaction description",
        "details",
        "narrative",
        "transaction details",
        "particulars",
        "memo",
        "text",
        "counter party",
        "counterparty",
        "name",
        "payee",
        "reference",
        "payment reference",
        "transaction reference",
        "your reference",
        "narrative 1",
        "narrative 2",
        "narrative 3",
        "type",
        "transaction type",
    ),
    "currency": ("currency", "ccy", "account currency"),
    "way": ("debit credit", "credit debit", "dr cr", "cr dr", "d c", "credit debit indicator"),
}
"""Names of columns, in plain letters, by what they are; every column of words counts."""

MOST = 5000
"""The most lines of one file: a year of a small charity."""

MOST_PENCE = 10**12

MANY = frozenset({"words"})

_SIGN = re.compile(r"^\((?P<in>.+)\)$")
_OUT = ("dr", "debit", "d", "out")


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement as read: its lines, oldest first, and what we took each column for."""

    lines: tuple[Line, ...]
    told: tuple[tuple[str, str], ...]


def read_statement(book: Book, currency: str = "GBP") -> Statement:
    """Returns the lines of a bank's file; amounts are minor units, money out below zero.

    Raises Refusal ``bank.columns`` naming what is missing, ``bank.lines`` naming each row that cannot be read, and
    ``bank.empty``.
    """
    sheet, row, columns, names = _columns(book)
    problems: list[str] = []
    lines: list[tuple[date, int, str, str]] = []
    for number, cells in sheet.rows():
        if number <= row or not any(cells):
            continue
        try:
            found = _line(cells, columns, currency)
        except ValueError as error:
            problems.append(f"row {number}: {error}")
            continue
        if found is not None:
            lines.append(found)
        if len(lines) > MOST:
            raise Refusal("bank.many", f"This file has more than {MOST:,} lines. Ask the bank for shorter months.")
    if problems:
        more = f" and {len(problems) - 5} more" if len(problems) > 5 else ""
        raise Refusal("bank.lines", f"Nothing came in. Mend these lines first: {'; '.join(problems[:5])}{more}.")
    if not lines:
        raise Refusal("bank.empty", "There are no lines of money below the names of the columns.")
    return Statement(tuple(with_keys(lines)), _told(names, columns))


def _columns(book: Book) -> tuple[Sheet, int, dict[str, list[int]], tuple[str, ...]]:
    """Returns the sheet, the row and the places of its columns; the first row that has enough wins."""
    best: tuple[str, ...] = ()
    for sheet in book.sheets:
        for number, cells in sheet.rows():
            if number > LOOK:
                break
            found = _known(cells)
            if "day" in found and ("amount" in found or ("out" in found and "in" in found)) and "words" in found:
                return sheet, number, found, cells
            best = max(best, cells if found else (), key=lambda row: len(_known(row)))
    raise Refusal("bank.columns", _missing(best))


def _known(cells: tuple[str, ...]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for place, cell in enumerate(cells):
        name = plain(cell)
        what = next((slug for slug, names in NAMES.items() if name in names), None)
        if what and (what in MANY or what not in found):
            found.setdefault(what, []).append(place)
    return found


def _missing(best: tuple[str, ...]) -> str:
    known = _known(best)
    lacking = [] if "day" in known else ["the day, called “Date”"]
    if "amount" not in known and not {"out", "in"} <= set(known):
        lacking.append("the amount, called “Amount”, or “Paid out” and “Paid in”")
    lacking += [] if "words" in known else ["the words, called “Description”"]
    seen = ", ".join(f"“{cell}”" for cell in best if cell) or "none that we know"
    return (
        f"This file has no column for {' and for '.join(lacking)}. The columns are: {seen}. Rename them and try again."
    )


def _line(cells: tuple[str, ...], columns: Mapping[str, list[int]], currency: str) -> tuple[date, int, str, str] | None:
    """Returns one line, or None for one without money; raises ValueError saying what is wrong."""
    amount = _signed(cells, columns)
    if amount is None:
        return None
    words = " ".join(dict.fromkeys(tidy(cell) for place in columns["words"] if (cell := _cell(cells, place))))
    kept = (_cell(cells, columns["currency"][0]) if "currency" in columns else "").upper() or currency
    if not re.fullmatch(r"[A-Z]{3}", kept):
        raise ValueError(f"“{kept[:20]}” is no currency, like GBP")
    return _day(_cell(cells, columns["day"][0])), amount, kept, words[:500]


def _signed(cells: tuple[str, ...], columns: Mapping[str, list[int]]) -> int | None:
    if "amount" in columns:
        amount = _pence(_cell(cells, columns["amount"][0]))
        way = _cell(cells, columns["way"][0]).casefold() if "way" in columns else ""
        return -abs(amount) if amount and way in _OUT else amount or None
    out, into = _pence(_cell(cells, columns["out"][0])), _pence(_cell(cells, columns["in"][0]))
    if out and into:
        raise ValueError("money out and money in on one line")
    return -abs(out) if out else abs(into) if into else None


def _pence(text: str) -> int:
    """Returns an amount in minor units, 0 for nothing: ``1,234.56``, ``-12``, ``(12.00)``, ``£12.00 DR``."""
    bare = text.replace("£", "").replace("\u00a0", "").replace(" ", "").replace("\u2212", "-").upper()
    if bare in ("", "-"):
        return 0
    inside = _SIGN.match(bare)
    out = bool(inside) or bare.endswith("DR")
    bare = (inside["in"] if inside else bare).removesuffix("DR").removesuffix("CR")
    if not re.fullmatch(r"[+-]?(\d{1,3}(,\d{3})+|\d+)(\.\d{1,2})?-?", bare):
        raise ValueError(f"“{text[:20]}” is no amount, like 1,234.56")
    try:
        amount = Decimal(bare.rstrip("-").replace(",", "")) * (-1 if bare.endswith("-") else 1)
    except InvalidOperation:
        raise ValueError(f"“{text[:20]}” is no amount, like 1,234.56") from None
    pence = int(amount * 100)
    if abs(pence) >= MOST_PENCE:
        raise ValueError(f"“{text[:20]}” is too large for us")
    return -abs(pence) if out else pence


def _day(text: str) -> date:
    short = re.fullmatch(r"(\d{1,2}[/.\- ](?:\d{1,2}|[A-Za-z]{3,9})[/.\- ])(\d{2})", text.strip())
    try:
        return parse_day(f"{short[1]}20{short[2]}" if short else text.partition(" 00:")[0].partition("T")[0])
    except ValidationError:
        raise ValueError(f"“{text[:20]}” is no day, like 23/11/2026") from None


def _cell(cells: tuple[str, ...], place: int) -> str:
    return cells[place].strip() if place < len(cells) else ""


def _told(names: tuple[str, ...], columns: Mapping[str, list[int]]) -> tuple[tuple[str, str], ...]:
    uses = {place: USES[what] for what, places in columns.items() for place in places}
    return tuple(_pairs(names, uses))


def _pairs(names: tuple[str, ...], uses: Mapping[int, str]) -> Iterator[tuple[str, str]]:
    for place, name in enumerate(names):
        if name:
            yield name, uses.get(place, "left out")


USES = {
    "day": "the day",
    "amount": "the amount, money out with a minus",
    "out": "money out",
    "in": "money in",
    "words": "the words",
    "currency": "the currency",
    "way": "whether money went out or in",
}
"""What a column is used for, in words."""

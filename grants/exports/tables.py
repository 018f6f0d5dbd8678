"""Tables as CSV that a spreadsheet may open without harm: no cell of ours is ever a formula."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from grants.domain.codes import PURPOSES, REASONS
from grants.domain.money import EXPONENTS
from grants.offers import Export

DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""Beginnings that make a spreadsheet read a cell as a formula (OWASP, CSV injection), full-width ones too."""

_NUMBER = re.compile(r"-?\d+(\.\d+)?", re.ASCII)

BLOCK = 64 * 1024
"""Bytes gathered before they are handed on."""

GRANT_COLUMNS = (
    "number",
    "fund",
    "funder",
    "awarded_on",
    "currency",
    "amount_applied",
    "amount_awarded",
    "amount_paid",
    "confirmed",
    "purpose_codes",
    "purposes",
    "reason_code",
    "reason",
    "ward",
)

LEDGER_COLUMNS = (
    "journal",
    "date",
    "kind",
    "what",
    "key",
    "account",
    "account_name",
    "fund",
    "grant",
    "currency",
    "debit",
    "credit",
)


def safe(value: object) -> str:
    """Returns a cell that is only text: what could start a formula gets an apostrophe in front, numbers stay."""
    text = "" if value is None else str(value)
    if text.lstrip(" ").startswith(DANGEROUS) and not _NUMBER.fullmatch(text):
        return f"'{text}"
    return text


def decimal(amount: int, currency: str) -> str:
    """Returns minor units as a plain decimal: ``15050`` GBP is ``150.50``."""
    digits = EXPONENTS[currency]
    whole, part = divmod(abs(amount), 10**digits)
    sign = "-" if amount < 0 else ""
    return f"{sign}{whole}.{part:0{digits}d}" if digits else f"{sign}{whole}"


def lines(head: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[bytes]:
    """Yields a CSV file in UTF-8, block by block, every cell made safe."""
    gathered = io.StringIO(newline="")
    writer = csv.writer(gathered)
    writer.writerow(head)
    for row in rows:
        writer.writerow([safe(cell) for cell in row])
        if gathered.tell() >= BLOCK:
            yield gathered.getvalue().encode()
            gathered.seek(0)
            gathered.truncate()
    yield gathered.getvalue().encode()


def write_grants(rows: Iterable[Mapping[str, Any]], about: Mapping[str, str]) -> Iterator[bytes]:
    """Yields the table of grants, one line each, without names."""
    return lines(GRANT_COLUMNS, map(_grant, rows))


def write_ledger(rows: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    """Yields the books, one line of a journal each; debits and credits of a journal are equal."""
    return lines(LEDGER_COLUMNS, map(_line, rows))


def _grant(row: Mapping[str, Any]) -> list[object]:
    currency = row["currency"]
    return [
        row["number"],
        row["fund"],
        row["funder"],
        row["awarded_on"].isoformat(),
        currency,
        *(decimal(row[name], currency) for name in ("applied", "awarded", "paid")),
        "yes" if row["confirmed"] else "",
        ";".join(row["purposes"]),
        "; ".join(PURPOSES.get(code, code) for code in row["purposes"]),
        row["reason"],
        REASONS.get(row["reason"], ""),
        row["ward"],
    ]


def _line(row: Mapping[str, Any]) -> list[object]:
    amount, currency = row["amount"], row["currency"]
    debit = decimal(amount, currency) if amount > 0 else ""
    credit = decimal(-amount, currency) if amount < 0 else ""
    return [
        row["journal"],
        row["day"].isoformat(),
        row["kind"],
        row["what"],
        row["key"],
        row["account"],
        row["words"],
        row["fund"],
        row["grant"],
        currency,
        debit,
        credit,
    ]


GRANTS = Export(
    slug="grants",
    title="A table of grants, without names",
    filename="grants.csv",
    media_type="text/csv",
    write=write_grants,
)

"""The books in Beancount’s own language, so that a program that is not ours can prove them.

Each account is opened, each journal is one transaction, and at the end every account’s balance is asserted to
the last penny: Beancount takes an assertion as its day begins, and “~ 0” allows no difference.
Source: the Beancount v3 language (accounts, links, balance assertions with a tolerance).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any

from grants.exports.tables import BLOCK, decimal

NAMES = {
    "A.bank": "Assets:Bank",
    "A.psp": "Assets:PaymentService",
    "A.cash": "Assets:CashBox",
    "A.vouchers": "Assets:Vouchers",
    "A.float": "Assets:Floats:C",
    "A.overpaid": "Assets:PaidTwice",
    "L.payable": "Liabilities:Owed:G",
    "L.in_flight": "Liabilities:OnTheWay:A",
    "L.suspense": "Liabilities:NotExplained",
    "F": "Equity:Funds:F",
    "X.funder": "Income:Funders:F",
    "E.fees": "Expenses:Fees",
    "E.loss": "Expenses:Losses",
}
"""Beancount’s name for each kind of account of ours; one with a number ends in a letter, and the number follows."""

CARRIED = "Brought forward"
"""What the first transaction is called where the file does not begin with the first journal."""

_NOT_IN_A_LINK = re.compile(r"[^A-Za-z0-9_/.-]")


def account(name: str) -> str:
    """Returns Beancount’s name of an account: ``L.payable.17`` → ``Liabilities:Owed:G17``; raises KeyError."""
    head, _, tail = name.rpartition(".")
    return f"{NAMES[head]}{tail}" if tail.isdigit() else NAMES[name]


@dataclass(frozen=True, slots=True)
class Head:
    """What a file says of itself; it ``begins`` with that day, and balances are asserted as that day ``ends``."""

    title: str
    currencies: tuple[str, ...]
    begins: date
    ends: date


def write(
    head: Head,
    opens: Iterable[Mapping[str, Any]],
    rows: Iterable[Mapping[str, Any]],
    closes: Iterable[Mapping[str, Any]],
) -> Iterator[bytes]:
    """Yields the file in blocks, in constant memory but for one journal.

    ``opens`` and ``closes`` are accounts with ``name``, ``currency``, ``words`` and a ``balance`` in minor units,
    before the first day and after the last; ``rows`` are lines of journals, in their order.
    """
    gathered: list[str] = []
    size = 0
    for text in _texts(head, opens, rows, closes):
        gathered.append(text)
        size += len(text)
        if size >= BLOCK:
            yield "".join(gathered).encode()
            gathered, size = [], 0
    yield "".join(gathered).encode()


def _texts(
    head: Head,
    opens: Iterable[Mapping[str, Any]],
    rows: Iterable[Mapping[str, Any]],
    closes: Iterable[Mapping[str, Any]],
) -> Iterator[str]:
    yield f'option "title" {_quoted(head.title)}\n'
    yield from (f'option "operating_currency" "{currency}"\n' for currency in head.currencies)
    yield "\n"
    for row in opens:
        yield f"{head.begins} open {account(row['name'])} {row['currency']}\n  words: {_quoted(row['words'])}\n"
    for _, lines in groupby(rows, key=itemgetter("journal")):
        yield _transaction(list(lines))
    yield "\n"
    asserted = head.ends + timedelta(days=1)
    for row in closes:
        much = decimal(row["balance"], row["currency"])
        yield f"{asserted} balance {account(row['name'])} {much} ~ 0 {row['currency']}\n"


def brought_forward(opens: Iterable[Mapping[str, Any]], day: date) -> Iterator[dict[str, Any]]:
    """Yields what stood on each account as lines of one journal, numbered 0; they sum to zero, as all accounts do."""
    for row in opens:
        if row["balance"]:
            yield {
                "journal": 0,
                "day": day,
                "kind": "",
                "what": CARRIED,
                "account": row["name"],
                "currency": row["currency"],
                "amount": row["balance"],
                "fund": "",
                "grant": "",
            }


def _transaction(lines: list[Mapping[str, Any]]) -> str:
    first = lines[0]
    link = f" ^{_NOT_IN_A_LINK.sub('-', first['grant'])}" if first["grant"] else ""
    told = [f"\n{first['day']} * {_quoted(first['what'])}{link}\n", f"  journal: {first['journal']}\n"]
    told += [f"  kind: {_quoted(first['kind'])}\n"] if first["kind"] else []
    told += [f"  fund: {_quoted(first['fund'])}\n"] if first["fund"] else []
    told += [
        f"  {account(row['account'])} {decimal(row['amount'], row['currency'])} {row['currency']}\n" for row in lines
    ]
    return "".join(told)


def _quoted(text: str) -> str:
    """Returns a text as Beancount takes it: on one line, between quotation marks."""
    plain = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    escaped = plain.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'

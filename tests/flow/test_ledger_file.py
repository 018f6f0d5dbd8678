"""The books as a file: Beancount itself proves a lively year, to the last penny, and nobody is in it by name."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from datetime import date
from decimal import Decimal

import pytest
from beancount import loader
from beancount.core.data import Transaction
from sqlalchemy import select

from grants.domain.errors import Refusal
from grants.domain.journals import KINDS
from grants.exports import beancount
from grants.flow import ledger_file
from grants.flow.ledger_file import ALL, Form, Span
from grants.ledger import accounts
from grants.model.books import Account, Journal
from tests.lively import LAST, ODD_NAME, live
from tests.paying import Charity


def written(charity: Charity, form: Form, span: Span = ALL) -> str:
    with charity.desk() as desk:
        ledger_file.snapshot(desk)
        return b"".join(ledger_file.write(desk, form, span)).decode()


def proved(text: str) -> tuple[Counter[str], list[str]]:
    """Returns what each account holds by Beancount’s own reading, in pence, and what it finds wrong."""
    entries, errors, _ = loader.load_string(text)
    held: Counter[str] = Counter()
    for entry in entries:
        if isinstance(entry, Transaction):
            for posting in entry.postings:
                held[posting.account] += int(posting.units.number * 100)
    return held, [error.message for error in errors]


def test_beancount_proves_a_lively_year_and_its_balances_are_ours(by_hand: Charity) -> None:
    live(by_hand)
    assert [finding for finding in by_hand.findings() if not finding.startswith("W")] == []
    text = written(by_hand, "beancount")
    held, errors = proved(text)
    assert errors == []
    with by_hand.desk() as desk:
        ours = dict(desk.session.execute(select(Account.name, Account.balance)).all())
        kinds = set(desk.session.scalars(select(Journal.kind)))
        references = set(re.findall(r"\^(\S+)", text))
    assert {beancount.account(name): balance for name, balance in ours.items()} == dict(held)
    assert kinds >= {"J0", "J1", "J3m", "J6m", "J8", "J9", "J9b", "J10", "J11", "J13", "J14", "JF1", "JF3"}
    assert kinds <= set(KINDS), "every kind of posting has its words"
    assert text.count(" balance ") == len(ours), "every account is asserted"
    assert references == {grant for grant in references if grant.startswith("G")}
    assert ODD_NAME.replace("\\", "\\\\").replace('"', '\\"') in text
    for word in ("Ada", "Lovell", "example.org", "THANK YOU", "brought it back", "HARBOUR"):
        assert word not in text
        assert word not in written(by_hand, "csv")


def test_a_part_of_the_books_is_proved_as_well(by_hand: Charity) -> None:
    live(by_hand)
    for span in (Span(date(2027, 4, 1)), Span(until=LAST), Span(date(2026, 12, 1), LAST), Span(date(2030, 1, 1))):
        _, errors = proved(written(by_hand, "beancount", span))
        assert errors == [], span
    whole, _ = proved(written(by_hand, "beancount"))
    later, _ = proved(written(by_hand, "beancount", Span(date(2027, 4, 1))))
    assert later == whole, "what was brought forward and what came later make the whole"
    with pytest.raises(Refusal, match="The last day is before the first"):
        Span(date(2027, 4, 1), LAST)


def test_one_penny_moved_or_one_line_flipped_is_found(by_hand: Charity) -> None:
    by_hand.award(80_00)
    text = written(by_hand, "beancount")
    assert proved(text)[1] == []
    line = re.search(r"  Liabilities:Owed:G1 -80\.00 GBP\n", text)
    assert line is not None
    for changed in ("80.00", "-80.01"):
        assert proved(text.replace(line[0], f"  Liabilities:Owed:G1 {changed} GBP\n"))[1] != []
    both = text.replace("-80.00 GBP\n", "-80.01 GBP\n", 1).replace(" 80.00 GBP\n", " 80.01 GBP\n", 1)
    assert any("Balance failed" in error for error in proved(both)[1]), "even where the transaction balances"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_table_has_the_same_lines_and_adds_up(by_hand: Charity) -> None:
    live(by_hand)
    sums: Counter[str] = Counter()
    held: Counter[str] = Counter()
    rows = list(csv.DictReader(io.StringIO(written(by_hand, "csv"), newline="")))
    for row in rows:
        assert re.fullmatch(r"(\d+\.\d\d)?", row["debit"]), "two decimals, and no formula"
        pence = int((Decimal(row["debit"] or 0) - Decimal(row["credit"] or 0)) * 100)
        sums[row["journal"]] += pence
        held[beancount.account(row["account"])] += pence
    assert not any(sums.values())
    assert held == proved(written(by_hand, "beancount"))[0]
    award = next(row for row in rows if row["kind"] == "J1")
    assert (award["what"], award["fund"]) == ("Award", "Hardship")
    assert award["grant"].startswith("G")


def test_every_account_has_a_name_that_beancount_takes() -> None:
    plain = (accounts.BANK, accounts.PSP, accounts.CASH, accounts.VOUCHERS, accounts.OVERPAID, accounts.SUSPENSE)
    numbered = (accounts.fund, accounts.payable, accounts.in_flight, accounts.cash_float)
    names = [*plain, accounts.FEES, accounts.LOSS, *(make(7) for make in numbered)]
    assert all(re.fullmatch(r"[A-Z][A-Za-z]+(:[A-Z0-9][A-Za-z0-9-]*)+", beancount.account(name)) for name in names)
    assert len({beancount.account(name) for name in names}) == len(names)

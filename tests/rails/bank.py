"""A bank that reads files by their positions, and an account to write them from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from grants.config import Settings
from grants.domain.money import Money
from grants.offers import Order, Outcome
from grants.rails.bankfile import BankFileRail
from grants.testing import Carried

BANK_SETTINGS = {
    "bankfile_sort_code": "108800",
    "bankfile_account": "00012345",
    "bankfile_name": "Harbour Trust",
    "bankfile_user_number": "123456",
}


def bank_settings(settings: Settings) -> Settings:
    """Settings with an account for bank files."""
    return replace(settings, **BANK_SETTINGS)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Paid:
    """One payment as the bank reads it from a file."""

    sort_code: str
    account: str
    pence: int
    reference: str
    name: str


class ReadingBank:
    """A bank that reads Standard 18."""

    def read(self, data: bytes) -> list[Carried]:
        """Every payment in the file."""
        return [
            Carried(each.reference, Money(each.pence), each.sort_code, each.account) for each in read_standard18(data)
        ]


class ReusesReferences(BankFileRail):
    """Wrong: every payment carries the first one’s reference."""

    def file(self, orders: Sequence[Order], number: int, made_on: date) -> bytes:
        same = [self._as(order, reference=orders[0].reference) for order in orders]
        return super().file(same, number, made_on)

    def _as(self, order: Order, **changed: Any) -> Order:
        other = replace(order, **changed)
        return replace(other, body=self.body(other))


class PaysAPennyMore(ReusesReferences):
    """Wrong: the last payment is a penny more."""

    def file(self, orders: Sequence[Order], number: int, made_on: date) -> bytes:
        more = Money(orders[-1].amount.amount + 1)
        return BankFileRail.file(self, [*orders[:-1], self._as(orders[-1], amount=more)], number, made_on)


class ForgetsOne(BankFileRail):
    """Wrong: the last payment of a longer file is left out."""

    def file(self, orders: Sequence[Order], number: int, made_on: date) -> bytes:
        return super().file(orders[:-1] or orders, number, made_on)


class PaysAnother(ReusesReferences):
    """Wrong: everybody’s money goes to one account."""

    def file(self, orders: Sequence[Order], number: int, made_on: date) -> bytes:
        to = replace(orders[0].payee, account_number="99999999")
        return BankFileRail.file(self, [self._as(order, payee=to) for order in orders], number, made_on)


class ChangesWhenReadAgain(BankFileRail):
    """Wrong: the second file of the same payments is another one."""

    times = 0

    def file(self, orders: Sequence[Order], number: int, made_on: date) -> bytes:
        type(self).times += 1
        return super().file(orders, number, made_on + timedelta(days=self.times % 2))


class FreezesNothing(BankFileRail):
    """Wrong: what is frozen is the same whatever is paid."""

    def body(self, order: Order) -> str:
        return "pay"


class SaysPaid(BankFileRail):
    """Wrong: it claims that the money went."""

    def send(self, order: Order, key: str) -> Outcome:
        return Outcome(state="accepted", reference="x")


WRONG_FILES = {
    ReusesReferences: "a reference is used for more than one payment",
    PaysAPennyMore: "in place of",
    ForgetsOne: "4 payments in the file in place of 5",
    PaysAnother: "to another account",
    ChangesWhenReadAgain: "not the same when it is made again",
    FreezesNothing: "are part of what is frozen",
    SaysPaid: "send says put_back, not accepted",
}
"""Bank files that are wrong on purpose, with what catches each."""


def read_standard18(data: bytes) -> list[Paid]:
    """Reads a file by positions alone, as the bank does, and refuses one whose sums do not agree."""
    lines = data.decode("ascii").split("\r\n")
    assert lines.pop() == ""
    assert [line[:4] for line in lines[:4]] == ["VOL1", "HDR1", "HDR2", "UHL1"]
    assert [line[:4] for line in lines[-3:]] == ["EOF1", "EOF2", "UTL1"]
    assert {len(line) for line in (*lines[:4], *lines[-3:])} == {80}
    records = lines[4:-3]
    assert {len(line) for line in records} == {100}
    *payments, contra = records
    assert {line[15:17] for line in payments} == {"99"}
    assert contra[15:17] == "17"
    found = [
        Paid(line[:6], line[6:14], int(line[35:46]), line[64:82].rstrip(), line[82:].rstrip()) for line in payments
    ]
    total = sum(each.pence for each in found)
    assert int(contra[35:46]) == total
    assert (int(lines[-1][4:17]), int(lines[-1][17:30])) == (total, total)
    assert (int(lines[-1][30:37]), int(lines[-1][37:44])) == (1, len(payments))
    return found

"""Checks of rails that people carry: by hand, or as a file for the bank, where the bank’s own reading is the oracle."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Protocol

from grants.domain.money import Money
from grants.offers import FileRail, Order, Payee, Rail

MADE_ON = date(2026, 11, 23)

SEVERAL = 5
"""How many payments are in a file."""


@dataclass(frozen=True, slots=True)
class Carried:
    """One payment as the bank reads it from a file: our reference, how much, and to which account."""

    reference: str
    amount: Money
    sort_code: str
    account_number: str


class Bank(Protocol):
    """A bank that reads files by its own means; it raises whatever it likes for a file that it would refuse."""

    def read(self, data: bytes) -> Sequence[Carried]:
        """Returns every payment that this file would make."""


def check_by_hand(make_rail: Callable[[], Rail], payee: Payee, amount: Money) -> None:
    """Raises AssertionError when a rail that people carry says that it did anything by itself, or knows how it went."""
    rail = make_rail()
    order = replace(_order(payee, amount, 1), body="")
    order = replace(order, body=rail.body(order))
    _says_nothing(rail, order)
    assert list(rail.since(datetime.now(UTC) - timedelta(days=1))) == [], "no provider holds anything of it"


def check_file(make_rail: Callable[[], FileRail], bank: Bank, payee: Payee, amount: Money) -> None:
    """Raises AssertionError when a file is not what was ordered, to the letter, or is not the same read again."""
    rail = make_rail()
    orders = _frozen(rail, payee, amount)
    _says_nothing(rail, orders[0])
    _check_frozen(rail, orders[0])
    data = rail.file(orders, 7, MADE_ON)
    assert isinstance(data, bytes), f"file returns bytes, not {type(data).__name__}"
    assert data == make_rail().file(orders, 7, MADE_ON), "the file is not the same when it is made again"
    assert data == rail.file(orders, 7, MADE_ON), "the file is not the same when it is made again"
    _compare(bank, data, orders)
    _compare(bank, rail.file(orders[:1], 8, MADE_ON), orders[:1])
    assert rail.total_reference(7) != rail.total_reference(8), "two files have two references on our statement"
    assert rail.filename(7) != rail.filename(8), "two files have two names"
    assert rail.pay_on(MADE_ON) >= MADE_ON, "money does not arrive before its file is made"
    named = f"{rail.filename(7)} {rail.total_reference(7)}"
    assert payee.account_number not in named, "no account number in a name or a reference"


def _compare(bank: Bank, data: bytes, orders: Sequence[Order]) -> None:
    """Holds what the bank reads against what was ordered."""
    found = bank.read(data)
    assert len(found) == len(orders), f"{len(found)} payments in the file in place of {len(orders)}"
    references = [each.reference for each in found]
    assert len(set(references)) == len(references), "a reference is used for more than one payment"
    for each, order in zip(found, orders, strict=True):
        assert each.reference == order.reference, f"the reference {each.reference} in place of {order.reference}"
        assert each.amount == order.amount, f"{each.amount} in place of {order.amount}"
        where = (order.payee.sort_code, order.payee.account_number)
        assert (each.sort_code, each.account_number) == where, "to another account than the payee’s"


def _frozen(rail: FileRail, payee: Payee, amount: Money) -> list[Order]:
    orders = [_order(payee, Money(amount.amount + place, amount.currency), place) for place in range(SEVERAL)]
    made = [replace(order, body=rail.body(order)) for order in orders]
    assert [order.body for order in made] == [rail.body(order) for order in orders], "body is pure"
    return made


def _check_frozen(rail: FileRail, order: Order) -> None:
    """Sees that what is frozen tells nothing of the payee, and is another one as soon as anything is another."""
    body, payee = order.body, order.payee
    assert payee.account_number not in body, "no account number in a frozen request"
    assert payee.name not in body, "no name in a frozen request"
    others = (
        replace(order, amount=Money(order.amount.amount + 1, order.amount.currency)),
        replace(order, reference=f"{order.reference[:-1]}Z"),
        replace(order, payee=replace(payee, account_number="00000001")),
    )
    for other in others:
        assert rail.body(other) != body, "the amount, the reference and the account are part of what is frozen"


def _says_nothing(rail: Rail, order: Order) -> None:
    """Sees that a rail which people carry neither claims to have paid nor to know that it did not."""
    sent = rail.send(order, "a key")
    assert sent.state == "put_back", f"nothing is sent by itself, so send says put_back, not {sent.state}"
    for outcome in (rail.check(order, "a key"), rail.check(order, "a key", "a reference"), rail.cancel("a reference")):
        assert outcome.state == "unknown", f"only people know, so it is unknown, not {outcome.state}"


def _order(payee: Payee, amount: Money, place: int) -> Order:
    batch = secrets.token_hex(2).upper()
    return Order(number=f"CHECK{batch}-{place}", payee=payee, amount=amount, reference=f"REF {batch}{place}")

"""Checks that a rail keeps money: never twice, never lost, and never a guess in place of “we do not know”.

The oracle is the provider's own record of what truly went out, never what the rail says of itself.
"""

from __future__ import annotations

import hashlib
import itertools
import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Literal, Protocol, cast

from grants.domain.money import Money
from grants.offers import FileRail, Order, Outcome, Payee, Rail, Ready
from grants.testing.carried import Bank, check_by_hand, check_file
from grants.testing.messages import check_messages

Trouble = Literal["answer_lost", "never_arrived", "broken_after", "broken_before", "busy", "too_many", "refused"]

TROUBLES: dict[Trouble, str] = {
    "answer_lost": "it went out, and the answer was lost on the way back",
    "never_arrived": "the connection broke before anything happened",
    "broken_after": "it went out, and the provider answered that it was broken (500)",
    "broken_before": "the provider answered that it was broken (500), and nothing went out",
    "busy": "the provider answered that the same request is under way (409)",
    "too_many": "the provider turned the request away unread (429)",
    "refused": "the provider refused it for good: no money moved",
}
"""What a provider can do to one request; each is tried."""

SMALL = Money(1_00)
PAID = ("accepted", "settled", "returned")
OVER = (*PAID, "failed", "cancelled")
TRIES = 8


@dataclass(frozen=True, slots=True)
class Executed:
    """One payment that truly went out: our number and key as the provider saw them."""

    number: str
    key: str
    amount: Money


class Provider(Protocol):
    """A provider that can be told to make trouble, with its own record of what went out."""

    def executed(self) -> Sequence[Executed]:
        """Returns every payment that truly went out."""

    def trouble(self, kind: Trouble) -> None:
        """Makes the next request to pay go wrong in this way."""

    def calm(self) -> None:
        """Ends all trouble."""


def check_rail(make_rail: Callable[[], Rail], provider: Provider | Bank, payee: Payee, amount: Money = SMALL) -> None:
    """Runs a rail through every trouble and raises AssertionError, in plain words, at the first broken promise.

    ``make_rail`` returns a fresh rail, as after a restart: nothing may live in its memory alone. ``payee``
    is one whom the provider can pay. The provider of a rail that reads messages is a ``Sender`` too. A ``FileRail`` is
    checked against a ``Bank``, which reads its files; of a rail that people carry by hand it is checked that it claims
    nothing.
    """
    rail = make_rail()
    _check_offer(rail, payee)
    check_messages(rail, provider)
    if isinstance(rail, FileRail):
        assert not hasattr(provider, "executed"), "a rail that is a file is checked against a Bank, which reads it"
        check_file(cast(Callable[[], FileRail], make_rail), provider, payee, amount)
        return
    provider = cast(Provider, provider)
    if not rail.automatic:
        check_by_hand(make_rail, payee, amount)
        assert not provider.executed(), "a rail that people carry sent something by itself"
        return
    orders = _orders(rail, payee, amount)
    _check_calm(make_rail, provider, next(orders))
    for kind in TROUBLES:
        _check_trouble(make_rail, provider, next(orders), kind)
    _check_absent(make_rail(), provider, next(orders))


def carry(make_rail: Callable[[], Rail], order: Order, key: str) -> Outcome:
    """Carries an order to its end as the flow does: sent, looked up while unknown, sent again only when put back."""
    outcome = make_rail().send(order, key)
    asked = replace(order, sent_at=datetime.now(UTC), replay=True)
    for _ in range(TRIES):
        assert isinstance(outcome, Outcome), f"send and check return an Outcome, not {type(outcome).__name__}"
        if outcome.state in OVER:
            return outcome
        if outcome.state == "put_back":
            outcome = make_rail().send(order, key)
        else:
            outcome = make_rail().check(asked, key, outcome.reference)
            outcome = replace(outcome, state="unknown") if outcome.state == "put_back" else outcome
    return outcome


def key_for(order: Order) -> str:
    """Returns a key for an order, always the same one."""
    return hashlib.sha256(order.number.encode()).hexdigest()[:40]


def _check_offer(rail: Rail, payee: Payee) -> None:
    assert rail.slug, "a rail has a slug"
    assert rail.title, "a rail has a title"
    ready = rail.ready(payee)
    assert isinstance(ready, Ready), f"ready returns Ready, not {type(ready).__name__}"
    assert not ready.problem, f"this payee should be one who can be paid: {ready.problem}"


def _check_calm(make_rail: Callable[[], Rail], provider: Provider, order: Order) -> None:
    rail, key = make_rail(), key_for(order)
    outcome = carry(make_rail, order, key)
    _compare(provider, order, outcome, "with no trouble at all")
    assert outcome.state in PAID, f"a payment without any trouble ended as {outcome.state} ({outcome.code})"
    assert outcome.reference, "what was accepted has the provider's reference"
    again = make_rail().check(order, key, outcome.reference)
    assert again.reference == outcome.reference, "looking up by reference finds the same payment"
    late = replace(order, sent_at=datetime.now(UTC), replay=False)
    found = make_rail().check(late, key)
    assert found.reference == outcome.reference, "with the key too old, the payment is still found, by our number"
    held = [each for each in rail.since(datetime.now(UTC) - timedelta(days=1)) if each.number == order.number]
    assert len(held) == 1, f"since() shows each payment once under our number, not {len(held)} times"
    _compare(provider, order, outcome, "after looking it up")


def _check_trouble(make_rail: Callable[[], Rail], provider: Provider, order: Order, kind: Trouble) -> None:
    provider.trouble(kind)
    try:
        outcome = carry(make_rail, order, key_for(order))
    finally:
        provider.calm()
    if outcome.state == "unknown":
        outcome = carry(make_rail, order, key_for(order))
    _compare(provider, order, outcome, f"when {TROUBLES[kind]}")
    if kind == "refused":
        assert outcome.state == "failed", f"a refusal for good is failed, not {outcome.state}"
    else:
        assert outcome.state in PAID, f"when {TROUBLES[kind]}, it ended as {outcome.state} ({outcome.code})"


def _check_absent(rail: Rail, provider: Provider, order: Order) -> None:
    asked = replace(order, sent_at=datetime.now(UTC), replay=False)
    outcome = rail.check(asked, key_for(order))
    assert outcome.state == "unknown", (
        f"what the provider does not hold, with the key too old, is unknown, not {outcome.state}"
    )
    _compare(provider, order, outcome, "when it was never sent")


def _compare(provider: Provider, order: Order, outcome: Outcome, when: str) -> None:
    """Holds what the rail says against what truly went out."""
    gone = [each for each in provider.executed() if each.number == order.number]
    assert len(gone) <= 1, f"paid {len(gone)} times {when}"
    for each in gone:
        assert each.key == key_for(order), f"sent under another key than its own {when}"
        assert each.amount == order.amount, f"sent {each.amount} in place of {order.amount} {when}"
    says_paid = outcome.state in PAID
    assert says_paid or outcome.state == "unknown" or not gone, f"it went out, but the rail says {outcome.state} {when}"
    assert not says_paid or gone, f"the rail says {outcome.state}, but nothing went out {when}"
    assert outcome.amount in (None, order.amount), f"the rail reports {outcome.amount} {when}"


def _orders(rail: Rail, payee: Payee, amount: Money) -> Iterator[Order]:
    batch, token = secrets.token_hex(4).upper(), payee.token
    for count in itertools.count(1):
        number = f"CHECK{batch}{count}-1"
        ready = rail.ready(replace(payee, token=token, order=number))
        assert not ready.problem, f"a payee who could be paid cannot be paid again: {ready.problem}"
        token = ready.token
        order = Order(number=number, payee=replace(payee, token=token), amount=amount, reference=f"REF {batch}{count}")
        body = rail.body(order)
        assert body == rail.body(order), "body is pure: the same order gives the same request"
        assert payee.account_number not in body or not payee.account_number, "no account number in a frozen request"
        assert isinstance(body, str), "body returns a text"
        yield replace(order, body=body)

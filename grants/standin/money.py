"""The charity's own money at the provider: one financial account with its balances, and money coming in."""

from __future__ import annotations

from grants.standin.events import record
from grants.standin.refusals import Json, definite
from grants.standin.store import Filter
from grants.standin.world import FINANCIAL_ACCOUNT, MONEY, Request, World, new_id

KIND = f"{MONEY}financial_account"
CREDIT = f"{MONEY}received_credit"
_PARTS = ("available", "inbound_pending", "outbound_pending")


def open_account(world: World, opening: int) -> None:
    """Makes the financial account with an opening balance (minor units) unless it is there already."""
    with world.store.turn():
        if world.store.get(KIND, FINANCIAL_ACCOUNT) is None:
            _make(world)
            if opening:
                money_in(world, opening)


def _make(world: World) -> None:
    account: Json = {
        "id": FINANCIAL_ACCOUNT,
        "object": KIND,
        "balance": {part: {} for part in _PARTS},
        "country": str(world.setting("country")),
        "created": world.stamp(),
        "display_name": "Grants",
        "livemode": False,
        "metadata": {},
        "other": None,
        "status": "open",
        "storage": {"holds_currencies": [world.setting("currency")], "deposit_insurance_eligibility": None},
        "type": "storage",
    }
    world.store.put(account, status="open")


def retrieve(world: World, request: Request) -> Json:
    """Returns a financial account with its balances."""
    return world.need(KIND, request.ids[0])


def move(world: World, ident: str, currency: str, **changes: int) -> Json:
    """Adds (or takes, if negative) minor units to the named balances; raises InsufficientFunds below zero."""
    account = world.need(KIND, ident)
    for part, change in changes.items():
        purse = account["balance"][part].setdefault(currency, {"value": 0, "currency": currency})
        purse["value"] += change
        if purse["value"] < 0:
            raise definite("insufficient_funds")
    return world.store.put(account, status=account["status"])


def money_in(world: World, amount: int, currency: str = "", ident: str = FINANCIAL_ACCOUNT) -> Json:
    """Credits money to the financial account (minor units) and returns the received credit."""
    coin = (currency or str(world.setting("currency"))).lower()
    with world.store.turn():
        move(world, ident, coin, available=amount)
        credit: Json = {
            "id": new_id("rcvdcr"),
            "object": CREDIT,
            "amount": {"value": amount, "currency": coin},
            "created": world.stamp(),
            "description": "Money in",
            "financial_account": ident,
            "livemode": False,
            "returned_at": None,
            "status": "succeeded",
            "status_details": None,
            "type": "bank_transfer",
        }
        world.store.put(credit, owner=ident, status="succeeded")
        record(world, f"{CREDIT}.available", credit, None)
        record(world, f"{KIND}.updated", world.need(KIND, ident), None)
    return credit


def balance(world: World) -> Json:
    """Returns the balances of every financial account in minor units, by id, part and currency."""
    found = world.store.find(KIND, Filter(limit=100))
    return {
        account["id"]: {
            part: {name: each["value"] for name, each in account["balance"][part].items()} for part in _PARTS
        }
        for _, account in found
    }

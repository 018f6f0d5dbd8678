"""Outbound payments: made once, then posted, failed, returned or cancelled, each with its money moved."""

from __future__ import annotations

import re
from datetime import timedelta

from grants.standin import payees
from grants.standin.accounts import KIND as ACCOUNT
from grants.standin.accounts import can_receive
from grants.standin.events import record
from grants.standin.money import KIND as PURSE
from grants.standin.money import move
from grants.standin.refusals import Json, bad_field, definite
from grants.standin.store import Filter
from grants.standin.world import MONEY, Request, World, created_filter, new_id, stamp

KIND = f"{MONEY}outbound_payment"
STEPS: dict[str, tuple[tuple[str, ...], str, dict[str, int]]] = {
    "post": (("processing",), "posted", {"outbound_pending": -1}),
    "fail": (("processing",), "failed", {"outbound_pending": -1, "available": 1}),
    "cancel": (("processing",), "canceled", {"outbound_pending": -1, "available": 1}),
    "return": (("posted",), "returned", {"available": 1}),
}
"""For each step: from which states, to which, and how the balances change (times the amount)."""
_DESCRIPTOR = re.compile(r"[ -~]{3,22}")


def create(world: World, request: Request) -> Json:
    """Executes a payment, or refuses it and says why; the only place that records an execution."""
    given = request.params
    _check_amount(given)
    account = world.need(ACCOUNT, given["to"]["recipient"])
    method = _method(world, account, given["to"])
    payment = _payment(world, given, account, method)
    _verify(world, payment, method, request)
    source, coin = given["from"]["financial_account"], payment["amount"]["currency"]
    if world.need(PURSE, source)["status"] != "open":
        raise definite("financial_account_not_open")
    amount = payment["amount"]["value"]
    move(world, source, coin, available=-amount, outbound_pending=amount)
    _save(world, payment)
    world.store.execute(_execution(payment, request))
    record(world, f"{KIND}.created", payment, request)
    return payment


def retrieve(world: World, request: Request) -> Json:
    """Returns a payment; in the `retrieve` mode it first takes its next step."""
    payment = world.need(KIND, request.ids[0])
    if world.setting("settle") == "retrieve":
        payment = _next_step(world, payment)
    return payment


def cancel(world: World, request: Request) -> Json:
    """Cancels a payment that is still processing; refuses any other."""
    payment = world.need(KIND, request.ids[0])
    if payment["status"] == "canceled":
        raise definite("already_canceled")
    if payment["status"] != "processing":
        raise definite("not_cancelable", f"A payment that is {payment['status']} can no longer be cancelled.")
    return step(world, payment, "cancel", request=request)


def step(world: World, payment: Json, name: str, reason: str = "", request: Request | None = None) -> Json:
    """Takes a payment one step (see STEPS) and moves its money; refuses if the state does not allow it."""
    sources, target, changes = STEPS[name]
    if payment["status"] not in sources:
        raise definite("cannot_proceed", f"A payment that is {payment['status']} cannot become {target}.")
    value, coin = payment["amount"]["value"], payment["amount"]["currency"]
    with world.store.turn():
        source = payment["from"]["financial_account"]
        move(world, source, coin, **{part: sign * value for part, sign in changes.items()})
        payment["status"] = target
        payment["cancelable"] = False
        payment["status_transitions"][f"{target}_at"] = world.stamp()
        payment["status_details"] = None
        if target in ("failed", "returned"):
            payment["status_details"] = {target: {"reason": reason or "unknown_failure"}}
            payment["expected_arrival_date"] = None
        _save(world, payment)
        record(world, f"{KIND}.{target}", payment, request)
    return payment


def review(world: World, payment: Json) -> Json:
    """Puts a processing payment under review: it stays processing, with the reason."""
    if payment["status"] != "processing":
        raise definite("cannot_proceed", f"A payment that is {payment['status']} cannot go under review.")
    payment["status_details"] = {"processing": {"reason": "under_review"}}
    with world.store.turn():
        _save(world, payment)
        record(world, f"{KIND}.under_review", payment, None)
    return payment


def settle_due(world: World) -> None:
    """Takes the next step of every payment whose time has come, in the `after` mode."""
    if world.setting("settle") != "after":
        return
    wait = timedelta(seconds=float(str(world.setting("settle_after"))))
    due = stamp(world.now() - wait)
    with world.store.turn():
        for _, payment in world.store.find(KIND, Filter(statuses=["processing"], since=[("<=", due)], limit=500)):
            _next_step(world, payment)
        for ident in world.store.setting("to_return", []):
            payment = world.need(KIND, ident)
            if payment["status"] != "posted" or payment["status_transitions"]["posted_at"] <= due:
                _next_step(world, payment)


def find(world: World, request: Request) -> list[tuple[int, Json]]:
    """Returns one page of payments and one more, newest first, by the filters that the SDK knows."""
    given = request.params
    return world.store.find(
        KIND,
        Filter(
            owner=given.get("recipient"),
            statuses=given.get("status", ()),
            since=created_filter(given),
            before=request.page,
            limit=given.get("limit", 20) + 1,
        ),
    )


def _next_step(world: World, payment: Json) -> Json:
    rule = world.payee(payment["_account_number"])
    outcome, reason = rule.get("outcome", "posted"), rule.get("reason", "")
    waiting: list[str] = world.store.setting("to_return", [])
    if payment["status"] == "processing":
        if outcome == "failed":
            return step(world, payment, "fail", reason)
        if outcome == "returned":
            world.store.set("to_return", [*waiting, payment["id"]])
        return step(world, payment, "post")
    if payment["id"] in waiting:
        world.store.set("to_return", [each for each in waiting if each != payment["id"]])
        if payment["status"] == "posted":
            return step(world, payment, "return", reason or "payout_method_closed")
    return payment


def _check_amount(given: Json) -> None:
    amount, source = given["amount"], given["from"]
    if amount["value"] <= 0:
        raise bad_field("amount.value", "The amount must be more than zero.")
    for where, coin in (("amount", amount), ("from", source)):
        if not re.fullmatch("[a-z]{3}", coin["currency"]):
            raise bad_field(f"{where}.currency", "A currency is three lower-case letters.")
    if not amount["currency"] == source["currency"] == given["to"].get("currency", source["currency"]):
        raise bad_field("to.currency", "This stand-in does not change money from one currency to another.")
    descriptor = given.get("statement_descriptor", "STRIPE")
    if not _DESCRIPTOR.fullmatch(descriptor):
        raise bad_field("statement_descriptor", "The statement descriptor must be 3 to 22 plain characters.")
    data = given.get("metadata", {})
    if len(data) > 50 or any(len(name) > 40 or len(value) > 500 for name, value in data.items()):
        raise bad_field("metadata", "Metadata is at most 50 names of 40 characters with values of 500.")


def _method(world: World, account: Json, to: Json) -> Json:
    if not can_receive(account):
        raise definite("capability_not_enabled", "The recipient's bank account capability is not active.")
    if "payout_method" not in to:
        raise bad_field("to.payout_method", "Missing required parameter: to.payout_method.")
    method = world.store.get(payees.METHOD, to["payout_method"])
    if method is None or method["_owner"] != account["id"]:
        raise definite("invalid_payout_method", "There is no such payout method for this recipient.")
    if method["archived"] or method["restricted"] or method["usage_status"]["payments"] != "eligible":
        raise definite("invalid_payout_method")
    return method


def _verify(world: World, payment: Json, method: Json, request: Request) -> None:
    ident = payment["recipient_verification"]
    if ident is not None:
        payees.consume(world, ident, payment["to"]["recipient"], method["id"], payment["id"], request)
    elif world.setting("require_verification") and method["bank_account"]["country"] == "GB":
        raise bad_field("recipient_verification", "A payment to a British account needs a recipient verification.")


def _payment(world: World, given: Json, account: Json, method: Json) -> Json:
    notification = given.get("recipient_notification", {"setting": "configured"})
    if notification["setting"] == "configured" and not account["contact_email"]:
        raise definite("recipient_not_notifiable")
    amount = dict(given["amount"])
    return {
        "id": new_id("obp"),
        "object": KIND,
        "amount": amount,
        "cancelable": True,
        "created": world.stamp(),
        "description": given.get("description"),
        "expected_arrival_date": stamp(world.now() + timedelta(days=1)),
        "from": {"debited": amount, "financial_account": given["from"]["financial_account"]},
        "livemode": False,
        "metadata": given.get("metadata", {}),
        "payout_intent": None,
        "recipient_notification": notification,
        "recipient_verification": given.get("recipient_verification"),
        "statement_descriptor": given.get("statement_descriptor", "STRIPE"),
        "status": "processing",
        "status_details": None,
        "status_transitions": dict.fromkeys(("canceled_at", "failed_at", "posted_at", "returned_at")),
        "to": {
            "credited": amount,
            "payout_method": method["id"],
            "payout_method_options": given["to"].get("payout_method_options"),
            "recipient": account["id"],
        },
        "tracking_details": None,
        "_account_number": method["_account_number"],
    }


def _save(world: World, payment: Json) -> None:
    world.store.put(payment, owner=payment["to"]["recipient"], status=payment["status"])


def _execution(payment: Json, request: Request) -> Json:
    return {
        "id": payment["id"],
        "key": request.key,
        "amount": payment["amount"]["value"],
        "currency": payment["amount"]["currency"],
        "recipient": payment["to"]["recipient"],
        "payout_method": payment["to"]["payout_method"],
        "metadata": payment["metadata"],
        "at": payment["created"],
    }

"""How a recipient is paid and whether the name fits: setup intents, payout methods, verifications."""

from __future__ import annotations

from grants.standin.accounts import KIND as ACCOUNT
from grants.standin.events import record
from grants.standin.refusals import Json, bad_field, definite
from grants.standin.world import MONEY, Request, World, bare, new_id

INTENT = f"{MONEY}outbound_setup_intent"
METHOD = f"{MONEY}payout_method"
VERIFICATION = f"{MONEY}recipient_verification"
MATCHES = ("match", "close_match", "no_match", "unavailable")
USAGES = ("eligible", "disabled", "ineligible", "invalid", "requires_action")
_WORDS = {
    "match": "The name matches the name on the account.",
    "close_match": "The name is close to the name on the account.",
    "no_match": "The name does not match the name on the account.",
    "unavailable": "The name could not be checked.",
}


def create_intent(world: World, request: Request) -> Json:
    """Makes a payout method for the account in the Stripe-Context header, and the intent around it."""
    if request.context:
        world.need(ACCOUNT, request.context)
    method = _method(world, request)
    intent: Json = {
        "id": new_id("osi"),
        "object": INTENT,
        "created": world.stamp(),
        "livemode": False,
        "payout_method": method["id"],
        "status": "succeeded" if method["usage_status"]["payments"] == "eligible" else "requires_action",
        "usage_intent": request.params.get("usage_intent", "payment"),
        "_owner": request.context,
    }
    method["latest_outbound_setup_intent"] = intent["id"]
    world.store.put(method, owner=request.context, status=method["usage_status"]["payments"])
    return world.store.put(intent, owner=request.context, status=intent["status"])


def retrieve_intent(world: World, request: Request) -> Json:
    """Returns a setup intent of the account in context."""
    return world.need(INTENT, request.ids[0], request.context)


def show_intent(world: World, intent: Json) -> Json:
    """Returns a setup intent with its payout method inside, as the API shows it."""
    return bare(intent) | {"payout_method": bare(world.need(METHOD, intent["payout_method"]))}


def retrieve_method(world: World, request: Request) -> Json:
    """Returns a payout method of the account in context."""
    return world.need(METHOD, request.ids[0], request.context)


def create_verification(world: World, request: Request) -> Json:
    """Checks the recipient's name against the account (Confirmation of Payee), as arranged for its number."""
    account = world.need(ACCOUNT, request.params.get("recipient", request.context))
    method = world.need(METHOD, request.params["payout_method"], account["id"])
    rule = world.payee(method["_account_number"])
    result = rule.get("match_result", "match")
    name = _name(account)
    known = rule.get("matched_name", name) if result in ("match", "close_match") else None
    verification: Json = {
        "id": new_id("rcptvf"),
        "object": VERIFICATION,
        "consumed_by": None,
        "created": world.stamp(),
        "expires_at": None,
        "livemode": False,
        "match_result": result,
        "match_result_details": {
            "matched_business_type": "personal",
            "matched_name": known,
            "message": _WORDS[result],
            "provided_business_type": "personal",
            "provided_name": name,
        },
        "payout_method": method["id"],
        "recipient": account["id"],
        "status": "verified" if result == "match" else "awaiting_acknowledgement",
        "status_transitions": {"acknowledged_at": None, "consumed_at": None},
        "verification_type": "confirmation_of_payee",
    }
    _keep(world, verification, "created", request)
    return verification


def retrieve_verification(world: World, request: Request) -> Json:
    """Returns a recipient verification."""
    return world.need(VERIFICATION, request.ids[0])


def acknowledge(world: World, request: Request) -> Json:
    """Marks a verification without a match as seen and accepted by the sender."""
    verification = world.need(VERIFICATION, request.ids[0])
    if verification["status"] != "awaiting_acknowledgement":
        raise definite("cannot_proceed", f"A verification that is {verification['status']} needs no acknowledgement.")
    verification["status"] = "acknowledged"
    verification["status_transitions"]["acknowledged_at"] = world.stamp()
    _keep(world, verification, "updated", request)
    return verification


def consume(world: World, ident: str, account: str, method: str, payment: str, request: Request) -> None:
    """Uses up a verification for one payment; refuses one that is unfit, unacknowledged or used."""
    verification = world.need(VERIFICATION, ident)
    if (verification["recipient"], verification["payout_method"]) != (account, method):
        raise bad_field("recipient_verification", "The verification is for another recipient or payout method.")
    if verification["status"] not in ("verified", "acknowledged"):
        raise definite("cannot_proceed", f"The recipient verification is {verification['status']}.")
    verification["status"] = "consumed"
    verification["consumed_by"] = {"type": "outbound_payment", "outbound_payment": payment}
    verification["status_transitions"]["consumed_at"] = world.stamp()
    _keep(world, verification, "updated", request)


def _keep(world: World, verification: Json, what: str, request: Request) -> None:
    world.store.put(verification, owner=verification["recipient"], status=verification["status"])
    record(world, f"{VERIFICATION}.{what}", verification, request)


def _method(world: World, request: Request) -> Json:
    if "payout_method" in request.params:
        return world.need(METHOD, request.params["payout_method"], request.context)
    data = request.params.get("payout_method_data") or {}
    bank = data.get("bank_account")
    if data.get("type") != "bank_account" or bank is None:
        raise bad_field("payout_method_data.bank_account", "Missing required parameter: a bank account.")
    sort, number = _clean(bank)
    usage = world.payee(number).get("usage", "eligible")
    method: Json = {
        "id": new_id("gbba"),
        "object": METHOD,
        "archived": False,
        "bank_account": {
            "bank_account_type": bank.get("bank_account_type", "checking"),
            "bank_name": "Stand-in Bank",
            "branch_number": bank.get("branch_number"),
            "country": bank["country"].upper(),
            "financial_connections_account": None,
            "last4": number[-4:],
            "routing_number": sort,
            "supported_currencies": [bank["currency"].lower()],
            "swift_code": bank.get("swift_code"),
        },
        "card": None,
        "created": world.stamp(),
        "livemode": False,
        "restricted": False,
        "type": "bank_account",
        "usage_status": {"payments": usage, "transfers": "ineligible" if request.context else usage},
        "_owner": request.context,
        "_account_number": number,
    }
    world.store.put(method, owner=request.context, status=usage)
    record(world, f"{METHOD}.created", method, request)
    return method


def _clean(bank: Json) -> tuple[str | None, str]:
    """Returns sort code and account number; British ones must be 6 and 8 digits."""
    number, sort = bank["account_number"].strip(), bank.get("routing_number")
    if bank["country"].upper() == "GB" and bank["currency"].lower() == "gbp":
        where = "payout_method_data.bank_account"
        if not (number.isascii() and number.isdecimal() and len(number) == 8):
            raise bad_field(f"{where}.account_number", "The account number must have 8 digits.")
        if not (sort and sort.isascii() and sort.isdecimal() and len(sort) == 6):
            raise bad_field(f"{where}.routing_number", "The sort code must have 6 digits.")
    return sort, number


def _name(account: Json) -> str:
    person = (account["identity"] or {}).get("individual") or {}
    words = [person.get("given_name"), person.get("surname")]
    return " ".join(word for word in words if word) or account["display_name"] or ""

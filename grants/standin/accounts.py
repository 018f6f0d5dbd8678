"""Recipients as the provider keeps them: accounts set up to receive, and links to a hosted form."""

from __future__ import annotations

from datetime import timedelta

from grants.standin.events import record
from grants.standin.refusals import Json, bad_field
from grants.standin.world import Request, World, new_id, stamp

KIND = "v2.core.account"
LINK = "v2.core.account_link"
_INCLUDED = ("identity", "defaults", "future_requirements", "requirements")


def create(world: World, request: Request) -> Json:
    """Makes an account; what a recipient still lacks (e-mail address, name, country) becomes a requirement."""
    given = request.params
    account: Json = {
        "id": new_id("acct"),
        "object": KIND,
        "applied_configurations": sorted(given.get("configuration", {})),
        "closed": False,
        "contact_email": given.get("contact_email"),
        "contact_phone": given.get("contact_phone"),
        "created": world.stamp(),
        "dashboard": given.get("dashboard", "none"),
        "display_name": given.get("display_name"),
        "livemode": False,
        "metadata": given.get("metadata", {}),
        "identity": given.get("identity"),
        "defaults": given.get("defaults"),
        "future_requirements": None,
        "requirements": None,
        "configuration": given.get("configuration", {}),
        "_set_status": None,
        "_set_requirements": [],
    }
    save(world, account)
    record(world, "v2.core.account.created", account, request)
    return account


def retrieve(world: World, request: Request) -> Json:
    """Returns an account; parts are null unless the request includes them by name."""
    return world.need(KIND, request.ids[0])


def save(world: World, account: Json) -> Json:
    """Stores an account with its requirements and the status of its capabilities worked out anew."""
    lacking = _lacking(account) + account["_set_requirements"]
    account["requirements"] = {"entries": [_entry(each) for each in lacking], "summary": None}
    status = account["_set_status"] or ("restricted" if lacking else "active")
    account["_status"] = status
    return world.store.put(account, status=status)


def show(account: Json, request: Request) -> Json:
    """Returns an account as the API shows it, with only the parts that the request includes."""
    wanted = request.params.get("include", [])
    seen = {name: value for name, value in account.items() if not name.startswith("_")}
    for part in _INCLUDED:
        if part not in wanted:
            seen[part] = None
    parts = [part.split(".")[1] for part in wanted if part.startswith("configuration.")]
    seen["configuration"] = {part: _configuration(account, part) for part in parts} or None
    return seen


def can_receive(account: Json) -> bool:
    """Tells whether a recipient's bank account capability is active."""
    return bool(account["_status"] == "active" and _asked(account))


def create_link(world: World, request: Request) -> Json:
    """Makes a link to a form on which the recipient would type the bank details; it lives for ten minutes."""
    use = request.params["use_case"]
    kind = use["type"]
    if kind not in use:
        raise bad_field(f"use_case.{kind}", f"Missing required parameter: use_case.{kind}.")
    account = world.need(KIND, request.params["account"])
    link: Json = {
        "id": new_id("acctlink"),
        "object": LINK,
        "account": account["id"],
        "created": world.stamp(),
        "expires_at": stamp(world.now() + timedelta(minutes=10)),
        "livemode": False,
        "use_case": use,
    }
    link["url"] = f"{request.base}/_standin/hosted/{link['id']}"
    return world.store.put(link)


def _asked(account: Json) -> dict[str, Json]:
    recipient = account["configuration"].get("recipient") or {}
    banks = (recipient.get("capabilities") or {}).get("bank_accounts") or {}
    return {name: each for name, each in banks.items() if (each or {}).get("requested")}


def _configuration(account: Json, part: str) -> Json | None:
    if part not in account["configuration"]:
        return None
    if part != "recipient":
        return {"applied": True}
    shown = {name: {"status": account["_status"], "status_details": _details(account)} for name in _asked(account)}
    return {"applied": True, "capabilities": {"bank_accounts": shown}, "default_outbound_destination": None}


def _details(account: Json) -> list[Json]:
    if account["_status"] == "active":
        return []
    return [{"code": "requirements_past_due", "resolution": "provide_info"}]


def _lacking(account: Json) -> list[str]:
    if "recipient" not in account["configuration"]:
        return []
    identity = account["identity"] or {}
    person = identity.get("individual") or {}
    found = {"contact_email": account["contact_email"], "identity.country": identity.get("country")}
    if identity.get("entity_type", "individual") == "individual":
        found["identity.individual.given_name"] = person.get("given_name")
        found["identity.individual.surname"] = person.get("surname")
    return [name for name, value in found.items() if not value]


def _entry(name: str) -> Json:
    return {
        "awaiting_action_from": "user",
        "description": name,
        "errors": [],
        "impact": {"restricts_capabilities": [{"capability": "bank_accounts.local", "configuration": "recipient"}]},
        "minimum_deadline": {"status": "currently_due"},
        "requested_reasons": [{"code": "routine_onboarding"}],
    }

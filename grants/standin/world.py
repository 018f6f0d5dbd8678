"""What a call can touch: the store, the faults, the clock that can be moved, and the settings."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from grants.standin.contract import Contract, Route
from grants.standin.faults import FaultPlan
from grants.standin.limit import Limit
from grants.standin.refusals import Json, bad_field, not_found
from grants.standin.store import Store

API_KEY = "sk_test_standin"
WEBHOOK_SECRET = "whsec_standin"  # noqa: S105 - no secret: it signs pretended events only
FINANCIAL_ACCOUNT = "fa_test_standin"

MONEY = "v2.money_management."
SETTLE_MODES = ("manual", "retrieve", "after")
DEFAULTS: Json = {
    "settle": "retrieve",
    "settle_after": 1.0,
    "require_verification": True,
    "currency": "gbp",
    "country": "gb",
}
"""`settle`: a payment is posted by a control call (manual), on its next retrieve, or after `settle_after` seconds."""


@dataclass(frozen=True)
class Request:
    """One checked request: its route, the ids in its path, its parameters, and who asks for whom."""

    route: Route
    ids: tuple[str, ...]
    params: Json
    key: str
    context: str
    id: str
    base: str
    page: int | None = None


@dataclass
class World:
    """One stand-in: its state and its clock; `contract` is read once."""

    store: Store
    contract: Contract = field(default_factory=Contract)
    faults: FaultPlan = field(default_factory=FaultPlan)
    limit: Limit = field(default_factory=Limit)

    def now(self) -> datetime:
        """Returns the stand-in's own time, UTC: the real one plus what the control call added."""
        return datetime.now(UTC) + timedelta(seconds=self.store.setting("clock", 0.0))

    def stamp(self) -> str:
        """Returns the time as API v2 writes it: RFC 3339, UTC, milliseconds."""
        return stamp(self.now())

    def setting(self, name: str) -> object:
        """Returns a setting, or its default."""
        value: object = self.store.setting(name, DEFAULTS[name])
        return value

    def payee(self, account_number: str) -> Json:
        """Returns what was arranged for this account number (see the `payee` control call); often nothing."""
        rules: Json = self.store.setting("payees", {})
        found: Json = rules.get(account_number, {})
        return found

    def need(self, kind: str, ident: str, owner: str | None = None) -> Json:
        """Returns the thing, or raises the 404 of one that is not there or belongs to another account."""
        thing = self.store.get(kind, ident)
        if thing is None or (owner is not None and thing.get("_owner", "") != owner):
            raise not_found(ident)
        return thing


def stamp(moment: datetime) -> str:
    """Returns a UTC time as RFC 3339 with milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def new_id(prefix: str) -> str:
    """Returns a fresh id that looks like one of the provider's test ids."""
    return f"{prefix}_test_{uuid.uuid4().hex[:26]}"


def bare(thing: Json) -> Json:
    """Returns a thing as the API shows it: without what the stand-in keeps for itself (names with `_`)."""
    return {name: value for name, value in thing.items() if not name.startswith("_")}


def created_filter(params: Json) -> list[tuple[str, str]]:
    """Returns a list call's `created` parameter as comparisons; refuses a time that is not RFC 3339."""
    signs = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
    return [(signs[name], _moment(f"created.{name}", text)) for name, text in params.get("created", {}).items()]


def _moment(name: str, text: str) -> str:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise bad_field(name, "A time must be RFC 3339 with its zone, for example 2026-09-18T13:22:00Z.")
    return stamp(moment)

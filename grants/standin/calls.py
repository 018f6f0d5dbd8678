"""Plays the API's calls: contract first, then idempotency, then the act, and what goes wrong on the way."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from functools import partial
from urllib.parse import quote

from grants.standin import accounts, events, money, payees, payments
from grants.standin.answers import Answer, Dropped, Incoming, answer, garbage, read_body
from grants.standin.contract import Route, read_query
from grants.standin.faults import Fault
from grants.standin.keys import Keys, digest_of
from grants.standin.refusals import (
    Json,
    Refusal,
    bad_field,
    broken,
    definite,
    forbidden,
    key_in_use,
    not_found,
    too_many,
    unauthorised,
)
from grants.standin.store import Filter
from grants.standin.world import Request, World, bare, new_id

Act = Callable[[World, Request], Json]
Find = Callable[[World, Request], list[tuple[int, Json]]]
LOG_LENGTH = 20_000
_EARLY = {"rate_limit": too_many, "unauthorized": unauthorised, "forbidden": forbidden}


def _purses(world: World, request: Request) -> list[tuple[int, Json]]:
    given = request.params
    wanted = Filter(statuses=given.get("statuses", ["open"]), before=request.page, limit=given.get("limit", 20) + 1)
    return world.store.find(money.KIND, wanted)


ACTS: dict[str, Act] = {
    "accounts.create": accounts.create,
    "accounts.retrieve": accounts.retrieve,
    "account_links.create": accounts.create_link,
    "outbound_setup_intents.create": payees.create_intent,
    "outbound_setup_intents.retrieve": payees.retrieve_intent,
    "payout_methods.retrieve": payees.retrieve_method,
    "recipient_verifications.create": payees.create_verification,
    "recipient_verifications.retrieve": payees.retrieve_verification,
    "recipient_verifications.acknowledge": payees.acknowledge,
    "outbound_payments.create": payments.create,
    "outbound_payments.retrieve": payments.retrieve,
    "outbound_payments.cancel": payments.cancel,
    "financial_accounts.retrieve": money.retrieve,
    "received_credits.retrieve": lambda world, request: world.need(money.CREDIT, request.ids[0]),
    "events.retrieve": events.retrieve,
}
LISTS: dict[str, Find] = {
    "outbound_payments.list": payments.find,
    "financial_accounts.list": _purses,
    "events.list": events.find,
}


class Calls:
    """Answers the API's calls on one world; `log` keeps what was asked and answered, for tests to read."""

    def __init__(self, world: World) -> None:
        """Takes the world to play in."""
        self.world = world
        self.keys = Keys(world)
        self.log: deque[Json] = deque(maxlen=LOG_LENGTH)

    def respond(self, incoming: Incoming) -> Answer:
        """Returns the answer to one request; raises Dropped if the connection is to be reset."""
        ident = new_id("req")
        asked = {"method": incoming.method, "path": incoming.path, "key": incoming.key}
        entry: Json = asked | {"at": time.time(), "status": 0}
        self.log.append(entry)
        try:
            reply = self._reply(incoming, ident, entry)
        except Refusal as refusal:
            reply = answer(refusal.status, refusal.body())
        entry["status"] = reply.status
        reply.headers["Request-Id"] = ident
        return reply

    def _reply(self, incoming: Incoming, ident: str, entry: Json) -> Answer:
        known = self.world.contract.match(incoming.method, incoming.path)
        if known is None:
            raise not_found(f"{incoming.method} {incoming.path}")
        route, ids = known
        fault = self.world.faults.pick(route.name, incoming.key or incoming.path)
        entry |= {"call": route.name, "fault": fault.kind if fault else None}
        _admit(incoming, fault)
        if not self.world.limit.admits(route.name):
            raise too_many()
        request = self._read(incoming, route, ids, ident)
        if fault is not None and fault.kind == "drop_before":
            raise Dropped
        payments.settle_due(self.world)
        if incoming.method != "POST":
            return self._strike(fault, partial(self._get, request))
        with self.keys.holding(request):
            if fault is not None and fault.kind == "conflict":
                raise key_in_use()
            digest = digest_of(incoming)
            self.keys.begin(request, digest)
            return self._strike(fault, partial(self._post, request, digest))

    def _read(self, incoming: Incoming, route: Route, ids: tuple[str, ...], ident: str) -> Request:
        asking = incoming.method != "POST"
        given = read_query(incoming.query) if asking else read_body(incoming.body)
        page = given.pop("page", None) if asking and isinstance(given, dict) else None
        params = self.world.contract.read(route, given, query=asking)
        if not 1 <= params.get("limit", 1) <= 100:
            raise bad_field("limit", "The limit must be between 1 and 100.")
        if page is not None and not str(page).isdecimal():
            raise bad_field("page", "There is no such page.")
        return Request(
            route=route,
            ids=ids,
            params=params,
            key=incoming.key or ident,
            context=incoming.headers.get("stripe-context", ""),
            id=ident,
            base=incoming.base,
            page=None if page is None else int(page),
        )

    def _get(self, request: Request) -> Answer:
        name = request.route.name
        with self.world.store.turn():
            if name in LISTS:
                return answer(200, self._page(request, LISTS[name](self.world, request)))
            return answer(200, self._show(self._act(request), request))

    def _post(self, request: Request, digest: str) -> Answer:
        with self.world.store.turn():
            thing = self.keys.made(request)
            if thing is None:
                thing = self._act(request)
                self.keys.finish(request, digest, thing)
            shown = self._show(thing, request)
        events.deliver_inside(self.world)
        return answer(200, shown)

    def _act(self, request: Request) -> Json:
        act = ACTS.get(request.route.name)
        if act is None:
            raise not_found(f"the stand-in does not play {request.route.name}")
        return act(self.world, request)

    def _show(self, thing: Json, request: Request) -> Json:
        if thing["object"] == accounts.KIND:
            return accounts.show(thing, request)
        if thing["object"] == payees.INTENT:
            return payees.show_intent(self.world, thing)
        return bare(thing)

    def _page(self, request: Request, found: list[tuple[int, Json]]) -> Json:
        limit = request.params.get("limit", 20)
        data = [bare(thing) for _, thing in found[:limit]]
        following = None
        if len(found) > limit:
            following = f"{request.route.template}?{_query(request.params)}page={found[limit - 1][0]}"
        return {"data": data, "next_page_url": following, "previous_page_url": None}

    def _strike(self, fault: Fault | None, act: Callable[[], Answer]) -> Answer:
        """Does the act, with what goes wrong before and after it."""
        if fault is None:
            return act()
        if not fault.after:
            time.sleep(fault.seconds)
            _break(fault, "before")
            if fault.kind == "garbage":
                return garbage(fault.body)
        reply = act()
        if fault.after:
            time.sleep(fault.seconds)
        _break(fault, "after")
        return garbage(fault.body) if fault.kind == "garbage" else reply


def _break(fault: Fault, when: str) -> None:
    match fault.kind, when:
        case "refuse", "before":
            raise definite(fault.type, status=fault.status)
        case ("error_before", "before") | ("error_after", "after"):
            raise broken(fault.status)
        case "drop_after", "after":
            raise Dropped


def _admit(incoming: Incoming, fault: Fault | None) -> None:
    """Refuses a call without a test key or a version, and one that the fault plan turns away early."""
    scheme, _, secret = incoming.headers.get("authorization", "").partition(" ")
    if scheme != "Bearer" or not secret.startswith(("sk_test_", "rk_test_")):
        raise unauthorised()
    if fault is not None and fault.kind in _EARLY:
        raise _EARLY[fault.kind]()
    if "stripe-version" not in incoming.headers:
        raise bad_field("Stripe-Version", "API v2 needs the Stripe-Version header.")


def _query(params: Json) -> str:
    """Returns checked list parameters as the start of a query string, each with its `&`."""
    parts: list[str] = []
    for name, value in params.items():
        if isinstance(value, dict):
            parts += [f"{name}[{inner}]={quote(each)}" for inner, each in value.items()]
        elif isinstance(value, list):
            parts += [f"{name}[{place}]={quote(str(each))}" for place, each in enumerate(value)]
        else:
            parts.append(f"{name}={quote(str(value))}")
    return "".join(f"{part}&" for part in parts)

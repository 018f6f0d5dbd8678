"""Thin events: written when something happens, signed as the SDK expects, sent in good order or bad."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from http.client import HTTPException

from stripe import WebhookSignature

from grants.standin.faults import draw
from grants.standin.loopback import ask, check
from grants.standin.refusals import Json
from grants.standin.store import Filter
from grants.standin.world import WEBHOOK_SECRET, Request, World, bare, created_filter, new_id

KIND = "v2.core.event"
LIMIT = 10_000


@dataclass(frozen=True, slots=True)
class Delivery:
    """How to send events: where, signed with what, and what goes wrong with the post."""

    url: str = ""
    secret: str = WEBHOOK_SECRET
    copies: int = 1
    order: str = "forward"
    drop: float = 0.0
    delay: float = 0.0
    seed: int = 0
    types: tuple[str, ...] = ()
    again: bool = False


def record(world: World, kind: str, thing: Json, request: Request | None) -> Json:
    """Writes down a thin event about a thing: it names the thing, and carries none of its data."""
    event: Json = {
        "id": new_id("evt"),
        "object": KIND,
        "context": thing.get("_owner") or None,
        "created": world.stamp(),
        "data": {},
        "livemode": False,
        "related_object": {"id": thing["id"], "type": thing["object"], "url": _address(thing)},
        "type": kind,
    }
    if request is not None:
        event["reason"] = {"type": "request", "request": {"id": request.id, "idempotency_key": request.key}}
    return world.store.put(event, owner=thing["id"], status="pending")


def _address(thing: Json) -> str:
    _, room, name = thing["object"].split(".")
    return f"/v2/{room}/{name}s/{thing['id']}"


def retrieve(world: World, request: Request) -> Json:
    """Returns an event by id."""
    return world.need(KIND, request.ids[0])


def find(world: World, request: Request) -> list[tuple[int, Json]]:
    """Returns one page of events and one more, newest first, by object, types and time."""
    given = request.params
    return world.store.find(
        KIND,
        Filter(
            owner=given.get("object_id"),
            types=given.get("types", ()),
            since=created_filter(given),
            before=request.page,
            limit=given.get("limit", 20) + 1,
        ),
    )


def sign(event: Json, secret: str) -> tuple[str, str]:
    """Returns the body to post and its `Stripe-Signature` header, stamped with the real time."""
    body = json.dumps({name: value for name, value in bare(event).items() if name != "data"})
    return body, WebhookSignature.generate_signature_header(body, secret)


def pick(world: World, how: Delivery) -> list[Json]:
    """Returns the events to send, in the order (forward, reverse, shuffle) and as often as asked for."""
    statuses = ["pending", "sent", "dropped"] if how.again else ["pending"]
    wanted = Filter(statuses=statuses, types=how.types, limit=LIMIT)
    found = [event for _, event in world.store.find(KIND, wanted)]
    events = found * how.copies
    if how.order == "forward":
        events.reverse()
    elif how.order == "shuffle":
        lots = [draw(f"{how.seed}|order|{place}") for place in range(len(events))]
        events = [event for _, event in sorted(zip(lots, events, strict=True), key=lambda pair: pair[0])]
    return events


def deliver(world: World, how: Delivery) -> list[Json]:
    """Sends the events and returns what became of each: its id, type and the answer's status (0 is none)."""
    check(how.url)
    sent: list[Json] = []
    for place, event in enumerate(pick(world, how)):
        if draw(f"{how.seed}|drop|{place}") < how.drop:
            status, mark = 0, "dropped"
        else:
            time.sleep(how.delay)
            status = _post(how.url, *sign(event, how.secret))
            mark = "sent" if 200 <= status < 300 else "pending"
        world.store.put(event, status=mark)
        sent.append({"id": event["id"], "type": event["type"], "status": status})
    return sent


def deliver_inside(world: World) -> None:
    """Sends what is pending before the call is answered, if the webhook is set so: events that overtake."""
    hook: Json = world.store.setting("webhook", {})
    if hook.get("mode") == "inside":
        deliver(world, plan(hook))


def deliver_later(world: World) -> bool:
    """Sends what is pending, if the webhook is set to send by itself; tells whether all that was sent was taken."""
    hook: Json = world.store.setting("webhook", {})
    sent = deliver(world, plan(hook)) if hook.get("mode") == "auto" else []
    return all(200 <= each["status"] < 300 for each in sent)


def plan(given: Json) -> Delivery:
    """Returns the delivery that a control call or the stored webhook describes; unknown names raise TypeError."""
    known = {name: value for name, value in given.items() if name != "mode"}
    return Delivery(**known | {"types": tuple(known.get("types", ()))})


def _post(url: str, body: str, signature: str) -> int:
    headers = {"Content-Type": "application/json", "Stripe-Signature": signature}
    try:
        return ask("POST", url, body.encode(), headers, timeout=10)[0]
    except (OSError, HTTPException):
        return 0

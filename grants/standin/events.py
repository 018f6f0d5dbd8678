"""Thin events: written when something happens, signed as the SDK expects, and sent when asked, in good order or bad."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from http.client import HTTPException
from random import Random
from urllib.parse import urlsplit

from stripe import WebhookSignature

from grants.standin.refusals import Json
from grants.standin.store import Filter
from grants.standin.world import WEBHOOK_SECRET, Request, World, bare, created_filter, new_id

KIND = "v2.core.event"
LOOPBACK = ("127.0.0.1", "localhost", "::1")
LIMIT = 10_000
_NO_PROXY = urllib.request.build_opener(urllib.request.ProxyHandler({}))


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
    """Returns the events to send, in the order (forward, reverse, shuffle) and the number of copies asked for."""
    statuses = ["pending", "sent", "dropped"] if how.again else ["pending"]
    wanted = Filter(statuses=statuses, types=how.types, limit=LIMIT)
    found = [event for _, event in world.store.find(KIND, wanted)]
    events = found * how.copies
    if how.order == "forward":
        events.reverse()
    elif how.order == "shuffle":
        Random(how.seed).shuffle(events)
    return events


def deliver(world: World, how: Delivery) -> list[Json]:
    """Sends the events and returns what became of each: its id, type and the answer's status (0 is none)."""
    check(how)
    luck, sent = Random(how.seed), list[Json]()
    for event in pick(world, how):
        if how.drop and luck.random() < how.drop:
            status, mark = 0, "dropped"
        else:
            time.sleep(how.delay)
            status = _post(how.url, *sign(event, how.secret))
            mark = "sent" if 200 <= status < 300 else "pending"
        world.store.put(event, status=mark)
        sent.append({"id": event["id"], "type": event["type"], "status": status})
    return sent


def check(how: Delivery) -> None:
    """Raises ValueError if the webhook's address is not on this machine."""
    if urlsplit(how.url).hostname not in LOOPBACK:
        raise ValueError(f"Events go to this machine only ({', '.join(LOOPBACK)}), not to {how.url!r}.")


def deliver_inside(world: World) -> None:
    """Sends what is pending before the call is answered, if the webhook is set so (an event that overtakes its answer)."""
    hook: Json = world.store.setting("webhook", {})
    if hook.get("mode") == "inside":
        deliver(world, plan(hook))


def deliver_later(world: World) -> None:
    """Sends what is pending, if the webhook is set to send by itself; the server calls this again and again."""
    hook: Json = world.store.setting("webhook", {})
    if hook.get("mode") == "auto":
        deliver(world, plan(hook))


def plan(given: Json) -> Delivery:
    """Returns the delivery that a control call or the stored webhook describes; raises TypeError for unknown names."""
    known = {name: value for name, value in given.items() if name != "mode"}
    return Delivery(**known | {"types": tuple(known.get("types", ()))})


def _post(url: str, body: str, signature: str) -> int:
    headers = {"Content-Type": "application/json", "Stripe-Signature": signature}
    request = urllib.request.Request(url, body.encode(), headers)
    try:
        with _NO_PROXY.open(request, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as problem:
        return problem.code
    except (OSError, HTTPException):
        return 0

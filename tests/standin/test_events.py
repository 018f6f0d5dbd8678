"""Thin events: signed as the SDK checks them, sent in order, twice, late, out of order or not at all."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
import stripe

from grants.standin.process import StandinFailed
from tests.standin.payer import Payer

ABOUT = "v2.money_management.outbound_payment."


class Inbox:
    """A small server that takes what is posted to it and answers `status`."""

    def __init__(self) -> None:
        self.posts: list[tuple[bytes, str]] = []
        self.status = 200
        inbox = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                inbox.posts.append((body, self.headers["Stripe-Signature"]))
                self.send_response(inbox.status)
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/webhooks/stripe"


@pytest.fixture
def inbox(payer: Payer) -> Iterator[Inbox]:
    box = Inbox()
    thread = threading.Thread(target=box.server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    payer.standin.control("webhook", url=box.url, drop=1.0)
    payer.standin.control("deliver")  # what other tests left behind is dropped
    payer.standin.control("webhook", url=box.url)
    yield box
    payer.standin.control("webhook", url=box.url, mode="manual")
    box.server.shutdown()
    thread.join()
    box.server.server_close()


def read(payer: Payer, posts: list[tuple[bytes, str]]) -> list[Any]:
    secret = payer.standin.webhook_secret
    return [payer.client.parse_event_notification(body, signature, secret) for body, signature in posts]


def story(payer: Payer, key: str) -> str:
    """A payment that is made, posted and returned."""
    payment = payer.send(payer.order(), key)
    payer.standin.control(f"payments/{payment.id}/settle")
    payer.standin.control(f"payments/{payment.id}/return")
    return str(payment.id)


def test_events_are_signed_so_that_the_sdk_accepts_them(payer: Payer, inbox: Inbox) -> None:
    ident = story(payer, "signed")
    payer.standin.control("deliver", types=[f"{ABOUT}created", f"{ABOUT}posted", f"{ABOUT}returned"])
    created, posted, returned = read(payer, inbox.posts)
    assert [each.type for each in (created, posted, returned)] == [
        f"{ABOUT}{name}" for name in ("created", "posted", "returned")
    ]
    assert created.reason.request.idempotency_key == "signed"
    assert returned.fetch_related_object().id == ident
    assert returned.fetch_related_object().status == "returned"
    assert payer.core.events.retrieve(posted.id).type == f"{ABOUT}posted"


def test_an_event_carries_no_data_of_the_payment(payer: Payer, inbox: Inbox) -> None:
    story(payer, "thin")
    payer.standin.control("deliver")
    assert inbox.posts
    assert all(b"3700" not in body and b"amount" not in body and b"metadata" not in body for body, _ in inbox.posts)


def test_a_changed_body_or_another_secret_is_not_accepted(payer: Payer, inbox: Inbox) -> None:
    story(payer, "forged")
    payer.standin.control("deliver", types=[f"{ABOUT}posted"])
    ((body, signature),) = inbox.posts
    with pytest.raises(stripe.SignatureVerificationError):
        payer.client.parse_event_notification(body + b" ", signature, payer.standin.webhook_secret)
    with pytest.raises(stripe.SignatureVerificationError):
        payer.client.parse_event_notification(body, signature, "whsec_other")


def test_events_about_a_payout_method_are_read_in_its_accounts_context(payer: Payer, inbox: Inbox) -> None:
    account = payer.account()
    method = payer.method(account.id)
    payer.standin.control("deliver", types=["v2.money_management.payout_method.created"])
    (event,) = read(payer, inbox.posts)
    assert str(event.context) == account.id
    assert event.fetch_related_object().id == method.id


def test_events_come_twice_and_out_of_order(payer: Payer, inbox: Inbox) -> None:
    types = [f"{ABOUT}{name}" for name in ("created", "posted", "returned")]
    story(payer, "disorder")
    payer.standin.control("deliver", types=types, order="reverse", copies=2)
    assert [each.type for each in read(payer, inbox.posts)] == types[::-1] * 2
    inbox.posts.clear()
    payer.standin.control("deliver", types=types)
    assert inbox.posts == []
    # “again” sends whatever earlier stories left too, so the same events in their order are the measure.
    payer.standin.control("deliver", types=types, again=True)
    in_order = [each.id for each in read(payer, inbox.posts)]
    inbox.posts.clear()
    payer.standin.control("deliver", types=types, again=True, order="shuffle", copies=3, seed=3)
    shuffled = [each.id for each in read(payer, inbox.posts)]
    assert sorted(shuffled) == sorted(in_order * 3)
    assert shuffled != in_order * 3


def test_an_event_that_was_not_taken_stays_pending_and_a_dropped_one_does_not(payer: Payer, inbox: Inbox) -> None:
    story(payer, "refused")
    inbox.status = 500
    first = payer.standin.control("deliver", types=[f"{ABOUT}posted"])["data"]
    inbox.status = 200
    second = payer.standin.control("deliver", types=[f"{ABOUT}posted"])["data"]
    assert [(each["id"], each["status"]) for each in first] == [(first[0]["id"], 500)]
    assert [(each["id"], each["status"]) for each in second] == [(first[0]["id"], 200)]
    payer.standin.control("deliver", types=[f"{ABOUT}returned"], drop=1.0)
    assert len(inbox.posts) == 2
    assert payer.standin.control("deliver", types=[f"{ABOUT}returned"])["data"] == []


def test_an_event_can_overtake_the_answer_to_its_own_call(payer: Payer, inbox: Inbox) -> None:
    order = payer.order()
    payer.standin.control("webhook", url=inbox.url, mode="inside", types=[f"{ABOUT}created"])
    payer.standin.control("faults", fault="drop_after")
    with pytest.raises(stripe.APIConnectionError):
        payer.send(order, "overtaken")
    (event,) = read(payer, inbox.posts)
    assert event.fetch_related_object().metadata["attempt_id"] == "1"


def test_events_can_be_sent_by_themselves(payer: Payer, inbox: Inbox) -> None:
    arrived = threading.Event()
    payer.standin.control("webhook", url=inbox.url, mode="auto", types=[f"{ABOUT}created"])
    payment = payer.send(payer.order(), "by-itself")
    for _ in range(100):
        if inbox.posts or arrived.wait(0.03):
            break
    assert [each.related_object.id for each in read(payer, inbox.posts)] == [payment.id]


def test_events_go_to_this_machine_only(payer: Payer) -> None:
    with pytest.raises(StandinFailed, match="on this machine"):
        payer.standin.control("webhook", url="https://example.org/hook")


def test_events_are_listed_by_object_and_type(payer: Payer) -> None:
    ident = story(payer, "listed")
    events = payer.core.events
    found = [each.type.removeprefix(ABOUT) for each in events.list({"object_id": ident}).data]
    assert found == ["returned", "posted", "created"]
    some = events.list({"object_id": ident, "types": [f"{ABOUT}posted"]}).data
    assert [each.type for each in some] == [f"{ABOUT}posted"]

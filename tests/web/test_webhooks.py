"""Webhooks are hints: proven before they are read, stored once, answered at once, and looked up afterwards."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from io import BytesIO

import pytest
from flask import Flask
from sqlalchemy import event as on
from sqlalchemy import select
from stripe import WebhookSignature

from grants.app import create_app, house_of
from grants.config import Settings
from grants.model.payments import ProviderEvent
from grants.standin.process import Standin
from tests.paying import Charity, settings_for

SECRET = "whsec_standin"
PLACE = "/webhooks/stripe"


@pytest.fixture
def hooked(charity: Charity) -> Flask:
    return create_app(charity.settings, later=charity.notebook, clock=charity.clock)


def event(**changes: object) -> str:
    whole = {
        "id": "evt_1",
        "object": "v2.core.event",
        "type": "v2.money_management.outbound_payment.posted",
        "livemode": False,
        "related_object": {"id": "obp_1", "type": "v2.money_management.outbound_payment", "url": "/v2/x"},
    }
    return json.dumps(whole | changes)


def post(app: Flask, body: str, secret: str = SECRET, at: int | None = None, signature: str | None = None) -> int:
    signed = signature
    if signed is None:
        signed = WebhookSignature.generate_signature_header(body, secret, at)
    headers = {"Stripe-Signature": signed, "Content-Type": "application/json"}
    return app.test_client().post(PLACE, data=body, headers=headers).status_code


def stored(charity: Charity) -> list[ProviderEvent]:
    with charity.desk() as desk:
        return list(desk.session.scalars(select(ProviderEvent)))


def test_an_event_is_stored_once_and_looked_up(charity: Charity, hooked: Flask) -> None:
    assert [post(hooked, event()) for _ in range(3)] == [200, 200, 200]
    (kept,) = stored(charity)
    assert (kept.event_id, kept.about, kept.rail) == ("evt_1", "obp_1", "stripe")
    assert charity.notebook.jobs == [("look_again", (kept.id,))]
    charity.work_off()
    assert [each.result for each in stored(charity)] == ["unmatched"]


def test_an_event_about_our_payment_settles_it(charity: Charity, hooked: Flask) -> None:
    charity.award(80_00)
    charity.pay()
    about = charity.attempts()[0].provider_reference
    assert post(hooked, event(related_object={"id": about})) == 200
    charity.work_off()
    assert charity.states() == ["settled"]
    assert [each.result for each in stored(charity)] == ["matched"]
    assert charity.findings() == []


def test_the_clock_may_differ_by_five_minutes_either_way(hooked: Flask) -> None:
    for apart, status in ((-302, 403), (-280, 200), (280, 200), (320, 403)):
        assert post(hooked, event(), at=int(time.time()) + apart) == status


def test_what_is_not_proven_is_not_read(charity: Charity, hooked: Flask) -> None:
    good = WebhookSignature.generate_signature_header(event(), SECRET)
    assert post(hooked, event(), secret="whsec_other") == 403
    assert post(hooked, event(id="evt_2"), signature=good) == 403
    for signature in ("", "t=1", "v1=00", "t=x,v1=00", "t=1,v1=\xe9", good.replace("t=", "t=9")):
        for body in (event(), "no JSON", "[" * 60_000):
            assert post(hooked, body, signature=signature) == 403
    assert stored(charity) == []


NONSENSE = [event(livemode=True), "[]", "not json", "{}", '{"id": 1, "type": "x"}', "\u202e", event(related_object="x")]


def test_a_signed_body_that_makes_no_sense_is_refused_plainly(charity: Charity, hooked: Flask) -> None:
    assert [post(hooked, body) for body in NONSENSE] == [400] * len(NONSENSE)
    assert stored(charity) == []


def test_a_kind_that_is_not_about_payments_is_kept_and_nobody_is_asked(
    charity: Charity, hooked: Flask, provider: Standin
) -> None:
    calls = len(provider.look("calls"))
    for related in (None, {"id": "obp_1", "type": "v2.money_management.payout_method"}):
        assert post(hooked, event(type="v3.something.new", related_object=related)) == 200
    assert [(each.kind, each.result) for each in stored(charity)] == [("v3.something.new", "ignored")]
    assert charity.notebook.jobs == []
    charity.reconcile()
    assert [(each.result, each.tries) for each in stored(charity)] == [("ignored", 0)]
    asked = [call["call"] if "call" in call else str(call) for call in provider.look("calls")[calls:]]
    assert all("retrieve" not in each for each in asked)
    assert charity.findings() == []


def test_two_secrets_hold_while_one_is_changed(charity: Charity) -> None:
    both = replace(charity.settings, stripe_webhook_secret=f"whsec_new, {SECRET}")
    app = create_app(both, later=charity.notebook, clock=charity.clock)
    assert [post(app, event(id="evt_a")), post(app, event(id="evt_b"), "whsec_new")] == [200, 200]
    assert post(app, event(id="evt_c"), "whsec_gone") == 403


def test_only_a_body_of_some_length_and_no_more_is_read(charity: Charity, hooked: Flask) -> None:
    client, most = hooked.test_client(), 64 * 1024
    assert post(hooked, event(id="x" * 70_000)) == 413
    assert post(hooked, "x" * (most + 1)) == 413
    assert post(hooked, "x" * most) == 400
    signed = {"Stripe-Signature": WebhookSignature.generate_signature_header("", SECRET)}
    nothing = {"CONTENT_LENGTH": "0"}
    empty = [client.post(PLACE, headers=more, environ_overrides=nothing) for more in ({}, signed)]
    assert [each.status_code for each in empty] == [403, 400]
    endless = client.post(PLACE, input_stream=BytesIO(event().encode()), headers={"Transfer-Encoding": "chunked"})
    assert endless.status_code == 411
    for method in ("GET", "HEAD", "PUT", "DELETE"):
        assert client.open(PLACE, method=method).status_code == 405
    assert stored(charity) == []


@contextmanager
def written(charity: Charity, app: Flask) -> Iterator[list[str]]:
    """What an app asks of the database."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement.split()[0])

    engine = house_of(app).database.engine
    on.listen(engine, "before_cursor_execute", note)
    yield sent
    on.remove(engine, "before_cursor_execute", note)


def test_a_message_costs_one_insert_one_look_and_no_call(charity: Charity, hooked: Flask, provider: Standin) -> None:
    calls = len(provider.look("calls"))
    with written(charity, hooked) as sent:
        assert post(hooked, event()) == 200
        # The look: whether an earlier message about the same payment waits, so that one look-up serves both.
        assert [each for each in sent if each not in ("BEGIN", "PRAGMA")] == ["INSERT", "SELECT"]
        sent.clear()
        assert post(hooked, event(), secret="whsec_other") == 403
        assert sent == []
    assert len(provider.look("calls")) == calls


def test_odd_names_of_things_are_kept_too(charity: Charity, hooked: Flask) -> None:
    """Characters that a database does not take, and names longer than any of ours, are known by a fingerprint."""
    for odd in ("a\x00b", "\ud800", "x" * 5000, "x" * 5001):
        for _ in range(2):
            assert post(hooked, event(id=odd, related_object={"id": odd})) == 200
    assert len(stored(charity)) == len(charity.notebook.jobs) == 4
    charity.work_off()
    assert {each.result for each in stored(charity)} == {"unmatched"}


def test_without_the_service_there_is_no_door(settings: Settings) -> None:
    assert post(create_app(settings), event()) == 404


def test_all_events_in_any_order_end_the_same(charity: Charity, hooked: Flask, provider: Standin) -> None:
    for _ in range(3):
        charity.award(80_00)
    charity.pay()
    charity.reconcile()
    events = provider.look("events")
    for sent in [*reversed(events), *events]:
        assert post(hooked, sent["body"], signature=sent["signature"]) == 200
    charity.work_off()
    assert charity.states() == ["settled"] * 3
    assert charity.findings() == []


def test_settings_for_a_stand_in_never_carry_a_live_key(settings: Settings, provider: Standin) -> None:
    assert settings_for(settings, provider).stripe_api_key.startswith("sk_test_")

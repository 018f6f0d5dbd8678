"""Webhooks are hints: proven before they are read, stored once, answered at once, and looked up afterwards."""

from __future__ import annotations

import json
import time
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select
from stripe import WebhookSignature

from grants.app import create_app
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


@pytest.mark.parametrize(("apart", "status"), [(-301, 403), (-295, 200), (295, 200), (305, 403)])
def test_the_clock_may_differ_by_five_minutes_either_way(hooked: Flask, apart: int, status: int) -> None:
    assert post(hooked, event(), at=int(time.time()) + apart) == status


def test_what_is_not_proven_is_not_read(charity: Charity, hooked: Flask) -> None:
    good = WebhookSignature.generate_signature_header(event(), SECRET)
    assert post(hooked, event(), secret="whsec_other") == 403
    assert post(hooked, event(id="evt_2"), signature=good) == 403
    for signature in ("", "t=1", "v1=00", "t=x,v1=00", good.replace("t=", "t=9")):
        assert post(hooked, event(), signature=signature) == 403
    assert stored(charity) == []


NONSENSE = [event(livemode=True), "[]", "not json", "{}", '{"id": 1, "type": "x"}', "\u202e", event(related_object="x")]


@pytest.mark.parametrize("body", NONSENSE)
def test_a_signed_body_that_makes_no_sense_is_refused_plainly(charity: Charity, hooked: Flask, body: str) -> None:
    assert post(hooked, body) == 400
    assert stored(charity) == []


def test_a_kind_that_we_do_not_know_is_stored_all_the_same(charity: Charity, hooked: Flask) -> None:
    assert post(hooked, event(type="v3.something.new", related_object=None)) == 200
    assert [each.kind for each in stored(charity)] == ["v3.something.new"]


def test_two_secrets_hold_while_one_is_changed(charity: Charity) -> None:
    both = replace(charity.settings, stripe_webhook_secret=f"whsec_new, {SECRET}")
    app = create_app(both, later=charity.notebook, clock=charity.clock)
    assert [post(app, event(id="evt_a")), post(app, event(id="evt_b"), "whsec_new")] == [200, 200]
    assert post(app, event(id="evt_c"), "whsec_gone") == 403


def test_a_large_body_is_turned_away(hooked: Flask) -> None:
    assert post(hooked, event(id="x" * 70_000)) == 413
    assert hooked.test_client().get(PLACE).status_code == 405


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

"""Forged messages and those of third parties: nothing that was changed is taken, and no rail breaks the door."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select
from stripe import WebhookSignature

from grants.app import house_of
from grants.config import Settings
from grants.domain.errors import Refusal
from grants.domain.later import Notebook
from grants.model.payments import ProviderEvent
from grants.offers import Hint, Rail
from grants.rails.manual import ManualRail
from grants.rails.stripe import StripeRail
from grants.web.edge import KEY
from tests.conftest import Start
from tests.sizes import size

SECRET = "whsec_forged"


def genuine(ident: str) -> str:
    about = {"id": "obp_1", "type": "v2.money_management.outbound_payment"}
    kind = "v2.money_management.outbound_payment.posted"
    return json.dumps({"id": ident, "type": kind, "livemode": False, "related_object": about})


class Mutant:
    """Changes a genuine message so that it is not genuine any more."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)

    def text(self, text: str) -> str:
        """One to four changes, each of one place or the whole rest."""
        for _ in range(self.chance.randrange(1, 5)):
            place, odd = self.chance.randrange(len(text) + 1), chr(self.chance.choice([*range(1, 256), 8232, 0x1F4A9]))
            rest = text[place:]
            text = text[:place] + self.chance.choice([odd, odd + rest, rest[1:], odd + rest[1:], rest + rest, ""])
        return text.replace("\r", "").replace("\n", "").strip()

    def message(self) -> tuple[bytes, str]:
        """A body and a signature, of which at least one is wrong."""
        body, now = genuine(f"evt_{self.chance.randrange(10**9)}"), int(time.time())
        good = WebhookSignature.generate_signature_header(body, SECRET, now)
        other = WebhookSignature.generate_signature_header(body, self.chance.choice(["", "whsec", SECRET.upper()]), now)
        old = WebhookSignature.generate_signature_header(body, SECRET, now - self.chance.randrange(302, 10**6))
        kind = self.chance.randrange(6)
        if kind == 0:
            changed = self.text(body).encode()
            return changed, good if changed != body.encode() else ""
        if kind == 1:
            header = self.text(good)
            kept = set(good.split(",")) <= set(header.split(","))  # the true proof among others is still one
            return body.encode(), "" if kept else header
        if kind == 2:
            return body.encode(), self.chance.choice([other, old, f"{old},t={now}", f"t={now},{old}", ""])
        if kind == 3:
            return self.chance.randbytes(self.chance.randrange(300)), self.chance.choice([good, other])
        if kind == 4:
            return body.encode(), self.text("t=1,v1=" + "0" * 64)
        return body.upper().encode(), good


@pytest.fixture
def house_with(start: Start, settings: Settings) -> Callable[[Rail], Flask]:
    """An app with one more rail, and with the one of Stripe, that nobody ever asks anything."""
    chosen = replace(
        settings,
        stripe_api_key="sk_test_nobody",
        stripe_api_base="http://127.0.0.1:9",
        stripe_webhook_secret=SECRET,
        stripe_financial_account="fa_nobody",
    )

    def make(rail: Rail) -> Flask:
        app = start(chosen)
        house = house_of(app)
        rails = {**house.catalogue.rails, "stripe": StripeRail(chosen), rail.slug: rail, "manual": ManualRail()}
        app.extensions[KEY] = replace(house, catalogue=replace(house.catalogue, rails=rails))
        return app

    return make


def stored(app: Flask) -> list[tuple[str, str]]:
    with house_of(app).database.session() as session:
        found = select(ProviderEvent.rail, ProviderEvent.event_id).order_by(ProviderEvent.id)
        return [(row.rail, row.event_id) for row in session.execute(found)]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_nothing_that_was_changed_is_taken(
    house_with: Callable[[Rail], Flask], record_property: Callable[[str, object], None]
) -> None:
    seed, many, answers = 4207, size(ci=5_000, soak=100_000), {403: 0, 400: 0}
    app = house_with(ManualRail())
    mutant, client = Mutant(seed), app.test_client()
    for _ in range(many):
        body, signature = mutant.message()
        sent = signature.encode("latin-1", "replace").decode("latin-1")
        long = {"CONTENT_LENGTH": str(len(body))}
        answer = client.post("/webhooks/stripe", data=body, headers={"Stripe-Signature": sent}, environ_overrides=long)
        status = answer.status_code
        assert status in answers, (status, body, signature)
        answers[status] += 1
    assert stored(app) == []
    record_property("webhooks", f"{many:,} changed messages (seed {seed}): 0 taken, 0 answered by 5xx")


class Pigeons(ManualRail):
    """A third party's rail: its messages carry a word in a header, and some of them break it."""

    slug = "pigeons"

    def read(self, body: bytes, headers: Mapping[str, str]) -> Hint:
        if headers.get("x-word") != "coo":
            raise Refusal("webhook.signature", "Who is there?")
        told = json.loads(body)
        return Hint(**told) if isinstance(told, dict) else told


@pytest.fixture
def flying(house_with: Callable[[Rail], Flask]) -> Flask:
    """The app with a rail of a third party beside the others."""
    return house_with(Pigeons())


def coo(app: Flask, told: object, word: str = "coo", rail: str = "pigeons") -> int:
    return app.test_client().post(f"/webhooks/{rail}", data=json.dumps(told), headers={"X-Word": word}).status_code


def test_any_way_to_pay_has_a_door_of_its_own(flying: Flask, notebook: Notebook) -> None:
    landed = {"event_id": "evt_1", "kind": "landed", "about": "p-1"}
    assert [coo(flying, landed), coo(flying, landed), coo(flying, landed, word="boo")] == [200, 200, 403]
    body = genuine("evt_1")
    signed = {"Stripe-Signature": WebhookSignature.generate_signature_header(body, SECRET)}
    assert flying.test_client().post("/webhooks/stripe", data=body, headers=signed).status_code == 200
    assert stored(flying) == [("pigeons", "evt_1"), ("stripe", "evt_1")]
    assert [job for job, _ in notebook.jobs] == ["look_again", "look_again"]
    assert [coo(flying, {}, rail=rail) for rail in ("manual", "nobody", "Stripe", "%00")] == [404] * 4


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_rail_that_cannot_read_its_messages_is_named_and_breaks_nothing(flying: Flask) -> None:
    for told in (["x"], None, {"event": 1}, {"event_id": 7}, {"event_id": ""}, {"event_id": "e", "about": 3}):
        assert coo(flying, told) == 503
    assert flying.test_client().post("/webhooks/pigeons", data="no JSON", headers={"X-Word": "coo"}).status_code == 503
    found = house_of(flying).catalogue.troubles.lately()
    assert [(each.plugin, each.where) for each in found] == [("pigeons", "pigeons.read")] * 2
    assert {(each.problem, each.times) for each in found} == {("TypeError", 6), ("JSONDecodeError", 1)}
    assert stored(flying) == []

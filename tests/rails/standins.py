"""The stand-in as a provider for the conformance checks, and three rails that are wrong on purpose."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

import stripe
from stripe import WebhookSignature

from grants.domain.money import Money
from grants.offers import Order, Outcome, Payee
from grants.rails.stripe import StripeRail
from grants.standin.process import Standin
from grants.testing import Executed, MessageKind, Trouble

FAULTS: dict[Trouble, str] = {
    "answer_lost": "drop_after",
    "never_arrived": "drop_before",
    "broken_after": "error_after",
    "broken_before": "error_before",
    "busy": "conflict",
    "too_many": "rate_limit",
    "refused": "refuse",
}

ADA = Payee(
    number="P-ADA",
    name="Ada Lovell",
    sort_code="200000",
    account_number="31926819",
    email="ada@example.org",
)


class StandinProvider:
    """The stand-in, with its record of executions as the oracle."""

    def __init__(self, standin: Standin) -> None:
        self.standin = standin

    def executed(self) -> Sequence[Executed]:
        return [
            Executed(each.metadata.get("attempt", ""), each.key, Money(each.amount, each.currency.upper()))
            for each in self.standin.executions()
        ]

    def message(self, kind: MessageKind) -> tuple[bytes, Mapping[str, str]]:
        mode = "true" if kind == "other_mode" else "false"
        about = '{"id": "obp_1", "type": "v2.money_management.outbound_payment"}'
        body = (
            f'{{"id": "evt_1", "type": "v2.money_management.outbound_payment.posted", "livemode": {mode}, '
            f'"related_object": {about}}}'
        )
        secret = "whsec_forged" if kind == "forged" else self.standin.webhook_secret
        at = int(time.time()) + {"old": -3600, "ahead": 3600}.get(kind, 0)
        return body.encode(), {"stripe-signature": WebhookSignature.generate_signature_header(body, secret, at)}

    def trouble(self, kind: Trouble) -> None:
        # A refusal for good is refused however often it is asked; all else passes.
        self.standin.control("faults", fault=FAULTS[kind], times=99 if kind == "refused" else 1)

    def calm(self) -> None:
        self.standin.control("faults/clear")


class RandomKeys(StripeRail):
    """Wrong: a random key each time."""

    def send(self, order: Order, key: str) -> Outcome:
        return super().send(order, secrets.token_hex(20))


class NewKeyOnResend(StripeRail):
    """Wrong: the first request has its key, every later one another."""

    def check(self, order: Order, key: str, reference: str = "") -> Outcome:
        return super().check(order, f"{key}-{secrets.token_hex(4)}", reference)


class BrokenIsFailed(StripeRail):
    """Wrong: an answer of 500 is taken for a refusal."""

    def send(self, order: Order, key: str) -> Outcome:
        try:
            self._payments.create(json.loads(order.body), {"idempotency_key": key})
        except stripe.StripeError as error:
            if (error.http_status or 0) >= 500:
                return Outcome(state="failed", code="broken")
        return super().send(order, key)


class Forgetful(StripeRail):
    """Wrong: a lost answer is taken for a payment that never left."""

    def send(self, order: Order, key: str) -> Outcome:
        outcome = super().send(order, key)
        return replace(outcome, state="failed") if outcome.state == "unknown" else outcome


WRONG = (RandomKeys, NewKeyOnResend, BrokenIsFailed, Forgetful)

"""A charity that pays through the stand-in with the real SDK, as the rail does."""

from __future__ import annotations

from itertools import count
from typing import Any

import stripe

from grants.standin.process import Execution, Standin

_NUMBERS = count(10_000_000)


class Payer:
    """Makes recipients and payments over HTTP; the SDK's own retries are off."""

    def __init__(self, standin: Standin, key: str = Standin.api_key, patience: float = 30) -> None:
        addresses: Any = dict.fromkeys(("api", "files", "connect", "meter_events"), standin.url)
        self.standin = standin
        self.client = stripe.StripeClient(
            key,
            base_addresses=addresses,
            max_network_retries=0,
            http_client=stripe.RequestsClient(timeout=patience),
        )
        self.core: Any = self.client.v2.core
        self.money: Any = self.client.v2.money_management

    def account(self, key: str | None = None, **changes: Any) -> Any:
        params: Any = {
            "contact_email": "ada@example.org",
            "display_name": "Ada Lovell",
            "identity": {
                "country": "gb",
                "entity_type": "individual",
                "individual": {"given_name": "Ada", "surname": "Lovell"},
            },
            "configuration": {"recipient": {"capabilities": {"bank_accounts": {"local": {"requested": True}}}}},
            "include": ["configuration.recipient", "requirements"],
        }
        return self.core.accounts.create(params | changes, {"idempotency_key": key} if key else None)

    def method(self, account: str, number: str | None = None, sort: str = "200000") -> Any:
        bank: Any = {
            "country": "GB",
            "currency": "gbp",
            "routing_number": sort,
            "account_number": number or str(next(_NUMBERS)),
        }
        data: Any = {"type": "bank_account", "bank_account": bank}
        intent = self.money.outbound_setup_intents.create(
            {"usage_intent": "payment", "payout_method_data": data}, {"stripe_context": account}
        )
        return intent.payout_method

    def verify(self, account: str, method: str) -> Any:
        return self.money.recipient_verifications.create({"payout_method": method, "recipient": account})

    def order(self, amount: int = 3_700, number: str | None = None, **changes: Any) -> Any:
        """The body of a payment to a new recipient whose name was checked."""
        account = self.account()
        method = self.method(account.id, number)
        verification = self.verify(account.id, method.id)
        return {
            "from": {"financial_account": self.standin.financial_account, "currency": "gbp"},
            "to": {"recipient": account.id, "payout_method": method.id, "currency": "gbp"},
            "amount": {"value": amount, "currency": "gbp"},
            "statement_descriptor": "GRANT G-7F3K",
            "recipient_verification": verification.id,
            "recipient_notification": {"setting": "none"},
            "metadata": {"attempt_id": "1"},
        } | changes

    def send(self, order: Any, key: str) -> Any:
        return self.money.outbound_payments.create(order, {"idempotency_key": key})

    def executions(self, key: str) -> list[Execution]:
        return [each for each in self.standin.executions() if each.key == key]

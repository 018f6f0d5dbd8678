"""Paying by Stripe Global Payouts: one frozen request, one key, and a lookup for every lost answer.

On API v2 a key that comes again with the same body returns what it made, or completes what had failed:
for 25 of its 30 days, sending again is the lookup. After that the recipient's payments are listed and
matched by our own number in their metadata.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import requests
import stripe

from grants.config import Settings
from grants.domain.errors import Refusal
from grants.offers import Held, Hint, Order, Outcome, Payee, Rail, Ready
from grants.rails.keys import derive
from grants.rails.stripe.answers import number_of, outcome_of, refused
from grants.rails.stripe.recipients import Recipients, read_token
from grants.rails.stripe.webhooks import read_event

TIMEOUT = 20.0
"""Seconds until an answer counts as lost, unless the lease is shorter."""

CONNECTIONS = 32
"""How many connections to a stand-in are kept open; the SDK keeps one for each thread otherwise."""

CLOCKS_APART = timedelta(hours=1)
"""How far before our own time of sending a payment is looked for."""


class StripeRail(Rail):
    """Pays to bank accounts from the charity's financial account at Stripe."""

    slug = "stripe"
    title = "Stripe, to a bank account"
    key_days = 25

    def __init__(
        self, settings: Settings, *, verify: bool = True, timeout: float = 0.0, clock: Callable[[], float] = time.time
    ) -> None:
        """Takes the key, address and account from the settings; ``verify=False`` is for senders without name checks.

        Raises Refusal when the financial account is missing. Asks Stripe nothing yet.
        """
        if not settings.stripe_financial_account:
            raise Refusal("stripe.account", "GRANTS_STRIPE_FINANCIAL_ACCOUNT is needed to pay by Stripe.")
        self._settings = settings
        self._live = settings.stripe_api_key.startswith(("sk_live_", "rk_live_"))
        self._clock = clock
        self._client = _client(settings, timeout or min(TIMEOUT, settings.lease_seconds / 3))
        self._payments = self._client.v2.money_management.outbound_payments
        self._recipients = Recipients(self._client, self._derive, verify)

    def ready(self, payee: Payee) -> Ready:
        """Returns whether this payee can be paid, making Stripe's recipient and checking the name."""
        return self._recipients.ready(payee)

    def accept(self, payee: Payee) -> str:
        """Returns the token with the last result of the name check accepted."""
        token = read_token(payee.token)
        return replace(token, accepted=token.result).text()

    def body(self, order: Order) -> str:
        """Returns the request to freeze: no name, no account number, no message to the recipient."""
        token, currency = read_token(order.payee.token), order.amount.currency.lower()
        to: dict[str, Any] = {"recipient": token.account, "payout_method": token.method, "currency": currency}
        if currency == "gbp":
            to["payout_method_options"] = {"bank_account": {"preferred_networks": ["fps"]}}
        request: dict[str, Any] = {
            "from": {"financial_account": self._settings.stripe_financial_account, "currency": currency},
            "to": to,
            "amount": {"value": order.amount.amount, "currency": currency},
            "statement_descriptor": order.reference,
            "recipient_notification": {"setting": "none"},
            "metadata": {"attempt": order.number},
        }
        if token.verification:
            request["recipient_verification"] = token.verification
        return json.dumps(request, sort_keys=True, separators=(",", ":"))

    def send(self, order: Order, key: str) -> Outcome:
        """Posts the frozen body under the key, once."""
        try:
            made = self._payments.create(json.loads(order.body), {"idempotency_key": key})
        except stripe.StripeError as error:
            return refused(error)
        return outcome_of(_data(made), self._live, order.number)

    def check(self, order: Order, key: str, reference: str = "") -> Outcome:
        """Returns what became of an order: by its reference, by its key while that lives, else from the list."""
        if reference:
            return self._retrieve(order, reference)
        if not order.replay:
            return self._find(order)
        outcome = self.send(order, key)
        if outcome.state == "failed":
            # A refusal now says nothing of the first time: failed only when the list does not hold it either.
            found = self._find(order)
            return outcome if found.code == "absent" else found
        return replace(outcome, state="unknown") if outcome.state == "put_back" else outcome

    def cancel(self, reference: str) -> Outcome:
        """Asks to stop a payment that is still processing; otherwise it stays as it is (``unknown`` here)."""
        try:
            made = self._payments.cancel(reference)
        except stripe.StripeError as error:
            return replace(refused(error), state="unknown", reference=reference)
        return outcome_of(_data(made), self._live)

    def since(self, time: datetime) -> Iterator[Held]:
        """Yields every payment made since the time; raises Refusal ``rail.silent`` when Stripe cannot be asked."""
        try:
            for data in self._list({"created": {"gte": _stamp(time)}, "limit": 100}):
                yield self._held(data)
        except stripe.StripeError as error:
            raise Refusal("rail.silent", "Stripe could not be asked just now. Try again later.") from error

    def held(self, reference: str) -> Held | None:
        """Returns one payment by Stripe's own id, or None when Stripe does not show it."""
        try:
            return self._held(_data(self._payments.retrieve(reference)))
        except stripe.StripeError:
            return None

    def read(self, body: bytes, headers: Mapping[str, str]) -> Hint:
        """Returns the hint in a signed thin event, or raises Refusal; the body is parsed only when it is proven."""
        chosen, signature = self._settings, headers.get("stripe-signature", "")
        secrets, account = chosen.stripe_webhook_secret, chosen.stripe_account
        return read_event(body, signature, secrets, live=self._live, now=self._clock(), account=account)

    def _held(self, data: Mapping[str, Any]) -> Held:
        created = datetime.fromisoformat(str(data["created"]))
        return Held(number=number_of(data), outcome=outcome_of(data, self._live), created=created)

    def _retrieve(self, order: Order, reference: str) -> Outcome:
        try:
            data = _data(self._payments.retrieve(reference))
        except stripe.StripeError as error:
            return replace(refused(error), state="unknown")
        outcome = outcome_of(data, self._live, order.number)
        same = outcome.reference in ("", reference)
        return outcome if same else Outcome(state="unknown", code="unexpected_answer")

    def _find(self, order: Order) -> Outcome:
        """Returns what the recipient's list holds under our number; code ``absent`` when it surely holds nothing."""
        wanted: dict[str, Any] = {"recipient": json.loads(order.body)["to"]["recipient"], "limit": 100}
        if order.sent_at is not None:
            wanted["created"] = {"gte": _stamp(order.sent_at - CLOCKS_APART)}
        try:
            for data in self._list(wanted):
                if number_of(data) == order.number:
                    return outcome_of(data, self._live, order.number)
        except stripe.StripeError as error:
            return replace(refused(error), state="unknown")
        return Outcome(state="unknown", code="absent")

    def _list(self, wanted: dict[str, Any]) -> Iterator[dict[str, Any]]:
        page = self._payments.list(cast(Any, wanted))
        for payment in page.auto_paging_iter():
            yield _data(payment)

    def _derive(self, *parts: str) -> str:
        return derive(self._settings.secret_key, "stripe", *parts)


def _client(settings: Settings, timeout: float) -> stripe.StripeClient:
    session = requests.Session() if settings.stripe_api_base else None
    if session is not None:
        session.trust_env = False  # a stand-in on this machine is never reached through a proxy
        session.mount("http://", requests.adapters.HTTPAdapter(pool_maxsize=CONNECTIONS))
    base = settings.stripe_api_base.rstrip("/")
    addresses: Any = dict.fromkeys(("api", "files", "connect", "meter_events"), base) if base else {}
    return stripe.StripeClient(
        settings.stripe_api_key,
        base_addresses=addresses,
        max_network_retries=0,
        http_client=stripe.RequestsClient(timeout=timeout, session=session),
    )


def _data(thing: stripe.StripeObject) -> dict[str, Any]:
    return thing.to_dict()


def _stamp(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

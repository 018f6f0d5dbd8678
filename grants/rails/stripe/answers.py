"""What Stripe's answers and errors mean for money: failed only when surely nothing moved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import stripe
from requests.exceptions import ConnectTimeout
from urllib3.exceptions import MaxRetryError, NewConnectionError

from grants.domain.errors import Refusal
from grants.domain.money import Money
from grants.offers import Outcome, OutcomeState

STATES: dict[str, OutcomeState] = {
    "processing": "accepted",
    "posted": "settled",
    "failed": "failed",
    "returned": "returned",
    "canceled": "cancelled",
}

OURS = (
    stripe.InsufficientFundsError,
    stripe.FinancialAccountNotOpenError,
    stripe.FeatureNotEnabledError,
    stripe.QuotaExceededError,
)
"""Definite refusals whose cause is on our side: the next payment would meet the same."""

DEFINITE = (
    *OURS,
    stripe.InvalidRequestError,
    stripe.InvalidPayoutMethodError,
    stripe.BlockedByStripeError,
    stripe.CannotProceedError,
    stripe.CapabilityNotEnabledError,
    stripe.ControlledByAlternateResourceError,
    stripe.RecipientNotNotifiableError,
    stripe.AlreadyCanceledError,
    stripe.NotCancelableError,
)
"""Refusals after which no money moved, when they come with a status of 400 to 499."""

UNKNOWN_ANSWER = Outcome(state="unknown", code="unexpected_answer")


def outcome_of(data: Mapping[str, Any], live: bool, number: str = "") -> Outcome:
    """Returns the outcome that an outbound payment shows; ``unknown`` for anything that does not look like ours.

    ``number`` is our attempt number, which its metadata must carry; empty when any will do.
    """
    state = STATES.get(str(data.get("status")))
    amount = _amount(data)
    if state is None or amount is None or not data.get("id") or bool(data.get("livemode")) != live:
        return UNKNOWN_ANSWER
    if number and number_of(data) != number:
        return UNKNOWN_ANSWER
    return Outcome(state=state, reference=str(data["id"]), code=_reason(data), amount=amount)


def number_of(data: Mapping[str, Any]) -> str:
    """Returns our attempt number in a payment's metadata; empty when there is none."""
    return str((data.get("metadata") or {}).get("attempt", ""))


def refused(error: stripe.StripeError) -> Outcome:
    """Returns what an error means: failed, put back because it was never looked at, or unknown."""
    status, code = error.http_status or 0, _code(error)
    if isinstance(error, stripe.APIConnectionError):
        state: OutcomeState = "put_back" if never_sent(error) else "unknown"
        return Outcome(state=state, code="not_connected" if state == "put_back" else "no_answer")
    if isinstance(error, stripe.IdempotencyError) or status == 409:
        return Outcome(state="unknown", code="key_in_use" if status == 409 else "key_conflict")
    if isinstance(error, stripe.RateLimitError) or status == 429:
        return Outcome(state="put_back", code="rate_limit")
    if isinstance(error, DEFINITE) and 400 <= status < 500:
        return Outcome(state="failed", code=code, detail=_words(error), pause=isinstance(error, OURS))
    if isinstance(error, stripe.AuthenticationError | stripe.PermissionError):
        return Outcome(state="put_back", code=code, pause=True)
    return Outcome(state="unknown", code=code or f"status_{status}")


def never_sent(error: BaseException) -> bool:
    """Returns whether the connection was proven refused before the first byte of the request left."""
    cause = error.__cause__
    if isinstance(cause, ConnectTimeout):
        return True
    inner = cause.args[0] if cause is not None and cause.args else None
    return isinstance(inner, MaxRetryError) and isinstance(inner.reason, NewConnectionError)


def _amount(data: Mapping[str, Any]) -> Money | None:
    given = data.get("amount") or {}
    value, currency = given.get("value"), str(given.get("currency", "")).upper()
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    try:
        return Money(value, currency)
    except Refusal:
        return None


def _reason(data: Mapping[str, Any]) -> str:
    details = (data.get("status_details") or {}).get(str(data.get("status"))) or {}
    return str(details.get("reason", ""))[:80]


def _code(error: stripe.StripeError) -> str:
    body = error.json_body
    told = body.get("error") if isinstance(body, dict) else None
    kind = told.get("type") if isinstance(told, dict) else ""
    return str(error.code or kind or type(error).__name__)[:80]


def _words(error: stripe.StripeError) -> str:
    return str(error.user_message or "")[:200]

"""What the stand-in says when it says no: error bodies that the SDK turns into its error classes."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

DEFINITE: dict[str, str] = {
    "insufficient_funds": "The financial account does not have enough money for this payment.",
    "invalid_payout_method": "The payout method cannot be used for this payment.",
    "blocked_by_stripe": "This payment was blocked.",
    "cannot_proceed": "This payment cannot proceed.",
    "recipient_not_notifiable": "The recipient cannot be notified: there is no e-mail address.",
    "capability_not_enabled": "The recipient's capability is not active.",
    "feature_not_enabled": "This feature is not enabled for your account.",
    "financial_account_not_open": "The financial account is not open.",
    "quota_exceeded": "You have used up your quota.",
    "not_cancelable": "This payment can no longer be cancelled.",
    "already_canceled": "This payment was cancelled before.",
}
"""Definite refusals by `type`: nothing was executed, nor will be until something changes."""


class Refusal(Exception):
    """An answer that is not 2xx; `body()` is its JSON."""

    def __init__(self, status: int, kind: str, code: str, message: str, param: str | None = None) -> None:
        """Keeps the HTTP status, the error's type and code, the sentence, and the parameter to blame."""
        super().__init__(message)
        self.status, self.kind, self.code, self.message, self.param = status, kind, code, message, param

    def body(self) -> Json:
        """Returns the error body."""
        error: Json = {"type": self.kind, "code": self.code, "message": self.message}
        if self.param is not None:
            error["param"] = self.param
        return {"error": error}


def definite(kind: str, message: str | None = None, status: int = 400) -> Refusal:
    """Returns a definite refusal of the given type, with its own sentence unless another is given."""
    text = message or DEFINITE.get(kind, "This request was refused.")
    return Refusal(status, kind, kind, text)


def bad_field(param: str, message: str) -> Refusal:
    """Returns the refusal of a request that breaks the contract (`InvalidRequestError` in the SDK)."""
    return Refusal(400, "invalid_request_error", "invalid_fields", message, param)


def not_found(what: str) -> Refusal:
    """Returns the refusal of a request for something that is not there, or not there for this context."""
    return Refusal(404, "invalid_request_error", "not_found", f"No such object: {what}.")


def unauthorised() -> Refusal:
    """Returns the refusal of a missing, live or unknown key (`AuthenticationError` in the SDK)."""
    return Refusal(401, "authentication_error", "api_key_invalid", "The API key is missing or not a test key.")


def forbidden() -> Refusal:
    """Returns the refusal of a key without the permission (`PermissionError` in the SDK)."""
    return Refusal(403, "permission_error", "api_key_permission", "The API key has no permission for this.")


def too_many() -> Refusal:
    """Returns the refusal of a request that came too fast (`RateLimitError` in the SDK)."""
    return Refusal(429, "rate_limit", "rate_limit", "Too many requests: try again later.")


def key_in_use() -> Refusal:
    """Returns the refusal of a key that another request holds at this moment (status 409)."""
    text = "Another request with this idempotency key is in progress."
    return Refusal(409, "idempotency_error", "idempotency_key_in_use", text)


def key_reused() -> Refusal:
    """Returns the refusal of a known key with another request (`IdempotencyError`, status 400)."""
    text = "This idempotency key was used before with another request."
    return Refusal(400, "idempotency_error", "idempotency_key_reused", text)


def broken(status: int = 500) -> Refusal:
    """Returns the provider's own failure (`APIError` in the SDK): it says nothing of what was executed."""
    return Refusal(status, "api_error", "internal_error", "Something went wrong on our side.")

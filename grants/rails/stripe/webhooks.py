"""Proving that an event comes from Stripe, before a byte of it is parsed."""

from __future__ import annotations

import json
import re
from typing import Any

from stripe import SignatureVerificationError, WebhookSignature

from grants.domain.errors import Refusal
from grants.offers import Hint

TOLERANCE = 300
"""Seconds that an event's stamp may differ from our clock, before or after."""

PAYMENTS = "v2.money_management.outbound_payment."
"""How the kinds of events about our payments begin; all others are kept and not looked up."""

_SECONDS = re.compile(r"[1-9]\d{0,11}", re.ASCII)


def read_event(body: bytes, signature: str, secrets: str, *, live: bool, now: float, account: str = "") -> Hint:
    """Returns what a thin event says; ``secrets`` holds one secret, or two apart by a comma during a change.

    With our own ``account`` given, an event about a payment must be from there when it names one. Raises Refusal
    ``webhook.signature``, ``webhook.clock``, ``webhook.body``, ``webhook.livemode`` or ``webhook.account``.
    """
    stamp = _stamp(signature)
    _prove(body, signature, [each.strip() for each in secrets.split(",") if each.strip()])
    if abs(now - stamp) > TOLERANCE:
        raise Refusal("webhook.clock", "This message is too old, or from a clock that is wrong.")
    return _hint(_parse(body), live, account)


def _stamp(signature: str) -> int:
    """Returns the one stamp in the header: a second one could show us another time than what was signed."""
    parts = signature.split(",")
    stamps = [value for name, _, value in (part.partition("=") for part in parts) if name == "t"]
    plain = signature.isascii() and all(part.count("=") == 1 for part in parts)
    if not plain or len(stamps) != 1 or not _SECONDS.fullmatch(stamps[0]):
        raise _unproven()
    return int(stamps[0])


def _prove(body: bytes, signature: str, secrets: list[str]) -> None:
    for secret in secrets:
        try:
            WebhookSignature.verify_header(body, signature, secret)
        except (SignatureVerificationError, UnicodeError, ValueError):
            continue
        return
    raise _unproven()


def _parse(body: bytes) -> dict[str, Any]:
    try:
        event = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise _nonsense() from error
    if not isinstance(event, dict):
        raise _nonsense()
    return event


def _hint(event: dict[str, Any], live: bool, account: str) -> Hint:
    related = event.get("related_object") or {}
    if not isinstance(related, dict):
        raise _nonsense()
    named = [event.get("id"), event.get("type"), related.get("id", ""), event.get("context") or event.get("account")]
    ident, kind, about, source = ("" if value is None else value for value in named)
    if not all(isinstance(value, str) for value in (ident, kind, about, source)) or not ident or not kind:
        raise _nonsense()
    if event.get("livemode") is not live:
        raise Refusal("webhook.livemode", "This message is from the other mode, live or test.")
    if not kind.startswith(PAYMENTS):
        return Hint(event_id=ident, kind=kind)
    if account and source and source.rpartition("/")[2] != account:
        raise Refusal("webhook.account", "This message is from another account than ours.")
    return Hint(event_id=ident, kind=kind, about=about)


def _unproven() -> Refusal:
    return Refusal("webhook.signature", "The signature of this message is not right.")


def _nonsense() -> Refusal:
    return Refusal("webhook.body", "This message is not an event.")

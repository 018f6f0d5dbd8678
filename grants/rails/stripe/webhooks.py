"""Proving that an event comes from Stripe, before a byte of it is parsed."""

from __future__ import annotations

import json
import re

from stripe import SignatureVerificationError, WebhookSignature

from grants.domain.errors import Refusal
from grants.offers import Hint

TOLERANCE = 300
"""Seconds that an event's stamp may differ from our clock, before or after."""

_STAMP = re.compile(r"(?:^|,)t=(\d{1,12})(?:,|$)", re.ASCII)


def read_event(body: bytes, signature: str, secrets: str, *, live: bool, now: float) -> Hint:
    """Returns what a thin event says; ``secrets`` holds one secret, or two apart by a comma during a change.

    Raises Refusal ``webhook.signature``, ``webhook.clock``, ``webhook.livemode`` or ``webhook.body``.
    """
    _prove(body, signature, [each.strip() for each in secrets.split(",") if each.strip()])
    stamp = _STAMP.search(signature)
    if stamp is None or abs(now - int(stamp[1])) > TOLERANCE:
        raise Refusal("webhook.clock", "This message is too old, or from a clock that is wrong.")
    return _parse(body, live)


def _prove(body: bytes, signature: str, secrets: list[str]) -> None:
    for secret in secrets:
        try:
            WebhookSignature.verify_header(body, signature, secret)
        except (SignatureVerificationError, UnicodeError, ValueError):
            continue
        return
    raise Refusal("webhook.signature", "The signature of this message is not right.")


def _parse(body: bytes, live: bool) -> Hint:
    try:
        event = json.loads(body)
        related = event.get("related_object") or {}
        hint = Hint(
            event_id=str(event["id"])[:120], kind=str(event["type"])[:120], about=str(related.get("id", ""))[:120]
        )
        sent_live = event.get("livemode")
    except (ValueError, KeyError, AttributeError) as error:
        raise Refusal("webhook.body", "This message is not an event.") from error
    if sent_live is not live:
        raise Refusal("webhook.livemode", "This message is from the other mode, live or test.")
    return hint

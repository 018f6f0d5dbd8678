"""What the service tells us of a text later: proven by its signature before anything in it is read."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from typing import Literal
from urllib.parse import parse_qsl

from grants import Delivery, Refusal
from grants_twilio.account import Account

STATES: Mapping[str, Literal["sent", "delivered", "came_back"]] = {
    "delivered": "delivered",
    "undelivered": "came_back",
    "failed": "came_back",
}


def signature(secret: str, url: str, pairs: list[tuple[str, str]]) -> str:
    """Returns the signature of a webhook: its address with every name and value in order, under the secret."""
    told = url + "".join(f"{name}{value}" for name, value in sorted(pairs))
    return base64.b64encode(hmac.new(secret.encode(), told.encode(), hashlib.sha1).digest()).decode("ascii")


def reader(account: Account) -> Callable[[bytes, Mapping[str, str]], Delivery]:
    """Returns a function that says what a proven webhook tells; raises Refusal for one that is not proven."""

    def read(body: bytes, headers: Mapping[str, str]) -> Delivery:
        try:
            pairs = parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=100)
        except ValueError as error:
            raise Refusal("webhook.body", "This is no form.") from error
        right = signature(account.secret, account.told_at, pairs)
        if not hmac.compare_digest(right.encode(), headers.get("x-twilio-signature", "").encode()):
            raise Refusal("webhook.signature", "The signature is not right.")
        said = dict(pairs)
        if said.get("AccountSid", account.number) != account.number or not said.get("MessageSid"):
            raise Refusal("webhook.account", "This is not about a text of ours.")
        state = STATES.get(said.get("MessageStatus", ""), "sent")
        return Delivery(reference=said["MessageSid"], state=state, code=said.get("ErrorCode", ""))

    return read

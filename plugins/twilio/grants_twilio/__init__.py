"""Text messages by Twilio: one request for each, and a signed word back when it was delivered or came back."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any

from grants import Messenger, hookimpl
from grants_twilio.account import Account
from grants_twilio.sending import sender
from grants_twilio.webhook import reader


@hookimpl
def grants_messengers(settings: Any) -> Iterator[Messenger]:
    """Offers texts when the account is named in the environment; a live copy sends only to the service itself."""
    account = account_in(os.environ, settings)
    if account is not None:
        yield messenger(account)


def account_in(environ: Mapping[str, str], settings: Any) -> Account | None:
    """Returns the account that the environment names, or None while a part of it is missing."""
    number, secret, source = (
        environ.get(f"TWILIO_{name}", "").strip() for name in ("ACCOUNT_SID", "AUTH_TOKEN", "FROM")
    )
    if not (number and secret and source):
        return None
    return Account(
        number=number,
        secret=secret,
        source=source,
        agreed_sender=environ.get("TWILIO_SENDER", "").strip() == "agreed",
        country=environ.get("TWILIO_COUNTRY", "").strip() or "44",
        base="" if settings.mode == "live" else environ.get("TWILIO_API_BASE", "").strip(),
        told_at=f"{settings.base_url.rstrip('/')}/webhooks/twilio",
    )


def messenger(account: Account) -> Messenger:
    """Returns the messenger of an account."""
    return Messenger(
        slug="twilio", title="Text messages (Twilio)", channel="text", send=sender(account), read=reader(account)
    )

"""Sending one text: taken, surely not taken, refused for good, or nobody can say.

The service remembers no key of ours, so a request that went out without an answer may have been taken.
"""

from __future__ import annotations

import base64
import http.client
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlencode

from grants import CameBack, Message, PerhapsTaken
from grants_twilio.account import Account

NOBODY_THERE = frozenset({21211, 21214, 21217, 21610, 21614})
"""Codes of the service for a number that is none, is no mobile, or has asked for no more texts."""


class NotTaken(RuntimeError):
    """The service surely did not take it: it is tried again later. The text is a status without personal data."""


def sender(account: Account) -> Callable[[Message], str]:
    """Returns a function that sends one text and returns the service's own number of it."""

    def send(message: Message) -> str:
        connection = account.connection()
        connection.connect()  # whatever goes wrong up to here: nothing was sent
        try:
            status, said = _ask(connection, account, message)
        finally:
            connection.close()
        return _taken(status, said)

    return send


def _ask(connection: http.client.HTTPConnection, account: Account, message: Message) -> tuple[int, bytes]:
    known = base64.b64encode(f"{account.number}:{account.secret}".encode()).decode("ascii")
    headers = {"Authorization": f"Basic {known}", "Content-Type": "application/x-www-form-urlencoded"}
    path = f"/2010-04-01/Accounts/{quote(account.number, safe='')}/Messages.json"
    try:
        connection.request("POST", path, urlencode(_form(account, message)), headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    except (OSError, http.client.HTTPException) as error:
        raise PerhapsTaken from error


def _form(account: Account, message: Message) -> dict[str, str]:
    service = account.source.startswith("MG")
    form = {"To": account.dialled(message.to), "Body": message.text, "StatusCallback": account.told_at}
    if account.agreed_sender and message.sender:
        return form | {"From": message.sender} | ({"MessagingServiceSid": account.source} if service else {})
    return form | {"MessagingServiceSid" if service else "From": account.source}


def _taken(status: int, said: bytes) -> str:
    answer = _json(said)
    if status in (200, 201):
        return str(answer.get("sid", ""))[:80]
    if status >= 500:
        raise PerhapsTaken
    code = answer.get("code")
    if status == 400 and code in NOBODY_THERE:
        raise CameBack(str(code))
    raise NotTaken(f"status {status}")


def _json(said: bytes) -> dict[str, Any]:
    try:
        found = json.loads(said)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}

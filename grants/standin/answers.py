"""One HTTP request and one answer, as plain values; and the answers that are no answers."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from grants.standin.refusals import bad_field

GARBAGE = {
    "html": (b"<html><body>Bad gateway</body></html>", "text/html"),
    "empty": (b"{}", "application/json"),
    "cut": (b'{"id": "obp_test_', "application/json"),
}


class Dropped(ConnectionResetError):
    """The connection is to be reset with no answer."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """One HTTP request; header names are lower-case, `base` is the address it came to."""

    method: str
    path: str
    query: str
    body: bytes
    headers: dict[str, str]
    base: str

    @property
    def key(self) -> str:
        """Returns the idempotency key, or nothing."""
        return self.headers.get("idempotency-key", "")


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


def answer(status: int, data: object) -> Answer:
    """Returns a JSON answer."""
    return Answer(status, json.dumps(data).encode(), {"Content-Type": "application/json"})


def garbage(kind: str) -> Answer:
    """Returns a 200 with a useless body: html, empty (an object without fields) or cut (half an object)."""
    body, content = GARBAGE.get(kind, GARBAGE["html"])
    return Answer(200, body, {"Content-Type": content})


def read_body(body: bytes) -> object:
    """Returns the JSON of a body (nothing is an empty object); raises a refusal if it is not JSON."""
    try:
        return json.loads(body or b"{}")
    except ValueError as problem:
        raise bad_field("body", "The body is not JSON.") from problem

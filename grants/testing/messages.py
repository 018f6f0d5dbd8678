"""Checks of what a rail makes of messages: a genuine one is read, and whatever else comes is refused in good order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal, Protocol, runtime_checkable

from grants.domain.errors import Refusal
from grants.offers import Hint, Rail

MessageKind = Literal["genuine", "forged", "old", "ahead", "other_mode"]

WRONG: dict[MessageKind, str] = {
    "forged": "signed with a secret that is not ours",
    "old": "signed an hour ago",
    "ahead": "signed an hour ahead of our clock",
    "other_mode": "from the other mode, live or test",
}
"""Messages that are refused, though they look right."""

Message = tuple[bytes, Mapping[str, str]]
"""A raw body, and its headers with names in lower case."""

CHANGES = 200
"""How many bytes of a body are changed, one at a time."""


@runtime_checkable
class Sender(Protocol):
    """A provider that writes messages, as it would post them to ``/webhooks/<slug>``."""

    def message(self, kind: MessageKind) -> Message:
        """Returns a message about one of its payments, of now unless the kind says otherwise."""


def check_messages(rail: Rail, provider: object) -> None:
    """Checks ``Rail.read``; a rail that reads no messages refuses them all."""
    for body, headers in _nonsense():
        _refused(rail, body, headers, "nonsense")
    if type(rail).read is Rail.read:
        return
    assert isinstance(provider, Sender), "a rail that reads messages is checked with a provider that writes them"
    body, headers = provider.message("genuine")
    hint = rail.read(body, headers)
    assert isinstance(hint, Hint), f"read returns a Hint, not {type(hint).__name__}"
    assert hint.event_id, "an event has an id: it is taken once"
    assert hint.about, "a message about a payment says which"
    assert rail.read(body, headers) == hint, "the same message is read the same way twice"
    for kind, words in WRONG.items():
        _refused(rail, *provider.message(kind), words)
    for changed in _changed(body, headers):
        _refused(rail, *changed, "changed on its way")


def _refused(rail: Rail, body: bytes, headers: Mapping[str, str], words: str) -> None:
    try:
        hint = rail.read(body, headers)
    except Refusal:
        return
    except Exception as error:
        raise AssertionError(f"a message that is {words} is refused, but read raised {type(error).__name__}") from error
    raise AssertionError(f"a message that is {words} was believed: {hint}")


def _nonsense() -> Iterator[Message]:
    for body in (b"", b"no JSON", b"\xff\xfe\x00", b"[" * 60_000, b"{}", b"null"):
        for headers in (
            {},
            {"content-type": "application/json"},
            {"stripe-signature": "t=\xe9,v1=0", "signature": "="},
        ):
            yield body, headers


def _changed(body: bytes, headers: Mapping[str, str]) -> Iterator[Message]:
    """Yields the message with one byte of its body changed, left out or doubled, then without any header."""
    for place, byte in enumerate(body[:CHANGES]):
        yield body[:place] + bytes([byte ^ 1]) + body[place + 1 :], headers
        yield body[:place] + body[place + 1 :], headers
        yield body[:place] + bytes([byte]) + body[place:], headers
    yield body + b" ", headers
    yield body, {}

"""Carrying words: what a messenger is given, what it may answer, and what its channel says later."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal


class CameBack(Exception):
    """Raised by ``Messenger.send``: this address takes nothing, now or later, so nobody tries again.

    Its text is a short code of the far end without personal data, such as ``550``.
    """


class PerhapsTaken(Exception):
    """Raised by ``Messenger.send``: all of it went out and no answer came. It is sent once more, never a third time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message ready to go: to one address on one channel, in plain text.

    ``number`` is the same each time when a message is tried again, so that the far end can drop a repeat. ``sender``
    is what the person agreed that the sender is called, at most 11 characters; empty for messages to staff.
    """

    to: str
    subject: str
    text: str
    number: str
    language: str = "en"
    sender: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What a channel says later of a message: under its own reference, whether it arrived or came back.

    ``sent`` is anything between. ``code`` is short and without personal data.
    """

    reference: str
    state: Literal["sent", "delivered", "came_back"]
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Messenger:
    """A way of reaching people; ``send`` raises when the message was surely not taken.

    ``send`` may return the channel's own reference of the message, at most 80 characters. It raises ``CameBack`` for an
    address that never takes anything, ``PerhapsTaken`` where nobody can say; anything else is tried again later.
    ``read(body, headers)`` returns what a proven message of the channel to ``/webhooks/<slug>`` says, or raises Refusal
    (``webhook.signature`` for one that is not proven); header names are in lower case.
    """

    slug: str
    title: str
    channel: Literal["email", "text", "letter"]
    send: Callable[[Message], str | None]
    read: Callable[[bytes, Mapping[str, str]], Delivery] | None = None

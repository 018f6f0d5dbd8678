"""The recipients’ door: applying without an account, and each recipient’s own page."""

from __future__ import annotations

from grants.web.recipients import (
    again,
    answer,
    applying,
    asks,
    code,
    contact,
    front,
    language,
    leaving,
    mine,
    ours,
    pace,
    referred,
    returning,
    rule,
    stories,
    telling,
    waiting,
)
from grants.web.recipients.door import door

__all__ = [
    "again",
    "answer",
    "applying",
    "asks",
    "code",
    "contact",
    "door",
    "front",
    "language",
    "leaving",
    "mine",
    "ours",
    "pace",
    "referred",
    "returning",
    "rule",
    "stories",
    "telling",
    "waiting",
]

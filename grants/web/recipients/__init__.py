"""The recipients’ door: applying without an account, and each recipient’s own page."""

from __future__ import annotations

from grants.web.recipients import (
    again,
    answer,
    applying,
    asks,
    code,
    front,
    language,
    leaving,
    mine,
    ours,
    pace,
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
    "door",
    "front",
    "language",
    "leaving",
    "mine",
    "ours",
    "pace",
    "rule",
    "stories",
    "telling",
    "waiting",
]

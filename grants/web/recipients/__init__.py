"""The recipients’ door: applying without an account, and each recipient’s own page."""

from __future__ import annotations

from grants.web.recipients import applying, asks, front, leaving, mine, telling
from grants.web.recipients.door import door

__all__ = ["applying", "asks", "door", "front", "leaving", "mine", "telling"]

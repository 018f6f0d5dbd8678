"""The recipients’ door: applying without an account, and each recipient’s own page."""

from __future__ import annotations

from grants.web.recipients import again, applying, asks, front, leaving, mine, pace, rule, telling
from grants.web.recipients.door import door

__all__ = ["again", "applying", "asks", "door", "front", "leaving", "mine", "pace", "rule", "telling"]

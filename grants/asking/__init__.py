"""Asking: a plugin’s own code runs in a process of its own, with little time and memory, and answers in plain data.

``python -m grants.asking`` is that process. It imports the offers, the domain and one plugin: no page, no
database, no setting of the system and no secret. What comes back over its one pipe is JSON, read and checked here.
"""

from __future__ import annotations

from grants.asking.elsewhere import ask, ask_many
from grants.asking.sound import Unsound, loaded

__all__ = ["Unsound", "ask", "ask_many", "loaded"]

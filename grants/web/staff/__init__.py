"""The staff door: one page for each verb, and people, funds, runs and tasks besides."""

from __future__ import annotations

from grants.web.staff import application, decide, enter, funds, grants, home, learn, new_fund, queue
from grants.web.staff.door import door

__all__ = ["application", "decide", "door", "enter", "funds", "grants", "home", "learn", "new_fund", "queue"]

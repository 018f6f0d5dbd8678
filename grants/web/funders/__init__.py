"""The funders’ door: money in, what it became, and what was learned."""

from __future__ import annotations

from grants.web.funders import assurance, checks, funds, lighter, policy_files, questions, statements, stories
from grants.web.funders.door import door

__all__ = ["assurance", "checks", "door", "funds", "lighter", "policy_files", "questions", "statements", "stories"]

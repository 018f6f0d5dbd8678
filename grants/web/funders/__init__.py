"""The funders’ door: money in, what it became, and what was learned."""

from __future__ import annotations

from grants.web.funders import funds, lighter, policy_files, questions
from grants.web.funders.door import door

__all__ = ["door", "funds", "lighter", "policy_files", "questions"]

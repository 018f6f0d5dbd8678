"""The tables, one file per plural noun; importing this package registers them all."""

from __future__ import annotations

from grants.model import (
    applications,
    asks,
    books,
    confirmations,
    delegations,
    draws,
    events,
    floats,
    funds,
    grants,
    lines,
    messages,
    payments,
    people,
    policies,
    runs,
    statements,
    tasks,
    trials,
    users,
)
from grants.model.base import Base

__all__ = [
    "Base",
    "applications",
    "asks",
    "books",
    "confirmations",
    "delegations",
    "draws",
    "events",
    "floats",
    "funds",
    "grants",
    "lines",
    "messages",
    "payments",
    "people",
    "policies",
    "runs",
    "statements",
    "tasks",
    "trials",
    "users",
]

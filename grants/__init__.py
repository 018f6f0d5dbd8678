"""Grants on Trust: the names that a plugin author may import, and nothing else."""

from __future__ import annotations

from grants.domain.errors import Refusal
from grants.domain.facts import Facts
from grants.domain.money import Money
from grants.domain.terms import (
    Ask,
    Authority,
    Band,
    Confirmation,
    Eligibility,
    Field,
    FunderQuestion,
    Pace,
    Promise,
    Question,
    Rows,
    Schedule,
    Statement,
    Terms,
)
from grants.hookspecs import hookimpl
from grants.offers import (
    Event,
    Export,
    FileRail,
    Form,
    Held,
    Hint,
    Message,
    Messenger,
    Order,
    Outcome,
    Payee,
    Policy,
    Rail,
    Ready,
)

__all__ = [
    "Ask",
    "Authority",
    "Band",
    "Confirmation",
    "Eligibility",
    "Event",
    "Export",
    "Facts",
    "Field",
    "FileRail",
    "Form",
    "FunderQuestion",
    "Held",
    "Hint",
    "Message",
    "Messenger",
    "Money",
    "Order",
    "Outcome",
    "Pace",
    "Payee",
    "Policy",
    "Promise",
    "Question",
    "Rail",
    "Ready",
    "Refusal",
    "Rows",
    "Schedule",
    "Statement",
    "Terms",
    "hookimpl",
]

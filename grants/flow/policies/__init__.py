"""Policies: those that plugins offer and those written without code, proposed, and accepted by two people."""

from __future__ import annotations

from grants.flow.policies.offered import Offer, find, installed, newer, on_offer, policy, source
from grants.flow.policies.proposing import accept, decline, propose, retire, withdraw
from grants.flow.policies.reading import Listed, answer, everything, version_of, versions, waiting

__all__ = [
    "Listed",
    "Offer",
    "accept",
    "answer",
    "decline",
    "everything",
    "find",
    "installed",
    "newer",
    "on_offer",
    "policy",
    "propose",
    "retire",
    "source",
    "version_of",
    "versions",
    "waiting",
    "withdraw",
]

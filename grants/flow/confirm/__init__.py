"""Confirm: the person says that the money came, or that something is wrong; silence changes nothing."""

from __future__ import annotations

from grants.flow.confirm.asks import answer_ask, held_back, holds_back, lapse_due, open_asks, waive
from grants.flow.confirm.links import (
    LINK_DAYS,
    extend_links,
    find_grant,
    link_url,
    new_link,
    revoke_links,
    send_link,
)
from grants.flow.confirm.word import PROBLEMS, arrived, by_phone, problem, told

__all__ = [
    "LINK_DAYS",
    "PROBLEMS",
    "answer_ask",
    "arrived",
    "by_phone",
    "extend_links",
    "find_grant",
    "held_back",
    "holds_back",
    "lapse_due",
    "link_url",
    "new_link",
    "open_asks",
    "problem",
    "revoke_links",
    "send_link",
    "told",
    "waive",
]

"""The chain: events and journals are sealed one after the other, so that no past row changes without being found."""

from __future__ import annotations

from grants.flow.chain.heads import append_head, keep_heads_up_to, mail_head, read_heads
from grants.flow.chain.links import Head
from grants.flow.chain.sealing import seal, unsealed
from grants.flow.chain.verify import Verdict, verify

__all__ = [
    "Head",
    "Verdict",
    "append_head",
    "keep_heads_up_to",
    "mail_head",
    "read_heads",
    "seal",
    "unsealed",
    "verify",
]

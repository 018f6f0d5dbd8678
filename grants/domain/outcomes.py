"""What an outcome does to an attempt, as one pure table: the state it is in and what a rail says give the moves.

A rail's word may come late, twice or in any order. What is stale changes nothing; what cannot be is an alarm.
"""

from __future__ import annotations

from collections.abc import Mapping

NOTHING: tuple[str, ...] = ()

ALARM = ("alarm",)
"""No move: somebody has to look at once."""

PLANS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "created": {"cancelled": ("cancel",)},
    "sending": {
        "accepted": ("accept",),
        "settled": ("settle",),
        "failed": ("fail",),
        "cancelled": ("accept", "cancel"),
        "returned": ("accept", "return"),
        "unknown": ("lose",),
        "put_back": ("put_back",),
    },
    "unknown": {
        "accepted": ("accept",),
        "settled": ("settle",),
        "failed": ("fail",),
        "cancelled": ("cancel",),
        "returned": ("return",),
    },
    "accepted": {
        "settled": ("settle",),
        "failed": ("fail",),
        "cancelled": ("cancel",),
        "returned": ("return",),
    },
    "settled": {"failed": ("return",), "returned": ("return",), "cancelled": ALARM},
    "failed": {"accepted": ALARM, "settled": ("settle_late",), "returned": ("settle_late", "return")},
    "cancelled": {"accepted": ALARM, "settled": ("settle_late",), "returned": ("settle_late", "return")},
    "returned": {},
}
"""The moves by (state, outcome), in order; an outcome that is not written is stale and changes nothing."""

BY_HAND: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "created": {"settled": ("settle_by_hand",), "cancelled": ("cancel",)},
    "settled": {"returned": ("return",)},
}
"""The moves of a payment that people make and confirm."""


def moves(state: str, outcome: str, *, by_hand: bool = False) -> tuple[str, ...]:
    """Returns the moves that an outcome makes from this state, in order; none when it is stale."""
    table = BY_HAND if by_hand else PLANS
    return table.get(state, {}).get(outcome, NOTHING)

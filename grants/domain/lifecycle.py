"""The states of an application, a grant, an attempt, an ask, a run and a policy without code, as pure tables.

The diagrams in the README of this room are made from these tables and a test compares them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from grants.domain.errors import Refusal


@dataclass(frozen=True, slots=True)
class Machine:
    """One table of moves: action → {state before: state after}; whatever is not written is illegal."""

    name: str
    start: str
    moves: Mapping[str, Mapping[str, str]]

    @property
    def states(self) -> tuple[str, ...]:
        """Returns every state, the first one first, then in the order of the table."""
        seen = dict.fromkeys([self.start])
        for move in self.moves.values():
            for before, after in move.items():
                seen |= dict.fromkeys([before, after])
        return tuple(seen)

    def allowed(self, state: str) -> tuple[str, ...]:
        """Returns the actions that are possible in this state."""
        return tuple(action for action, move in self.moves.items() if state in move)

    def after(self, state: str, action: str) -> str:
        """Returns the state after the action, or raises IllegalMove naming what is allowed."""
        move = self.moves.get(action)
        if move is None or state not in move:
            raise IllegalMove(self, state, action)
        return move[state]


class IllegalMove(Refusal):
    """Says that this thing cannot make this move now, and which moves it can."""

    def __init__(self, machine: Machine, state: str, action: str) -> None:
        can = ", ".join(machine.allowed(state)).replace("_", " ") or "nothing more"
        now, wish = state.replace("_", " "), action.replace("_", " ")
        words = f"This {machine.name} is {now}, so “{wish}” cannot be done. Possible now: {can}."
        super().__init__("state.illegal_move", words)


APPLICATION = Machine(
    "application",
    "draft",
    {
        "submit": {"draft": "submitted"},
        "award": {"submitted": "awarded"},
        "decline": {"submitted": "declined"},
        "withdraw": {"draft": "withdrawn", "submitted": "withdrawn"},
        "reopen": {"declined": "submitted"},
    },
)

GRANT = Machine(
    "grant",
    "awarded",
    {
        "activate": {"awarded": "active"},
        "hold": {"active": "on_hold"},
        "resume": {"on_hold": "active"},
        "complete": {"active": "completed"},
        "reactivate": {"completed": "active"},
        "cancel": {"awarded": "cancelled", "active": "cancelled", "on_hold": "cancelled"},
    },
)

ATTEMPT = Machine(
    "attempt",
    "created",
    {
        "send": {"created": "sending", "unknown": "sending"},
        "accept": {"sending": "accepted", "unknown": "accepted"},
        "settle": {"accepted": "settled", "sending": "settled", "unknown": "settled"},
        "settle_by_hand": {"created": "settled"},
        "settle_late": {"failed": "settled", "cancelled": "settled"},
        "fail": {"sending": "failed", "accepted": "failed", "unknown": "failed"},
        "put_back": {"sending": "created"},
        "lose": {"sending": "unknown"},
        "return": {"settled": "returned", "unknown": "returned", "accepted": "returned"},
        "cancel": {"created": "cancelled", "accepted": "cancelled", "unknown": "cancelled"},
    },
)

ASK = Machine(
    "ask",
    "open",
    {"meet": {"open": "met"}, "waive": {"open": "waived"}, "lapse": {"open": "lapsed"}},
)

RUN = Machine(
    "run",
    "building",
    {
        "build": {"building": "built"},
        "release": {"built": "released"},
        "start": {"released": "running"},
        "pause": {"running": "paused", "released": "paused"},
        "resume": {"paused": "running"},
        "finish": {"running": "finished"},
        "drop": {"building": "dropped", "built": "dropped"},
    },
)

PROPOSAL = Machine(
    "policy",
    "proposed",
    {
        "accept": {"proposed": "accepted"},
        "decline": {"proposed": "declined"},
        "withdraw": {"proposed": "withdrawn"},
        "retire": {"accepted": "retired"},
    },
)

OPEN_ATTEMPT = ("created", "sending", "unknown", "accepted")
"""States in which an attempt may still move money: at most one such attempt a payment."""

MACHINES = {machine.name: machine for machine in (APPLICATION, GRANT, ATTEMPT, ASK, RUN, PROPOSAL)}


def diagram(machine: Machine) -> str:
    """Returns the machine as a Mermaid state diagram, the same text each time."""
    lines = ["stateDiagram-v2", f"    [*] --> {machine.start}"]
    for action, move in machine.moves.items():
        lines += [f"    {before} --> {after}: {action}" for before, after in move.items()]
    return "\n".join(lines)

"""What goes wrong, and when: a plan of faults for the next calls, or by seed and shares.

A rule names a fault (see KINDS) and the calls it is for (`outbound_payments.create` unless said otherwise; `*` is
all). A counted rule strikes the next `times` matching calls after `skip` of them. A seeded rule draws for each call
from the seed, the call, the key and how often that key came, so the same run meets the same faults in whatever
order threads go; `tries` spares a key after it came that often.
"""

from __future__ import annotations

import hashlib
import threading
from collections import Counter
from dataclasses import dataclass, field

from grants.standin.refusals import DEFINITE, Json

KINDS: dict[str, str] = {
    "delay": "waits `seconds` (when: before, the default, or after executing), then answers as usual",
    "drop_before": "resets the connection; nothing was executed, the key is not remembered",
    "drop_after": "executes, then resets the connection",
    "error_before": "answers `status` (500) before executing; the key is remembered",
    "error_after": "executes, then answers `status` (500)",
    "conflict": "answers 409 as if the key were in use; nothing was executed",
    "rate_limit": "answers 429 before the key is looked at",
    "unauthorized": "answers 401 before the key is looked at",
    "forbidden": "answers 403 before the key is looked at",
    "refuse": "answers a definite refusal of `type` (invalid_payout_method) with `status` (400)",
    "garbage": "answers 200 with `body` html, empty or cut (when: after executing, the default, or before)",
}
CALL = "outbound_payments.create"
LONGEST = 120.0


class BadPlan(ValueError):
    """A fault rule that makes no sense, with a sentence on what to write instead."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong with one call."""

    kind: str
    seconds: float = 0.0
    status: int = 500
    type: str = "invalid_payout_method"
    body: str = "html"
    after: bool = False


@dataclass(slots=True)
class Rule:
    """When faults strike: each possible fault with its share of calls; a counted rule has one, always."""

    shares: list[tuple[Fault, float]]
    calls: frozenset[str]
    key: str | None = None
    skip: int = 0
    times: int | None = None
    tries: int | None = None
    seed: int | None = None
    seen: Counter[str] = field(default_factory=Counter)

    def strike(self, call: str, key: str) -> Fault | None:
        """Returns the fault for this call, or None, and counts the call."""
        if not self.calls & {call, "*"} or self.key not in (None, key) or self.times == 0:
            return None
        if self.skip > 0:
            self.skip -= 1
            return None
        name = f"{self.seed}|{call}|{key}"
        self.seen[name] += 1
        if self.tries is not None and self.seen[name] > self.tries:
            return None
        fault = self._draw(draw(f"{name}|{self.seen[name]}"))
        if fault is not None and self.times is not None:
            self.times -= 1
        return fault

    def _draw(self, mark: float) -> Fault | None:
        for fault, share in self.shares:
            if mark < share:
                return fault
            mark -= share
        return None


def draw(text: str) -> float:
    """Returns a number from 0 up to 1 that depends on the text alone, so that chance can be repeated."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6]) / 2**48


class FaultPlan:
    """The rules now in force; the first that strikes decides."""

    def __init__(self) -> None:
        """Starts with no rule: nothing goes wrong."""
        self._lock = threading.Lock()
        self._rules: list[Rule] = []

    def add(self, given: Json) -> None:
        """Adds a rule: `{"fault": "drop_after", "times": 1}`, `{"seed": 7, "shares": {"delay": 0.2}}`."""
        rule = read_rule(given)
        with self._lock:
            self._rules.append(rule)

    def clear(self) -> None:
        """Drops every rule."""
        with self._lock:
            self._rules.clear()

    def pick(self, call: str, key: str) -> Fault | None:
        """Returns what goes wrong with this call, or None."""
        with self._lock:
            for rule in self._rules:
                fault = rule.strike(call, key)
                if fault is not None:
                    return fault
        return None


_NAMES = {
    "fault", "shares", "seed", "times", "skip", "tries", "key", "calls",
    "seconds", "status", "type", "body", "when",
}  # fmt: skip


def read_rule(given: Json) -> Rule:
    """Returns the rule that a control call asks for; raises BadPlan with what to write instead."""
    unknown = given.keys() - _NAMES
    if unknown:
        raise BadPlan(f"Unknown in a fault: {', '.join(sorted(unknown))}. Known: {', '.join(sorted(_NAMES))}.")
    shares = given.get("shares", {given.get("fault"): 1.0})
    wrong = [name for name in shares if name not in KINDS]
    if wrong or sum(shares.values()) > 1.0 + 1e-9 or any(share < 0 for share in shares.values()):
        raise BadPlan(f"A fault is one of {', '.join(KINDS)}, and shares sum to at most 1.")
    seeded = "shares" in given
    return Rule(
        shares=[(_fault(name, given), float(share)) for name, share in shares.items()],
        calls=frozenset(given.get("calls", [CALL])),
        key=given.get("key"),
        skip=int(given.get("skip", 0)),
        times=given.get("times", None if seeded else 1),
        tries=given.get("tries"),
        seed=int(given.get("seed", 0)),
    )


def _fault(kind: str, given: Json) -> Fault:
    refusal = given.get("type", "invalid_payout_method")
    if refusal not in DEFINITE:
        raise BadPlan(f"A refusal's type is one of {', '.join(DEFINITE)}.")
    usual = "after" if kind == "garbage" else "before"
    return Fault(
        kind=kind,
        seconds=min(float(given.get("seconds", 0.0)), LONGEST),
        status=int(given.get("status", 400 if kind == "refuse" else 500)),
        type=refusal,
        body=given.get("body", "html"),
        after=given.get("when", usual) == "after",
    )

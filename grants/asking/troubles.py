"""Troubles: what went wrong with plugins since they were gathered, the last few of each, for staff to see."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

KEPT = 10
"""So many different troubles of one plugin are kept, the latest last."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """What a plugin did wrong, where, when last (UTC), and how often."""

    plugin: str
    where: str
    problem: str
    at: datetime
    times: int = 1


class Troubles:
    """The troubles of one process, in memory; safe to use from many threads."""

    def __init__(self, clock: Callable[[], datetime] | None = None) -> None:
        self._clock = clock or (lambda: datetime.now(UTC))
        self._turn = threading.Lock()
        self._by_plugin: dict[str, deque[Trouble]] = {}

    def note(self, plugin: str, where: str, problem: str) -> None:
        """Keeps a trouble; the same one again counts up."""
        with self._turn:
            kept = self._by_plugin.setdefault(plugin, deque(maxlen=KEPT))
            before = next((t for t in kept if (t.where, t.problem) == (where, problem)), None)
            if before:
                kept.remove(before)
            kept.append(
                replace(before, at=self._clock(), times=before.times + 1)
                if before
                else Trouble(plugin, where, problem, self._clock())
            )

    def lately(self) -> list[Trouble]:
        """Returns what went wrong, plugin by plugin, the latest first."""
        with self._turn:
            return [trouble for name in sorted(self._by_plugin) for trouble in reversed(self._by_plugin[name])]

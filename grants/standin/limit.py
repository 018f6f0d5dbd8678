"""How many calls of one kind pass in a second, as a provider limits each endpoint; no limit until one is set."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


class Limit:
    """A bucket for each kind of call: it fills at the allowed rate, and holds one second of it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Starts with no limit; takes a clock that counts seconds."""
        self._clock, self._lock = clock, threading.Lock()
        self._rate = 0.0
        self._held: dict[str, tuple[float, float]] = {}

    def allow(self, a_second: float) -> None:
        """Lets so many calls of each kind pass in a second from now on; 0 takes the limit away."""
        with self._lock:
            self._rate = a_second
            self._held.clear()

    def admits(self, call: str) -> bool:
        """Returns whether one more call of this kind may pass now, and counts it when it may."""
        with self._lock:
            if not self._rate:
                return True
            now = self._clock()
            left, then = self._held.get(call, (self._most, now))
            left = min(self._most, left + (now - then) * self._rate)
            passes = left >= 1
            self._held[call] = left - passes, now
            return passes

    @property
    def _most(self) -> float:
        return max(1.0, self._rate)

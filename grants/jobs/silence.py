"""How long a process has been silent while another looked on."""

from __future__ import annotations

import time

import structlog

LONGEST_GAP = 2.0
"""So much of the time between two looks counts as seen, in seconds: looks are a second apart."""

log = structlog.get_logger("grants.jobs")


class Silence:
    """How long executors have been silent while somebody looked on, whatever any clock of theirs says.

    Time in which nobody looked counts for little: whoever was frozen itself has not seen anybody be silent.
    """

    def __init__(self, lease_seconds: float) -> None:
        self._lease = lease_seconds
        self._seen: dict[str, tuple[object, float, float]] = {}

    def is_over(self, executor: str, sign: object) -> bool:
        """Notes a look at an executor's last sign of life, and returns whether it is silent for longer than a lease."""
        now = time.monotonic()
        before, silent, looked = self._seen.get(executor, (None, 0.0, now))
        silent = silent + min(now - looked, LONGEST_GAP) if sign == before else 0.0
        self._seen[executor] = (sign, silent, now)
        if silent < self._lease:
            return False
        del self._seen[executor]
        log.warning("executor_cut_off", executor=executor, silent=round(silent))
        return True

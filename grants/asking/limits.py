"""Limits: how long a plugin may take and how much memory it may use, on each side of the pipe."""

from __future__ import annotations

import resource
import signal
from dataclasses import dataclass
from pathlib import Path

MEBIBYTE = 2**20

MOST_MAPPED = 8
"""Address space may grow by so many times the memory: much that is mapped is never used."""

OUT_OF_MEMORY = 71
"""The exit code of a process whose plugin asked for more memory than it may have (sysexits.h: EX_OSERR)."""

GRACE = 1.0
"""Seconds after its limit at which a process ends itself, should nobody be left to end it."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a plugin may use: seconds for one answer, MiB of memory over what its process had at the start."""

    seconds: float = 2.0
    megabytes: int = 512
    start_seconds: float = 10.0

    @property
    def words(self) -> str:
        """Returns what is said of a plugin that did not answer in time."""
        return f"it took longer than {self.seconds:g} second{'' if self.seconds == 1 else 's'}"


def limit_memory(megabytes: int) -> None:
    """Lets this process have so many MiB more than it has now; beyond that, Python raises MemoryError."""
    more = megabytes * MEBIBYTE
    pages = _pages()
    for kind, now, most in (
        (resource.RLIMIT_DATA, pages[1], more),
        (resource.RLIMIT_AS, pages[0], more * MOST_MAPPED),
    ):
        _soft, hard = resource.getrlimit(kind)
        wanted = now + most
        if hard == resource.RLIM_INFINITY or wanted < hard:
            resource.setrlimit(kind, (wanted, wanted))


def _pages() -> tuple[int, int]:
    """Returns the bytes that this process has mapped, and those of its data; guesses where nobody can say."""
    try:
        numbers = Path("/proc/self/statm").read_text(encoding="ascii").split()
    except OSError:
        return 1024 * MEBIBYTE, 256 * MEBIBYTE
    size = resource.getpagesize()
    return int(numbers[0]) * size, int(numbers[5]) * size


def end_after(seconds: float) -> None:
    """Lets the system end this process after so many seconds, whatever it does; 0 takes that back."""
    signal.setitimer(signal.ITIMER_REAL, seconds)


def waited_for_turn(pid: int) -> float:
    """Returns the seconds in which a process was ready to run while others ran; 0 where nobody can say.

    Time that a busy machine took from a plugin is not held against it.
    """
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text(encoding="ascii").split()[1]) / 1e9
    except (OSError, IndexError, ValueError):
        return 0.0


def how_it_ended(code: int, limits: Limits) -> str:
    """Returns in words how a process ended by itself: its memory, its exit code, or the signal that ended it."""
    if code == OUT_OF_MEMORY:
        return f"it used more than {limits.megabytes} MiB of memory"
    if code >= 0:
        return f"it ended its process (exit code {code})"
    if -code == signal.SIGALRM:
        return limits.words
    name = signal.Signals(-code).name if -code in set(signal.Signals) else str(-code)
    return f"its process was ended ({name})"

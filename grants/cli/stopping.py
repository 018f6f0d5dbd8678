"""Ctrl-C in a command that works at the database from several threads: it ends between two acts, never inside one."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def between_acts() -> Iterator[Callable[[], None]]:
    """Gives what each act calls first: it raises KeyboardInterrupt if Ctrl-C came. A second Ctrl-C stops at once.

    Raised wherever the program happens to be, it can slip in between the opening of a transaction and the place that
    closes it; the threads of the work engine would then wait for that transaction while they are told to stop.
    """
    asked = threading.Event()

    def rest() -> None:
        if asked.is_set():
            raise KeyboardInterrupt

    def ask(_number: int, _frame: FrameType | None) -> None:
        rest()
        asked.set()

    if threading.current_thread() is not threading.main_thread():
        yield rest
        return
    before = signal.signal(signal.SIGINT, ask)
    try:
        yield rest
    finally:
        signal.signal(signal.SIGINT, before)
    rest()

"""How a process hears that it should stop: in no place where that would leave something half done."""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

STOPS = (signal.SIGTERM, signal.SIGINT)
"""The signals that tell a process to stop."""


def told_to_stop() -> Callable[[], None]:
    """Returns what waits until this process is told to stop, whoever handles the signal; call it in the main thread.

    A handler that sets an Event can find its lock taken by the very code that it interrupted. A byte has no lock.
    """
    reader, writer = socket.socketpair()
    writer.setblocking(False)
    signal.set_wakeup_fd(writer.detach(), warn_on_full_buffer=False)

    def wait() -> None:
        while reader.recv(1)[0] not in STOPS:
            pass

    return wait


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

"""The process of a plugin: ``python -m grants.asking``, with a socket as its standard input."""

from __future__ import annotations

import os
import signal
import socket
import sys

from grants.asking.answering import answer
from grants.asking.trying import try_all
from grants.asking.wire import Wire


def main() -> None:
    """Reads what is wanted of this process, one line of JSON, and does that until the pipe is closed."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    wire = Wire(socket.socket(fileno=os.dup(0)))
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    wanted = wire.read()
    sys.path[:] = wanted["path"]
    {"answer": answer, "try": try_all}[wanted["do"]](wire, wanted)


if __name__ == "__main__":
    main()

"""Wire: one line of JSON each way over a socket, with a time by which it must be done."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Mapping
from typing import Any, cast

from grants.asking.plain import Plain, line

LONGEST = 16 * 2**20
"""The longest line that is read, in bytes; whoever says more is not listened to."""


class Wire:
    """One end of a socket between a process and the process of a plugin."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end
        self._left = b""

    def write(self, message: Mapping[str, Any], seconds: float | None = None) -> None:
        """Writes a message; raises OSError when the other end is gone, TimeoutError when it does not read."""
        self._end.settimeout(seconds)
        self._end.sendall(line(message))

    def read(self, seconds: float | None = None) -> Plain:
        """Reads a message; raises TimeoutError, EOFError when the other end is gone, ValueError for nonsense."""
        until = None if seconds is None else time.monotonic() + seconds
        parts = [self._left]
        while b"\n" not in parts[-1]:
            if until is not None:
                left = until - time.monotonic()
                if left <= 0:
                    raise TimeoutError
                self._end.settimeout(left)
            parts.append(self._end.recv(2**18))
            if not parts[-1]:
                raise EOFError
            if sum(map(len, parts)) > LONGEST:
                raise ValueError("it said more than anybody reads")
        said, _, self._left = b"".join(parts).partition(b"\n")
        message = json.loads(said)
        if not isinstance(message, dict):
            raise ValueError("it said something that is not an answer")
        return cast(Plain, message)

    def close(self) -> None:
        """Closes this end."""
        self._end.close()

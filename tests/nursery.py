"""Stand-ins that start in a moment: forked from a process that has already read the program, one for each worker.

What is forked is the same program with the same arguments, its input, output and log its own, as if it had been
started anew; only the reading of modules is saved. Where a machine cannot do this, it is started anew.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from typing import IO, Any

from grants.standin import __main__ as program
from grants.standin.process import Running, Standin, environment

WARM = hasattr(os, "pidfd_open")
"""Whether this machine can watch a process that is not its own child: Linux can."""

LARGEST = 1 << 16


class Born:
    """One process out of the nursery, steered as `subprocess.Popen` is."""

    def __init__(self, pid: int, stdin: IO[bytes], stdout: IO[bytes]) -> None:
        self.pid, self.stdin, self.stdout = pid, stdin, stdout
        try:
            self._handle = os.pidfd_open(pid)
        except ProcessLookupError:  # it has ended already
            self._handle = -1

    def terminate(self) -> None:
        """Asks it to stop."""
        self._tell(signal.SIGTERM)

    def kill(self) -> None:
        """Ends it at once."""
        self._tell(signal.SIGKILL)

    def wait(self, timeout: float | None = None) -> int:
        """Waits until it is gone, with all that it held; raises TimeoutExpired."""
        if self._handle >= 0:
            if not select.select([self._handle], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired("a stand-in", timeout or 0)
            os.close(self._handle)
            self._handle = -1
        return 0

    def _tell(self, number: int) -> None:
        if self._handle >= 0:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._handle, number)


class Nursery:
    """The warm process of this one; it ends when this one does."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        command = [sys.executable, "-m", "tests.nursery", str(theirs.fileno())]
        self._process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, pass_fds=[theirs.fileno()], env=environment()
        )
        theirs.close()
        self._ours, self._turn = ours, threading.Lock()

    def bear(self, arguments: list[str], log: IO[bytes]) -> Born:
        """Returns a stand-in with these arguments; safe from several threads."""
        (stdin, to_child), (from_child, stdout) = os.pipe(), os.pipe()
        try:
            with self._turn:
                socket.send_fds(self._ours, [json.dumps(arguments).encode()], [stdin, stdout, log.fileno()])
                pid = int(self._ours.recv(LARGEST))
        finally:
            os.close(stdin)
            os.close(stdout)
        return Born(pid, os.fdopen(to_child, "wb", 0), os.fdopen(from_child, "rb", 0))


@cache
def nursery() -> Nursery:
    """Returns the one nursery of this process."""
    return Nursery()


class WarmStandin(Standin):
    """A stand-in out of the nursery; at the end of a test it is simply gone, as its folder will be."""

    def launch(self, arguments: list[str], log: IO[bytes]) -> Running:
        """Forks the program where that can be done."""
        return nursery().bear(arguments, log) if WARM else super().launch(arguments, log)

    def __exit__(self, *told: Any) -> None:
        """Kills it; that it stops in good order when asked to is tried in `tests/standin`."""
        self.kill()


def serve(asked: socket.socket, main: Callable[[list[str]], int]) -> None:
    """Forks one child for each request, until whoever asks is gone."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        told, handles, _flags, _where = socket.recv_fds(asked, LARGEST, 3)
        if not told:
            return
        pid = os.fork()
        if pid == 0:
            asked.close()
            _live(main, json.loads(told), handles)
        for handle in handles:
            os.close(handle)
        asked.send(str(pid).encode())


def _live(main: Callable[[list[str]], int], arguments: list[str], handles: list[int]) -> None:
    """Runs the program on its own input, output and log, and ends."""
    code = 1
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for place, handle in enumerate(handles):
            os.dup2(handle, place)
            os.close(handle)
        code = main(arguments)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])), program.main)

"""Runs the stand-in as its own process: `python -m grants.standin --port P --state DIR`."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import threading
from pathlib import Path
from types import FrameType

from grants.standin.server import StandinServer, make_server, make_world, serve
from grants.standin.store import StateInUse

EX_CANTCREAT = 73


def main(arguments: list[str] | None = None) -> int:
    """Serves until stopped; prints one line of JSON with the address and process id when ready."""
    options = _options(arguments)
    try:
        world = make_world(options.state, opening=options.opening)
        server = make_server(world, options.host, options.port)
    except (StateInUse, OSError, ValueError) as problem:
        sys.stderr.write(f"The stand-in cannot start: {problem}\n")
        return EX_CANTCREAT
    _stop_on_signals(server, alone=not options.until_stdin_closes)
    if options.until_stdin_closes:
        threading.Thread(target=_wait_for_end, daemon=True).start()
    serve(server, world, _tell)
    return 0


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m grants.standin", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="a loopback address")
    parser.add_argument("--port", type=int, default=0, help="0 (the default) takes any free port")
    parser.add_argument("--state", type=Path, required=True, help="the folder that keeps its state")
    parser.add_argument("--opening", type=int, default=0, help="opening balance in pence, used once")
    parser.add_argument("--until-stdin-closes", action="store_true", help="end when the parent process ends")
    return parser.parse_args(arguments)


def _tell(url: str) -> None:
    sys.stdout.write(json.dumps({"url": url, "pid": os.getpid()}) + "\n")
    sys.stdout.flush()


def _stop_on_signals(server: StandinServer, *, alone: bool) -> None:
    """Stops in good order; Ctrl-C, which a terminal sends to all, only where no parent process ends us in its time."""

    def stop(number: int, frame: FrameType | None) -> None:
        threading.Thread(target=server.shutdown, daemon=True).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop if alone else signal.SIG_IGN)


def _wait_for_end() -> None:
    """Ends the process at once when stdin closes, as it does when the parent is gone, however it went."""
    while os.read(0, 4096):
        pass
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main())

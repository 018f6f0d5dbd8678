"""``grants serve`` and ``grants worker``: pages and background work, in one process or in many."""

from __future__ import annotations

import errno
import gc
import multiprocessing
import os
import signal
import socket
import sys
from urllib.parse import urlsplit

import click

from grants.cli.trouble import EX_NOPERM, EX_SOFTWARE, EX_TEMPFAIL, EX_USAGE
from grants.config import CannotStart, read_settings
from grants.stopping import STOPS, told_to_stop

STOP_SECONDS = 15
"""Seconds that a process has to end its requests and its jobs when it is told to stop; then it is ended."""

PORTS_TRIED = 50
"""How many ports after a busy one are looked at for a free one to name."""


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="The port to listen on.")
@click.option("--processes", default=1, show_default=True, type=click.IntRange(1, 64), help="Serving processes.")
def serve(host: str, port: int, processes: int) -> None:
    """Serves the pages, and does the background work, until it is stopped."""
    settings = read_settings()
    if processes > 1 and settings.database_url.startswith("sqlite"):
        words = "SQLite takes one process. Use PostgreSQL for more: set GRANTS_DATABASE_URL=postgresql://…"
        raise CannotStart(words, EX_USAGE)
    refuse_busy(host, port)
    from grants.app import open_house

    open_house(settings).database.close()
    click.echo(f"Serving on {address(host, port)} (stop with Ctrl-C)")
    run_server(host, port, processes)


def run_server(host: str, port: int, processes: int = 1) -> None:
    """Runs the server until it is told to stop; raises CannotStart when its processes end again and again.

    Each serving process makes its own app; what is loaded here already is shared with them.
    """
    from granian import Granian
    from granian.constants import Interfaces

    from grants.serving import served_app  # loaded once, before the serving processes part from this one

    if sys.platform == "linux":
        multiprocessing.set_start_method("fork", force=True)
    sys.stdout.flush()
    gc.collect()
    gc.freeze()  # the collector leaves alone what the processes share, so that it stays shared
    server = Granian(
        "grants.serving:served_app",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=processes,
        blocking_threads=8,
        backlog=1024,
        workers_kill_timeout=STOP_SECONDS,
        respawn_failed_workers=True,
        log_access=False,
        log_enabled=False,
        websockets=False,
    )
    try:
        server.serve(target_loader=served_app, wrap_loader=False)
    except SystemExit as ended:
        if ended.code:
            raise CannotStart(
                "The serving process ended twice within seconds. Its words are above.", EX_SOFTWARE
            ) from None


def address(host: str, port: int) -> str:
    """Returns the address of the pages as a browser takes it."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def refuse_busy(host: str, port: int) -> None:
    """Raises CannotStart when nobody can listen there: a busy port (naming a free one), or no such address."""
    trouble = _trouble_with(host, port)
    if trouble is None:
        return
    if trouble.errno == errno.EADDRINUSE:
        free = next((near for near in range(port + 1, port + PORTS_TRIED) if _trouble_with(host, near) is None), None)
        other = f"--port {free}" if free else "--port NUMBER"
        words = f"Port {port} on {host} is in use. Stop what uses it, or choose another: {other}"
        raise CannotStart(words, EX_TEMPFAIL) from None
    if trouble.errno in (errno.EACCES, errno.EPERM):
        words = f"Port {port} is kept for the system’s own services. Choose one from 1024 up: --port 8000"
        raise CannotStart(words, EX_NOPERM) from None
    words = f"This machine has no address {host}. Use --host 127.0.0.1 (only here) or --host 0.0.0.0 (everywhere)."
    raise CannotStart(words, EX_USAGE) from None


def _trouble_with(host: str, port: int) -> OSError | None:
    """Returns what the system says against listening there, or None; a port that does not exist is in trouble too."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
            trial.listen(1)
        except (OSError, OverflowError) as error:
            return error if isinstance(error, OSError) else OSError(errno.EADDRINUSE, "no such port")
    return None


@click.command()
def worker() -> None:
    """Does background work only: add as many as you like, on any machine, over one PostgreSQL."""
    settings = read_settings()
    wait_for_stop = told_to_stop()
    for number in STOPS:
        signal.signal(number, lambda *_: None)  # heard by what waits, once the engine runs
    from grants.app import open_house
    from grants.serving import engine_for, leave, prepare_process

    house = open_house(settings)
    prepare_process()
    engine = engine_for(house)
    engine.launch()
    click.echo(f"Working on {_place(settings.database_url)} (process {os.getpid()})")
    sys.stdout.flush()
    wait_for_stop()
    leave(engine, house)


def _place(database_url: str) -> str:
    url = urlsplit(database_url)
    return f"{url.hostname or 'SQLite'}{url.path}"

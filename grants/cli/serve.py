"""``grants serve`` and ``grants worker``: pages and background work, in one process or in many."""

from __future__ import annotations

import os
import signal
import socket
import threading
from urllib.parse import urlsplit

import click
from granian import Granian
from granian.constants import Interfaces

from grants.app import CannotStart, open_house
from grants.cli import EX_TEMPFAIL, EX_USAGE
from grants.config import read_settings
from grants.serving import engine_for

STOP_SECONDS = 20
"""Seconds that a process has to end its work when it is told to stop."""


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
    open_house(settings).database.close()
    refuse_busy(host, port)
    click.echo(f"Serving on http://{host}:{port} (stop with Ctrl-C)")
    run_server(host, port, processes)


def run_server(host: str, port: int, processes: int = 1) -> None:
    """Runs the server until it is told to stop; each serving process makes its own app."""
    Granian(
        "grants.serving:served_app",
        factory=True,
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
    ).serve()


def refuse_busy(host: str, port: int) -> None:
    """Raises CannotStart, naming another port, when something listens on this one already."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
        except OSError as error:
            words = f"Port {port} on {host} is in use. Stop what uses it, or choose another: --port {port + 1}"
            raise CannotStart(words, EX_TEMPFAIL) from error


@click.command()
def worker() -> None:
    """Does background work only: add as many as you like, on any machine, over one PostgreSQL."""
    settings = read_settings()
    house = open_house(settings)
    engine = engine_for(house)
    done = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: done.set())
    engine.launch()
    click.echo(f"Working on {_place(settings.database_url)} (process {os.getpid()})")
    done.wait()
    engine.stop(STOP_SECONDS)


def _place(database_url: str) -> str:
    url = urlsplit(database_url)
    return f"{url.hostname or 'SQLite'}{url.path}"

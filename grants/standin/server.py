"""The stand-in as a WSGI application, and as a threaded server on this machine's loopback address."""

from __future__ import annotations

import os
import socket
import struct
import sys
import threading
from collections.abc import Callable, Iterable
from http import HTTPStatus
from pathlib import Path
from socketserver import TCPServer, ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from grants.standin import events, money, payments
from grants.standin.answers import Dropped, Incoming
from grants.standin.calls import Calls
from grants.standin.control import ROOT, Control
from grants.standin.store import Store
from grants.standin.world import World

RESET = "standin.reset"
BIGGEST = 1_000_000
_PULSE = 0.05
_PATIENCE = 1.0
_HERE = ("127.0.0.1", "::1")


def make_world(state: Path | None, *, opening: int = 0) -> World:
    """Returns a world on a state folder (or in memory) with an opening balance in minor units."""
    world = World(Store(state))
    money.open_account(world, opening)
    return world


def make_app(world: World) -> WSGIApplication:
    """Returns the WSGI application that plays the API and its control calls on one world."""
    calls = Calls(world)
    control = Control(calls)

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        here = environ.get("REMOTE_ADDR", _HERE[0]) in _HERE
        try:
            incoming = _incoming(environ)
            player = control if incoming.path.startswith(ROOT) and here else calls
            reply = player.respond(incoming)
        except Dropped:
            environ.get(RESET, _no_reset)()
            raise
        headers = [*reply.headers.items(), ("Content-Length", str(len(reply.body)))]
        start_response(f"{reply.status} {_phrase(reply.status)}", headers)
        return [reply.body]

    return app


def _no_reset() -> None:
    """Does nothing: an application without the server below can only raise."""


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else "Unknown"


def _incoming(environ: WSGIEnvironment) -> Incoming:
    length = min(int(environ.get("CONTENT_LENGTH") or 0), BIGGEST)
    body = environ["wsgi.input"].read(length) if length else b""
    if len(body) < length:
        raise Dropped("whoever asked was cut off in the middle of the request")
    headers = {
        name[5:].replace("_", "-").lower(): str(value) for name, value in environ.items() if name.startswith("HTTP_")
    }
    return Incoming(
        method=environ["REQUEST_METHOD"],
        path=environ.get("PATH_INFO", ""),
        query=environ.get("QUERY_STRING", ""),
        body=body,
        headers=headers,
        base=f"{environ['wsgi.url_scheme']}://{headers.get('host', environ.get('SERVER_NAME', ''))}",
    )


class _Handler(WSGIRequestHandler):
    """One request for each connection, quietly; it can reset the connection without an answer."""

    wbufsize = 65536
    disable_nagle_algorithm = True
    timeout = 60

    def get_environ(self) -> WSGIEnvironment:
        """Returns the environment, with a call that resets this connection."""
        environ = super().get_environ()
        environ[RESET] = self._reset
        return environ

    def address_string(self) -> str:
        """Returns the peer's address without asking any name server."""
        return str(self.client_address[0])

    def log_message(self, format: str, *args: object) -> None:
        """Writes nothing: what was asked is in the `calls` of the control."""

    def _reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        os.close(self.connection.detach())


class StandinServer(ThreadingMixIn, WSGIServer):
    """A thread for each connection; threads do not outlive the process."""

    daemon_threads = True
    request_queue_size = 128
    allow_reuse_address = True

    def server_bind(self) -> None:
        """Binds without looking up this machine's name, which can be slow."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])
        self.setup_environ()

    def handle_error(self, request: socket.socket | tuple[bytes, socket.socket], client_address: object) -> None:
        """Says nothing of a client that went away; anything else is told on stderr."""
        if not isinstance(sys.exc_info()[1], ConnectionError | TimeoutError):
            super().handle_error(request, client_address)

    @property
    def url(self) -> str:
        """Returns the address to give to the SDK."""
        return f"http://{self.server_name}:{self.server_port}"


def make_server(world: World, host: str = "127.0.0.1", port: int = 0) -> StandinServer:
    """Returns a server bound to a loopback address (port 0: any free one), not yet serving."""
    if host not in _HERE:
        raise ValueError(f"The stand-in serves on this machine only ({', '.join(_HERE)}), not on {host}.")
    server = StandinServer((host, port), _Handler)
    server.set_app(make_app(world))
    return server


def serve(server: StandinServer, world: World, ready: Callable[[str], None]) -> None:
    """Serves until `shutdown()`, settling and sending events by itself where the settings say so."""
    stop = threading.Event()
    pulse = threading.Thread(target=_beat, args=(world, stop), daemon=True)
    pulse.start()
    ready(server.url)
    try:
        server.serve_forever(poll_interval=0.1)
    finally:
        stop.set()
        pulse.join(timeout=2)
        server.server_close()
        world.store.close()


def _beat(world: World, stop: threading.Event) -> None:
    pause = _PULSE
    while not stop.wait(pause):
        payments.settle_due(world)
        pause = _PULSE if events.deliver_later(world) else _PATIENCE

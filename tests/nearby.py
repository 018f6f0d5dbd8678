"""A stand-in within the tests’ own process: it starts in no time, for tests that need one after the other."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Self

from grants.standin.process import Standin
from grants.standin.server import StandinServer, make_server, make_world, serve


class Nearby(Standin):
    """The same stand-in over the same HTTP on the loopback, served by threads of this process."""

    def start(self, timeout: float = 15.0) -> Self:
        """Serves from now on."""
        world = make_world(self.state, opening=self._opening)
        self._server: StandinServer = make_server(world, port=self._port)
        serving = threading.Event()
        self._thread = threading.Thread(target=serve, args=(self._server, world, lambda url: serving.set()))
        self._thread.start()
        assert serving.wait(timeout)
        self.url = self._server.url
        return self

    def stop(self) -> None:
        """Serves no more; the record stays."""
        self._server.shutdown()
        self._thread.join()

    def __enter__(self) -> Self:
        """Starts."""
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, value: object, trace: TracebackType | None) -> None:
        """Stops."""
        self.stop()

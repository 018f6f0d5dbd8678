"""A handle on a stand-in that runs as a process of its own, for the demo and the tests."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import time
from dataclasses import dataclass, fields
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import IO, Protocol, Self

from grants.standin.loopback import ask
from grants.standin.refusals import Json
from grants.standin.world import API_KEY, FINANCIAL_ACCOUNT, WEBHOOK_SECRET


class StandinFailed(RuntimeError):
    """The stand-in did not start, or refused a control call; the message says why."""


@dataclass(frozen=True, slots=True)
class Execution:
    """One payment that truly went out: `amount` in minor units, `at` in RFC 3339, UTC."""

    id: str
    key: str
    amount: int
    currency: str
    recipient: str
    payout_method: str
    metadata: dict[str, str]
    at: str


class Running(Protocol):
    """A process that was started: `subprocess.Popen` is one."""

    pid: int

    @property
    def stdin(self) -> IO[bytes] | None:
        """Its input."""

    @property
    def stdout(self) -> IO[bytes] | None:
        """Its output."""

    def terminate(self) -> None:
        """Asks it to stop."""

    def kill(self) -> None:
        """Ends it at once."""

    def wait(self, timeout: float | None = None) -> int:
        """Waits until it is gone; raises subprocess.TimeoutExpired."""


class Standin:
    """Starts, steers and stops a stand-in on one state folder; it never outlives this process."""

    api_key = API_KEY
    webhook_secret = WEBHOOK_SECRET
    financial_account = FINANCIAL_ACCOUNT

    def __init__(self, state: Path, *, port: int = 0, opening: int = 0) -> None:
        """Takes the state folder, the port (0: any free one) and the opening balance in minor units."""
        self.state, self.url = Path(state), ""
        self._port, self._opening = port, opening
        self._process: Running | None = None

    def start(self, timeout: float = 15.0) -> Self:
        """Starts the process and waits until it serves; after a kill, on the same port and state again."""
        self.state.mkdir(parents=True, exist_ok=True)
        arguments = [
            *("--until-stdin-closes", "--state", str(self.state)),
            *("--port", str(self._port), "--opening", str(self._opening)),
        ]
        with (self.state / "standin.log").open("ab") as log:
            self._process = self.launch(arguments, log)
        told = self._first_line(self._process.stdout, timeout)
        self.url = str(told["url"])
        self._port = int(self.url.rpartition(":")[2])
        return self

    def launch(self, arguments: list[str], log: IO[bytes]) -> Running:
        """Starts the program with these arguments, and returns its process."""
        command = [sys.executable, "-m", "grants.standin", *arguments]
        return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, env=environment())

    @property
    def pid(self) -> int:
        """Returns the id of the running process."""
        if self._process is None:
            raise StandinFailed("The stand-in is not running.")
        return self._process.pid

    def stop(self) -> None:
        """Stops the process in good order; does nothing if it is not running."""
        self._end("terminate")

    def kill(self) -> None:
        """Kills the process (SIGKILL), as a crash would; `start()` brings it back."""
        self._end("kill")

    def executions(self) -> list[Execution]:
        """Returns every payment that truly went out, oldest first, from the record; running or not."""
        record = self.state / "executions.jsonl"
        lines = record.read_text("utf-8").splitlines() if record.exists() else []
        names = [each.name for each in fields(Execution)]
        rows = [json.loads(line) for line in lines]
        return [Execution(**{name: row[name] for name in names}) for row in rows]

    def control(self, name: str, **given: object) -> Json:
        """Makes a control call, like `control("faults", fault="drop_after")`; raises StandinFailed if refused."""
        return self._ask("POST", name, json.dumps(given).encode())

    def look(self, name: str) -> list[Json] | Json:
        """Returns what a control call reads: executions, balance, calls, payments, events or settings."""
        found: list[Json] | Json = self._ask("GET", name, None)["data"]
        return found

    def __enter__(self) -> Self:
        """Starts the stand-in unless it runs already."""
        return self if self._process is not None else self.start()

    def __exit__(self, kind: type[BaseException] | None, value: object, trace: TracebackType | None) -> None:
        """Stops the stand-in."""
        self.stop()

    def _ask(self, method: str, name: str, body: bytes | None) -> Json:
        headers = {"Content-Type": "application/json"}
        status, text = ask(method, f"{self.url}/_standin/{name}", body, headers, timeout=60)
        if status != HTTPStatus.OK:
            raise StandinFailed(text.decode())
        told: Json = json.loads(text)
        return told

    def _first_line(self, pipe: IO[bytes] | None, timeout: float) -> Json:
        assert pipe is not None
        end, line = time.monotonic() + timeout, b""
        while not line.endswith(b"\n"):
            if not select.select([pipe], [], [], max(0.0, end - time.monotonic()))[0]:
                break
            piece = os.read(pipe.fileno(), 4096)
            if not piece:
                break
            line += piece
        if not line.endswith(b"\n"):
            self.kill()
            raise StandinFailed(f"The stand-in did not start: {(self.state / 'standin.log').read_text()[-2000:]}")
        told: Json = json.loads(line)
        return told

    def _end(self, how: str) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        getattr(process, how)()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()


def environment() -> dict[str, str]:
    """Returns this environment with the folder of this very package first on the path."""
    root = str(Path(__file__).resolve().parents[2])
    path = os.environ.get("PYTHONPATH")
    return os.environ | {"PYTHONPATH": f"{root}{os.pathsep}{path}" if path else root}

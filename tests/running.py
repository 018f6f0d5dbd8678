"""Commands of ours in processes of their own, started and stopped as an operator does it."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

PATIENCE = 90
"""Seconds for whatever a slow and busy machine may need; nothing here is a measurement."""


def free_port() -> int:
    """Returns a port that nobody listens on."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


@dataclass(frozen=True)
class Done:
    """How a command ended: its exit code, what it said and what it complained of."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Place:
    """Where an operator works: the program, the folder, and the settings in their environment."""

    folder: Path
    python: Path = Path(sys.executable)
    settings: dict[str, str] = field(default_factory=dict)

    def having(self, **settings: object) -> Place:
        """Returns the place with other settings: ``having(mode="live")``."""
        given = {f"GRANTS_{name.upper()}": str(value) for name, value in settings.items()}
        return replace(self, settings=self.settings | given)

    @property
    def environment(self) -> dict[str, str]:
        """Nothing of this checkout or of the machine's own settings reaches the command."""
        outside = ("GRANTS_", "PYTHONPATH", "PYTEST_", "COVERAGE_", "PIP_")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(outside)}
        path = f"{self.python.parent}{os.pathsep}{os.environ['PATH']}"
        return kept | {"GRANTS_HOME": str(self.folder / "var"), "PATH": path} | self.settings

    def run(self, *words: str | Path, code: int | None = 0) -> Done:
        """Runs ``grants`` with these words; fails unless it ends with the code (None: any), without a stack trace."""
        return self.call("-m", "grants", *words, code=code)

    def call(self, *words: str | Path, code: int | None = 0) -> Done:
        """Runs this place's Python with these words, as ``run`` does."""
        ended = subprocess.run(
            [self.python, *words],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )
        done = Done(ended.returncode, ended.stdout, ended.stderr)
        assert code is None or done.code == code, done
        assert "Traceback" not in done.out + done.err, done
        return done

    def adds_up(self) -> bool:
        """Whether ``grants check`` says so; rows that wait for their link in the chain are told of before."""
        waiting = r"(\d+ rows wait for their link in the chain, the oldest for \d+ minutes\.\n)?"
        return re.fullmatch(waiting + r"Everything adds up\.\n", self.run("check").out) is not None

    @contextmanager
    def started(self, *words: str) -> Iterator[Started]:
        """Runs ``grants`` with these words until it is stopped; whatever is left of it is ended at the end."""
        with tempfile.TemporaryFile("w+") as said:
            process = subprocess.Popen(
                [self.python, "-m", "grants", *words],
                cwd=self.folder,
                env=self.environment | {"PYTHONUNBUFFERED": "1"},
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            started = Started(process, said.fileno())
            try:
                yield started
            finally:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    @contextmanager
    def serving(self, *words: str) -> Iterator[Served]:
        """Runs ``grants serve`` on a free port and waits for its first answer."""
        port = free_port()
        with self.started("serve", "--port", str(port), *words) as started:
            served = Served(started.process, started.file, port)
            served.wait_until(served.answers)
            yield served


@dataclass(frozen=True)
class Started:
    """A command that goes on: its process leads a group of its own, in which all that it starts is found."""

    process: subprocess.Popen[bytes]
    file: int

    @property
    def said(self) -> str:
        """All that it has said so far."""
        return os.pread(self.file, 1_000_000, 0).decode()

    def says(self, words: str) -> None:
        """Waits until it has said these words."""
        self.wait_until(lambda: words in self.said)

    def wait_until(self, so: Callable[[], bool]) -> None:
        """Waits until something is so; fails, with what was said, when the process ends before."""
        ends = time.monotonic() + PATIENCE
        while not so():
            assert self.process.poll() is None, f"It ended with {self.process.returncode}: {self.said}"
            assert time.monotonic() < ends, f"It takes too long: {self.said}"
            time.sleep(0.02)

    def stop(self, how: signal.Signals = signal.SIGTERM, *, within: float = PATIENCE) -> int:
        """Tells the first process alone to stop, and returns its exit code."""
        self.process.send_signal(how)
        return self._ends(within)

    def ctrl_c(self, *, within: float = PATIENCE) -> int:
        """Presses Ctrl-C, of which a terminal tells every process at once, and returns the first one's exit code."""
        os.killpg(self.process.pid, signal.SIGINT)
        return self._ends(within)

    def _ends(self, within: float) -> int:
        with suppress(subprocess.TimeoutExpired):
            return self.process.wait(within)
        raise AssertionError(f"It has not ended after {within} seconds: {self.said}")

    def nobody_left(self) -> bool:
        """Returns whether every process that it started is gone too."""
        return not any(_lives_in(self.process.pid, stat) for stat in Path("/proc").glob("[0-9]*/stat"))


def _lives_in(group: int, stat: Path) -> bool:
    """Returns whether Linux says that a process runs in a group; one that only waits to be buried does not."""
    with suppress(OSError):
        state, _parent, its_group = stat.read_text().rpartition(")")[2].split()[:3]
        return int(its_group) == group and state != "Z"
    return False


@dataclass(frozen=True)
class Served(Started):
    """A server on a port of this machine."""

    port: int

    def answers(self) -> bool:
        """Returns whether it says that it lives."""
        with suppress(urllib.error.URLError, ConnectionError, TimeoutError):
            return self.get("/healthz")[0] == 200
        return False

    def get(self, path: str) -> tuple[int, str]:
        """Returns the status and the text of a page."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=PATIENCE) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.read().decode()

"""Worker: the process of one plugin as the host sees it: started when first needed, ended when it does not answer.

Calls to one plugin follow one another; no plugin waits for another. After a plugin hung, or ended twice running,
it is left alone for a while and every call to it fails at once.
"""

from __future__ import annotations

import atexit
import logging
import os
import socket
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Callable
from contextlib import suppress

from grants.asking.limits import Limits, how_it_ended
from grants.asking.plain import Plain
from grants.asking.sound import Resting, Unsound
from grants.asking.wire import Wire

REST_SECONDS = 30.0
"""How long a plugin is left alone after it hung; each time that follows, twice as long."""

LONGEST_REST = 3600.0

FIRST_WORDS = 5.0
"""Seconds that an ending process has to say its last word before it is looked at."""


class Ended(Exception):
    """Says that the process of a plugin is gone, or was ended; ``resting`` asks that it be left alone at once."""

    def __init__(self, what: str, *, resting: bool) -> None:
        super().__init__(what)
        self.resting = resting


class Worker:
    """The process of one plugin, over all its lives."""

    def __init__(
        self, plugin: str, value: str, limits: Limits | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.plugin = plugin
        self.limits = limits or Limits()
        self._value = value
        self._clock = clock
        self._turn = threading.Lock()
        self._life: _Life | None = None
        self._bad_ends = 0
        self._rests_until = 0.0
        self._why = ""
        _ALL.add(self)

    def ask(self, question: Plain) -> Plain:
        """Returns the plugin's answer, JSON data; raises Unsound, or Resting, in a few words when there is none."""
        self._refuse_resting()
        if not self._turn.acquire(timeout=self.limits.seconds):
            raise Unsound("it is busy with something that takes long")
        try:
            self._refuse_resting()
            answer = self._answer(question)
        except Ended as ended:
            self._end()
            self._rest(ended)
            raise Unsound(str(ended)) from None
        finally:
            self._turn.release()
        return _heard(answer)

    @property
    def pid(self) -> int:
        """Returns the number of its process, 0 while there is none."""
        return self._life.process.pid if self._life else 0

    def wake(self) -> None:
        """Forgets what went wrong before: the next question is asked at once."""
        self._bad_ends, self._rests_until = 0, 0.0

    def end(self) -> None:
        """Ends the process at once, even in the middle of an answer; the next question starts another."""
        self._end()

    def forget(self) -> None:
        """Lets go of a process that belongs to whom this process parted from."""
        self._turn = threading.Lock()
        if self._life:
            self._life.let_go()
        self._life = None

    def _answer(self, question: Plain) -> Plain:
        if self._life and self._life.process.poll() is not None:
            self._end()  # it was ended while nobody asked: that is no answer to this question
        life = self._life = self._life or _Life(self.plugin, self._value, self.limits)
        answer = life.ask(question, self.limits)
        self._bad_ends = 0
        return answer

    def _end(self) -> None:
        life, self._life = self._life, None
        if life:
            life.end()

    def _rest(self, ended: Ended) -> None:
        """Leaves the plugin alone: at once after it hung, from the second time on after it ended by itself."""
        self._bad_ends += 1
        times = self._bad_ends if ended.resting else self._bad_ends - 1
        if times:
            self._rests_until = self._clock() + min(LONGEST_REST, REST_SECONDS * 2 ** min(times - 1, 10))
            self._why = str(ended)

    def _refuse_resting(self) -> None:
        left = self._rests_until - self._clock()
        if left > 0:
            raise Resting(f"{self._why}, and is tried again in {max(1, round(left))} seconds")


class _Life:
    """One process, from its start to its end, and our end of its socket."""

    def __init__(self, plugin: str, value: str, limits: Limits) -> None:
        self.process, self.wire = start()
        wanted = {"do": "answer", "path": sys.path, "plugin": plugin, "value": value}
        times = {"megabytes": limits.megabytes, "seconds": limits.seconds, "start_seconds": limits.start_seconds}
        self._wanted: Plain | None = wanted | times

    def ask(self, question: Plain, limits: Limits) -> Plain:
        """Returns the answer; raises Ended when there is none in time, or the process ended by itself."""
        try:
            if self._wanted:
                self._begin(self._wanted, limits.start_seconds)
            self.wire.write(question, limits.seconds)
            return self.wire.read(limits.seconds)
        except TimeoutError:
            raise Ended(limits.words, resting=True) from None
        except (EOFError, OSError):
            raise self._gone(limits) from None
        except ValueError as error:
            raise Ended(str(error), resting=True) from None

    def _begin(self, wanted: Plain, seconds: float) -> None:
        self.wire.write(wanted, seconds)
        ready = self.wire.read(seconds)
        if "broken" in ready:
            raise Ended(str(ready["broken"]), resting=True)
        self._wanted = None

    def _gone(self, limits: Limits) -> Ended:
        """Returns how the process ended; one that needed too much memory is left alone like one that hung."""
        try:
            code = self.process.wait(FIRST_WORDS)
        except subprocess.TimeoutExpired:
            return Ended("it does not speak any more", resting=True)
        words = how_it_ended(code, limits)
        return Ended(words, resting="memory" in words)

    def wake(self) -> None:
        """Forgets what went wrong before: the next question is asked at once."""
        self._bad_ends, self._rests_until = 0, 0.0

    def end(self) -> None:
        """Ends the process, whatever it does, and buries it."""
        self.wire.close()
        self.process.kill()
        self.process.wait()

    def let_go(self) -> None:
        """Closes our copy of the socket and leaves the process to whom it belongs."""
        self.wire.close()
        self.process.returncode = 0  # it is not ours to wait for


def start() -> tuple[subprocess.Popen[bytes], Wire]:
    """Starts a process for plugin code and returns it with our end of its socket; no setting goes with it."""
    ours, theirs = socket.socketpair()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GRANTS_")}
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "grants.asking"],
            stdin=theirs.fileno(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=kept,
        )
    return process, Wire(ours)


def _heard(answer: Plain) -> Plain:
    """Passes on what the plugin logged, and raises Unsound when that is the answer."""
    for name, level, text in answer.pop("said", ()):
        logging.getLogger(str(name)).log(int(level), "%s", text)
    if "unsound" in answer:
        raise Unsound(str(answer["unsound"])[:300], str(answer.get("told", ""))[:500])
    return answer


_ALL: weakref.WeakSet[Worker] = weakref.WeakSet()
_KNOWN: dict[tuple[str, str, str, Limits], Worker] = {}


def worker_for(plugin: str, value: str, version: str, limits: Limits) -> Worker:
    """Returns the one worker that this process has for a plugin."""
    return _KNOWN.setdefault((plugin, value, version, limits), Worker(plugin, value, limits))


def end_all() -> None:
    """Ends the process of every plugin; a question that comes later starts one anew."""
    for worker in list(_ALL):
        with suppress(OSError):
            worker.end()


def _forget_all() -> None:
    for worker in list(_ALL):
        worker.forget()


atexit.register(end_all)
os.register_at_fork(after_in_child=_forget_all)

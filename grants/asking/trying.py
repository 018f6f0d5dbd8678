"""Trying: every plugin is imported and asked for its offers in a process of its own, before the host does so.

One process imports what they all need and then parts in as many as there are plugins, so that trying many
costs little more than trying one. Each has its own seconds, and its own memory.
"""

from __future__ import annotations

import inspect
import json
import os
import selectors
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

from grants.asking.answering import GROUP
from grants.asking.limits import GRACE, OUT_OF_MEMORY, Limits, end_after, how_it_ended, limit_memory, waited_for_turn
from grants.asking.plain import Plain
from grants.asking.sound import in_words
from grants.asking.wire import Wire
from grants.config import Settings

AT_ONCE = 16
"""So many plugins are tried side by side."""

PATIENCE = 2
"""At most so many times its seconds a plugin is waited for, where the machine is too busy to run it."""

NOT_IMPORTED = 1
"""The exit code of a plugin that could not be imported; its words came before."""


def try_all(wire: Wire, wanted: Plain) -> None:
    """Tries each plugin and writes what was wrong: for each, the place and the words, empty when it may come in."""
    limits = Limits(**wanted["limits"])
    settings = wanted["settings"] and Settings(**wanted["settings"] | {"home": Path(wanted["settings"]["home"])})
    left = list(enumerate(wanted["plugins"]))
    found: dict[int, tuple[str, str]] = {}
    with selectors.DefaultSelector() as selector:
        while left or selector.get_map():
            while left and len(selector.get_map()) < AT_ONCE:
                number, (name, value) = left.pop(0)
                started = _part(number, EntryPoint(name, value, GROUP), wanted["kinds"], settings, limits)
                selector.register(started.pipe, selectors.EVENT_READ, started)
            for ended in _watch(selector, limits):
                found[ended.number] = _verdict(ended, limits)
    wire.write({"found": [found[number] for number in range(len(found))]})


@dataclass(slots=True)
class _Trial:
    """One plugin on trial: its process, the pipe on which it says where it is, and the time by which it must end."""

    number: int
    pid: int
    pipe: int
    until: float
    last: float
    said: bytes = b""
    late: bool = False


def _part(number: int, entry: EntryPoint, kinds: list[str], settings: Settings | None, limits: Limits) -> _Trial:
    ours, theirs = os.pipe()
    pid = os.fork()
    if pid == 0:
        code = OUT_OF_MEMORY
        try:
            os.close(ours)
            code = _be_tried(theirs, entry, kinds, settings, limits)
        finally:
            os._exit(code)
    os.close(theirs)
    os.set_blocking(ours, False)
    now = time.monotonic()
    return _Trial(number, pid, ours, now + limits.seconds, now + limits.seconds * PATIENCE)


def _be_tried(pipe: int, entry: EntryPoint, kinds: list[str], settings: Settings | None, limits: Limits) -> int:
    """Imports one plugin and asks for all it offers; says on the pipe where it is, for whoever has to end it."""
    end_after(limits.seconds * PATIENCE + GRACE)
    limit_memory(limits.megabytes)
    _say(pipe, at="import")
    try:
        plugin = entry.load()
    except MemoryError:
        return OUT_OF_MEMORY
    except (Exception, SystemExit) as error:
        _say(pipe, at="import", wrong=in_words(error))
        return NOT_IMPORTED
    for kind in kinds:
        _say(pipe, at=f"grants_{kind}")
        if not _survived(plugin, kind, settings):
            return OUT_OF_MEMORY
    _say(pipe, done=True)
    return 0


def _survived(plugin: object, kind: str, settings: Settings | None) -> bool:
    """Asks for everything of one kind and returns whether there was memory enough for it."""
    try:
        for _offer in offered(plugin, kind, settings):
            pass
    except MemoryError:
        return False
    except (Exception, SystemExit):
        return True  # raising endangers nobody: the host asks again, and says what was raised
    return True


def offered(plugin: object, kind: str, settings: Settings | None) -> Iterator[Any]:
    """Yields what a plugin offers of one kind; raises whatever the plugin raises."""
    call = getattr(plugin, f"grants_{kind}", None)
    if call is not None:
        takes = {"settings": settings} if "settings" in inspect.signature(call).parameters else {}
        yield from call(**takes) or ()


def _say(pipe: int, **words: object) -> None:
    os.write(pipe, json.dumps(words).encode() + b"\n")


def _watch(selector: selectors.BaseSelector, limits: Limits) -> Iterator[_Trial]:
    """Waits for a word of any plugin and yields those that ended, or that are late and were ended."""
    trials: list[_Trial] = [key.data for key in selector.get_map().values()]
    soonest = min(trial.until for trial in trials)
    for key, _ in selector.select(max(0.0, soonest - time.monotonic())):
        trial: _Trial = key.data
        words = os.read(trial.pipe, 65536)
        trial.said = (trial.said + words)[-65536:]
        if not words or b'"done"' in trial.said:
            yield _away(selector, trial)
            trials.remove(trial)
    for trial in trials:
        if time.monotonic() >= trial.until and not _starved(trial, limits):
            trial.late = True
            yield _away(selector, trial)


def _starved(trial: _Trial, limits: Limits) -> bool:
    """Returns whether the machine was too busy for a plugin to have had its time; it is then given the rest."""
    fair = min(trial.last, trial.until + waited_for_turn(trial.pid))
    if fair - trial.until < limits.seconds / 10:
        return False
    trial.until, trial.last = fair, fair
    return True


def _away(selector: selectors.BaseSelector, trial: _Trial) -> _Trial:
    selector.unregister(trial.pipe)
    os.close(trial.pipe)
    if trial.late:
        with suppress(ProcessLookupError):
            os.kill(trial.pid, signal.SIGKILL)
    return trial


def _verdict(trial: _Trial, limits: Limits) -> tuple[str, str]:
    """Buries the process of a trial and returns where it went wrong and how, two empty texts when it did not."""
    words = [json.loads(line) for line in trial.said.split(b"\n") if line]
    _pid, status = os.waitpid(trial.pid, 0)
    if words and words[-1].get("done"):
        return "", ""
    where = words[-1]["at"] if words else "import"
    if trial.late:
        return where, limits.words
    wrong = words[-1].get("wrong", "") if words else ""
    return where, wrong or how_it_ended(os.waitstatus_to_exitcode(status), limits)

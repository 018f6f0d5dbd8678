"""Gate: plugins come in one after another: fit for this program, allowed here, and alive after they were tried."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from importlib.metadata import EntryPoint

from grants.admitting.allowed import Allowed, not_allowed, read_list
from grants.admitting.finding import Finding
from grants.admitting.metadata import misfit, named
from grants.asking.limits import Limits
from grants.asking.trying import AT_ONCE, PATIENCE
from grants.asking.worker import start
from grants.config import Place, Settings

START_SECONDS = 30.0
"""How long the process in which plugins are tried may take to begin, on a busy machine."""

_TRIED: dict[tuple[object, ...], tuple[str, str]] = {}
"""What trying a plugin showed, once for this process and all that part from it."""


@dataclass(frozen=True, slots=True)
class Admitted:
    """The plugins that may be imported, and what is wrong with the others."""

    entries: tuple[EntryPoint, ...]
    findings: tuple[Finding, ...]


def admit(
    entries: Iterable[EntryPoint], here: Place, settings: Settings | None, kinds: Collection[str], limits: Limits
) -> Admitted:
    """Returns which plugins may be imported; nothing is imported in this process to find out.

    ``kinds`` are the offers for which they will be asked. A live system has only what is on its list.
    """
    findings = []
    fit = []
    listed, trouble = _list(here)
    for entry in entries:
        wrong = [("version", misfit(entry))]
        if here.mode == "live":
            wrong.append(("allow-list", trouble or not_allowed(entry, listed)))
        found = [Finding(entry.name, where, words) for where, words in wrong if words]
        findings += found
        if not found:
            fit.append(entry)
    verdicts = _tried(fit, settings, tuple(kinds), limits)
    findings += [Finding(e.name, where, words) for e, (where, words) in zip(fit, verdicts, strict=True) if words]
    return Admitted(tuple(e for e, (_, words) in zip(fit, verdicts, strict=True) if not words), tuple(findings))


def _list(here: Place) -> tuple[dict[str, Allowed], str]:
    if here.mode != "live":
        return {}, ""
    try:
        return read_list(here.home), ""
    except (OSError, ValueError) as error:
        return {}, str(error)


def _tried(
    entries: list[EntryPoint], settings: Settings | None, kinds: tuple[str, ...], limits: Limits
) -> list[tuple[str, str]]:
    """Returns for each plugin where it went wrong and how, empty when it did not; each is tried once a process."""
    keys = [(e.name, e.value, _version(e), kinds, settings is not None, limits) for e in entries]
    fresh = [(key, entry) for key, entry in zip(keys, entries, strict=True) if key not in _TRIED]
    if fresh:
        verdicts = _try([entry for _, entry in fresh], settings, kinds, limits)
        _TRIED.update(zip((key for key, _ in fresh), verdicts, strict=True))
    return [_TRIED[key] for key in keys]


def _try(
    entries: list[EntryPoint], settings: Settings | None, kinds: tuple[str, ...], limits: Limits
) -> list[tuple[str, str]]:
    """Tries plugins side by side; if that came to nothing, each by itself, so that one cannot spoil it for all."""
    process, wire = start()
    try:
        wire.write(_wanted(entries, settings, kinds, limits), START_SECONDS)
        rounds = 1 + len(entries) // AT_ONCE
        verdicts = [(str(where), str(words)) for where, words in _answer(wire.read(_patience(limits, rounds)))]
        if len(verdicts) == len(entries):
            return verdicts
        raise EOFError
    except (OSError, EOFError, ValueError):  # a time that ran out is an OSError too
        if len(entries) == 1:
            return [("import", "it ended the process in which it was tried")]
        return [_try([entry], settings, kinds, limits)[0] for entry in entries]
    finally:
        wire.close()
        process.kill()
        process.wait()


def _patience(limits: Limits, rounds: int) -> float:
    return START_SECONDS + rounds * limits.seconds * PATIENCE


def _answer(said: dict[str, object]) -> list[tuple[object, object]]:
    found = said.get("found")
    if not isinstance(found, list):
        raise ValueError("no answer")
    return [(where, words) for where, words in found]


def _wanted(
    entries: list[EntryPoint], settings: Settings | None, kinds: tuple[str, ...], limits: Limits
) -> dict[str, object]:
    return {
        "do": "try",
        "path": sys.path,
        "plugins": [(entry.name, entry.value) for entry in entries],
        "kinds": kinds,
        "settings": asdict(settings) if settings else None,
        "limits": asdict(limits),
    }


def _version(entry: EntryPoint) -> str:
    return named(entry.dist) if entry.dist else ""

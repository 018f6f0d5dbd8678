"""Allowed: the plugins that the operator installed here, each with its version and a hash of its files.

The list is ``HOME/plugins.json``. A live system imports nothing that is not on it as it was installed.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import Distribution, EntryPoint
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name

from grants.asking.answering import GROUP

FILE = "plugins.json"

LEFT_OUT = ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json")
"""Files beside a distribution that its installer writes; they differ from place to place."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """One distribution as it was when the operator installed it."""

    version: str
    sha256: str


def read_list(home: Path) -> dict[str, Allowed]:
    """Returns the list by distribution; empty when there is none; raises ValueError when it cannot be read."""
    path = home / FILE
    if not path.exists():
        return {}
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))["plugins"]
        return {str(name): Allowed(str(row["version"]), str(row["sha256"])) for name, row in kept.items()}
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise ValueError(f"{path} cannot be read: install the plugins again") from error


def record(home: Path, dists: Iterable[Distribution]) -> dict[str, Allowed]:
    """Puts distributions on the list as they are now, and returns what was put there; the file changes at one blow."""
    put = {_name(dist): Allowed(dist.version, fingerprint(dist)) for dist in dists}
    home.mkdir(parents=True, exist_ok=True)
    whole = {name: asdict(row) for name, row in sorted((read_list(home) | put).items())}
    fresh = home / f".{FILE}.{os.getpid()}"
    fresh.write_text(json.dumps({"plugins": whole}, indent=2) + "\n", encoding="utf-8")
    fresh.replace(home / FILE)
    return put


def not_allowed(entry: EntryPoint, listed: Mapping[str, Allowed]) -> str:
    """Returns why a live system may not import a plugin, or an empty text; imports nothing."""
    if entry.dist is None:
        return "nobody can say where it came from"
    name = _name(entry.dist)
    again = f"run “grants plugins install {name}”"
    row = listed.get(name)
    if row is None:
        return f"it is not on this system’s list of plugins: look at it, then {again}"
    if row.version != entry.dist.version:
        return f"version {row.version} is on the list, and {entry.dist.version} is installed: look at it, then {again}"
    if row.sha256 != fingerprint(entry.dist):
        return f"its files are not those that were installed: look at it, then {again}"
    return ""


def fingerprint(dist: Distribution) -> str:
    """Returns a SHA-256 over the names and contents of a distribution’s files; what Python compiled is left out.

    Of one that is used from its own folder (an editable one), or that lists no files, those of its package count.
    """
    whole = hashlib.sha256()
    for name, path in sorted({**dict(_recorded(dist)), **dict(_in_folder(dist))}.items()):
        whole.update(f"{name}\n{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return whole.hexdigest()


def _recorded(dist: Distribution) -> Iterator[tuple[str, Path]]:
    for file in dist.files or ():
        path = Path(str(dist.locate_file(file)))
        written_here = file.name in LEFT_OUT and file.parent.suffix == ".dist-info"
        if not written_here and not _compiled(path) and path.is_file():
            yield str(file), path


def _in_folder(dist: Distribution) -> Iterator[tuple[str, Path]]:
    if dist.files and not _editable(dist):
        return
    for top in sorted({entry.module.partition(".")[0] for entry in dist.entry_points if entry.group == GROUP}):
        spec = find_spec(top)
        for folder in spec.submodule_search_locations or () if spec else ():
            for path in sorted(Path(folder).rglob("*")):
                if path.is_file() and not _compiled(path):
                    yield f"{top}/{path.relative_to(folder).as_posix()}", path
        if spec and not spec.submodule_search_locations and spec.origin:
            yield f"{top}.py", Path(spec.origin)


def _compiled(path: Path) -> bool:
    return path.suffix == ".pyc" or "__pycache__" in path.parts


def _editable(dist: Distribution) -> bool:
    try:
        told: Any = json.loads(dist.read_text("direct_url.json") or "{}")
        return bool(told.get("dir_info", {}).get("editable"))
    except (ValueError, AttributeError):
        return False


def _name(dist: Distribution) -> str:
    return str(canonicalize_name(dist.name))

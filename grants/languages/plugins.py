"""Plugins' own texts in a language: each plugin may carry catalogues of its own, in its package.

A plugin called ``light-report`` in the package ``grants_light_report`` has Welsh in
``grants_light_report/locale/cy/LC_MESSAGES/light-report.po``. Its code is not run for this: only the file is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path

from grants.languages.catalogue import Language, kept_apart
from grants.languages.gathering import Broken, sentences_of

GROUP = "grants.plugins"


def of_plugin(language: Language, name: str) -> Mapping[str, str]:
    """Returns a plugin's texts in a language by their English; empty when it has none, or none that can be read."""
    return _texts(language, name) if name else {}


@lru_cache(maxsize=256)
def _texts(language: Language, name: str) -> Mapping[str, str]:
    return _read(language, _catalogue(language.tag, name))


def problems(language: Language) -> list[str]:
    """Returns what is wrong with plugins' catalogues of a language, one sentence each."""
    found = []
    for name in sorted({entry.name for entry in entry_points(group=GROUP)}):
        path = _catalogue(language.tag, name)
        try:
            sentences_of(path) if path else None
        except Broken as error:
            found.append(str(error))
    return found


def _read(language: Language, path: Path | None) -> Mapping[str, str]:
    try:
        found = sentences_of(path) if path else {}
    except Broken:
        return {}
    return {said: kept_apart(each.told, language.direction)[0] for said, each in found.items()}


def _catalogue(tag: str, name: str) -> Path | None:
    """Returns where a plugin's catalogue is, or None."""
    for entry in entry_points(group=GROUP, name=name):
        top = find_spec(entry.module.partition(".")[0])
        for folder in (top.submodule_search_locations or ()) if top else ():
            path = Path(folder) / "locale" / tag / "LC_MESSAGES" / f"{name}.po"
            if path.is_file():
                return path
    return None

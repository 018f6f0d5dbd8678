"""Metadata: for which version of this program a plugin was made, read from its distribution before it is imported."""

from __future__ import annotations

from functools import cache, lru_cache
from importlib.metadata import Distribution, EntryPoint, PackageNotFoundError, version

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

API_GROUP = "grants.api"
"""The entry point group whose one entry is named by the version of the interface that a plugin was written for."""

API_VERSIONS = ("1",)
"""The versions of the interface that this program has; a plugin that names none was written for 1."""

OURS = "grants-on-trust"


def misfit(entry: EntryPoint) -> str:
    """Returns why a plugin does not fit this program, or an empty text; imports nothing."""
    return _misfit(entry.dist) if entry.dist else ""


@lru_cache(256)
def named(dist: Distribution) -> str:
    """Returns a distribution's name and version; its file is read once."""
    return f"{dist.name} {dist.version}"


@lru_cache(256)
def _misfit(dist: Distribution) -> str:
    return _other_interface(dist) or _other_program(dist)


def _other_interface(dist: Distribution) -> str:
    written_for = [entry.name for entry in dist.entry_points if entry.group == API_GROUP]
    if not written_for or set(written_for) & set(API_VERSIONS):
        return ""
    return f"it was written for interface {', '.join(sorted(written_for))}, and this program has {API_VERSIONS[-1]}"


def _other_program(dist: Distribution) -> str:
    here = _here()
    if not here:  # run from a folder that was never installed: there is no version to compare
        return ""
    for line in dist.requires or ():
        try:
            wanted = Requirement(line)
        except InvalidRequirement:
            return f"its metadata asks for {line[:80]!r}, which nobody can read"
        if canonicalize_name(wanted.name) != OURS or (wanted.marker and not wanted.marker.evaluate()):
            continue
        if not wanted.specifier.contains(here, prereleases=True):
            return f"it needs {OURS} {wanted.specifier}, and this is {here}"
    return ""


@cache
def _here() -> str:
    try:
        return version(OURS)
    except PackageNotFoundError:
        return ""

"""Databases by the dozen: one is prepared, and each use gets a copy of its own. A pytest plugin.

A copy that is dropped gives its address to the next one where an engine is kept over it (`tests.kept`): the new copy
has nothing of the old one, and statements need not be written anew.
"""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import pytest

from tests.kept import ENGINES
from tests.postgres import DATABASES


class Copies(Protocol):
    """Makes databases of one kind, and copies of them."""

    def fresh(self, template: str) -> str:
        """Makes a copy of a prepared database and returns its address."""

    def prepared(self, fill: Callable[[str], None]) -> str:
        """Makes a database, lets ``fill(address)`` put things in it and close it, and returns its name for `fresh`."""

    def drop(self, address: str) -> None:
        """Removes a database."""


@dataclass
class Files:
    """Copies of SQLite files in one folder."""

    folder: Path
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    free: list[Path] = field(default_factory=list)

    def fresh(self, template: str) -> str:
        """Copies a file."""
        path = self.free.pop() if self.free else self._next()
        shutil.copy(template, path)
        return f"sqlite:///{path}"

    def prepared(self, fill: Callable[[str], None]) -> str:
        """Returns the path of a filled file."""
        path = self._next()
        fill(f"sqlite:///{path}")
        return str(path)

    def drop(self, address: str) -> None:
        """Removes a file and what lies beside it."""
        path = Path(address.removeprefix("sqlite:///"))
        for each in path.parent.glob(f"{path.name}*"):
            shutil.rmtree(each) if each.is_dir() else each.unlink()
        if ENGINES.rests(address):
            self.free.append(path)

    def _next(self) -> Path:
        return self.folder / f"copy_{next(self.numbers)}.db"


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    """SQLite files, each for one test at a time."""
    return Files(tmp_path_factory.mktemp("files"))


@pytest.fixture(scope="module", params=DATABASES)
def copies(request: pytest.FixtureRequest) -> Copies:
    """Databases of each kind in turn."""
    if request.param == "sqlite":
        files: Copies = request.getfixturevalue("files")
        return files
    server: Copies = request.getfixturevalue("postgres")
    return server

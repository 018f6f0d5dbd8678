"""Who was erased, kept outside the database: a backup that is put back must not bring them back.

``HOME/erased`` has one line for each person: their number and when, in UTC. Lines are only ever added, and are on
the disk before the erasing is kept. A number means nothing to anybody else.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

NAME = "erased"
"""The file in HOME."""


def read(home: Path) -> dict[str, datetime]:
    """Returns who was erased, by number, with when; a last line that was cut off by a crash is left out."""
    path = home / NAME
    if not path.is_file():
        return {}
    found: dict[str, datetime] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        number, _, at = line.partition(" ")
        try:
            found[number] = datetime.fromisoformat(at).astimezone(UTC)
        except ValueError:
            continue
    return found


def add(home: Path, numbers: Mapping[str, datetime]) -> None:
    """Adds those who are not on the list yet; when this returns they are on the disk."""
    known = read(home)
    fresh = {number: at for number, at in numbers.items() if number not in known}
    if not fresh:
        return
    home.mkdir(parents=True, exist_ok=True)
    path = home / NAME
    lines = "".join(f"{number} {at.astimezone(UTC).isoformat()}\n" for number, at in fresh.items())
    opened = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        size = os.fstat(opened).st_size
        if size and os.pread(opened, 1, size - 1) != b"\n":
            lines = "\n" + lines  # a line that a crash cut off stays by itself
        os.write(opened, lines.encode())
        os.fsync(opened)
    finally:
        os.close(opened)
    _to_disk(home)


def _to_disk(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)

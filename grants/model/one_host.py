"""One SQLite file, one machine: its lock and its shared memory do not reach over a network drive to a second host.

A file beside the database names the machine whose processes have it open, and they touch it once a second. Machines are
told apart by the number that a kernel makes when it boots: containers on one machine share it, as they truly share
memory and locks, and two machines never have the same.
"""

from __future__ import annotations

import json
import os
import platform
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlalchemy import make_url

from grants.config import CannotStart

EX_TEMPFAIL = 75
"""From sysexits.h: try again later."""

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")

WATCH_SECONDS = 2.5
"""How long the mark of this same machine before it was started anew is watched: the living touch it every second."""


@dataclass(frozen=True, slots=True)
class Host:
    """A machine: its name, and the number of its boot."""

    name: str
    boot: str

    @classmethod
    def here(cls) -> Host:
        """Returns this machine; where the kernel gives no number its name must do."""
        name = platform.node() or "a machine without a name"
        return cls(name, BOOT_ID.read_text(encoding="ascii").strip() if BOOT_ID.exists() else name)


class OneHost:
    """The mark of the machine that has a SQLite file open; after ``lease`` silent seconds it is lost."""

    def __init__(self, path: Path, lease: float, host: Host | None = None) -> None:
        self.path = path
        self._lease = lease
        self._host = host or Host.here()

    def other(self) -> Host | None:
        """Returns the other machine that has the file open now, or None; a mark that cannot be read counts as none."""
        found = self._read()
        if found is None or found.boot == self._host.boot or self._age() > self._lease:
            return None
        return found

    def take(self) -> None:
        """Marks the file as this machine's; raises CannotStart, naming the other, while another has it open."""
        other = self.other()
        if other is not None and other.name == self._host.name and self._is_still(other):
            other = None  # this machine, before it was started anew
        if other is not None:
            raise CannotStart(refusal(other, self._lease), EX_TEMPFAIL)
        self._write()

    def keep(self) -> bool:
        """Touches the mark, making it anew if it is away; returns False when it is another machine's by now."""
        if self.other() is not None:
            return False
        try:
            if self._read() == self._host:
                os.utime(self.path)
                return True
        except OSError:  # it was taken away meanwhile, or is another user's of this machine
            pass
        self._write()
        return True

    def release(self) -> None:
        """Takes the mark away, if it is this machine's."""
        if self._read() == self._host:
            self.path.unlink(missing_ok=True)

    def _is_still(self, other: Host) -> bool:
        """Returns whether nobody touches the mark for a while."""
        before = self._touched()
        ends = time.monotonic() + WATCH_SECONDS
        while time.monotonic() < ends:
            time.sleep(0.1)
            if self._touched() != before or self._read() != other:
                return False
        return True

    def _read(self) -> Host | None:
        try:
            return Host(**json.loads(self.path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def _write(self) -> None:
        """Writes the mark whole or not at all."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=self.path.parent, prefix=f".{self.path.name}-", delete=False) as made:
            json.dump(asdict(self._host), made)
        Path(made.name).chmod(0o644)
        Path(made.name).replace(self.path)

    def _touched(self) -> int:
        try:
            return self.path.stat().st_mtime_ns
        except FileNotFoundError:
            return 0

    def _age(self) -> float:
        """Returns the seconds since the mark was touched, by the clock of the drive that both machines write to."""
        with tempfile.NamedTemporaryFile(dir=self.path.parent, prefix=f".{self.path.name}-") as fresh:
            now = os.fstat(fresh.fileno()).st_mtime_ns
        return (now - self._touched()) / 1e9


def mark_for(database_url: str, lease: float) -> OneHost | None:
    """Returns the mark beside a SQLite file; None for PostgreSQL, which any number of machines may use."""
    url = make_url(database_url)
    if url.get_backend_name() != "sqlite":
        return None
    return OneHost(Path(f"{url.database}.host"), lease)


def refuse_second_host(database_url: str, lease: float) -> None:
    """Raises CannotStart, naming the other machine, when a SQLite file is open on another one."""
    mark = mark_for(database_url, lease)
    other = mark.other() if mark is not None else None
    if other is not None:
        raise CannotStart(refusal(other, lease), EX_TEMPFAIL)


def refusal(other: Host, lease: float) -> str:
    """Returns why a second machine may not open the file, and what to do."""
    return (
        f"This SQLite file is open on another machine, {other.name}. A file can be used by one machine only: two would "
        f"spoil it. Stop Grants on {other.name} first (if it broke down, wait {lease:g} seconds). To work on several "
        "machines, use PostgreSQL: set GRANTS_DATABASE_URL=postgresql://…"
    )

"""The wheels of this checkout, and places away from it where they are installed. A pytest plugin."""

from __future__ import annotations

import fcntl
import os
import re
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests.running import Done, Place

ROOT = Path(__file__).resolve().parents[1]

OURS = re.compile(r"(?i)_*(editable_*)?grants|.*\.pth$|__pycache__$")
"""What a strange machine would not have among its packages: our own, and whatever leads back to this checkout."""

PIP = ("-m", "pip", "--disable-pip-version-check", "--quiet")
FROM_HERE = ("--no-index", "--no-deps", "--no-build-isolation")


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The core's and the plugins' wheels as ``make wheel`` builds them, once for all workers of a run."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder, done = shared / "wheels", shared / "wheels.done"
    with (shared / "wheels.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            subprocess.run(["sh", str(ROOT / "workshop" / "wheel.sh"), str(folder)], check=True, capture_output=True)
            done.touch()
    return sorted(folder.glob("*.whl"))


def install_into(folder: Path, wheels: list[Path]) -> Place:
    """Makes an empty environment that sees the pinned packages of others, and installs our wheels there."""
    locked, working = folder / "locked", folder / "work"
    locked.mkdir(parents=True)
    working.mkdir()
    for package in Path(sysconfig.get_path("purelib")).iterdir():
        if not OURS.match(package.name):
            (locked / package.name).symlink_to(package)
    environment = folder / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(environment)], check=True)
    (packages,) = environment.glob("lib/python3*/site-packages")
    (packages / "locked.pth").write_text(f"{locked}\n", encoding="utf-8")
    place = Place(working, environment / "bin" / "python")
    install(place, *wheels)
    return place


def install(place: Place, *what: Path) -> Done:
    """Installs wheels or folders at a place, offline."""
    return place.call(*PIP, "install", *FROM_HERE, *what)


def uninstall(place: Place, name: str) -> Done:
    """Takes a distribution away from a place."""
    return place.call(*PIP, "uninstall", "--yes", name)

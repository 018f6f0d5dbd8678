"""Runs every check in order and says how long each took: `make test`, which `.ci/run` calls with CI=true.

Needs nothing but Python's standard library and a `.venv` made by `make setup`. The static checks all run before any
of them can stop the rest; then pytest runs once, over SQLite and PostgreSQL, with and without a browser, so that its
own closing line is the last thing printed. Words after the script's name go to pytest as they are.
"""

import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv" / "bin"
IN_CI = os.environ.get("CI") == "true"


@dataclass(frozen=True)
class Tool:
    """A program from outside Python that some tests drive: its Debian package and the tests' marker."""

    name: str
    package: str
    marker: str
    found: bool


def tools() -> list[Tool]:
    """Returns the outside programs that the tests drive, each with whether it is here now."""
    servers = list(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    return [
        Tool("PostgreSQL", "postgresql", "postgres", bool(servers or shutil.which("initdb"))),
        Tool("Chromium", "chromium", "browser", bool(chromium)),
    ]


def missing_tools() -> list[Tool]:
    """Installs what is missing where it may (root on Debian), and returns what is missing still."""
    missing = [tool for tool in tools() if not tool.found]
    if missing and os.geteuid() == 0 and Path("/etc/debian_version").exists():
        packages = [tool.package for tool in missing]
        print(f"Installing {' and '.join(packages)} from Debian.", flush=True)
        apt_get("update", "-qq")
        apt_get("install", "-y", "-qq", "--no-install-recommends", *packages)
        missing = [tool for tool in tools() if not tool.found]
    return missing


def apt_get(*words: str) -> None:
    """Calls Debian's installer without questions; what it could not do shows in what is missing afterwards."""
    quietly = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", *words], env=quietly, stdout=subprocess.DEVNULL, check=False)


def run(title: str, *command: str) -> bool:
    """Runs one check, prints its outcome and its time, and returns whether it passed."""
    print(f"── {title}", flush=True)
    began = time.monotonic()
    passed = subprocess.run(command, cwd=ROOT, check=False).returncode == 0
    minutes = (time.monotonic() - began) / 60
    print(f"── {title}: {'good' if passed else 'NOT good'}, {minutes:.1f} minutes\n", flush=True)
    return passed


def static_checks() -> bool:
    """Runs format, lint, types and import contracts over the whole checkout; returns whether all passed."""
    python_folders = ["grants", "plugins"]
    outcomes = [
        run("Format", str(BIN / "ruff"), "format", "--check", "."),
        run("Lint", str(BIN / "ruff"), "check", "--output-format", "concise", "."),
        run("Types", str(BIN / "mypy"), *(name for name in python_folders if (ROOT / name).exists())),
        run("Import contracts", str(BIN / "lint-imports"), "--no-logo"),
    ]
    return all(outcomes)


def pytest_command(missing: list[Tool], words: list[str]) -> list[str]:
    """Returns the one call of pytest, leaving out what cannot run here."""
    left_out = " and ".join(f"not {tool.marker}" for tool in missing)
    chosen = ["-m", left_out] if left_out else []
    by_file = ["-n", "2", "--dist", "loadfile", "--no-loadscope-reorder"]
    return [str(BIN / "python"), "-m", "pytest", *by_file, *chosen, *words]


def main() -> int:
    """Returns 0 if every check passed, 1 if a static check did not, else pytest's own exit code."""
    missing = missing_tools()
    for tool in missing:
        print(f"{tool.name} is not here: install {tool.package}. Tests marked '{tool.marker}' do not run.")
    if missing and IN_CI:
        return 1
    if not static_checks():
        return 1
    print("── Tests", flush=True)
    return subprocess.run(pytest_command(missing, sys.argv[1:]), cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())

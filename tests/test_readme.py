"""Every command of the front page is run, in its order, as a newcomer would type it."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path

import pytest

from grants.app import desk_over, open_house
from grants.config import read_settings
from grants.folders import demo_folder
from tests.scenes import a_fund
from tests.sizes import PATIENCE

pytestmark = pytest.mark.timeout(PATIENCE)

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "README.md").read_text(encoding="utf-8")
BIN = Path(sys.executable).parent


def commands() -> list[str]:
    """Returns the commands of the page's shell blocks, without their remarks."""
    blocks = re.findall(r"```sh\n(.*?)```", PAGE, flags=re.S)
    lines = [line.partition("  #")[0].partition(" #")[0].strip() for block in blocks for line in block.splitlines()]
    return [line for line in lines if line]


def free_port() -> int:
    """Returns a port that nobody listens on."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


def environment(home: Path) -> dict[str, str]:
    """Returns the environment of a newcomer: only the place is chosen."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GRANTS_")}
    return kept | {"GRANTS_HOME": str(home), "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}


def run(command: str, folder: Path) -> str:
    """Runs a command that ends, and returns what it printed; fails with its words."""
    words = shlex.split(command)
    done = subprocess.run(
        words, cwd=folder, env=environment(folder / "var"), capture_output=True, text=True, check=False, timeout=110
    )
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout


def serve(command: str, folder: Path) -> None:
    """Runs a command that serves until its pages answer, then stops it as an operator does."""
    port = free_port()
    process = subprocess.Popen(
        shlex.split(command.format(port=port)),
        cwd=ROOT if command.startswith("make") else folder,
        env=environment(folder / "var"),
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        assert answers(port, process), f"{command} does not answer"
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)


def answers(port: int, process: subprocess.Popen[bytes]) -> bool:
    """Waits until the server on a port answers that it lives."""
    ends = time.monotonic() + 90
    while time.monotonic() < ends and process.poll() is None:
        with suppress(urllib.error.URLError, ConnectionError):
            return bool(urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5).status == 200)
        time.sleep(0.1)
    return False


def a_fund_called_winter(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes what Carol makes on the pages: a fund."""
    monkeypatch.chdir(folder)
    house = open_house(read_settings({"GRANTS_HOME": str(folder / "var")}, folder))
    with house.database.transaction() as session:
        fund = a_fund(desk_over(house, session), name="Winter fund")
        assert fund.slug == "winter-fund"
    house.database.close()


def test_the_charity_and_the_funder_start_as_the_page_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copy(demo_folder() / "applications.csv", tmp_path)
    printed = {}
    for command in commands():
        if command.startswith("make"):
            continue
        if command == "grants serve":
            serve("grants serve --port {port}", tmp_path)
            a_fund_called_winter(tmp_path, monkeypatch)
        else:
            printed[command] = run(command, tmp_path)
    assert "http" in printed['grants user add carol@example.org --name "Carol Mbeki" --role manager']
    assert "minutes" in printed["grants policy burden full-receipts"]
    assert "Everything adds up" in printed["grants check"]
    assert len(printed) >= 8


def test_the_demonstration_serves_and_a_second_time_adds_nothing(tmp_path: Path) -> None:
    assert "make demo" in commands()
    serve("make demo ARGS='--port {port}'", tmp_path)
    again = run("grants demo --no-serve", tmp_path)
    assert "nothing was added" in again
    assert "everything adds up" in again


def test_every_make_target_of_the_page_is_there() -> None:
    targets = [command.split()[1] for command in commands() if command.startswith("make")]
    assert targets == ["demo", "test"]
    for target in targets:
        done = subprocess.run(["make", "-n", target], cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


def test_the_pictures_of_the_page_are_there() -> None:
    pictures = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", PAGE)
    assert len(pictures) == 2
    assert all((ROOT / picture).stat().st_size < 200_000 for picture in pictures)

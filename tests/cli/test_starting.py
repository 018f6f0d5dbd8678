"""Whatever keeps a command from starting is said in plain words, with an exit code and without a secret."""

from __future__ import annotations

import os
import sqlite3
import subprocess
from pathlib import Path

import pytest

from grants.cli import COMMANDS
from tests.cli.conftest import Grants
from tests.running import Place, free_port


@pytest.fixture
def old_file(ready: Place) -> Path:
    """The database file of an empty charity."""
    return ready.folder / "var" / "grants.db"


def test_an_empty_database_is_refused_with_what_to_do(typed: Grants) -> None:
    for command in (("serve", "--port", str(free_port())), ("check",), ("user", "add", "a@b.example", "--name", "A")):
        words = (*command, "--role", "manager") if command[0] == "user" else command
        refused = typed(*words, code=78)
        assert refused.err == "The database is empty. Run “grants init” once.\n"
        assert refused.out == ""


def test_a_newer_database_is_refused_by_every_command(typed: Grants, old_file: Path) -> None:
    with sqlite3.connect(old_file) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    for command in (("serve", "--port", str(free_port())), ("init",), ("check",), ("demo", "--no-serve")):
        refused = typed(*command, code=78)
        assert refused.err.startswith("The database is newer than this program (it is at 9999). Install the newer")
    assert "GRANTS_HOME=./demonstration" in refused.err


def test_a_file_that_is_no_database(typed: Grants, old_file: Path) -> None:
    old_file.write_bytes(b"a shopping list, not a database" * 100)
    for command in (("serve", "--port", str(free_port())), ("init",), ("check",)):
        refused = typed(*command, code=None)
        assert refused.code in (69, 75)
        assert "database" in refused.err
        assert "at fault" not in refused.err


@pytest.mark.parametrize("command", ["serve", "init", "check", "doctor", "demo"])
def test_a_database_that_cannot_be_reached_is_said_without_its_password(typed: Grants, command: str) -> None:
    away = f"postgresql://grants:green-kettle@127.0.0.1:{free_port()}/grants"
    words = (command, "--port", str(free_port())) if command in ("serve", "demo") else (command,)
    refused = typed(*words, code=None, database_url=away)
    assert refused.code in ((78,) if command == "doctor" else (69, 75))
    assert "The database cannot be reached" in refused.out + refused.err
    assert "green-kettle" not in refused.out + refused.err


def test_a_worker_without_a_database_ends(place: Place) -> None:
    away = place.having(database_url=f"postgresql://grants:green-kettle@127.0.0.1:{free_port()}/grants")
    refused = away.run("worker", code=75)
    assert "The database cannot be reached" in refused.err
    assert "green-kettle" not in refused.out + refused.err


@pytest.mark.parametrize("command", ["serve", "init", "check", "doctor", "demo", "policy"])
def test_wrong_settings_are_named_all_together(typed: Grants, tmp_path: Path, command: str) -> None:
    wrong = {"mode": "lively", "database_url": "mysql://x", "base_url": "grants", "secret_key": "kettle"}
    words = {"serve": ("--port", str(free_port())), "demo": ("--no-serve",), "policy": ("list",)}.get(command, ())
    refused = typed(command, *words, code=78, **wrong, workers="-1", colour="green")
    first, *problems = refused.err.splitlines()
    assert first == "These settings need mending:"
    named = [problem.strip().partition(":")[0].removeprefix("GRANTS_") for problem in problems]
    assert sorted(named) == ["BASE_URL", "COLOUR", "DATABASE_URL", "MODE", "SECRET_KEY", "WORKERS"]
    assert "kettle" not in refused.err
    assert not (tmp_path / "var").exists(), "nothing is made before the settings are right"


def test_a_file_of_settings_that_cannot_be_read_is_named(typed: Grants, tmp_path: Path) -> None:
    (tmp_path / "grants.toml").write_text("mode = practice\n", encoding="utf-8")
    assert "grants.toml: cannot be read" in typed("check", code=78).err


def test_a_home_that_cannot_be_made_is_named(typed: Grants, tmp_path: Path) -> None:
    (tmp_path / "var").write_text("a file where a folder belongs", encoding="utf-8")
    refused = typed("init", code=74)
    assert str(tmp_path / "var") in refused.err


@pytest.mark.parametrize(("typo", "meant"), [("serv", "serve"), ("polcy", "policy"), ("plugin", "plugins")])
def test_a_mistyped_command_is_answered_with_the_nearest(typed: Grants, typo: str, meant: str) -> None:
    refused = typed(typo, code=64)
    assert f"There is no command “{typo}”. Did you mean “{meant}”" in refused.err


def test_what_is_like_no_command_is_only_refused(typed: Grants) -> None:
    assert "There is no command “zzzzzz”.\n" in typed("zzzzzz", code=64).err
    assert "--nothing" in typed("init", "--nothing", code=64).err


def test_help_names_every_command_and_makes_nothing(typed: Grants, tmp_path: Path) -> None:
    told = typed("--help").out
    for name, (_, does) in COMMANDS.items():
        assert f"  {name} " in told
        assert does in told
        assert typed(name, "--help").out.startswith(f"Usage: grants {name}")
    assert "story-on-paper" in told, "plugins' commands are there too"
    assert list(tmp_path.iterdir()) == []


def test_what_the_command_line_itself_loads_is_little(place: Place) -> None:
    def loaded(module: str, heavy: set[str]) -> str:
        return place.call("-c", f"import sys, {module}; print(*sorted({heavy!r} & set(sys.modules)))").out.strip()

    assert loaded("grants.cli", {"sqlalchemy", "flask", "dbos", "alembic", "stripe", "granian", "rich"}) == ""
    assert loaded("grants.serving", {"alembic", "stripe", "xlsxwriter", "jsonschema", "python_calamine"}) == ""


def test_a_reader_that_goes_away_is_no_trouble(place: Place) -> None:
    for words in (("--help",), ("policy", "show", "full-receipts")):
        reads, writes = os.pipe()
        os.close(reads)
        command = [place.python, "-m", "grants", *words]
        environment = place.environment
        ended = subprocess.run(
            command, cwd=place.folder, env=environment, stdout=writes, stderr=subprocess.PIPE, timeout=60, check=False
        )
        os.close(writes)
        assert ended.stderr == b""


def test_ctrl_c_ends_a_command_in_one_word_and_nothing_is_half_done(place: Place) -> None:
    with place.started("demo", "--no-serve") as started:
        started.says("decide  ")
        assert started.ctrl_c() == 130
        assert started.said.endswith("Stopped.\n")
        assert "Traceback" not in started.said
        assert started.nobody_left()
    assert place.adds_up()
    again = place.run("demo", "--no-serve")
    assert "Its story was stopped halfway." in again.out
    assert "everything adds up" in again.out

"""Commands in this very process: quick, and on either database."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from grants.cli import run
from grants.config import Settings
from tests.running import Done, Place

Grants = Callable[..., Done]


@pytest.fixture
def typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Grants:
    """Runs ``grants`` where nothing is set: ``typed("user", "add", …, code=64, mode="live")``."""
    for name in [name for name in os.environ if name.startswith("GRANTS_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)

    def type_(*words: str | Path, code: int | None = 0, **settings: object) -> Done:
        with pytest.MonkeyPatch.context() as patch:
            for name, value in ({"home": tmp_path / "var"} | settings).items():
                patch.setenv(f"GRANTS_{name.upper()}", str(value))
            capfd.readouterr()
            ended = run([str(word) for word in words])
        said = capfd.readouterr()
        done = Done(ended, said.out, said.err)
        assert code is None or ended == code, done
        assert "Traceback" not in said.out + said.err
        return done

    return type_


@pytest.fixture
def grants(settings: Settings, typed: Grants) -> Grants:
    """Runs ``grants`` over a fresh database of each kind in turn."""
    usual = {"home": settings.home, "database_url": settings.database_url, "secret_key": settings.secret_key}
    return partial(typed, **usual, mode="test")


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """Where an operator works in processes of their own, with nothing in it yet."""
    return Place(tmp_path)


@pytest.fixture
def ready(place: Place, sqlite_template: Path) -> Place:
    """Where an operator works, with an empty charity on SQLite."""
    (place.folder / "var").mkdir()
    (place.folder / "var" / "grants.db").write_bytes(sqlite_template.read_bytes())
    return place

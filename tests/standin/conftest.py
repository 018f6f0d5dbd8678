"""One stand-in for these tests, with plenty of money; each test starts with no fault and the manual mode."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from grants.standin.process import Standin
from tests.standin.payer import Payer


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standin]:
    state: Path = tmp_path_factory.mktemp("standin")
    with Standin(state, opening=100_000_000) as standin:
        yield standin


@pytest.fixture
def standin(running: Standin) -> Standin:
    running.control("faults/clear")
    running.control("limit")
    running.control("settings", settle="manual", settle_after=1.0, require_verification=True)
    return running


@pytest.fixture
def payer(standin: Standin) -> Payer:
    return Payer(standin)

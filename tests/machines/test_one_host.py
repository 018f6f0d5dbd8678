"""A SQLite file is one machine's: a second one is told so, by name, until the first is gone or silent for its lease.

The test itself plays the other machine: it keeps the mark as another machine's processes would over a shared drive.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import pytest

from grants.config import CannotStart
from grants.model.one_host import Host, OneHost, mark_for, refuse_second_host
from tests.running import Place, free_port

LEASE = 2.0
QUAY = Host("quay-2", "a boot of quay-2")


@pytest.fixture
def place(tmp_path: Path, sqlite_template: Path) -> Place:
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "grants.db").write_bytes(sqlite_template.read_bytes())
    return Place(tmp_path).having(lease_seconds=LEASE)


@pytest.fixture
def mark(place: Place) -> Path:
    return place.folder / "var" / "grants.db.host"


@contextmanager
def open_on(host: Host, mark: Path) -> Iterator[None]:
    """Keeps the file as a machine's until the end of the block; afterwards it is silent, as if it were lost."""
    theirs = OneHost(mark, LEASE, host)
    theirs.take()
    over = threading.Event()

    def keep() -> None:
        while not over.wait(0.2):
            assert theirs.keep()

    keeping = threading.Thread(target=keep)
    keeping.start()
    try:
        yield
    finally:
        over.set()
        keeping.join()


def test_a_second_machine_is_refused_and_the_first_is_named(place: Place, mark: Path) -> None:
    with open_on(QUAY, mark):
        for words in (["serve", "--port", str(free_port())], ["worker"], ["check"]):
            refused = place.run(*words, code=75)
            assert refused.out == ""
            assert "open on another machine, quay-2." in refused.err
            assert "Stop Grants on quay-2 first" in refused.err
            assert "use PostgreSQL" in refused.err
        assert json.loads(mark.read_text()) == asdict(QUAY)


def test_a_machine_that_was_lost_is_given_up_after_its_lease_and_a_clean_stop_leaves_no_mark(
    place: Place, mark: Path
) -> None:
    with open_on(QUAY, mark):
        pass
    silent = OneHost(mark, LEASE)
    while silent.other() is not None:
        threading.Event().wait(0.1)
    with place.started("worker") as first, place.started("worker") as second:
        for each in (first, second):  # two of one machine may work side by side
            each.says("Working on SQLite")
        assert json.loads(mark.read_text()) == asdict(Host.here())
        assert first.stop() == 0
        assert mark.exists()
        assert second.stop() == 0
    assert not mark.exists()


def test_a_worker_that_comes_back_to_a_file_of_another_machine_ends(place: Place, mark: Path) -> None:
    with place.started("worker") as working:
        working.says("Working on SQLite")
        mark.unlink()
        with open_on(QUAY, mark):
            assert working.process.wait(60) == 0
            assert "another machine has the database file by now" in working.said
            assert json.loads(mark.read_text()) == asdict(QUAY)


def test_the_same_machine_started_anew_takes_its_own_mark_and_a_namesake_does_not(tmp_path: Path) -> None:
    mark = tmp_path / "grants.db.host"
    before, after = Host("quay-2", "the boot before"), Host("quay-2", "the boot after")
    OneHost(mark, 60, before).take()
    OneHost(mark, 60, after).take()
    assert json.loads(mark.read_text()) == asdict(after)
    with open_on(after, mark), pytest.raises(CannotStart, match="quay-2"):
        OneHost(mark, 60, Host("quay-2", "a namesake")).take()


def test_a_spoiled_mark_keeps_nobody_out(tmp_path: Path) -> None:
    mark = tmp_path / "grants.db.host"
    mark.write_text("{half a mar")
    ours = OneHost(mark, 60)
    ours.take()
    assert ours.keep()
    ours.release()
    assert list(tmp_path.iterdir()) == []


def test_postgresql_is_for_as_many_machines_as_wanted() -> None:
    assert mark_for("postgresql+psycopg://nobody@127.0.0.1:1/none", 60) is None
    refuse_second_host("postgresql+psycopg://nobody@127.0.0.1:1/none", 60)

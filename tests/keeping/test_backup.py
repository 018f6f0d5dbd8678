"""A backup holds everything but the keys, goes back into either kind of database, and shows every damage."""

from __future__ import annotations

import json
import random
import threading
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from grants.config import CannotStart, Settings
from grants.domain.errors import Refusal
from grants.domain.money import Money
from grants.keeping import backup
from grants.keeping.backup import Kept
from grants.keeping.restore import restore
from grants.keeping.rows import tables
from grants.model import migrate
from grants.model.books import Account
from grants.model.engine import Database
from grants.model.events import EventRow
from grants.model.grants import Grant
from grants.web.edge import House
from tests.conftest import AtDesk, Start
from tests.journeys.street import build, with_service
from tests.postgres import Server
from tests.scenes import a_fund, a_grant, a_worker

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def nothing(_session: Session, _kept: Kept) -> None:
    """Writes nothing into what is restored."""


def clock() -> datetime:
    return NOW


def contents(url: str) -> dict[str, list[str]]:
    """Every row of every table that a backup holds, as Python values."""
    database = Database(url)
    try:
        with database.session() as session:
            return {
                table.name: sorted(repr([in_order(value) for value in row]) for row in session.execute(table.select()))
                for table in tables()
            }
    finally:
        database.close()


def in_order(value: object) -> object:
    """A JSON value with its names in order, which PostgreSQL does not keep."""
    return json.dumps(value, sort_keys=True) if isinstance(value, dict) else value


@pytest.fixture
def full(at_desk: AtDesk, settings: Settings) -> Settings:
    """A charity with some grants."""
    with at_desk() as desk:
        fund, worker = a_fund(desk, pounds=5000), a_worker(desk)
        for _ in range(3):
            a_grant(desk, fund, worker)
    return settings


@pytest.fixture
def kept(full: Settings, tmp_path: Path) -> Path:
    """A backup of it."""
    return written(full, tmp_path / "one.backup")


def written(settings: Settings, path: Path) -> Path:
    database = Database(settings.database_url)
    backup.write(database, settings, path, clock)
    database.close()
    return path


@pytest.fixture
def elsewhere(settings: Settings, tmp_path: Path) -> Settings:
    """Another machine: the same secret key, an empty home and SQLite."""
    home = tmp_path / "elsewhere"
    return replace(settings, home=home, database_url=f"sqlite:///{home / 'grants.db'}")


@pytest.mark.postgres
def test_a_street_of_people_comes_back_as_it_was_in_either_kind(
    start: Start, settings: Settings, tmp_path: Path, postgres: Server
) -> None:
    build(start(with_service(settings)))
    path = written(settings, tmp_path / "street.backup")
    before = contents(settings.database_url)
    assert len([rows for rows in before.values() if rows]) > 25, "the street has things of most kinds"
    away = postgres.fresh()
    for url in (f"sqlite:///{tmp_path / 'new.db'}", away):
        there = replace(settings, home=tmp_path / "new", database_url=url)
        restore(path, there, nothing, NOW)
        assert contents(url) == before
        again = written(there, tmp_path / f"again-{url[:4]}.backup")
        assert backup.verify(again, there).counts == backup.verify(path, settings).counts
    postgres.drop(away)


def test_what_comes_back_works_on_with_new_numbers(kept: Path, full: Settings, at_desk: AtDesk, house: House) -> None:
    house.database.close()
    restore(kept, full, nothing, NOW, over=True)
    with at_desk() as desk:
        before = desk.session.query(EventRow).count()
        a_grant(desk, a_fund(desk, pounds=900), a_worker(desk))
    with at_desk() as desk:
        assert desk.session.query(Grant).count() == 4
        assert desk.session.query(EventRow).count() > before
    with pytest.raises(Exception, match="never changed"), at_desk() as desk:
        desk.session.execute(text("DELETE FROM events"))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_one_flipped_byte_anywhere_is_found(kept: Path, full: Settings) -> None:
    whole, luck = kept.read_bytes(), random.Random(4)
    places = {0, 17, len(whole) - 1, *(luck.randrange(len(whole)) for _ in range(60))}
    for place in places:
        spoilt = bytearray(whole)
        spoilt[place] ^= 1 << luck.randrange(8)
        kept.write_bytes(spoilt)
        with pytest.raises(Refusal) as refused:
            backup.verify(kept, full)
        assert refused.value.code in ("backup.corrupt", "backup.truncated", "backup.not_one"), place
    kept.write_bytes(whole)
    assert backup.verify(kept, full).counts["grants"] == 3


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_file_that_was_cut_or_goes_on_is_refused(kept: Path, full: Settings) -> None:
    whole, luck = kept.read_bytes(), random.Random(5)
    for place in (16, 40, *(luck.randrange(16, len(whole)) for _ in range(30))):
        kept.write_bytes(whole[:place])
        with pytest.raises(Refusal) as refused:
            backup.verify(kept, full)
        assert refused.value.code in ("backup.truncated", "backup.corrupt"), place
    kept.write_bytes(whole + b"x")
    with pytest.raises(Refusal, match="damaged"):
        backup.verify(kept, full)
    kept.write_bytes(b"PK\x03\x04 something else")
    with pytest.raises(Refusal, match="not a backup"):
        backup.verify(kept, full)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_another_key_is_named_and_the_file_says_which_but_never_the_key(
    kept: Path, full: Settings, tmp_path: Path
) -> None:
    other = replace(full, secret_key="quite another secret, longer than thirty-two")
    with pytest.raises(Refusal, match="another GRANTS_SECRET_KEY"):
        backup.verify(kept, other)
    own = replace(full, backup_key="a key for backups alone, long enough for all")
    path = written(own, tmp_path / "own.backup")
    with pytest.raises(Refusal, match="another GRANTS_BACKUP_KEY"):
        backup.verify(path, full)
    assert backup.verify(path, own).key_from == "GRANTS_BACKUP_KEY"
    for file, settings in ((kept, full), (path, own)):
        data = file.read_bytes()
        assert full.secret_key.encode() not in data
        assert own.backup_key.encode() not in data
        assert b"grant.awarded" not in data
        assert b"Jo" not in data.partition(b"}}")[2][:40]
        assert backup.verify(file, settings).made_at == NOW
    moved = replace(own, secret_key="quite another secret, longer than thirty-two", home=tmp_path / "moved")
    moved = replace(moved, database_url=f"sqlite:///{moved.home / 'grants.db'}")
    with pytest.raises(Refusal, match="The key is not in the backup"):
        restore(path, moved, nothing, NOW)
    earlier = replace(full, secret_key="a secret without a comma in all of it")
    with pytest.raises(CannotStart, match="key of a person is sealed with a secret key that is not set"):
        written(earlier, tmp_path / "earlier.backup")
    database = Database(full.database_url)
    with database.transaction() as session:
        session.execute(text("DELETE FROM person_keys"))  # fresh ones are made under the secret of now
    database.close()
    path = written(earlier, tmp_path / "earlier.backup")
    restore(path, replace(moved, old_secret_keys=earlier.secret_key), nothing, NOW)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_header_is_for_everybody_to_read(kept: Path) -> None:
    data = kept.read_bytes()
    header = json.loads(data[20 : 20 + int.from_bytes(data[16:20])])
    assert header["made_at"] == "2026-11-23T12:00:00+00:00"
    assert (header["database"], header["revision"]) == ("sqlite", migrate.newest_revision())
    assert header["counts"]["grants"] == 3
    assert header["key_from"] == "GRANTS_SECRET_KEY"
    assert oct(kept.stat().st_mode)[-3:] == "600"


def test_a_database_that_holds_something_is_not_written_over_unless_told(kept: Path, full: Settings) -> None:
    before = contents(full.database_url)
    with pytest.raises(CannotStart, match="not empty") as refused:
        restore(kept, full, nothing, NOW)
    assert refused.value.exit_code == 73
    assert contents(full.database_url) == before
    with pytest.raises(CannotStart, match="there already") as refused:
        written(full, kept)
    assert refused.value.exit_code == 73


def test_a_restore_that_breaks_leaves_everything_as_it_was(
    kept: Path, full: Settings, at_desk: AtDesk, house: House, tmp_path: Path
) -> None:
    with at_desk() as desk:
        a_grant(desk, a_fund(desk, pounds=900), a_worker(desk))
    house.database.close()
    before = contents(full.database_url)

    def breaks(session: Session, _kept: Kept) -> None:
        session.add(Account(name="A.x", kind="A", currency="GBP"))
        session.flush()
        raise RuntimeError("the power went")

    with pytest.raises(RuntimeError, match="power"):
        restore(kept, full, breaks, NOW, over=True)
    assert contents(full.database_url) == before
    assert not list(tmp_path.glob("*.restoring-*"))
    done = restore(kept, full, nothing, NOW, over=True)
    assert len(contents(full.database_url)["grants"]) == 3
    if done.aside is not None:
        assert contents(f"sqlite:///{done.aside}") == before


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_backup_of_a_newer_program_is_refused_and_one_of_an_older_is_brought_up(
    full: Settings, tmp_path: Path, elsewhere: Settings
) -> None:
    kept = backup.verify(written(full, tmp_path / "now.backup"), full)
    path = aged(full, tmp_path / "later.backup", "9999")
    with pytest.raises(Refusal, match="newer than this program"):
        restore(path, elsewhere, nothing, NOW)
    assert not Path(elsewhere.database_url.removeprefix("sqlite:///")).exists()
    path = aged(full, tmp_path / "old.backup", "0001")
    restore(path, elsewhere, nothing, NOW)
    database = Database(elsewhere.database_url)
    assert migrate.problem(database.engine) == ""
    with database.session() as session:
        assert session.execute(text("SELECT name FROM funders")).scalars().all() == ["Tide Foundation"]
    database.close()
    assert kept.revision == migrate.newest_revision()


def aged(settings: Settings, path: Path, revision: str) -> Path:
    """Writes a backup of the few tables that every revision has, as a program of that revision would."""
    from grants.keeping.sealing import Sealer, file_key

    salt = b"s" * 32
    kinds = {"funders": {"id": "plain", "name": "plain", "org_id": "plain", "created_at": "time"}}
    header = {
        "made_at": NOW.isoformat(),
        "program": "0.0.9",
        "revision": revision,
        "database": "sqlite",
        "key_from": "GRANTS_SECRET_KEY",
        "counts": {"funders": 1},
        "kinds": kinds,
        "salt": salt.hex(),
        "key_mark": backup.mark(settings.secret_key, salt, "key mark"),
        "secret_mark": backup.mark(settings.secret_key, salt, "secret mark"),
    }
    with path.open("wb") as file:
        sealer = Sealer(file, header, file_key(settings.secret_key, salt, "chunks"))
        sealer.add(json.dumps({"table": "funders", "columns": list(kinds["funders"])}).encode())
        sealer.add(json.dumps([1, "Tide Foundation", "", "2026-01-01T00:00:00+00:00"]).encode())
        sealer.close()
    return path


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_nobody_may_be_at_work_on_what_is_written_over(kept: Path, full: Settings, house: House) -> None:
    with house.database.session() as session:
        session.execute(text("SELECT 1"))
        session.rollback()
        with pytest.raises(CannotStart, match="still uses") as refused:
            restore(kept, full, nothing, NOW, over=True)
    assert refused.value.exit_code == 73


def test_a_backup_taken_while_people_work_is_of_one_moment(full: Settings, at_desk: AtDesk, tmp_path: Path) -> None:
    """Two sides of every posting are in it or neither, and nobody had to wait for it."""
    with at_desk() as desk:
        fund, worker = a_fund(desk, pounds=9000), a_worker(desk)
    going = threading.Event()
    done: list[int] = []

    def work() -> None:
        while not going.is_set():
            with at_desk() as desk:
                a_grant(desk, desk.session.merge(fund), desk.session.merge(worker), amount=Money(5_00))
            done.append(1)

    busy = threading.Thread(target=work)
    busy.start()
    paths = []
    for number in range(4):
        paths.append(written(full, tmp_path / f"busy-{number}.backup"))
    going.set()
    busy.join()
    for number, path in enumerate(paths):
        home = tmp_path / f"put-{number}"
        there = replace(full, home=home, database_url=f"sqlite:///{home / 'grants.db'}")
        restore(path, there, nothing, NOW)
        database = Database(there.database_url)
        with database.session() as session:
            awarded = session.query(Grant).count()
            told = session.query(EventRow).filter(EventRow.name == "grant.activated").count()
            off = session.execute(text("SELECT sum(balance) FROM accounts")).scalar_one()
        database.close()
        assert off == 0
        assert awarded == told
    assert done


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_memory_does_not_grow_with_the_rows(full: Settings, tmp_path: Path) -> None:
    peaks = []
    for count in (2_000, 20_000):
        add_events(full, count)
        tracemalloc.start()
        path = written(full, tmp_path / f"{count}.backup")
        backup.verify(path, full)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 6_000_000, peaks


def add_events(settings: Settings, count: int) -> None:
    """Adds so many events."""
    what = {"at": NOW, "name": "grant.noted", "subject": "grant", "actor_kind": "system", "data": {}}
    database = Database(settings.database_url)
    with database.transaction() as session:
        session.execute(insert(EventRow), [what | {"subject_id": number} for number in range(count)])
    database.close()


def test_files_of_the_house_come_along_and_the_secret_key_does_not(
    full: Settings, tmp_path: Path, elsewhere: Settings
) -> None:
    full.home.mkdir(exist_ok=True)
    (full.home / "plugins.json").write_text('{"allowed": []}')
    (full.home / "secret-key").write_text("never to be seen by anybody at all, is it")
    path = written(full, tmp_path / "files.backup")
    done = restore(path, elsewhere, nothing, NOW)
    assert done.files == ("plugins.json",)
    assert (elsewhere.home / "plugins.json").read_text() == '{"allowed": []}'
    assert not (elsewhere.home / "secret-key").exists()


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    yield
    if tracemalloc.is_tracing():
        tracemalloc.stop()

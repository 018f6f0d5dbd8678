"""``grants person`` as somebody types it; and whoever was erased stays so, in every backup and after every restore."""

from __future__ import annotations

import gc
import json
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from grants.config import Settings
from grants.flow.desk import Desk
from grants.flow.privacy.erase import left_of
from grants.flow.privacy.export import export
from grants.flow.privacy.papers import data
from grants.keeping import backup
from grants.keeping.keys import beside
from grants.keeping.sealing import Sealed
from grants.model import Base
from grants.model.people import Person
from grants.web.edge import House
from tests.cli.conftest import Grants
from tests.conftest import AtDesk
from tests.filling import end, fill
from tests.scenes import a_fund, a_grant, a_worker
from tests.sizes import PATIENCE

pytestmark = pytest.mark.timeout(PATIENCE)


GONE, STAYS = "qzjxka", "wvyqho"
"""How every word of the one begins who is erased, and of the other who is not."""

BOOKS = ("accounts", "journals", "lines", "seals", "statements", "payments", "attempts")


@dataclass
class Two:
    """Two people, the first of whom is erased, and where backups are kept, apart from HOME."""

    gone: str
    stays: str
    canaries: dict[str, str]
    shelf: Path


@pytest.fixture
def two(at_desk: AtDesk, house: House, tmp_path_factory: pytest.TempPathFactory) -> Two:
    """Two people about whom we hold everything that can be held."""
    with at_desk() as desk:
        fund, worker = a_fund(desk, pounds=5000), a_worker(desk)
        numbers = []
        for mark in (GONE, STAYS):
            grant = a_grant(desk, fund, worker)
            canaries = fill(desk, grant.person_id, mark)
            end(desk, grant.person_id, f"{mark} in the bank file".encode())
            person = desk.session.get_one(Person, grant.person_id)
            person.name = f"{mark} Name"
            numbers.append(person.number)
        a_grant(desk, fund, worker)
    outbox = house.settings.home / "outbox"
    outbox.mkdir()
    with house.database.session() as session:
        theirs = select(Base.metadata.tables["messages"].c.number, Person.number).join(Person)
        for number, person in session.execute(theirs):
            (outbox / f"{number}.txt").write_text(f"{GONE if person == numbers[0] else STAYS} sent")
    house.database.close()
    gone, stays = numbers
    return Two(gone, stays, canaries, tmp_path_factory.mktemp("shelf"))


def rows(desk: Desk, names: tuple[str, ...] = ()) -> str:
    """Every row of the database, or of some tables, as text."""
    found = []
    for table in Base.metadata.sorted_tables:
        if not names or table.name in names:
            order = ", ".join(f'"{column.name}"' for column in table.primary_key)
            asked = desk.session.execute(text(f'SELECT * FROM "{table.name}" ORDER BY {order}'))
            found += [repr(tuple(row)) for row in asked]
    return "\n".join(found)


def inside(path: Path, settings: Settings) -> str:
    """What a backup says once its outer seal is opened."""
    with path.open("rb") as file:
        sealed = Sealed(file)
        key = backup.key_for(backup.read_header(sealed), settings)
        return b"\n".join(sealed.lines(key)).decode()


def in_home(settings: Settings) -> list[str]:
    """Which files of HOME name the one who is erased."""
    files = [path for path in settings.home.rglob("*") if path.is_file()]
    assert len(files) > 2
    return [path.name for path in files if GONE.encode() in path.read_bytes()]


def test_whoever_is_erased_is_nowhere_any_more(grants: Grants, at_desk: AtDesk, house: House, two: Two) -> None:
    settings = house.settings
    assert len(two.canaries) >= 40, "every personal column that there is"
    old, new, told = two.shelf / "old.backup", two.shelf / "new.backup", []
    told.append(grants("backup", old))
    with at_desk() as desk:
        before = rows(desk, BOOKS)
        assert rows(desk).count(GONE) > 40
    assert GONE not in inside(old, settings), "sealed under their own key, even then"
    assert STAYS not in inside(old, settings)

    said = grants("person", "erase", two.gone)
    assert "Goes: stories" in said.out
    assert "Nothing was changed" in said.out
    house.database.close()
    gc.collect()
    told += [said, grants("person", "erase", two.gone, "--yes"), grants("person", "erase", two.gone, "--yes")]
    assert "is erased" in told[-2].out
    assert "erased already" in told[-1].out
    told.append(grants("backup", new))
    for name in ("360giving", "grants", "ledger"):
        out = two.shelf / f"{name}.out"
        told.append(grants("export", name, "--out", out, charity_id="GB-CHC-9999902", publisher_prefix="harbour"))
        assert GONE not in out.read_text(encoding="utf-8")
    with at_desk() as desk:
        left = rows(desk)
        assert GONE not in left
        assert STAYS in left
        assert rows(desk, BOOKS) == before, "the books say what they said"
    house.database.close()
    assert in_home(settings) == []
    assert GONE not in inside(new, settings)
    assert not [done for done in told if GONE in done.out + done.err]
    assert "Everything adds up" in grants("check", "--chain").out

    (settings.home / "erased").unlink()  # the list of this machine is lost as well
    gc.collect()
    assert "file of keys is older" in grants("restore", new, "--over", "--keys", beside(old), code=65).err
    grants("restore", old, "--over", "--keys", beside(new))
    look_again(at_desk, two, all_back=True)
    assert two.gone in (settings.home / "erased").read_text(), "the newest keys file said it"

    gc.collect()
    house.database.close()
    grants("restore", old, "--over")  # with keys of before: the list in HOME says who was erased
    look_again(at_desk, two, all_back=True)
    house.database.close()

    away = beside(old).rename(two.shelf / "away")
    assert "file of keys is missing" in grants("restore", old, "--over", code=65).err
    assert "not both" in grants("restore", old, "--keys", away, "--without-keys", code=64).err
    grants("restore", old, "--over", "--without-keys")
    look_again(at_desk, two, all_back=False)
    house.database.close()
    assert "adds up" in grants("check", "--chain").out


def look_again(at_desk: AtDesk, two: Two, *, all_back: bool) -> None:
    """Looks over a database that was put back from the older backup."""
    with at_desk() as desk:
        assert GONE not in rows(desk)
        person = desk.session.scalars(select(Person).where(Person.number == two.gone)).one()
        assert (person.name, person.erased_at is not None, left_of(desk, person.id)) == (two.gone, True, [])
        other = desk.session.scalars(select(Person).where(Person.number == two.stays)).one()
        made = export(desk, other.id)
        told = data(made) + "".join(picture.data.decode() for picture in made.pictures)
        opened = [name for name, canary in two.canaries.items() if canary not in told and name != "people.name"]
        if all_back:
            assert opened == [], "the other one is all there"
            keys = select(func.count()).select_from(Base.metadata.tables["bank_file_keys"])
            assert desk.session.scalar(keys) == 1
        else:
            assert other.name == two.stays
            assert STAYS not in rows(desk)
            assert other.erased_at is None
        desk.session.rollback()


def test_what_we_hold_is_written_for_them_and_mistakes_are_plain(grants: Grants, two: Two) -> None:
    out = two.shelf / "papers"
    said = grants("person", "export", two.stays, "--out", out).out
    assert "may name somebody else" in said
    told = (out / "what-we-hold.json").read_text()
    missing = [name for name, canary in two.canaries.items() if canary not in told]
    assert missing == ["people.name", *PICTURES], "their name is another one, pictures are files of their own"
    assert GONE not in told
    assert json.loads(told)["person"] == two.stays
    pictures = [path for path in out.iterdir() if path.suffix not in (".html", ".json")]
    assert all(STAYS.encode() in path.read_bytes() for path in pictures)
    assert len(pictures) == len(PICTURES)
    assert "there already" in grants("person", "export", two.stays, "--out", out, code=73).err
    assert "nobody" in grants("person", "export", "P-NOBODY", "--out", two.shelf / "no", code=65).err
    assert not (two.shelf / "no").exists()
    assert "`applications`" in grants("person", "classes").out


PICTURES = ("attachments.sealed", "story_pictures.sealed")


def test_money_on_its_way_comes_first(grants: Grants, at_desk: AtDesk, house: House) -> None:
    with at_desk() as desk:
        grant = a_grant(desk, a_fund(desk), a_worker(desk))
        reference = grant.reference
    house.database.close()
    assert "Not yet: Grant" in grants("person", "erase", reference, code=65).out
    assert "still has money to pay" in grants("person", "erase", reference, "--yes", code=65).err

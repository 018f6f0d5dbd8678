"""A wheel, installed away from this checkout, has in it whatever a charity needs."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pytest

from tests.installing import ROOT, install_into
from tests.running import Place, Served

pytestmark = pytest.mark.timeout(400)

TRAVELS = {
    "grants/templates": "grants/templates",
    "grants/template_plugin": "grants/template_plugin",
    "grants/static/dist": "grants/static/dist",
    "grants/locale": "grants/locale",
    "migrations": "grants_migrations",
    "demo": "grants_demo",
}
"""Folders of this checkout, and where they are in the wheel."""

NEXT = '''"""One more table."""

import sqlalchemy as sa
from alembic import op

revision: str = "0099"
down_revision: str | None = "{newest}"


def upgrade() -> None:
    op.create_table("kettles", sa.Column("id", sa.Integer, primary_key=True))
'''


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory, wheels: list[Path]) -> Place:
    return install_into(tmp_path_factory.mktemp("elsewhere"), wheels)


def home(installed: Place, name: str) -> Place:
    return installed.having(home=installed.folder / name)


def asset(served: Served, page: str, ending: str) -> str:
    """Returns a file that a page asks for, found as a browser finds it."""
    found = re.search(rf'(?:href|src)="([^"]+{re.escape(ending)}[^"]*)"', page)
    assert found, ending
    status, text = served.get(found[1])
    assert status == 200
    return text


def test_every_file_that_the_code_needs_is_in_the_wheel(wheels: list[Path]) -> None:
    plugins = {f"grants_{folder.parent.name}".replace("-", "_") for folder in ROOT.glob("plugins/*/setup.cfg")}
    built = {wheel.name.partition("-")[0]: wheel for wheel in wheels}
    assert set(built) == plugins | {"grants_on_trust"}
    names = set(zipfile.ZipFile(built["grants_on_trust"]).namelist())
    wanted = {path.relative_to(ROOT).as_posix() for path in (ROOT / "grants").rglob("*.py")} | {"grants/py.typed"}
    for folder, place in TRAVELS.items():
        files = [path for path in (ROOT / folder).rglob("*") if path.is_file() and "__pycache__" not in path.parts]
        assert files, folder
        wanted |= {f"{place}/{path.relative_to(ROOT / folder).as_posix()}" for path in files}
    assert wanted - names == set()
    assert not [name for name in names if name.endswith((".pyc", ".scss", ".db")) or name.startswith("tests")]


def test_an_empty_machine_starts_demonstrates_and_serves(installed: Place) -> None:
    place = home(installed, "charity")
    where = place.call("-c", "import grants, grants_full_receipts; print(grants.__file__)").out.strip()
    assert Path(where).is_relative_to(installed.python.parents[1])
    assert not Path(where).is_relative_to(ROOT)
    assert place.run("init").out == "The database is ready.\n"
    told = place.run("demo", "--no-serve").out
    assert "books    everything adds up" in told
    assert re.search(r"pay      \d+ payments, £[\d,.]+ over Stripe", told)
    link = re.search(r"a recipient +http://127\.0\.0\.1:8000(/r/\S+)", told)
    assert link, told
    with place.serving() as served:
        status, page = served.get("/")
        assert status == 200
        assert asset(served, page, ".css") == (ROOT / "grants/static/dist/app.css").read_text(encoding="utf-8")
        assert served.get("/static/govuk-frontend.min.js")[0] == 200
        status, page = served.get("/apply/winter-hardship-fund")
        assert (status, "Winter hardship fund" in page) == (200, True)
        status, page = served.get(link[1])
        assert (status, "£" in page) == (200, True)
        assert served.stop() == 0
        assert served.nobody_left()
    assert place.adds_up()


def test_the_command_stands_where_the_others_do(installed: Place) -> None:
    script = installed.python.parent / "grants"
    assert script.read_text(encoding="utf-8").startswith(f"#!{installed.python}")
    assert installed.run("--version").out.startswith("grants, version ")
    assert "10 plugins, all sound." in installed.run("plugins", "check").out


def test_a_newer_program_brings_the_tables_up_to_date_and_the_older_one_then_says_so(installed: Place) -> None:
    place = home(installed, "older")
    place.run("init")
    (packages,) = installed.python.parents[1].glob("lib/python3*/site-packages")
    versions = packages / "grants_migrations" / "versions"
    newest = re.search(r'^revision[^=]*= "(.+)"', sorted(versions.glob("0*.py"))[-1].read_text("utf-8"), re.MULTILINE)
    assert newest
    update = versions / "0099_kettles.py"
    update.write_text(NEXT.format(newest=newest[1]), encoding="utf-8")
    try:
        refused = place.run("serve", code=78)
        assert refused.err.startswith("The database is older than this program")
        assert "Run “grants init”" in refused.err
        assert place.run("init").out == "The database is ready.\n"
    finally:
        update.unlink()
    assert "newer than this program (it is at 0099)" in place.run("check", code=78).err

"""Making a plugin: each kind is made, installed, and passes its own tests and the host’s check at once."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from tests.installing import FROM_HERE, PIP, install_into
from tests.running import Place

pytestmark = pytest.mark.timeout(400)

KINDS = ("policy", "rail", "messenger")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, wheels: list[Path]) -> Place:
    """A machine that has our wheels and no checkout."""
    return install_into(tmp_path_factory.mktemp("newcomer"), wheels)


@pytest.fixture(scope="module")
def sound_before(place: Place) -> int:
    """How many plugins were sound before any new one came."""
    return int(place.run("plugins", "check").out.split()[0])


@pytest.mark.parametrize("kind", KINDS)
def test_its_tests_pass_as_soon_as_it_is_made(place: Place, sound_before: int, kind: str) -> None:
    folder = place.folder / "mine" / f"warm-{kind}"
    told = place.run("plugins", "new", f"warm-{kind}", "--kind", kind, "--out", place.folder / "mine").out
    assert told.startswith(f"Made {folder}. Try it:")
    assert not [path for path in folder.rglob("*") if "{" in path.name or path.suffix == ".jinja"]
    assert "{{" not in "".join(path.read_text("utf-8") for path in folder.rglob("*") if path.is_file())
    assert (folder / ".github" / "workflows" / "tests.yml").is_file()
    assert "**Its promise:**" in (folder / "README.md").read_text("utf-8")
    place.call(*PIP, "install", *FROM_HERE, "--editable", folder)
    passed = place.call("-m", "pytest", "-q", "-p", "no:cacheprovider", folder).out
    assert " passed" in passed
    assert " failed" not in passed
    assert int(place.run("plugins", "check").out.split()[0]) == sound_before + 1 + KINDS.index(kind)


def test_a_policy_that_was_made_asks_what_its_readme_says(place: Place) -> None:
    assert "warm-policy: One line from you, if you like. Nothing else." in place.run("policy", "list").out
    project = tomllib.loads((place.folder / "mine" / "warm-policy" / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["entry-points"]["grants.api"] == {"1": "grants_warm_policy"}
    assert project["dependencies"] == ["grants-on-trust >=0.1, <0.2"]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Warm-Homes", "use small letters, figures and single dashes"),
        ("warm--homes", "use small letters, figures and single dashes"),
        ("2warm", "a letter first"),
        ("../warm", "use small letters"),
        ("w" * 31, "30 at most"),
        ("grants-warm", "leave out “grants-”"),
        ("light-report", "a plugin called “light-report” is installed here already"),
        ("warm-rail", "a plugin called “warm-rail” is installed here already"),
        ("unconditional", "“unconditional” is something that Grants on Trust has itself"),
        ("stripe", "“stripe” is something that Grants on Trust has itself"),
        ("demo", "a package called “grants_demo” is here already"),
    ],
)
def test_a_name_that_cannot_be_is_refused_and_nothing_is_written(place: Place, name: str, said: str) -> None:
    out = place.folder / "refused"
    assert said in place.run("plugins", "new", name, "--out", out, code=64).err
    assert not out.exists()


def test_what_is_there_already_stays_as_it_is(place: Place) -> None:
    out = place.folder / "there"
    (out / "warm-sea").mkdir(parents=True)
    (out / "warm-sea" / "note").write_text("mine", encoding="utf-8")
    told = place.run("plugins", "new", "warm-sea", "--out", out, code=73).err
    assert told == f"{out / 'warm-sea'} is there already. Choose another name, or another folder with --out.\n"
    assert [path.name for path in out.rglob("*")] == ["warm-sea", "note"]
    told = place.run("plugins", "new", "warm-sea", "--out", out / "warm-sea" / "note", code=73).err
    assert "cannot be made" in told
    assert "Nothing was written." in told


def test_an_unknown_kind_is_named(place: Place) -> None:
    told = place.run("plugins", "new", "warm-sea", "--kind", "oracle", code=64).err
    assert "'oracle' is not one of 'policy', 'rail', 'messenger'" in told

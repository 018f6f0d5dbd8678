"""Five broken plugins, installed as real distributions: each is named, and nobody else notices."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.installing import install, install_into
from tests.running import Place

pytestmark = pytest.mark.timeout(400)

BROKEN = Path(__file__).with_name("broken")

NAMED = [
    ("cannot-import: import: ModuleNotFoundError: ", "a_library_that_nobody_has"),
    ("raises: grants_policies: RuntimeError: ", "the kettle is on fire"),
    ("raises: grants_commands: SystemExit", "out"),
    ("misspelt: hooks: ", "grants_policys"),
    ("nonsense: grants_policies: ", "expected Policy, got str"),
    ("nonsense: grants_policies: ", "slug: expected small letters, figures and dashes, got 'No Slug!'"),
    ("nonsense: grants_policies: ", "deaf: terms: expected a function of (settings, facts)"),
    ("twice: grants_policies: ", "“light-report” was offered already by grants-light-report 0.1.0"),
]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, wheels: list[Path]) -> Place:
    """A place with our plugins and five broken ones; each is built from a copy."""
    made = install_into(tmp_path_factory.mktemp("unlucky"), wheels)
    copies = made.folder / "broken"
    shutil.copytree(BROKEN, copies, ignore=shutil.ignore_patterns("__pycache__", "build", "*.egg-info"))
    install(made, *sorted(copies.iterdir()))
    made.run("init")
    return made


def test_each_is_named_with_what_is_wrong(place: Place) -> None:
    lines = place.run("plugins", "check", code=65).out.splitlines()
    for start, words in NAMED:
        assert any(line.startswith(start) and words in line for line in lines), (start, words, lines)
    assert len(lines) == len(NAMED)
    doctor = place.run("doctor", code=78).out
    assert all(f"plugin {start}" in doctor for start, _ in NAMED)


def test_the_sound_offers_stand(place: Place) -> None:
    told = place.run("policy", "list").out
    for slug in ("unconditional", "light-report", "full-receipts", "sound-beside"):
        assert slug in told
    assert "Not the light report" not in told
    assert "story-on-paper" in place.run("--help").out
    refused = place.run("policy", "show", "deaf", code=64).err
    assert "There is no policy “deaf”. The policies are: " in refused
    assert "light-report, sample-assured, sound-beside, " in refused


def test_the_host_starts_and_answers(place: Place) -> None:
    with place.serving() as served:
        assert served.get("/")[0] == 200
        assert served.get("/readyz")[0] == 200
        assert "Sign in" in served.get("/sign-in")[1]
        assert served.stop() == 0
        assert "Traceback" not in served.said
    assert place.run("check").out == "Everything adds up.\n"

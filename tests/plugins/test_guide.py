"""Somebody who has only the plugin guide writes a policy in 15 lines, installs it, uses it, and takes it away again."""

from __future__ import annotations

import json
import re
import shutil
import tomllib
from pathlib import Path
from typing import Any

import click
import pytest

from grants import Policy, Terms
from grants.admitting.metadata import API_VERSIONS
from grants.cli import cli
from grants.domain import policy_file
from grants.domain.terms_checks import check
from grants.testing import Journey, check_policy
from tests.installing import ROOT, install, install_into, uninstall
from tests.running import Place

pytestmark = pytest.mark.timeout(400)

GUIDE = (ROOT / "plugins" / "README.md").read_text(encoding="utf-8")
NAMED = r"`([\w.-]+\.(?:py|toml))`[^`]*```(?:python|toml)\n(.*?)```"
SECTION = GUIDE.partition("## A policy in 15 lines")[2].partition("\n## ")[0]
FILES = re.findall(NAMED, SECTION, flags=re.S)
ALL = dict(re.findall(NAMED, GUIDE, flags=re.S))
BLOCKS = {kind: re.findall(rf"```{kind}\n(.*?)```", GUIDE, flags=re.S) for kind in ("python", "toml", "sh", "text")}
LOOSE = [code for code in BLOCKS["python"] if code not in ALL.values()]
SCRIPT = Path(__file__).with_name("a_grant.py")
ASK = "Tell us if it helped, if you like"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, wheels: list[Path]) -> Place:
    return install_into(tmp_path_factory.mktemp("author"), wheels)


@pytest.fixture(scope="module")
def written(place: Place) -> Path:
    """The folder of somebody who typed the guide's blocks into the files that it names."""
    folder = place.folder / "small-trust"
    folder.mkdir()
    for name, text in FILES:
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def tell(place: Place, name: str) -> dict[str, Any]:
    shutil.copy(SCRIPT, place.folder)
    found: dict[str, Any] = json.loads(place.call("a_grant.py", "small-trust", name).out)
    assert found["off"] == []
    return found


def test_the_guide_names_three_files_and_the_policy_is_15_lines() -> None:
    assert [name for name, _ in FILES] == ["grants_small_trust.py", "pyproject.toml", "test_small_trust.py"]
    assert len(FILES[0][1].splitlines()) <= 15


@pytest.mark.parametrize("code", LOOSE, ids=lambda code: code.split("\n")[0])
def test_each_example_runs_and_says_what_is_sound(code: str) -> None:
    made: dict[str, Any] = {}
    exec(compile(code, "guide", "exec"), made)
    said = [check(thing) for thing in made.values() if isinstance(thing, Terms)]
    policies = [check_policy(thing) for thing in made.values() if isinstance(thing, Policy)]
    assert said or policies


def test_each_file_in_toml_is_what_it_says() -> None:
    policy = policy_file.read(ALL["small-trust.toml"])
    assert [ask.slug for ask in policy.terms.asks] == ["thanks"]
    assert policy.terms.schedule.parts == 2
    for text in BLOCKS["toml"]:
        assert tomllib.loads(text)
    (interface,) = (tomllib.loads(text) for text in BLOCKS["toml"] if "grants.api" in text and "[project]" not in text)
    assert set(interface["project"]["entry-points"]["grants.api"]) <= set(API_VERSIONS)


def test_each_command_in_the_guide_is_one_of_ours() -> None:
    typed = [line.split() for block in BLOCKS["sh"] for line in block.splitlines()]
    typed += [words.split() for words in re.findall(r"`(grants [a-z][a-z -]*[a-z])`", GUIDE)]
    assert len(typed) > 10
    for words in typed:
        assert words[0] == "grants"
        command: click.Command | None = cli
        for word in words[1:]:
            if not isinstance(command, click.Group):
                break
            command = command.get_command(click.Context(command), word)
            assert command is not None, words


def test_the_links_in_the_guide_lead_somewhere() -> None:
    for name in re.findall(r"\]\(([^)]+)\)", GUIDE):
        assert (ROOT / "plugins" / name).is_file(), name


def test_the_story_in_the_guide_is_the_one_that_is_told(journey: Journey) -> None:
    made: dict[str, Any] = {}
    exec(compile(FILES[0][1], "guide", "exec"), made)
    assert str(journey(next(made["grants_policies"]()))) == BLOCKS["text"][0].strip()


def test_a_policy_from_the_guide_is_installed_chosen_awarded_and_taken_away(place: Place, written: Path) -> None:
    install(place, written)
    assert "1 passed" in place.call("-m", "pytest", "-q", "-p", "no:cacheprovider", written).out
    (written / "test_more.py").write_text(ALL["test_more.py"], encoding="utf-8")
    assert "5 passed" in place.call("-m", "pytest", "-q", "-p", "no:cacheprovider", written).out
    assert "11 plugins, all sound." in place.run("plugins", "check").out
    assert "small-trust (grants-small-trust 0.1.0)\n  policies: small-trust" in place.run("plugins", "list").out
    assert "small-trust: One line from you, if you like. Nothing else." in place.run("policy", "list").out
    place.run("init")

    first = tell(place, "Ines Marsh")
    assert first["refused"] == ""
    assert [(ask["title"], ask["minutes"]) for ask in first["terms"]["asks"]] == [(ASK, 1)]
    assert (first["source"], first["minutes"]) == ("grants-small-trust 0.1.0", 1)

    uninstall(place, "grants-small-trust")
    assert "small-trust" not in place.run("policy", "list").out
    second = tell(place, "Nell Ford")
    assert second["refused"] == (
        "policy.missing: The policy “small-trust” is not installed here now, so new awards under it wait. "
        "Grants that exist go on as they are."
    )
    assert second["state"] == "submitted"
    assert {name: second[name] for name in ("stored", "terms", "minutes")} == {
        name: first[name] for name in ("stored", "terms", "minutes")
    }
    with place.serving() as served:
        status, page = served.get(second["link"])
        assert (status, ASK in page, "£150" in page) == (200, True, True)
        status, page = served.get("/apply/kettle-fund")
        assert (status, "Kettle fund" in page) == (200, True)
        assert served.stop() == 0
    assert place.adds_up()

    install(place, written)
    third = tell(place, "Nell Ford")
    assert (third["refused"], third["state"], third["stored"]["grants"]) == ("", "awarded", 2)

"""The ground holds: locks are exact, hashed and name no address; what must travel can be found; pages stay light."""

import configparser
import gzip
import json
import re
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from grants.folders import demo_folder, migrations_folder

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ["requirements.lock", "requirements-dev.lock"]


def pinned(name: str) -> dict[str, tuple[Requirement, str]]:
    """Returns a lock's packages by name, each with its requirement and the text that follows it."""
    text = (ROOT / name).read_text()
    found = {}
    for block in re.split(r"\n(?=[a-z0-9])", text.strip()):
        requirement = Requirement(block.split("\\")[0].split("\n")[0].strip())
        found[requirement.name] = (requirement, block)
    return found


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_is_exact_and_hashed(lock: str) -> None:
    packages = pinned(lock)
    assert len(packages) > 50
    for requirement, text in packages.values():
        assert [part.operator for part in requirement.specifier] == ["=="], requirement
        assert "--hash=sha256:" in text, requirement


@pytest.mark.parametrize("lock", [*LOCKS, "package-lock.json"])
def test_a_lock_names_no_address_and_no_machine(lock: str) -> None:
    assert not re.search(r"://|file:|/root/|/home/|/tmp/|/opt/", no_funding(lock))


def no_funding(lock: str) -> str:
    """Returns a lock's text without the notes on how to thank its authors."""
    text = (ROOT / lock).read_text()
    if not lock.endswith(".json"):
        return text
    packages = json.loads(text)["packages"].values()
    return json.dumps([{name: part for name, part in package.items() if name != "funding"} for package in packages])


def test_what_a_wheel_asks_for_is_what_was_tried() -> None:
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg")
    packages = pinned("requirements.lock")
    for line in config["options"]["install_requires"].split("\n"):
        if line.strip():
            asked = Requirement(line)
            (exact,) = packages[asked.name.lower()][0].specifier
            assert asked.specifier.contains(exact.version), f"{asked} leaves out the pinned {exact.version}"


def test_what_runs_is_the_same_in_both_locks() -> None:
    running, building = pinned("requirements.lock"), pinned("requirements-dev.lock")
    assert {name: str(running[name][0]) for name in running} == {name: str(building[name][0]) for name in running}


def test_the_travelling_folders_are_found() -> None:
    assert (migrations_folder() / "env.py").is_file()
    assert any(demo_folder().iterdir())


def test_what_a_recipients_page_loads_stays_under_thirty_kilobytes() -> None:
    files = [ROOT / "grants" / "static" / "dist" / name for name in ("app.css", "app.js", "govuk-frontend.min.js")]
    assert sum(len(gzip.compress(file.read_bytes())) for file in files) < 30_000


def test_what_only_staff_and_funders_load_stays_under_twelve_kilobytes_more() -> None:
    files = [ROOT / "grants" / "static" / "dist" / name for name in ("desk.css", "meter.js")]
    assert sum(len(gzip.compress(file.read_bytes())) for file in files if file.exists()) < 12_000


def test_the_sheet_carries_nothing_of_another_house() -> None:
    sheet = (ROOT / "grants" / "static" / "dist" / "app.css").read_text().lower()
    assert not re.search(r"gds transport|crown|crest|@import|url\((?!data:)", sheet)

"""Twelve broken plugins, installed as real distributions: each is named, and nobody else notices."""

from __future__ import annotations

import json
import shutil
import sqlite3
import threading
from pathlib import Path
from typing import Any

import pytest

from tests.installing import install, install_into, uninstall
from tests.running import Place

pytestmark = pytest.mark.timeout(600)

BROKEN = Path(__file__).with_name("broken")
SCRIPT = Path(__file__).with_name("a_grant.py")

NAMED = [
    ("cannot-import: import: ModuleNotFoundError: ", "a_library_that_nobody_has"),
    ("hangs-on-arrival: import: ", "it took longer than 2 seconds"),
    ("hangs-when-asked: grants_policies: ", "it took longer than 2 seconds"),
    ("hungry: grants_policies: ", "it used more than 512 MiB of memory"),
    ("leaves: import: ", "it ended its process (exit code 3)"),
    ("misspelt: hooks: ", "grants_policys"),
    ("nonsense: grants_policies: ", "expected Policy, got str"),
    ("nonsense: grants_policies: ", "slug: expected small letters, figures and dashes, got 'No Slug!'"),
    ("nonsense: grants_policies: ", "deaf: terms: expected a function of (settings, facts)"),
    ("other-interface: version: ", "it was written for interface 9, and this program has 1"),
    ("raises: grants_policies: RuntimeError: ", "the kettle is on fire"),
    ("raises: grants_commands: SystemExit", "out"),
    ("too-new: version: ", "it needs grants-on-trust >=9, and this is 0.1.0"),
    ("twice: grants_policies: ", "“light-report” was offered already by grants-light-report 0.1.0"),
]
"""What is known at the start. The twelfth looks sound until somebody is awarded money."""

FOUND_BY_TRYING = [
    ("raises: grants_slot: ", "RuntimeError: no slot today"),
    ("spoils-awards: spoils-eats: terms: ", "it used more than 512 MiB of memory"),
    ("spoils-awards: spoils-hangs: terms: ", "it took longer than 2 seconds"),
    ("spoils-awards: spoils-leaves: terms: ", "it ended its process (exit code 4)"),
    ("spoils-awards: spoils-owes: terms: ", "terms.asks[0].cost: expected 0 or more, got -250"),
    ("spoils-awards: spoils-raises: terms: ", "ZeroDivisionError: nobody left to share with"),
    ("spoils-awards: spoils-splits: terms: ", "terms.authority.bands[0].up_to: expected a whole number, got float"),
    ("spoils-awards: spoils-travels: terms: ", "its terms name money in EUR, and the award is in GBP"),
    ("spoils-awards: spoils-wavers: terms: ", "it answered differently the second time"),
    ("spoils-awards: spoils-writes: terms: ", "terms: expected Terms, got str"),
    ("spoils-awards: grants_slot: ", "it took longer than 2 seconds"),
]
"""What “grants plugins check” finds by asking about awards that nobody made."""

WAITS = {
    "spoils-hangs": "it took longer than 2 seconds",
    "spoils-wavers": "it answered differently the second time",
}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, wheels: list[Path]) -> Place:
    """A place with our plugins and twelve broken ones; each is built from a copy."""
    made = install_into(tmp_path_factory.mktemp("unlucky"), wheels)
    copies = made.folder / "broken"
    shutil.copytree(BROKEN, copies, ignore=shutil.ignore_patterns("__pycache__", "build", "*.egg-info"))
    assert len(list(copies.iterdir())) == 12
    install(made, *sorted(copies.iterdir()))
    made.run("init")
    shutil.copy(SCRIPT, made.folder)
    return made


def tell(place: Place, policy: str, name: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(place.call("a_grant.py", policy, name).out)
    assert told["off"] == []
    return told


def has(lines: list[str], start: str, words: str) -> bool:
    return any(line.startswith(start) and words in line for line in lines)


def test_each_is_named_with_what_is_wrong(place: Place) -> None:
    lines = place.run("plugins", "check", code=65).out.splitlines()
    for start, words in [*NAMED, *FOUND_BY_TRYING]:
        assert has(lines, start, words), (start, words, lines)
    assert len(lines) == len(NAMED) + len(FOUND_BY_TRYING)
    assert {line.partition(":")[0] for line in lines} == {folder.name for folder in BROKEN.iterdir()}
    doctor = place.run("doctor", code=78).out
    assert all(f"plugin {start}" in doctor for start, _ in NAMED)


def test_the_sound_offers_stand(place: Place) -> None:
    told = place.run("policy", "list").out
    for slug in ("unconditional", "light-report", "full-receipts", "sound-beside", "spoils-nothing"):
        assert f"\n{slug}: " in f"\n{told}"
    assert "Not the light report" not in told
    assert "story-on-paper" in place.run("--help").out
    refused = place.run("policy", "show", "deaf", code=64).err
    assert "There is no policy “deaf”. The policies are: " in refused


def test_awards_under_a_spoiled_policy_wait_and_others_go_on(place: Place) -> None:
    first = tell(place, "light-report", "Ines Marsh")
    assert (first["refused"], first["source"]) == ("", "grants-light-report 0.1.0")
    for policy, why in WAITS.items():
        choose(place, policy)
        waiting = tell(place, policy, "Nell Ford")
        assert waiting["refused"].startswith(f"policy.unsound: The policy “{policy}” does not work right now ({why}).")
        assert "Nothing was changed." in waiting["refused"]
        assert (waiting["state"], waiting["stored"]) == ("submitted", first["stored"])
    choose(place, "spoils-nothing")
    last = tell(place, "spoils-nothing", "Nell Ford")
    assert (last["refused"], last["state"], last["stored"]["grants"]) == ("", "awarded", 2)


def choose(place: Place, policy: str) -> None:
    """Gives the fund another policy behind the program's back, which would not let anybody choose these."""
    with sqlite3.connect(place.folder / "var" / "grants.db") as books:
        books.execute("UPDATE funds SET policy_slug = ?, policy_settings = '{}'", (policy,))


def test_the_host_starts_and_answers_while_one_hangs(place: Place) -> None:
    link = tell(place, "spoils-nothing", "Ada Weir")["link"]
    with place.having(plugin_seconds=4).serving() as served:
        assert served.get("/")[0] == 200
        assert served.get("/readyz")[0] == 200
        seen: list[int] = []
        reader = threading.Thread(target=lambda: seen.append(served.get(link)[0]))
        reader.start()
        for path in ("/sign-in", "/apply/kettle-fund", "/plugins/full-receipts/") * 3:
            assert served.get(path)[0] == 200
        assert not seen, "the page in which a plugin hangs is the only one that waits"
        reader.join(60)
        assert seen == [200], "and it is shown without what the plugin would have said"
        assert served.get(link)[0] == 200
        assert served.stop() == 0
        assert "Traceback" not in served.said
    assert place.adds_up()


def test_a_plugin_is_put_on_the_list_and_a_live_system_has_no_other(place: Place) -> None:
    live = place.having(
        mode="live", base_url="https://grants.example.org", secret_key="s" * 40, charity_name="Harbour", home="live"
    )
    lines = live.run("plugins", "check", code=65).out.splitlines()
    assert has(lines, "light-report: allow-list: ", "run “grants plugins install grants-light-report”")
    assert has(lines, "hangs-on-arrival: allow-list: ", "it is not on this system’s list of plugins")
    assert "story-on-paper" not in live.run("--help").out
    told = live.run("plugins", "install", "grants-light-report").out
    assert "On the list of plugins: grants-light-report 0.1.0\n" in told
    assert "story-on-paper" in live.run("--help").out
    assert "light-report: " in live.run("policy", "list").out
    nothing = live.run("plugins", "install", "click", code=1)
    assert "none of it is a plugin" in nothing.err
    (module,) = place.python.parent.parent.glob("lib/*/site-packages/grants_light_report/__init__.py")
    module.write_text(module.read_text(encoding="utf-8") + "\n# changed\n", encoding="utf-8")
    lines = live.run("plugins", "check", code=65).out.splitlines()
    assert has(lines, "light-report: allow-list: ", "its files are not those that were installed")
    uninstall(place, "grants-light-report")
    assert "light-report: " not in live.run("plugins", "check", code=65).out

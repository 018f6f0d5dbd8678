"""Who may come in: fit for this program, allowed in a live system, and alive after it was tried somewhere else."""

from __future__ import annotations

import itertools
import json
import sys
from collections.abc import Callable
from importlib.metadata import Distribution, EntryPoint, version
from pathlib import Path

import pytest

from grants.admitting.allowed import FILE, Allowed, fingerprint, read_list, record
from grants.admitting.gate import Admitted, admit
from grants.admitting.metadata import misfit
from grants.asking.limits import Limits
from grants.config import Mode, Place, read_place, read_settings
from grants.plugins import GROUP, OFFERS, gather

LIMITS = Limits(seconds=1.0, megabytes=128)
HERE = version("grants-on-trust")
_numbers = itertools.count()

SOUND = "from grants import hookimpl\n\n@hookimpl\ndef grants_policies():\n    return ()\n"


@pytest.fixture
def dist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., EntryPoint]:
    """Installs a distribution of one module and returns its entry point: ``dist("code", requires=[…], api=["1"])``."""
    monkeypatch.syspath_prepend(tmp_path)

    def install(code: str = SOUND, *, requires: tuple[str, ...] = (), api: tuple[str, ...] = ()) -> EntryPoint:
        name = f"module_of_a_test_{next(_numbers)}"
        about = tmp_path / f"{name}-1.0.dist-info"
        about.mkdir()
        (tmp_path / f"{name}.py").write_text(code, encoding="utf-8")
        lines = [f"Requires-Dist: {line}" for line in requires]
        (about / "METADATA").write_text("\n".join([f"Name: {name}", "Version: 1.0", *lines, ""]), encoding="utf-8")
        points = f"[{GROUP}]\n{name} = {name}\n" + "".join(f"[grants.api]\n{n} = {name}\n" for n in api)
        (about / "entry_points.txt").write_text(points, encoding="utf-8")
        files = (f"{name}.py", f"{about.name}/METADATA", f"{about.name}/entry_points.txt", f"{about.name}/RECORD")
        (about / "RECORD").write_text("".join(f"{file},,\n" for file in files), encoding="utf-8")
        (found,) = Distribution.discover(name=name, path=[str(tmp_path)])
        return next(iter(found.entry_points.select(group=GROUP)))

    return install


Dist = Callable[..., EntryPoint]


def come_in(*entries: EntryPoint, home: Path = Path("nowhere"), mode: Mode = "demo") -> Admitted:
    return admit(entries, Place(home, mode), None, tuple(OFFERS), LIMITS)


def problems(admitted: Admitted) -> list[str]:
    return [f"{finding.where}: {finding.problem}" for finding in admitted.findings]


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("raise OSError('no ink')", "import: OSError: no ink"),
        ("import nobody_has_this", "import: ModuleNotFoundError: No module named 'nobody_has_this'"),
        ("raise SystemExit(3)", "import: SystemExit: 3"),
        ("import os; os._exit(0)", "import: it ended its process (exit code 0)"),
        ("import os; os.kill(os.getpid(), 11)", "import: its process was ended (SIGSEGV)"),
        ("while True: pass", "import: it took longer than 1 second"),
        ("eaten = list(iter(lambda: bytearray(2**24), 0))", "import: it used more than 128 MiB of memory"),
        (
            "import time\ndef grants_policies():\n    time.sleep(3600)",
            "grants_policies: it took longer than 1 second",
        ),
        (
            "def grants_forms():\n    while True: yield 'and one more'",
            "grants_forms: it took longer than 1 second",
        ),
        ("import os\ndef grants_exports():\n    os._exit(5)", "grants_exports: it ended its process (exit code 5)"),
        (
            "def grants_commands():\n    yield from iter(lambda: bytearray(2**30), 0)",
            "grants_commands: it used more than 128 MiB of memory",
        ),
    ],
)
def test_what_would_bring_the_host_down_is_named_and_never_imported(dist: Dist, code: str, found: str) -> None:
    bad, good = dist(code), dist()
    admitted = come_in(bad, good)
    assert problems(admitted) == [found]
    assert admitted.entries == (good,)
    assert bad.module not in sys.modules


def test_what_only_raises_comes_in_and_the_host_says_what_it_raised(dist: Dist) -> None:
    entry = dist("def grants_policies():\n    raise OSError('no ink')")
    assert come_in(entry).findings == ()


def test_a_plugin_that_ends_the_process_that_tries_it_spoils_no_other(dist: Dist) -> None:
    bad, good, other = dist("import os; os.kill(os.getppid(), 9)"), dist(), dist()
    admitted = come_in(good, bad, other)
    assert admitted.entries == (good, other)
    assert problems(admitted) == ["import: it ended the process in which it was tried"]


def test_forty_plugins_are_tried_side_by_side(dist: Dist) -> None:
    entries = [dist("import time; time.sleep(3600)" if n % 10 == 7 else SOUND) for n in range(40)]
    admitted = come_in(*entries)
    assert [entries.index(entry) for entry in admitted.entries] == [n for n in range(40) if n % 10 != 7]


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ({}, ""),
        ({"api": ("1",)}, ""),
        ({"api": ("1", "2")}, ""),
        ({"api": ("9",)}, "it was written for interface 9, and this program has 1"),
        ({"requires": ("grants-on-trust",)}, ""),
        ({"requires": (f"Grants_On.Trust =={HERE}",)}, ""),
        ({"requires": ("grants-on-trust >=9", "flask")}, f"it needs grants-on-trust >=9, and this is {HERE}"),
        ({"requires": ("grants-on-trust <0.0.1",)}, f"it needs grants-on-trust <0.0.1, and this is {HERE}"),
        ({"requires": ("grants-on-trust >=9; python_version < '3'",)}, ""),
        ({"requires": ("grants on trust, please",)}, "its metadata asks for 'grants on trust, please'"),
    ],
)
def test_for_which_program_a_plugin_was_made_is_read_before_it_is_imported(
    dist: Dist, more: dict[str, tuple[str, ...]], found: str
) -> None:
    entry = dist("raise AssertionError('imported')" if found else SOUND, **more)
    assert misfit(entry).startswith(found)
    assert bool(misfit(entry)) == bool(found)
    admitted = come_in(entry)
    assert [finding.where for finding in admitted.findings] == (["version"] if found else [])


def test_a_live_system_imports_only_what_was_installed_as_it_was(dist: Dist, tmp_path: Path) -> None:
    home = tmp_path / "home"
    listed, stranger = dist(), dist()
    assert listed.dist
    assert stranger.dist
    assert [f.where for f in come_in(listed, stranger, home=home, mode="live").findings] == ["allow-list"] * 2
    put = record(home, [listed.dist])
    assert read_list(home) == put == {listed.dist.name.replace("_", "-"): Allowed("1.0", fingerprint(listed.dist))}
    admitted = come_in(listed, stranger, home=home, mode="live")
    assert admitted.entries == (listed,)
    (why,) = problems(admitted)
    name = stranger.name.replace("_", "-")
    assert f"it is not on this system’s list of plugins: look at it, then run “grants plugins install {name}”" in why
    for mode in ("demo", "test"):
        assert come_in(listed, stranger, home=home, mode=mode).entries == (listed, stranger)

    module = tmp_path / f"{listed.module}.py"
    (tmp_path / "__pycache__").mkdir(exist_ok=True)
    (tmp_path / "__pycache__" / f"{listed.module}.cpython-311.pyc").write_bytes(b"compiled")
    assert come_in(listed, home=home, mode="live").findings == (), "what Python compiled does not count"
    module.write_text(SOUND + "# one line more\n", encoding="utf-8")
    assert "its files are not those that were installed" in problems(come_in(listed, home=home, mode="live"))[0]
    record(home, [listed.dist, stranger.dist])
    assert come_in(listed, stranger, home=home, mode="live").findings == ()

    kept = json.loads((home / FILE).read_text())
    kept["plugins"][name]["version"] = "0.9"
    (home / FILE).write_text(json.dumps(kept))
    assert "version 0.9 is on the list, and 1.0 is installed" in problems(come_in(stranger, home=home, mode="live"))[0]
    (home / FILE).write_text("[]")
    assert "cannot be read: install the plugins again" in problems(come_in(stranger, home=home, mode="live"))[0]
    assert list(home.iterdir()) == [home / FILE], "nothing half-written is left"


def test_a_plugin_used_from_its_own_folder_counts_with_all_its_files(tmp_path: Path, dist: Dist) -> None:
    entry = dist()
    assert entry.dist
    about = tmp_path / f"{entry.name}-1.0.dist-info"
    (about / "RECORD").write_text(f"{about.name}/METADATA,,\n", encoding="utf-8")
    (about / "direct_url.json").write_text('{"url": "file:///x", "dir_info": {"editable": true}}', encoding="utf-8")
    before = fingerprint(entry.dist)
    (tmp_path / f"{entry.module}.py").write_text("# changed", encoding="utf-8")
    assert fingerprint(entry.dist) != before


def test_the_catalogue_of_a_live_system_names_what_stays_outside(tmp_path: Path, dist: Dist) -> None:
    given = {
        "MODE": "live",
        "BASE_URL": "https://grants.example.org",
        "SECRET_KEY": "s" * 40,
        "CHARITY_NAME": "Harbour",
    }
    settings = read_settings({f"GRANTS_{n}": value for n, value in (given | {"HOME": str(tmp_path)}).items()}, tmp_path)
    catalogue = gather(settings, (), found=[dist()])
    assert [finding.where for finding in catalogue.findings] == ["allow-list"]
    assert catalogue.sources == ()


@pytest.mark.parametrize(("said", "counts"), [("demo", "demo"), ("test", "test"), ("live", "live"), ("Lvie", "live")])
def test_a_mode_that_nobody_knows_counts_as_live(tmp_path: Path, said: str, counts: str) -> None:
    place = read_place({"GRANTS_MODE": said, "GRANTS_HOME": str(tmp_path / "there")}, tmp_path)
    assert (place.mode, place.home) == (counts, tmp_path / "there")
    assert read_place({}, tmp_path).mode == "demo"
    assert not place.home.exists()

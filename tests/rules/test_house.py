"""The rules of the house, held by the code itself."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = sorted([*ROOT.glob("grants/**/*.py"), *ROOT.glob("plugins/*/grants_*/**/*.py")])
NAMES = {"utils", "helpers", "common", "services", "manager"}
STATEFUL = {"Application", "Grant", "Attempt", "GrantAsk", "Run"}


def tree(path: Path) -> ast.Module:
    """Returns the parsed file."""
    return ast.parse(path.read_text(encoding="utf-8"))


def place(path: Path, node: ast.stmt | ast.expr) -> str:
    """Returns ``grants/flow/step.py:59``."""
    return f"{path.relative_to(ROOT)}:{node.lineno}"


def test_files_are_at_most_300_lines() -> None:
    long = [str(p.relative_to(ROOT)) for p in PRODUCT if len(p.read_text(encoding="utf-8").splitlines()) > 300]
    assert not long


def test_functions_are_at_most_40_lines() -> None:
    long = []
    for path in PRODUCT:
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.FunctionDef) and (node.end_lineno or node.lineno) - node.lineno >= 40:
                long.append(f"{place(path, node)} {node.name}")
    assert not long


def test_no_file_has_a_name_that_says_nothing() -> None:
    assert not [str(p.relative_to(ROOT)) for p in PRODUCT if p.stem in NAMES or NAMES & set(p.parts)]


def _state_setters() -> Iterator[str]:
    for path in PRODUCT:
        if path.is_relative_to(ROOT / "grants" / "standin"):
            continue  # the stand-in plays a provider: its states are not ours
        for node in ast.walk(tree(path)):
            targets = node.targets if isinstance(node, ast.Assign) else []
            if any(isinstance(t, ast.Attribute) and t.attr == "state" for t in targets):
                yield place(path, node)  # type: ignore[arg-type]  # an Assign is a statement
            named = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in STATEFUL
            if named and any(keyword.arg == "state" for keyword in node.keywords):
                yield place(path, node)
            values = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "values"
            if values and any(keyword.arg == "state" for keyword in node.keywords):
                yield place(path, node)
            many = isinstance(node, ast.Call) and ast.unparse(node.func) in ("rows.change", "set_committed_value")
            if many and (path.is_relative_to(ROOT / "grants" / "flow")):
                names = (each for each in ast.walk(node) if isinstance(each, ast.Constant))
                yield from (place(path, each) for each in names if each.value == "state")


def test_one_file_sets_states_one_thing_or_many() -> None:
    one, many = sorted(set(_state_setters()))
    assert one.startswith("grants/flow/step.py:")
    assert many.startswith("grants/flow/step.py:")


def test_flow_never_commits_nor_rolls_back() -> None:
    found = []
    for path in ROOT.glob("grants/flow/**/*.py"):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Attribute) and node.attr in ("commit", "rollback"):
                found.append(place(path, node))
    assert not found


def test_flow_and_domain_read_no_clock_but_the_desk() -> None:
    found = []
    for path in [*ROOT.glob("grants/flow/**/*.py"), *ROOT.glob("grants/domain/**/*.py")]:
        for node in ast.walk(tree(path)):
            clock = isinstance(node, ast.Attribute) and node.attr in ("now", "today", "utcnow")
            if clock and isinstance(node.value, ast.Name) and node.value.id in ("datetime", "date", "time"):
                found.append(place(path, node))
    assert not found


@pytest.mark.parametrize("room", ["domain", "ledger", "flow/pay"])
def test_money_is_never_a_float(room: str) -> None:
    found = []
    for path in (ROOT / "grants" / room).glob("**/*.py"):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float":
                found.append(place(path, node))
            if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
                found.append(place(path, node))
    assert not found


def test_every_module_says_in_one_sentence_what_it_is_for() -> None:
    silent = [str(p.relative_to(ROOT)) for p in PRODUCT if not (ast.get_docstring(tree(p)) or "").strip()]
    assert not silent


def test_the_repository_names_no_machine_and_no_registry() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.split()
    banned = ("/root/", "/work/", "files.pythonhosted.org", "registry.npmjs.org", "pypi.org/simple")
    found = []
    for name in tracked:
        path = ROOT / name
        if path.suffix in (".png", ".xlsx", ".ico") or name.startswith("tests/rules/") or not path.is_file():
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        found += [f"{name}: {word}" for word in banned if word in text]
    assert not found

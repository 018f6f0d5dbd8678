"""Inside an open session the only call on the durable engine is ``enqueue_in_transaction``.

Any other waits for the lock that the session itself holds, for ever. So only the jobs' own room knows the
engine at all; in it only three files call it, each outside every session; and the one file that is
called within sessions makes that one call alone.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

GRANTS = Path(__file__).parents[2] / "grants"

CALLS = {
    "enqueue",
    "enqueue_async",
    "enqueue_in_transaction",
    "enqueue_workflow",
    "start_workflow",
    "send",
    "recv",
    "get_result",
    "get_event",
    "set_event",
    "retrieve_workflow",
    "wait_first",
    "resume_workflow",
    "resume_workflows",
    "cancel_workflow",
    "cancel_workflows",
    "delete_workflow",
    "delete_workflows",
    "fork_workflow",
    "list_workflows",
    "list_queued_workflows",
    "list_workflow_steps",
    "update_workflow_attributes",
    "register_queue",
    "run_step",
}
"""What waits on the engine's tables, by name."""

OUTSIDE_SESSIONS = {"engine.py", "failures.py", "reaper.py"}
WITHIN_SESSIONS = "later.py"

OPENERS = {"session", "transaction", "begin", "desk", "connect", "begin_nested"}
"""What opens a session, a transaction or a desk, as the head of a ``with``."""


def modules() -> list[Path]:
    return sorted(GRANTS.rglob("*.py"))


def engine_calls(tree: ast.AST) -> Iterator[ast.Call]:
    """The calls of an engine's method: on a client, on ``DBOS``, or on anything but a rail's ``send``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CALLS:
            on = ast.unparse(node.func.value).lower()
            if "client" in on or on.startswith("dbos"):
                yield node


def sessions(tree: ast.AST) -> Iterator[ast.With]:
    for node in ast.walk(tree):
        if isinstance(node, ast.With) and any(opens(item.context_expr) for item in node.items):
            yield node


def opens(head: ast.expr) -> bool:
    return isinstance(head, ast.Call) and isinstance(head.func, ast.Attribute) and head.func.attr in OPENERS


def wrong_within_sessions(source: str) -> list[str]:
    """The engine's calls inside a ``with`` that opens a session, but for the one that is meant for there."""
    calls = [call for block in sessions(ast.parse(source)) for call in engine_calls(block)]
    names = [call.func.attr for call in calls if isinstance(call.func, ast.Attribute)]
    return [name for name in names if name != "enqueue_in_transaction"]


def imports_the_engine(source: str) -> bool:
    for node in ast.walk(ast.parse(source)):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        if any(name.split(".")[0] == "dbos" for name in names):
            return True
    return False


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(GRANTS)))
def test_no_other_call_is_made_within_a_session(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert wrong_within_sessions(source) == []
    if path.parent != GRANTS / "jobs":
        assert not imports_the_engine(source)
        assert list(engine_calls(ast.parse(source))) == []


def test_only_three_files_call_the_engine_outside_sessions_and_one_within() -> None:
    found: dict[str, set[str]] = {}
    for path in (GRANTS / "jobs").glob("*.py"):
        for call in engine_calls(ast.parse(path.read_text(encoding="utf-8"))):
            assert isinstance(call.func, ast.Attribute)
            found.setdefault(path.name, set()).add(call.func.attr)
    assert found.pop(WITHIN_SESSIONS) == {"enqueue_in_transaction"}
    assert set(found) == OUTSIDE_SESSIONS


@pytest.mark.parametrize(
    "wrong",
    [
        "with database.transaction() as session:\n    later.client.enqueue(options, 7)",
        "with context.desk() as desk:\n    if desk:\n        DBOS.start_workflow(perform)",
        "with self.database.session() as s, s.begin():\n    self._client.list_workflows()",
    ],
)
def test_the_rule_sees_what_it_looks_for(wrong: str) -> None:
    assert wrong_within_sessions(wrong)
    assert not wrong_within_sessions("with database.session() as s:\n    rail.send(order, key)\nclient.enqueue(1)")
    assert imports_the_engine("def f():\n    from dbos import DBOS")
    assert not imports_the_engine("from grants.jobs import later")

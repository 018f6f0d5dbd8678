"""Parsing the SDK's source, one file or annotation at a time: Python 3.11 can raise SystemError when two threads do."""

from __future__ import annotations

import ast
import threading
from dataclasses import dataclass
from pathlib import Path

_ONE_AT_A_TIME = threading.Lock()


@dataclass(frozen=True)
class Module:
    """One parsed source file: classes, `TypedDict(…)` assignments, and where other names come from."""

    classes: dict[str, ast.ClassDef]
    assigned: dict[str, ast.Call]
    imports: dict[str, str]


def read_module(path: Path) -> Module:
    """Returns what a source file defines and imports."""
    with _ONE_AT_A_TIME:
        tree = ast.parse(path.read_text("utf-8"))
    classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
    assigned: dict[str, ast.Call] = {}
    imports: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            assigned |= {name.id: node.value for name in node.targets if isinstance(name, ast.Name)}
        elif isinstance(node, ast.ImportFrom) and node.module:
            imports |= {alias.asname or alias.name: node.module for alias in node.names}
    return Module(classes, assigned, imports)


def read_expression(text: str) -> ast.expr:
    """Returns an annotation that the source keeps as a string."""
    with _ONE_AT_A_TIME:
        return ast.parse(text, mode="eval").body

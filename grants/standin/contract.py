"""Reads from the installed SDK which calls there are and what each takes, and checks requests against it.

The routes come from the SDK's `_*_service.py` files, the parameters from the `TypedDict`s that they name, so a
new version of the SDK brings its own contract and nothing here is written by hand.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import cast
from urllib.parse import parse_qsl

from grants.standin.refusals import Json, bad_field
from grants.standin.shapes import Mismatch, Record, Shape, Sources

FOLDERS = ("v2/core", "v2/money_management")
_EMPTY = Record("no parameters", {}, frozenset())


@dataclass(frozen=True)
class Route:
    """One call of the API: `name` is like `outbound_payments.create`, `template` has `{id}` for each id."""

    name: str
    method: str
    template: str
    module: str
    params: str | None

    @property
    def pattern(self) -> re.Pattern[str]:
        """Returns the pattern that a path of this route matches, with one group for each id."""
        return re.compile(re.sub(r"\\{\w+\\}", "([^/]+)", re.escape(self.template)))


class Contract:
    """The routes of API v2 that the installed SDK can call, with the shape of each one's parameters."""

    def __init__(self, root: Path | None = None) -> None:
        """Reads the service files (not yet the parameters) of the given or the installed package."""
        self._sources = Sources(root) if root else _installed()
        self.routes = list(self._read_routes())
        self._patterns = [(route.pattern, route) for route in self.routes]

    def match(self, method: str, path: str) -> tuple[Route, tuple[str, ...]] | None:
        """Returns the route and the ids in the path, or None if the SDK has no such call."""
        for pattern, route in self._patterns:
            found = pattern.fullmatch(path) if route.method == method.lower() else None
            if found:
                return route, found.groups()
        return None

    def shape(self, route: Route) -> Shape:
        """Returns the shape of a route's parameters, read on first use."""
        return self._sources.shape_of(route.module, route.params) if route.params else _EMPTY

    def read(self, route: Route, given: object, *, query: bool = False) -> Json:
        """Returns the checked parameters; raises the refusal that the SDK turns into InvalidRequestError."""
        try:
            return cast(Json, self.shape(route).read(given, "", query))
        except Mismatch as problem:
            raise bad_field(problem.at, problem.message) from problem

    def _read_routes(self) -> Iterator[Route]:
        for folder in FOLDERS:
            for path in sorted(self._sources.root.joinpath(folder).rglob("_*_service.py")):
                parts = path.relative_to(self._sources.root).with_suffix("").parts
                dotted = ".".join(("stripe", *parts))
                for node in self._sources.module(dotted).classes.values():
                    yield from _routes_of(dotted, node)


def read_query(text: str) -> Json:
    """Returns a query string as nested data: `a[0]=x&b[gt]=y` gives a list and a mapping of texts."""
    tree: Json = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        *path, last = re.findall(r"[^\[\]]+", name) or [name]
        branch = tree
        for step in path:
            branch = branch.setdefault(step, {})
            if not isinstance(branch, dict):
                raise bad_field(name, f"Received the parameter twice: {name}.")
        branch[last] = value
    return cast(Json, _lists(tree))


def _lists(value: object) -> object:
    if not isinstance(value, dict):
        return value
    items = {name: _lists(each) for name, each in value.items()}
    return list(items.values()) if items and all(name.isdecimal() for name in items) else items


def _routes_of(dotted: str, node: ast.ClassDef) -> Iterator[Route]:
    for function in node.body:
        if not isinstance(function, ast.FunctionDef):
            continue
        for call in ast.walk(function):
            if isinstance(call, ast.Call) and _is_request(call.func):
                method, template = ast.literal_eval(call.args[0]), _template(call.args[1])
                yield Route(_name(template, function.name), method, template, dotted, _params(function.args.args))


def _is_request(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "_request"


def _template(node: ast.expr) -> str:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        node = node.func.value
    return str(ast.literal_eval(node))


def _name(template: str, function: str) -> str:
    words = [part for part in template.split("/")[3:] if not part.startswith("{")]
    return ".".join([*(words[:-1] if words[-1] == function else words), function])


def _params(arguments: list[ast.arg]) -> str | None:
    for argument in arguments:
        if argument.arg == "params" and argument.annotation is not None:
            names = re.findall(r"\w+Params\b", ast.unparse(argument.annotation))
            return names[0] if names else None
    return None


@cache
def _installed() -> Sources:
    """Returns the installed package's files, parsed once however many stand-ins this process serves."""
    spec = find_spec("stripe")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("The stand-in reads its contract from the stripe package, which is not installed.")
    return Sources(Path(spec.origin).parent)

"""Reads the parameter types of the installed Stripe SDK from its source, without importing it.

A shape says what one value may be. `Sources.shape_of` turns a `TypedDict` of the SDK into a `Record`; `read` checks
a value against a shape and gives it back (numbers and flags of a query string become numbers and flags).
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Protocol

from grants.standin.parsing import Module, read_expression, read_module


class Mismatch(Exception):
    """A value that does not fit its shape: `at` is the dotted name, `why` is unknown, missing or wrong."""

    def __init__(self, at: str, why: str, message: str) -> None:
        """Keeps the name of the parameter, the kind of the problem and a sentence about it."""
        super().__init__(message)
        self.at, self.why, self.message = at, why, message


class Unreadable(Exception):
    """An annotation in the SDK that this reader does not know: better loud than letting all pass."""


class Shape(Protocol):
    """What one value may be."""

    def read(self, value: object, at: str, loose: bool) -> object:
        """Returns the value if it fits, else raises Mismatch; `loose` reads texts of a query string."""
        ...


def _wrong(at: str, wanted: str, value: object) -> Mismatch:
    return Mismatch(at, "wrong", f"Invalid value for {at}: expected {wanted}, got {type(value).__name__}.")


@dataclass(frozen=True, slots=True)
class Text:
    """A string; `decimal` also takes numbers, as the SDK writes a Decimal either way."""

    decimal: bool = False

    def read(self, value: object, at: str, loose: bool) -> object:
        """Returns the text, or raises Mismatch."""
        if isinstance(value, str):
            return value
        if self.decimal and isinstance(value, int | float) and not isinstance(value, bool):
            return value
        raise _wrong(at, "a string", value)


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number; a flag is not one."""

    def read(self, value: object, at: str, loose: bool) -> object:
        """Returns the number, or raises Mismatch."""
        if loose and isinstance(value, str) and value.lstrip("-").isdecimal():
            return int(value)
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        raise _wrong(at, "an integer", value)


@dataclass(frozen=True, slots=True)
class Number:
    """A number, whole or not."""

    def read(self, value: object, at: str, loose: bool) -> object:
        """Returns the number, or raises Mismatch."""
        if isinstance(value, int | float) and not isinstance(value, bool):
            return value
        raise _wrong(at, "a number", value)


@dataclass(frozen=True, slots=True)
class Flag:
    """True or false."""

    def read(self, value: object, at: str, loose: bool) -> object:
        """Returns the flag, or raises Mismatch."""
        if loose and value in ("true", "false"):
            return value == "true"
        if isinstance(value, bool):
            return value
        raise _wrong(at, "a boolean", value)


@dataclass(frozen=True, slots=True)
class Nothing:
    """The JSON null."""

    def read(self, value: object, at: str, loose: bool) -> object:
        """Returns None, or raises Mismatch."""
        if value is None:
            return None
        raise _wrong(at, "null", value)


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a closed set of values."""

    values: tuple[object, ...]

    def read(self, value: object, at: str, loose: bool) -> object:
        """Returns the value if it is one of the set, or raises Mismatch."""
        if any(value == each and type(value) is type(each) for each in self.values):
            return value
        names = ", ".join(str(each) for each in self.values)
        raise Mismatch(at, "wrong", f"Invalid value for {at}: must be one of {names}.")


@dataclass(frozen=True, slots=True)
class Either:
    """Any one of several shapes."""

    options: tuple[Shape, ...]

    def read(self, value: object, at: str, loose: bool) -> object:
        """Returns what the first fitting option returns, or raises the first option's Mismatch."""
        first: Mismatch | None = None
        for option in self.options:
            try:
                return option.read(value, at, loose)
            except Mismatch as problem:
                first = first or problem
        raise first or _wrong(at, "a value", value)


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list whose items share one shape."""

    item: Shape

    def read(self, value: object, at: str, loose: bool) -> object:
        """Returns the list with each item read, or raises Mismatch."""
        if not isinstance(value, list):
            raise _wrong(at, "an array", value)
        return [self.item.read(each, f"{at}[{place}]", loose) for place, each in enumerate(value)]


@dataclass(frozen=True, slots=True)
class MapOf:
    """A mapping from free names to values of one shape."""

    item: Shape

    def read(self, value: object, at: str, loose: bool) -> object:
        """Returns the mapping with each value read, or raises Mismatch."""
        if not isinstance(value, dict):
            raise _wrong(at, "an object", value)
        return {str(name): self.item.read(each, f"{at}.{name}", loose) for name, each in value.items()}


@dataclass(frozen=True, slots=True)
class Record:
    """A mapping with known names, some of them required."""

    name: str
    fields: dict[str, Shape]
    required: frozenset[str]

    def read(self, value: object, at: str, loose: bool) -> object:
        """Returns the record with each field read; raises Mismatch for an unknown, missing or wrong one."""
        if not isinstance(value, dict):
            raise _wrong(at, "an object", value)
        prefix = f"{at}." if at else ""
        for name in value:
            if name not in self.fields:
                raise Mismatch(f"{prefix}{name}", "unknown", f"Received unknown parameter: {prefix}{name}.")
        for name in sorted(self.required - value.keys()):
            raise Mismatch(f"{prefix}{name}", "missing", f"Missing required parameter: {prefix}{name}.")
        return {name: self.fields[name].read(each, f"{prefix}{name}", loose) for name, each in value.items()}


_PLAIN: dict[str, Shape] = {
    "str": Text(),
    "int": Whole(),
    "float": Number(),
    "bool": Flag(),
    "Decimal": Text(decimal=True),
}


class Sources:
    """The SDK's source files, each parsed once and only when asked for."""

    def __init__(self, root: Path) -> None:
        """Takes the folder of the `stripe` package."""
        self.root = root
        self._shapes: dict[tuple[str, str], Shape] = {}
        self.module = cache(self._module)

    def _module(self, dotted: str) -> Module:
        return read_module(self.root.joinpath(*dotted.split(".")[1:]).with_suffix(".py"))

    def shape_of(self, dotted: str, name: str) -> Shape:
        """Returns the shape of the named class or assignment in a module, following its imports."""
        if name in _PLAIN:
            return _PLAIN[name]
        module = self.module(dotted)
        if name not in module.classes and name not in module.assigned:
            if name not in module.imports:
                raise Unreadable(f"{dotted} has no {name}")
            return self.shape_of(module.imports[name], name)
        key = (dotted, name)
        if key not in self._shapes:
            self._shapes[key] = self._record(dotted, module, name)
        return self._shapes[key]

    def _record(self, dotted: str, module: Module, name: str) -> Record:
        fields: dict[str, ast.expr] = {}
        for base, expression in self._annotations(module, name):
            fields[base] = expression
        shapes = {field: self.read_annotation(dotted, each) for field, each in fields.items()}
        required = frozenset(field for field, each in fields.items() if _head(each) != "NotRequired")
        return Record(name, shapes, required)

    def _annotations(self, module: Module, name: str) -> list[tuple[str, ast.expr]]:
        if name in module.assigned:
            mapping = module.assigned[name].args[1]
            if not isinstance(mapping, ast.Dict):
                raise Unreadable(f"{name} is not a literal TypedDict")
            pairs = zip(mapping.keys, mapping.values, strict=True)
            return [(str(key.value), value) for key, value in pairs if isinstance(key, ast.Constant)]
        node = module.classes[name]
        found: list[tuple[str, ast.expr]] = []
        for base in node.bases:
            if isinstance(base, ast.Name) and base.id != "TypedDict":
                found += self._annotations(module, base.id)
        for line in node.body:
            if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name):
                found.append((line.target.id, line.annotation))
        return found

    def read_annotation(self, dotted: str, node: ast.expr) -> Shape:
        """Returns the shape that one annotation stands for; raises Unreadable for a form it does not know."""
        match node:
            case ast.Constant(value=None):
                return Nothing()
            case ast.Constant(value=str(text)):
                return self.read_annotation(dotted, read_expression(text))
            case ast.Name(id=name):
                return self.shape_of(dotted, name)
            case ast.BinOp(left=left, op=ast.BitOr(), right=right):
                return Either((self.read_annotation(dotted, left), self.read_annotation(dotted, right)))
            case ast.Subscript(value=ast.Name(id=head), slice=inner):
                return self._subscript(dotted, head, inner)
        raise Unreadable(ast.unparse(node))

    def _subscript(self, dotted: str, head: str, inner: ast.expr) -> Shape:
        parts = inner.elts if isinstance(inner, ast.Tuple) else [inner]
        if head == "Literal":
            return Choice(tuple(each.value for each in parts if isinstance(each, ast.Constant)))
        shapes = tuple(self.read_annotation(dotted, each) for each in parts)
        match head:
            case "NotRequired" | "Required":
                return shapes[0]
            case "Optional":
                return Either((shapes[0], Nothing()))
            case "Union":
                return Either(shapes)
            case "List" | "list" | "Sequence":
                return ListOf(shapes[0])
            case "Dict" | "dict" | "Mapping" | "UntypedStripeObject":
                return MapOf(shapes[-1])
        raise Unreadable(f"{head}[…]")


def _head(node: ast.expr) -> str:
    return node.value.id if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) else ""

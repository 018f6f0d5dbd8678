"""Places: on which line of a policy file each table, key and element stands, also in a file that cannot be read."""

from __future__ import annotations

import re
import tomllib
from contextlib import suppress
from dataclasses import dataclass, field

Path = tuple[str | int, ...]
"""Where a value stands: ``("asks", 0, "minutes")``."""

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_ODD = re.compile(r"[^\w-]")
_BLANK = re.compile(r"[ \t]*")
_SPACE = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*")
_SCALAR = re.compile(r"[^,\]}#\n]+")
_QUOTED = re.compile(r"\"(?:[^\"\\\n]|\\.)*\"|'[^'\n]*'")
_LONG = re.compile(r'"""(?:[^\\]|\\.)*?"{3,5}|\'\'\'.*?\'{3,5}', re.DOTALL)


class _Stop(Exception):
    """Ends the reading where the file is broken."""


@dataclass
class Places:
    """The lines on which things begin; ``tables`` says which table holds each line from its header on."""

    lines: dict[Path, int] = field(default_factory=dict)
    begun: list[tuple[int, Path]] = field(default_factory=list)
    tables: list[tuple[int, Path]] = field(default_factory=list)
    opened: Path = ()

    def line(self, path: Path) -> int:
        """Returns the line of a path, or of the nearest thing around it; 1 when there is none."""
        for size in range(len(path), 0, -1):
            if path[:size] in self.lines:
                return self.lines[path[:size]]
        return 1

    def on(self, line: int) -> Path:
        """Returns what begins on a line, else the table that it belongs to."""
        begun = [path for at, path in self.begun if at == line]
        around = [path for at, path in self.tables if at <= line]
        return begun[-1] if begun else (around[-1] if around else ())


def said(path: Path) -> str:
    """Returns a path as people read it, at most so deep as anything stands: ``asks[0].minutes``."""
    words = "".join(f"[{part}]" if isinstance(part, int) else f".{_ODD.sub('�', part)[:40]}" for part in path[:8])
    return words.removeprefix(".")


def find_places(text: str) -> Places:
    """Returns where everything stands in a TOML text, as far as it can be read; raises nothing."""
    reader = _Reader(text)
    with suppress(_Stop, RecursionError):
        reader.read()
    return reader.found


def _unquoted(key: str) -> str:
    try:
        return str(tomllib.loads(f"key = {key}")["key"])
    except tomllib.TOMLDecodeError:
        raise _Stop from None


class _Reader:
    """Goes through the text once, and notes what begins where."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.found = Places()
        self._seen = (0, 1)
        self._counts: dict[Path, int] = {}

    def read(self) -> None:
        table: Path = ()
        self._skip(_SPACE)
        while self.at < len(self.text):
            if self.text[self.at] == "[":
                table = self._header()
            else:
                self._pair(table)
            self._skip(_SPACE)

    def _header(self) -> Path:
        line, many = self._line(), self.text.startswith("[[", self.at)
        self.at += 2 if many else 1
        path: Path = ()
        parts = self._keys()
        for number, part in enumerate(parts):
            path += (part,)
            if many and number == len(parts) - 1:
                self._counts[path] = self._counts.get(path, -1) + 1
                self.found.lines.setdefault(path, line)
            if path in self._counts:
                path += (self._counts[path],)
        self._note(path, line)
        self.found.tables.append((line, path))
        self._expect("]]" if many else "]")
        return path

    def _pair(self, table: Path) -> None:
        line = self._line()
        path = table
        for part in self._keys():
            path += (part,)
            self._note(path, line)
        self._expect("=")
        self._value(path)
        self.found.opened = ()

    def _keys(self) -> list[str]:
        parts = []
        while True:
            self._skip(_BLANK)
            found = _BARE.match(self.text, self.at) or _QUOTED.match(self.text, self.at)
            if found is None:
                raise _Stop
            self.at = found.end()
            parts.append(found[0] if found[0][0] not in "\"'" else _unquoted(found[0]))
            self._skip(_BLANK)
            if not self.text.startswith(".", self.at):
                return parts
            self.at += 1

    def _value(self, path: Path) -> None:
        self._skip(_BLANK)
        self.found.opened = path
        first = self.text[self.at : self.at + 1]
        if first == "[":
            self._list(path)
        elif first == "{":
            self._group(path)
        elif first in ('"', "'"):
            self._take(_LONG if self.text.startswith(first * 3, self.at) else _QUOTED)
        else:
            self._take(_SCALAR)

    def _list(self, path: Path) -> None:
        self.at += 1
        number = 0
        self._skip(_SPACE)
        while not self.text.startswith("]", self.at):
            self._note((*path, number), self._line())
            self._value((*path, number))
            number += 1
            self._skip(_SPACE)
            if not self.text.startswith("]", self.at):
                self._expect(",")
                self._skip(_SPACE)
        self.at += 1

    def _group(self, path: Path) -> None:
        self.at += 1
        self._skip(_SPACE)
        while not self.text.startswith("}", self.at):
            self._pair(path)
            self._skip(_SPACE)
            if not self.text.startswith("}", self.at):
                self._expect(",")
                self._skip(_SPACE)
        self.at += 1

    def _note(self, path: Path, line: int) -> None:
        self.found.lines.setdefault(path, line)
        self.found.begun.append((line, path))

    def _take(self, pattern: re.Pattern[str]) -> None:
        found = pattern.match(self.text, self.at)
        if found is None:
            raise _Stop
        self.at = found.end()

    def _expect(self, mark: str) -> None:
        self._skip(_BLANK)
        if not self.text.startswith(mark, self.at):
            raise _Stop
        self.at += len(mark)

    def _skip(self, pattern: re.Pattern[str]) -> None:
        found = pattern.match(self.text, self.at)
        self.at = found.end() if found else self.at

    def _line(self) -> int:
        before, line = self._seen
        line += self.text.count("\n", before, self.at)
        self._seen = (self.at, line)
        return line

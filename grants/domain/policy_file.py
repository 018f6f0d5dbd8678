"""A policy without code: a TOML file with the same parts as Terms, read with every problem named by line and key.

Nothing in a file is ever run: texts are data. Money is in pence (or the currency's own minor unit), as in Terms.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from difflib import get_close_matches
from typing import Any, get_args, get_origin, get_type_hints

from grants.domain.policy_places import Path, Places, find_places, said
from grants.domain.policy_toml import terms_lines, text
from grants.domain.terms import Terms
from grants.domain.terms_checks import check
from grants.domain.terms_json import TermsError, from_data

LARGEST = 64 * 1024
"""The most bytes that a policy file may have."""

MOST_DOTS = 200
"""So many dots on one line, outside quotes, are no names that a person wrote; reading them would take long."""

MOST_DIGITS = 500
"""A number with so many digits is none."""

MOST_PROBLEMS = 100
"""So many problems are named at once."""

SLUG = re.compile(r"[a-z][a-z0-9-]{0,39}")

HEAD = {"slug": 40, "title": 120, "promise": 300, "for_funder": 200}
"""The texts at the head of a file, with the most characters that each may have."""

HIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufff9-\ufffb]")
"""Control characters, text-direction overrides (Unicode UAX 9) and broken halves: they deceive who reads."""

_KINDS = {bool: "true or false", int: "a whole number", float: "a number with a point", list: "a list", dict: "a group"}
_QUOTES = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'[^']*'")


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A policy as a file says it; ``version`` 0 where none is said, ``for_funder`` a funder's name or org-id."""

    slug: str
    title: str
    promise: str
    terms: Terms
    version: int = 0
    for_funder: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend: its line (from 1), its key (empty for none), and what was expected in its place."""

    line: int
    key: str
    words: str

    def __str__(self) -> str:
        return f"line {self.line}{f', key {self.key}' if self.key else ''}: {self.words}"


class PolicyFileError(ValueError):
    """Says everything that is to be mended in a policy file, in the order of its lines."""

    def __init__(self, problems: list[Problem]) -> None:
        ordered = sorted(set(problems), key=lambda problem: (problem.line, problem.key, problem.words))
        self.problems = tuple(ordered[:MOST_PROBLEMS])
        super().__init__("\n".join(map(str, self.problems)))


def read(source: str) -> Written:
    """Returns the policy that a file says, or raises PolicyFileError with every problem."""
    _refuse_unreadable(source)
    places = find_places(source)
    try:
        data = tomllib.loads(source)
    except (ValueError, RecursionError) as error:
        raise PolicyFileError([_unreadable(source, error, places)]) from None
    problems = list(_head_problems(data, places))
    terms, more = _terms(data, places)
    if terms is None or problems:
        raise PolicyFileError(problems + more)
    named = {name: data[name] for name in (*HEAD, "version") if name in data}
    return Written(terms=terms, **named)


def write(written: Written) -> str:
    """Returns a policy as a file: reading it again gives an equal one."""
    lines = ["# A policy without code. Everything that is left out asks nothing."]
    lines += [f"{name} = {text(getattr(written, name))}" for name in ("slug", "title", "promise")]
    lines += [f"version = {written.version}"] if written.version else []
    lines += [f"for_funder = {text(written.for_funder)}"] if written.for_funder else []
    return "\n".join([*lines, *terms_lines(written.terms)]) + "\n"


def _refuse_unreadable(source: str) -> None:
    size = len(source.encode("utf-8", "surrogatepass"))
    if size > LARGEST:
        raise PolicyFileError([Problem(1, "", f"expected a file of at most {LARGEST:,} bytes, got {size:,}")])
    for number, line in enumerate(source.split("\n"), 1):
        if any("\ud800" <= char <= "\udfff" for char in line):
            raise PolicyFileError([Problem(number, "", "expected text in UTF-8, got broken characters")])
        if line.count(".") > MOST_DOTS and _QUOTES.sub("", line).count(".") > MOST_DOTS:
            raise PolicyFileError([Problem(number, "", f"expected at most {MOST_DOTS} dots in a line")])
        if len(line) > MOST_DIGITS and re.search(rf"\d{{{MOST_DIGITS}}}", _QUOTES.sub("", line)):
            raise PolicyFileError([Problem(number, "", f"expected a number of fewer than {MOST_DIGITS} digits")])


def _unreadable(source: str, error: Exception, places: Places) -> Problem:
    """Returns where a file stops being TOML: the line that the reader names, or where what never ends began."""
    lines = source.split("\n")
    found = re.search(r"\(at line (\d+), column \d+\)", str(error))
    line = int(found[1]) if found else (places.line(places.opened) if places.opened else len(lines))
    path = places.on(line) if found or not places.opened else places.opened
    what = re.sub(r"\s*\(at .*\)$", "", str(error), flags=re.DOTALL).strip()[:120]
    if isinstance(error, RecursionError):
        what = "groups within groups, too deep"
    there = _brief(lines[line - 1].strip()) if line <= len(lines) else "the end"
    return Problem(line, said(path), f"expected a line that TOML can read, got {there} ({what})")


def _head_problems(data: Mapping[str, Any], places: Places) -> Iterator[Problem]:
    for name, most in HEAD.items():
        value = data.get(name)
        words = (
            f"text of 1 to {most} characters, none of them hidden"
            if name != "slug"
            else "small letters, figures and dashes, at most 40"
        )
        if value is None and name != "for_funder":
            yield Problem(1, name, f"expected {words}, got nothing")
        elif value is not None and not _fits(name, value, most):
            yield Problem(places.line((name,)), name, f"expected {words}, got {_got(value)}")
    version = data.get("version", 0)
    if isinstance(version, bool) or not isinstance(version, int) or not 0 <= version < 2**31:
        yield Problem(places.line(("version",)), "version", f"expected a whole number, got {_got(version)}")


def _fits(name: str, value: object, most: int) -> bool:
    if not isinstance(value, str) or "\n" in value:
        return False
    if HIDDEN.search(value):
        return False
    return bool(SLUG.fullmatch(value)) if name == "slug" else bool(value.strip()) and len(value) <= most


def _terms(data: Mapping[str, Any], places: Places) -> tuple[Terms | None, list[Problem]]:
    parts = {name: value for name, value in data.items() if name not in HEAD and name != "version"}
    try:
        return check(from_data(parts)), []
    except TermsError as error:
        unknown = [_unknown(path, known, places) for path, known in _strangers(Terms, parts, ())]
        other = [words for words in error.problems if not words.endswith(": not a name we know")]
        return None, unknown + [_located(words, parts, places) for words in other]


def _located(problem: str, data: Mapping[str, Any], places: Places) -> Problem:
    """Returns a problem of the terms (``terms.asks[0].minutes: expected …``) at its place in the file."""
    place, _colon, told = problem.partition(": ")
    path = _path(place)
    value, there = _at(data, path)
    words, of_a_kind, _kind = told.partition(", got ")
    if not there:
        words = f"expected {words.removeprefix('expected ') if words != 'missing' else 'a value'}, got nothing"
    elif words.startswith("expected ") and (of_a_kind or not isinstance(value, dict | list)):
        words = f"{words}, got {_got(value)}"
    return Problem(places.line(path), said(path), words)


def _path(place: str) -> Path:
    parts = re.findall(r"[^.\[\]]+", place)
    path = tuple(int(part) if re.fullmatch(r"[0-9]{1,6}", part) else part for part in parts)
    return path[1:] if path[:1] == ("terms",) else path


def _at(data: Any, path: Path) -> tuple[Any, bool]:
    for part in path:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            return None, False
    return data, True


def _strangers(kind: Any, value: object, path: Path) -> Iterator[tuple[Path, list[str]]]:
    """Yields each name that Terms do not know, with those known in its place."""
    if isinstance(kind, type) and is_dataclass(kind) and isinstance(value, dict):
        hints = get_type_hints(kind)
        for name, inner in value.items():
            if name in hints:
                yield from _strangers(hints[name], inner, (*path, name))
            else:
                yield (*path, name), [each.name for each in fields(kind)] + ([] if path else [*HEAD, "version"])
    elif get_origin(kind) is tuple and isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _strangers(get_args(kind)[0], inner, (*path, number))


def _unknown(path: Path, known: list[str], places: Places) -> Problem:
    name = str(path[-1])[:60]
    near = get_close_matches(name, known, n=1)
    words = f"expected a name that we know, got {_brief(name)}" + (f". Did you mean “{near[0]}”?" if near else "")
    return Problem(places.line(path), said(path), words)


def _got(value: object) -> str:
    if isinstance(value, str):
        return _brief(value)
    if value is None:
        return "nothing"
    if isinstance(value, int | float) and len(str(value)) < 30:
        return str(value).lower()
    return _KINDS.get(type(value), "a day or a time")


def _brief(value: str) -> str:
    plain = " ".join(HIDDEN.sub("�", value).split())
    return f"“{plain if len(plain) <= 40 else plain[:40] + '…'}”"

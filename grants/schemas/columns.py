"""Columns: a spreadsheet's columns matched by name with what an application is made of, and told."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from grants.domain.errors import Refusal
from grants.domain.terms import Question
from grants.schemas.fields import HIDDEN
from grants.schemas.headings import HEADINGS, KNOWN, Heading, never_kept, plain
from grants.schemas.sheets import Book, Sheet

LOOK = 20
"""How many rows from the top are looked at for the one with the names of the columns."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Where everything stands: positions (from 0) of what is used, kept, never kept and left out.

    ``used`` gives the position for each heading's slug, ``asked`` for each of the policy's questions;
    ``told`` is the whole mapping as (column, what we do with it), in the file's order.
    """

    row: int
    names: tuple[str, ...]
    used: Mapping[str, int]
    asked: Mapping[str, int]
    kept: tuple[int, ...]
    never: Mapping[int, str]
    left_out: tuple[int, ...]
    told: tuple[tuple[str, str], ...]

    def name_of(self, field: str) -> str:
        """Returns the column that a field of an application came from, or the field in plain words."""
        slug = _COLUMN_OF.get(field, field)
        place = self.used.get(slug, self.asked.get(slug))
        return slug.replace("_", " ") if place is None else self.names[place]


_COLUMN_OF = {"whose": "pay", "why": "pay", "purposes": "need", "how": "pay", "contact_wish": "contact"}


def choose_sheet(book: Book) -> tuple[Sheet, int]:
    """Returns the first sheet that has a row with names of columns, and that row's number.

    Raises Refusal ``csv.header_missing`` that names what is there and what would be right.
    """
    best: tuple[int, Sheet, int] | None = None
    for sheet in book.sheets:
        found, row = _heading_row(sheet)
        if found >= 2:
            return sheet, row
        if row and (best is None or found > best[0]):
            best = (found, sheet, row)
    if best is None:
        raise Refusal("file.empty", "This file has no rows. Check that it is the right one.")
    return best[1], best[2]


def _heading_row(sheet: Sheet) -> tuple[int, int]:
    """Returns how many names are known in the best of the first rows, and that row's number (0: no rows)."""
    known, best = -1, 0
    for number, cells in sheet.rows():
        if number > LOOK:
            break
        if any(cells):
            found = len({KNOWN[plain(cell)].slug for cell in cells if plain(cell) in KNOWN})
            if found > known:
                known, best = found, number
    return max(known, 0), best


def match_columns(sheet: Sheet, row: int, questions: Sequence[Question] = (), keep: Iterable[str] = ()) -> Columns:
    """Returns what each column is used for, by its name.

    Raises Refusal: ``csv.header_missing`` when the name or the amount has no column, naming the nearest;
    ``csv.header_twice`` when two columns of one name are wanted; ``keep.unknown`` and ``keep.never``.
    """
    names = _names(sheet, row)
    asked_for = {plain(name): question.slug for question in questions for name in (question.slug, question.text)}
    never = {place: what for place, name in enumerate(names) if (what := never_kept(name))}
    kept = _kept(names, never, keep)
    used: dict[str, int] = {}
    asked: dict[str, int] = {}
    for place, name in enumerate(names):
        slug = asked_for.get(plain(name))
        heading = KNOWN.get(plain(name))
        if place in never or place in kept:
            continue
        if slug:
            asked.setdefault(slug, place)
        elif heading:
            used.setdefault(heading.slug, place)
    if "name" in used:
        used = {slug: place for slug, place in used.items() if slug not in ("first_name", "last_name")}
    _refuse_twice(names, used, asked)
    _refuse_missing(names, used, asked, questions)
    taken = {*used.values(), *asked.values(), *kept, *never}
    left_out = tuple(place for place in range(len(names)) if place not in taken)
    told = tuple((_shown(names, place), _use(place, used, asked, kept, never, names)) for place in range(len(names)))
    return Columns(row, names, used, asked, kept, never, left_out, told)


def _names(sheet: Sheet, row: int) -> tuple[str, ...]:
    cells = next((cells for number, cells in sheet.rows() if number == row), ())
    names = [HIDDEN.sub("", " ".join(cell.split()))[:100] for cell in cells]
    while names and not names[-1]:
        names.pop()
    return tuple(names)


def _kept(names: tuple[str, ...], never: Mapping[int, str], keep: Iterable[str]) -> tuple[int, ...]:
    places = []
    for wanted in keep:
        found = [place for place, name in enumerate(names) if plain(name) == plain(wanted) and name]
        if not found:
            words = f"There is no column “{wanted}” to keep. The columns are: {_listed(names)}."
            raise Refusal("keep.unknown", words)
        if found[0] in never:
            words = (
                f"“{wanted}” is never kept: nobody needs {never[found[0]]} for a grant. Run it without --keep for it."
            )
            raise Refusal("keep.never", words)
        places += found
    return tuple(dict.fromkeys(places))


def _refuse_twice(names: tuple[str, ...], used: Mapping[str, int], asked: Mapping[str, int]) -> None:
    count = Counter(plain(name) for name in names)
    twice = [names[place] for place in (*used.values(), *asked.values()) if count[plain(names[place])] > 1]
    if twice:
        words = f"More than one column is called {_listed(twice)}. Rename or take out the one that is not meant."
        raise Refusal("csv.header_twice", words)


def _refuse_missing(
    names: tuple[str, ...], used: Mapping[str, int], asked: Mapping[str, int], questions: Sequence[Question]
) -> None:
    missing = [heading for heading in HEADINGS if heading.slug in ("name", "amount") and heading.slug not in used]
    if "first_name" in used and "last_name" in used:
        missing = [heading for heading in missing if heading.slug != "name"]
    lines = [_missing(heading, names) for heading in missing]
    lines += [
        f"There is no column for “{question.text}”, which this fund asks. Add one with that name."
        for question in questions
        if question.required and question.slug not in asked
    ]
    if lines:
        raise Refusal("csv.header_missing", " ".join([*lines, f"The columns are: {_listed(names)}."]))


def _missing(heading: Heading, names: tuple[str, ...]) -> str:
    by_plain = {plain(name): name for name in names if name}
    scores = {
        name: max(difflib.SequenceMatcher(None, known, plain(other)).ratio() for other in heading.names)
        for known, name in by_plain.items()
        if known not in KNOWN and not never_kept(name)
    }
    nearest = max(scores, key=lambda name: scores[name], default="")
    hint = f" The nearest is “{nearest}”: rename it if it is that." if nearest and scores[nearest] >= 0.5 else ""
    return f"There is no column for the {heading.use}. Call it “{heading.example}”.{hint}"


def _use(
    place: int,
    used: Mapping[str, int],
    asked: Mapping[str, int],
    kept: tuple[int, ...],
    never: Mapping[int, str],
    names: tuple[str, ...],
) -> str:
    if place in never:
        return f"NEVER KEPT: dropped ({never[place]})"
    if place in kept:
        return "kept in the notes for staff, as you asked"
    for slug, at in asked.items():
        if at == place:
            return f"answer to the fund's question “{slug}”"
    for heading in HEADINGS:
        if used.get(heading.slug) == place:
            return heading.use
    other = KNOWN.get(plain(names[place]))
    why = f" (“{names[used[other.slug]]}” is used for that)" if other and other.slug in used else ""
    return f"left out{why}"


def _shown(names: tuple[str, ...], place: int) -> str:
    return names[place] or f"column {place + 1} (no name)"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"“{name}”" for name in dict.fromkeys(names) if name)

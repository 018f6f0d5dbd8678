"""Blocks of the page on which a policy is written: their names, their forms, and the plain data that they mean."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, cast

from marshmallow import Schema

from grants.domain.money import Money
from grants.domain.terms import INTRUSIVENESS, Statement, Terms
from grants.domain.terms_limits import LISTS
from grants.schemas.building_fields import Part, short_name
from grants.schemas.building_many import MANY
from grants.schemas.fields import Pounds
from grants.web.forms import Field, Form, Raw, bind

Place = tuple[str | int, ...]
"""Where a block stands: ``("asks", 0, "fields", 2)``; numbers are names that never change while it is there."""

USUAL_IF_EMPTY = ("slug", "form")
"""Names that are made, or are as usual, when nothing stands in their blank."""

_PLACE = re.compile(r"(asks)-(\d{1,4})-(fields)-(\d{1,4})|([a-z]+(?:-[a-z]+)?)-(\d{1,4})")


@dataclass
class Block:
    """One part, or one of many, with its form; ``new`` when it was added just now."""

    place: Place
    part: Part
    form: Form
    new: bool = False
    inner: list[Block] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Returns the beginning of the names of its blanks: ``asks-0``."""
        return "-".join(map(str, self.place))

    @property
    def shown(self) -> list[Field]:
        """Returns the blanks that are always in view."""
        return [each for each in self.form.fields if self._bare(each.name) not in self.part.more]

    @property
    def folded(self) -> list[Field]:
        """Returns the blanks that are folded away at first."""
        return [each for each in self.form.fields if self._bare(each.name) in self.part.more]

    @property
    def open(self) -> bool:
        """Returns whether something that is folded away is to be mended."""
        return any(each.error for each in self.folded)

    def value(self, name: str) -> Any:
        """Returns what one blank means, None when it is empty or cannot be used."""
        return self.form.data.get(f"{self.name}-{name}")

    def _bare(self, name: str) -> str:
        return name.removeprefix(f"{self.name}-")


def schema_of(part: Part, name: str = "") -> Schema:
    """Returns the schema of a part, its names beginning with its place on the page."""
    asked = {f"{name}-{each}" if name else each: blank for each, blank in part.asked.items()}
    return Schema.from_dict(dict(asked), name="Part")()


def bound(name: str, part: Part, raw: Raw, thing: Any) -> Form:
    """Returns the form of a part: as it was sent, or as a thing has it."""
    return bind(schema_of(part, name), raw, {f"{name}-{each}": value for each, value in _initial(part, thing).items()})


def _initial(part: Part, thing: Any) -> Mapping[str, Any]:
    """Returns what stands in the blanks of a part: of this thing, or as Terms have it when nobody says anything."""
    usual = {each.name: each.default for each in fields(cast(Any, part.kind)) if each.default is not MISSING}
    found: dict[str, Any] = {
        name: getattr(thing, name) if thing is not None else usual.get(name) for name in part.asked
    }
    for name, blank in part.asked.items():
        if isinstance(blank, Pounds):
            found[name] = Money(found[name]) if found[name] else None
    return found


def places(names: Iterable[str]) -> Iterator[Place]:
    """Yields the places that a sent form names, as far as they are ours."""
    for name in names:
        found = _PLACE.fullmatch(name)
        if found is not None and found[1]:
            yield "asks", int(found[2]), "fields", int(found[4])
        elif found is not None and found[5] in MANY and found[5] != "asks-fields":
            yield (*found[5].split("-"), int(found[6]))


def kind_of(place: Place) -> str:
    """Returns which of the repeated parts a place belongs to: ``asks-fields``."""
    return "-".join(part for part in place if isinstance(part, str))


def most_of(name: str) -> int:
    """Returns how many of a part there may be."""
    holder: dict[str, tuple[type, str]] = {"statement-questions": (Statement, "questions")}
    kind, part = holder.get(name, (Terms, name))
    return LISTS[kind][part][1] if part in LISTS.get(kind, {}) else 10


def part_of(terms: Terms, name: str) -> Any:
    """Returns a part of terms by its name on the page: ``statement-rows``."""
    found: Any = terms
    for part in name.split("-"):
        found = getattr(found, part)
    return found


def plain(block: Block, *, lenient: bool) -> dict[str, Any]:
    """Returns one part as plain data, amounts in pence; ``lenient``: with a stand-in for whatever is missing."""
    data = {name: block.value(name) for name in block.part.asked}
    if "people" in data:
        data["people"] = int(data["people"] or 1)
    data = {name: value.amount if isinstance(value, Money) else value for name, value in data.items()}
    given = {name: value for name, value in data.items() if value is not None and (value or name not in USUAL_IF_EMPTY)}
    for each in fields(cast(Any, block.part.kind)) if lenient else ():
        if each.default is MISSING and each.default_factory is MISSING and each.name != "slug":
            given.setdefault(each.name, 0 if each.name == "minutes" else "charity" if each.name == "by" else "…")
    return given


def named(things: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Gives a short name to whatever has none, made of its words."""
    taken = {thing["slug"] for thing in things if "slug" in thing}
    for thing in things:
        said = thing.get("title") or thing.get("label") or thing.get("text")
        if "slug" not in thing and said and "by" not in thing:
            thing["slug"] = short_name(said, taken)
            taken.add(thing["slug"])
    return things


def prove(data: dict[str, Any]) -> None:
    """Names the ask that brings the document, where somebody insists on one and said no name."""
    who = data["eligibility"]
    if who.get("attested_by") == "document" and not who.get("proof"):
        papers = INTRUSIVENESS[2:]
        who["proof"] = next((ask["slug"] for ask in data["asks"] if ask.get("intrusiveness") in papers), "")
    elif who.get("attested_by") != "document":
        who["proof"] = ""

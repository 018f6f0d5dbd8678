"""Building a policy without code on a page: every part of Terms as forms, kept while blocks come and go.

Both doors use it: staff and funders. Nothing is saved here; a page makes a file of it, and that is a proposal.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, cast

from werkzeug.datastructures import MultiDict

from grants.domain.money import Money
from grants.domain.policy_file import Written
from grants.domain.terms import Terms
from grants.domain.terms_checks import check
from grants.domain.terms_json import TermsError, from_data
from grants.schemas.building import ONE, head, last, statement, typical
from grants.schemas.building_fields import Part, short_name
from grants.schemas.building_many import MANY
from grants.web.building_blocks import (
    Block,
    Place,
    bound,
    kind_of,
    most_of,
    named,
    part_of,
    places,
    plain,
    prove,
    schema_of,
)
from grants.web.forms import Form, Raw, bind

USUAL = Money(150_00)
"""The award for which the meter counts until somebody names another."""


class Builder:
    """A policy while it is being written: its head, its parts, and what is to be mended."""

    def __init__(self, *, slug: str = "", funders: Sequence[tuple[int, str]] = (), raw: Raw = None) -> None:
        """Reads a sent form, or begins with the empty policy; ``slug`` is fixed for a new version of a policy."""
        self.slug = slug
        typed = raw if isinstance(raw, MultiDict) else MultiDict(raw or {})
        self._raw = typed if raw is not None else None
        self._funders = funders
        self.head = bind(schema_of(head(funders, new=not slug)), self._raw)
        self.last = bind(schema_of(last()), self._raw)
        self.typical = bind(schema_of(typical()), self._raw, {"typical": USUAL})
        self.ones = {name: self._one(name, part) for name, part in self._parts(typed.getlist("statement-aggregates"))}
        self.many: dict[str, list[Block]] = {name: [] for name in MANY if name != "asks-fields"}
        self.problems: list[str] = []
        self._begun = Terms()
        for place in places(typed.getlist("block")):
            self._put(place, self._block(place, MANY[kind_of(place)], self._raw))

    @classmethod
    def of(cls, written: Written, *, funders: Sequence[tuple[int, str]] = (), fixed: bool) -> Builder:
        """Returns the page of a policy that is there already; ``fixed`` for a new version, else for another policy."""
        made = cls(slug=written.slug if fixed else "", funders=funders)
        said = {"title": written.title, "promise": written.promise, "for_funder": written.for_funder}
        made.head = bind(schema_of(head(funders, new=not fixed)), None, said)
        terms = made._begun = written.terms
        for name, part in made._parts(terms.statement.aggregates):
            made.ones[name] = Block((*name.split("-"),), part, bound(name, part, None, part_of(terms, name)))
        for name, blocks in made.many.items():
            for number, thing in enumerate(part_of(terms, name)):
                place: Place = (*name.split("-"), number)
                block = made._block(place, MANY[name], None, thing)
                for inner, blank in enumerate(getattr(thing, "fields", ())):
                    block.inner.append(made._block((*place, "fields", inner), MANY["asks-fields"], None, blank))
                blocks.append(block)
        return made

    def act(self, do: str) -> str:
        """Adds or removes a block (``add asks``, ``remove asks-0``); returns the place to look at, or an empty text."""
        act, _, name = do.partition(" ")
        if act == "add" and name in self.many:
            return self._add((*name.split("-"),), self.many[name], MANY[name], most_of(name))
        found = self._found(name)
        if act == "add" and found is not None and found.place[0] == "asks" and len(found.place) == 2:
            return self._add((*found.place, "fields"), found.inner, MANY["asks-fields"], 30)
        if act == "remove" and found is not None:
            self._home(found.place).remove(found)
            return "-".join(str(part) for part in found.place[:-1])
        return ""

    def counted(self) -> Terms:
        """Returns the terms as far as they are written, to be counted: what is missing or wrong asks nothing."""
        if self._raw is None:
            return self._begun
        try:
            return from_data(self._data(lenient=True))
        except TermsError:
            return Terms()

    def award(self) -> Money:
        """Returns the award for which the meter counts."""
        return cast(Money, self.typical.data.get("typical", USUAL))

    def written(self) -> Written | None:
        """Returns the policy when everything is sound; else None, with each problem at its blank."""
        if any(form.errors for form in self._forms):
            return None
        try:
            terms = check(from_data(self._data(lenient=False)))
        except TermsError as error:
            for problem in error.problems:
                self._place(problem)
            return None
        data = self.head.data
        title = data["title"]
        slug = self.slug or data.get("slug") or short_name(title)
        whose = data.get("for_funder", "")
        return Written(slug=slug, title=title, promise=data["promise"], terms=terms, for_funder=whose)

    def forgive(self) -> None:
        """Takes back what is to be mended, for a page on which nothing was to be saved yet."""
        for form in self._forms:
            form.errors.clear()

    @property
    def errors(self) -> bool:
        """Returns whether anything is to be mended."""
        return bool(self.problems) or any(form.errors for form in self._forms)

    @property
    def summary(self) -> list[tuple[str, str]]:
        """Returns (sentence, link) for everything that is to be mended, in the order of the page."""
        return [(words, "") for words in self.problems] + [row for form in self._forms for row in form.summary]

    @property
    def why(self) -> str:
        """Returns why this policy, in the words of whoever wrote it."""
        return str(self.last.data.get("why", ""))

    @property
    def _blocks(self) -> Iterator[Block]:
        for name in ("eligibility", "authority", "schedule", "confirmation", "statement", "statement-rows"):
            yield self.ones[name]
        for blocks in self.many.values():
            for block in blocks:
                yield block
                yield from block.inner

    @property
    def _forms(self) -> list[Form]:
        return [self.head, *(block.form for block in self._blocks), self.last, self.typical]

    def _parts(self, figures: Iterable[str]) -> list[tuple[str, Part]]:
        return [*ONE.items(), ("statement", statement(name for name in figures if re.fullmatch(r"[a-z][\w-]*", name)))]

    def _one(self, name: str, part: Part) -> Block:
        return Block((*name.split("-"),), part, bound(name, part, self._raw, part_of(Terms(), name)))

    def _block(self, place: Place, part: Part, raw: Raw, thing: Any = None, *, new: bool = False) -> Block:
        return Block(place, part, bound("-".join(map(str, place)), part, raw, thing), new)

    def _put(self, place: Place, block: Block) -> None:
        home = self._home(place)
        if all(other.place != place for other in home) and len(home) < most_of(kind_of(place)):
            home.append(block)

    def _home(self, place: Place) -> list[Block]:
        if kind_of(place) != "asks-fields":
            return self.many[kind_of(place)]
        return next((ask.inner for ask in self.many["asks"] if ask.place == place[:2]), [])

    def _found(self, name: str) -> Block | None:
        every = (block for blocks in self.many.values() for ask in blocks for block in (ask, *ask.inner))
        return next((block for block in every if block.name == name), None)

    def _add(self, place: Place, home: list[Block], part: Part, most: int) -> str:
        if len(home) >= most:
            self.problems.append(f"There is room for {most} of these, and no more.")
            return ""
        number = max((int(block.place[-1]) for block in home), default=-1) + 1
        home.append(self._block((*place, number), part, None, new=True))
        return home[-1].name

    def _data(self, *, lenient: bool) -> dict[str, Any]:
        """Returns the parts as plain data; ``lenient`` fills in what is missing, to count the rest."""
        data: dict[str, Any] = {
            name: plain(block, lenient=lenient) for name, block in self.ones.items() if "-" not in name
        }
        data["statement"]["rows"] = plain(self.ones["statement-rows"], lenient=lenient)
        for name, blocks in self.many.items():
            made = named([plain(block, lenient=lenient) for block in blocks])
            for thing, block in zip(made, blocks, strict=True):
                if name == "asks":
                    thing["fields"] = named([plain(inner, lenient=lenient) for inner in block.inner])
            outer, _, inside = name.partition("-")
            if inside:
                data[outer][inside] = made
            else:
                data[outer] = made
        prove(data)
        return data

    def _place(self, problem: str) -> None:
        """Puts a problem of the terms (``terms.asks[0].minutes: expected …``) beside its blank, or above the page."""
        place, _, words = problem.partition(": ")
        parts = [int(part) if part.isdecimal() else part for part in re.findall(r"[^.\[\]]+", place)][1:]
        words = f"This should be {words.removeprefix('expected ')}." if words.startswith("expected ") else f"{words}."
        for block in self._blocks:
            path = self._path(block)
            if tuple(parts[:-1]) == path and f"{block.name}-{parts[-1]}" in block.form:
                block.form.add_error(f"{block.name}-{parts[-1]}", words)
                return
        self.problems.append(words[0].upper() + words[1:])

    def _path(self, block: Block) -> Place:
        """Returns where a block stands among those that are there now."""
        if not isinstance(block.place[-1], int):
            return block.place
        number = self._home(block.place).index(block)
        if kind_of(block.place) == "asks-fields":
            ask = next(ask for ask in self.many["asks"] if ask.place == block.place[:2])
            return ("asks", self.many["asks"].index(ask), "fields", number)
        return (*block.place[:-1], number)

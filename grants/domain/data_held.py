"""Held: the classes of data, and how one table’s columns fall into them.

Source of the classes and of how long each is kept: ``reliability.md``, D.1.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

Class = Literal["O", "F", "R", "B", "S", "C", "L", "A"]

CLASSES: Mapping[str, str] = {
    "O": "Open: funds, policies, words of the charity. Kept as long as the system is used.",
    "F": "Financial: amounts, dates, codes, numbers without a name. Kept six years after the year they belong to.",
    "R": "Recipient: name, home, how to reach somebody safely. Forgotten a year after the last grant ended.",
    "B": "Bank: where money goes. Forgotten 90 days after the last payment.",
    "S": "Special: what somebody needs and what happened to them, in free words. Forgotten 90 days after the decision "
    "or the end of the matter, and with the name at the latest.",
    "C": "Confirmation words: what somebody told afterwards, stories and pictures. Forgotten 90 days on, or with the "
    "name.",
    "L": "Link and log: marks of links, codes and sign-ins, from which nobody can be read. Gone when they end.",
    "A": "Audit: who of the charity did what, and when. Kept like the accounts.",
}
"""Each class, in a sentence, with how long it is kept."""

PERSONAL = frozenset({"R", "B", "S", "C"})
"""Classes that erasing somebody blanks, and that a backup seals under their own key."""

SHOWN = PERSONAL | {"F", "A"}
"""Classes that somebody is shown when they ask what we hold of them."""

By = Literal["vault", "person"]


@dataclass(frozen=True, slots=True)
class Held:
    """How the columns of one table are classed.

    ``to_person`` are columns to follow from a row to a person: ``grant_id.person_id``; ``|`` stands between ways of
    which one leads there, ``subject`` goes by ``SUBJECTS``; empty: a row is about nobody. ``whole`` says that a row
    is nothing without its personal part and goes with it. ``sealed`` are columns sealed already, and by what.
    """

    to_person: str
    classes: Mapping[str, Class]
    sealed: Mapping[str, By]
    whole: bool

    @property
    def personal(self) -> tuple[str, ...]:
        """Returns the columns that tell of the person whom a row leads to; none where it leads to nobody."""
        return self.of(PERSONAL) if self.to_person else ()

    def of(self, classes: frozenset[str]) -> tuple[str, ...]:
        """Returns the columns of these classes, in the order in which they stand here."""
        return tuple(name for name, each in self.classes.items() if each in classes)


def held(to_person: str = "", *, vault: str = "", person: str = "", whole: bool = False, **classes: str) -> Held:
    """Returns a table’s classes from the names of its columns, by class, each as words with spaces between."""
    each: dict[str, Class] = {}
    for letter, names in classes.items():
        for name in names.split():
            if name in each:
                raise ValueError(f"{name} is classed twice")
            each[name] = _class(letter)
    sealed: dict[str, By] = dict.fromkeys(vault.split(), "vault")
    sealed |= dict.fromkeys(person.split(), "person")
    return Held(to_person, each, sealed, whole)


def _class(letter: str) -> Class:
    found: Mapping[str, Class] = {"O": "O", "F": "F", "R": "R", "B": "B", "S": "S", "C": "C", "L": "L", "A": "A"}
    return found[letter]


def page(tables: Mapping[str, Held]) -> str:
    """Returns the table as Markdown, the same text each time: each table, its classes, and whom a row is about."""
    told = [f"- **{letter}** {words}" for letter, words in CLASSES.items()]
    head = ["| table | leads to a person by | columns by class |", "|---|---|---|"]
    return "\n".join([*told, "", *head, *_lines(tables)])


def _lines(tables: Mapping[str, Held]) -> Iterator[str]:
    for name, table in sorted(tables.items()):
        columns = "; ".join(
            f"**{letter}** {', '.join(each)}" for letter in CLASSES if (each := table.of(frozenset({letter})))
        )
        way = table.to_person.replace("|", " or ") or "nobody"
        yield f"| `{name}` | {way} | {columns} |"

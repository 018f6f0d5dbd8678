"""Plan: what goes and what stays when a person is erased, and why; counted, nothing changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import (
    JSON,
    ColumnElement,
    Select,
    String,
    Table,
    and_,
    cast,
    false,
    func,
    literal,
    not_,
    or_,
    select,
    union_all,
)

from grants.domain.data_classes import KEYS, TABLES
from grants.domain.data_held import PERSONAL
from grants.flow.desk import Desk
from grants.flow.privacy.first import to_do_first
from grants.model import Base
from grants.model.belonging import blank, theirs
from grants.model.people import Person

GOES: Mapping[str, str] = {
    "people": "their name, home, household and how to reach them",
    "payees": "where their money went: account, name on it, whose it is",
    "payee_changes": "changed bank details",
    "drafts": "what was half typed",
    "applications": "what they wrote when they applied, who helped them, notes of staff",
    "decisions": "the words of decisions",
    "contact_changes": "new ways to reach them",
    "referrals": "for whom a referral was",
    "grants": "why a grant was held",
    "asks": "what they told in answer to asks",
    "attachments": "pictures that they sent",
    "further_questions": "what was said about a further grant",
    "confirmations": "their words about money that came or did not",
    "stories": "stories",
    "story_pictures": "pictures of stories",
    "help_calls": "the words of calls for help, complaints and answers",
    "data_requests": "what they said when they asked about their data",
    "objections": "what they said about a rule, and the answer",
    "messages": "to whom messages went, and their words",
    "bank_lines": "what the bank wrote beside their payments",
    "drawn": "notes on a file that was checked",
    "looked_back": "words of trustees who looked back",
    "incidents": "the words about a loss with their payment; kind, amount and day stay",
    "tasks": "the words of tasks about them",
}
"""What goes, by table; each is counted in rows."""

STAYS: Mapping[str, tuple[str, str]] = {
    "grants": ("grants: amount, day, fund, terms, codes", "the accounts need them for six years"),
    "payments": ("payments and what became of them", "the accounts need them for six years"),
    "journals": ("postings of the books", "the books are never changed"),
    "confirmations": ("that money came or did not, without words", "the accounts need it"),
    "consents": ("when consents were given and taken back, without the story", "we must be able to show it"),
    "events": (
        "who of us did what, and when, with the reason that they gave",
        "the charity answers for it, and the chain proves that nothing was changed. No name belongs there",
    ),
}
"""What stays, by table, and why."""

NAMED = 20
"""At most so many other places are listed that name the person."""

SHORTEST = 6
"""A shorter name, or one of a single word, is not looked for elsewhere: it would be found everywhere."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What erasing a person does: ``goes`` and ``stays`` with counts and reasons, ``first`` what must be done before.

    ``named`` are places about somebody else, or about nobody, in which their name stands: those are for a person.
    """

    person_id: int
    number: str
    erased: bool
    goes: tuple[tuple[str, int], ...]
    stays: tuple[tuple[str, int, str], ...]
    first: tuple[str, ...]
    named: tuple[str, ...]


def plan(desk: Desk, person_id: int) -> Plan:
    """Returns what erasing a person would do; a few statements, nothing is changed."""
    person = desk.session.get_one(Person, person_id)
    counts = _counts(desk, person_id)
    return Plan(
        person_id=person_id,
        number=person.number,
        erased=person.erased_at is not None,
        goes=tuple((words, counts["goes", name]) for name, words in GOES.items() if counts["goes", name]),
        stays=tuple((words, counts["stays", name], why) for name, (words, why) in STAYS.items()),
        first=to_do_first(desk, person_id),
        named=() if person.erased_at is not None else tuple(_named(desk, person)),
    )


def told(table: Table) -> ColumnElement[bool]:
    """Returns the condition for rows that still say something of a person, as SQL; a name may be their number."""
    return or_(
        *(_says(table, name) for name in TABLES[table.name].personal if (table.name, name) != ("people", "name"))
    )


def _says(table: Table, name: str) -> ColumnElement[bool]:
    column = table.c[name]
    empty = blank(column)
    if isinstance(column.type, JSON):
        return cast(column, String).not_in(("{}", "[]", "null"))
    return column.is_not(None) if empty is None else column != empty


def _counts(desk: Desk, person_id: int) -> dict[tuple[str, str], int]:
    asked = []
    for name in GOES:
        table = Base.metadata.tables[name]
        rows = select(func.count()).select_from(table).where(theirs(table, person_id), told(table))
        asked.append(select(literal("goes").label("part"), literal(name).label("name"), rows.scalar_subquery()))
    for name in STAYS:
        table = Base.metadata.tables[name]
        rows = select(func.count()).select_from(table).where(theirs(table, person_id))
        asked.append(select(literal("stays"), literal(name), rows.scalar_subquery()))
    return {(part, name): count for part, name, count in desk.session.execute(union_all(*asked))}


def _named(desk: Desk, person: Person) -> Iterator[str]:
    """Yields where else the person's name stands, in words that are open to us; one statement."""
    if len(person.name) < SHORTEST or " " not in person.name.strip():
        return
    asked = [found for table in Base.metadata.sorted_tables if (found := _naming(table, person)) is not None]
    for each in desk.session.execute(union_all(*asked).limit(NAMED)).mappings():
        place = str(each["place"]).replace("_", " ")
        yield f"{place} {each['number']}"


def _naming(table: Table, person: Person) -> Select[tuple[str, int]] | None:
    """Returns the query for rows of a table that name a person and are not theirs; events are, and stay."""
    held = TABLES[table.name]
    open_words = [name for name in held.of(PERSONAL | {"A"}) if name not in held.sealed]
    columns = [table.c[name] for name in open_words if isinstance(table.c[name].type, String)]
    if not columns or table.name in KEYS:
        return None
    says = or_(*(column.icontains(person.name, autoescape=True) for column in columns))
    if held.to_person and table.name != "events":
        says = and_(says, not_(func.coalesce(theirs(table, person.id), false())))
    return select(literal(table.name).label("place"), table.c.id.label("number")).where(says)

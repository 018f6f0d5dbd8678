"""Held: a funder's questions answered from what the books and applications hold, as figures that may leave the house.

Everything is counted over whole lots of grants, as the statement is (see ``told``): nobody is found by taking the
answer of one day from the answer of another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    Subquery,
    and_,
    case,
    cast,
    exists,
    extract,
    func,
    literal,
    or_,
    select,
    union_all,
)

from grants.domain import held_words
from grants.domain.held import ANYWHERE, CATALOGUE, Answer, Cell, Took
from grants.flow.desk import Desk
from grants.flow.learn.figures import Tally
from grants.flow.learn.spans import DECISION, WHOLE, spans
from grants.flow.learn.told import Counts, counts_told, step_of
from grants.model.applications import Application, Decision
from grants.model.confirmations import Confirmation
from grants.model.delegations import Delegation
from grants.model.funds import Fund
from grants.model.grants import Grant
from grants.model.people import Payee, Person

_SPANS = {"days_to_money": WHOLE, "days_to_decision": DECISION}

FLAGS = ("attested", "decided")
"""What a file shows of its grant or not, besides the questions of the catalogue."""


@dataclass(frozen=True, slots=True)
class Found:
    """What was counted over whole lots: how far the money went, cells by question, and waits; ``smallest`` is told."""

    smallest: int
    counts: Counts
    cells: Mapping[str, Sequence[Cell]] = field(default_factory=dict)
    joined: int = 0
    flags: Mapping[str, int] = field(default_factory=dict)
    took: Mapping[str, Sequence[Took]] = field(default_factory=dict)
    currency: str | None = "GBP"


def answers(desk: Desk, funds: Sequence[Fund], slugs: Iterable[str]) -> dict[str, Answer]:
    """Returns the answers to these questions over some funds, by name; unknown names are left out.

    Over several funds only what is about nobody's group is told (``ANYWHERE``). At most three statements.
    """
    wanted = known(funds, slugs)
    return answered(find(desk, funds, wanted), wanted) if wanted else {}


def known(funds: Sequence[Fund], slugs: Iterable[str]) -> list[str]:
    """Returns those questions, each once, that may be answered over these funds."""
    catalogue = CATALOGUE if len(funds) == 1 else ANYWHERE
    return [slug for slug in dict.fromkeys(slugs) if slug in catalogue]


def answered(found: Found, slugs: Sequence[str]) -> dict[str, Answer]:
    """Returns each answer in words."""
    return {slug: _answer(slug, found) for slug in slugs}


def find(desk: Desk, funds: Sequence[Fund], slugs: Sequence[str], *, flags: bool = False) -> Found:
    """Counts what these questions need, and what files show where ``flags`` are wanted; at most three statements."""
    steps = {fund.id: step_of(fund) for fund in funds}
    currencies = {fund.currency for fund in funds}
    tables = [slug for slug in slugs if slug in _TABLES] + list(FLAGS if flags else ())
    cells, within = _count(desk, steps, tables) if tables and steps else ({}, 0)
    return Found(
        smallest=max(steps.values(), default=5),
        counts=_together(counts_told(desk, funds), steps),
        cells=cells,
        joined=within,
        flags={slug: sum(cell.total for cell in cells.get(slug, ()) if cell.key == "1") for slug in FLAGS},
        took=_spans(desk, steps) if any(slug in _SPANS for slug in slugs) else {},
        currency=currencies.pop() if len(currencies) == 1 else None,
    )


def _answer(slug: str, found: Found) -> Answer:
    query, counts, smallest = CATALOGUE[slug], found.counts, found.smallest
    if query.shape == "span":
        return held_words.of_span(query, found.took.get(slug, ()), smallest)
    if query.shape == "step":
        told = (counts.awarded.count, counts.paid.count, counts.confirmed.count)
        return held_words.of_step(query, told, smallest)
    if query.shape == "total":
        total = counts.minutes if slug == "minutes_asked" else counts.awarded.amount
        return held_words.of_total(query, Cell("", counts.awarded.count, total), smallest, found.currency)
    if query.shape == "some":
        return held_words.of_some(query, found.cells.get(slug, ()))
    return held_words.of_table(query, found.cells.get(slug, ()), found.joined, found.currency or "GBP")


def _together(counts: Mapping[int, Counts], steps: Mapping[int, int]) -> Counts:
    """Returns the sum over funds; of several funds, one that has not filled its first lot is left out."""
    whole = [one for fund, one in counts.items() if len(counts) == 1 or one.awarded.count >= steps[fund]]
    parts = [[one.awarded for one in whole], [one.paid for one in whole], [one.confirmed for one in whole]]
    if len(counts) > 1:
        parts = [[tally for tally in part if tally.amount] for part in parts]
    sums = [Tally(sum(t.count for t in part), sum(t.amount for t in part)) for part in parts]
    return Counts(sums[0], sums[1], sums[2], sum(one.minutes for one in whole))


def _spans(desk: Desk, steps: Mapping[int, int]) -> dict[str, list[Took]]:
    found = spans(desk, list(steps), steps)
    kinds = {slug: [span for (_fund, kind), span in found.items() if kind == wanted] for slug, wanted in _SPANS.items()}
    return {slug: [Took(span.count, span.median) for span in some] for slug, some in kinds.items()}


def _count(desk: Desk, steps: Mapping[int, int], slugs: Sequence[str]) -> tuple[dict[str, list[Cell]], int]:
    """Returns cells in whole lots, with everything in them as ``total``, and over how many grants; one statement."""
    whole = _whole(steps)
    parts = [_TABLES[slug](slug, whole) for slug in slugs]
    cases = (union_all(*parts) if len(parts) > 1 else parts[0]).subquery("cases")
    same = (cases.c.slug, cases.c.key)
    order = (cases.c.moment, cases.c.grant_id)
    placed = select(
        *same,
        func.row_number().over(partition_by=same, order_by=order).label("place"),
        func.count().over(partition_by=same).label("many"),
    ).subquery("placed")
    step = max(steps.values())
    lots = func.count(case((placed.c.place <= placed.c.many - placed.c.many % step, 1)))
    joined = select(func.count()).select_from(whole).scalar_subquery()
    sums = select(placed.c.slug, placed.c.key, lots, func.count(), joined).group_by(placed.c.slug, placed.c.key)
    rows = desk.session.execute(sums).all()
    cells: dict[str, list[Cell]] = {}
    for slug, key, told, every, _within in rows:
        cells.setdefault(slug, []).append(Cell(key, told, every))
    return cells, rows[0][-1] if rows else 0


def _whole(steps: Mapping[int, int]) -> Subquery:
    """Returns the grants of each fund that fill whole lots, in the order of their awards."""
    order, fund = (Grant.awarded_at, Grant.id), Grant.fund_id
    numbered = (
        select(
            Grant.id.label("grant_id"),
            Grant.fund_id,
            Grant.awarded_at.label("moment"),
            func.row_number().over(partition_by=fund, order_by=order).label("nth"),
            func.count().over(partition_by=fund).label("every"),
        )
        .where(Grant.fund_id.in_(list(steps)))
        .subquery("numbered")
    )
    step = case(dict(steps), value=numbered.c.fund_id)
    within = numbered.c.nth <= numbered.c.every - numbered.c.every % step
    return select(numbered.c.grant_id, numbered.c.moment).where(within).subquery("whole_lots")


Table = Callable[[str, Subquery], Select[Any, Any, Any, Any]]


def _by(key: Any, *joins: tuple[Any, ColumnElement[bool]]) -> Table:
    """Returns a table over grants by a key, of the grant or of a row that belongs to it."""

    def made(slug: str, whole: Subquery) -> Select[Any, Any, Any, Any]:
        text = func.coalesce(cast(key, String), "").label("key")
        found = select(literal(slug).label("slug"), text, whole.c.grant_id, whole.c.moment)
        found = found.select_from(whole).join(Grant, Grant.id == whole.c.grant_id)
        for other, on in joins:
            found = found.join(other, on)
        return found

    return made


def _said_wrong(slug: str, whole: Subquery) -> Select[Any, Any, Any, Any]:
    """Returns the grants of which somebody said that something is wrong, in the order in which they first did."""
    first = func.min(Confirmation.at)
    found = select(literal(slug).label("slug"), literal("1").label("key"), whole.c.grant_id, first.label("moment"))
    told = found.select_from(whole).join(Confirmation, Confirmation.grant_id == whole.c.grant_id)
    return told.where(Confirmation.kind != "arrived").group_by(whole.c.grant_id)


def _flag(holds: ColumnElement[bool]) -> ColumnElement[str]:
    return case((holds, "1"), else_="0")


_APPLIED = (Application, Application.id == Grant.application_id)
_PERSON = (Person, Person.id == Grant.person_id)

_IN_FORCE = and_(
    Delegation.user_id == Grant.decided_by,
    Delegation.currency == Grant.currency,
    Delegation.approved_on <= Grant.awarded_on,
    or_(Delegation.ended_at.is_(None), Delegation.ended_at > Grant.awarded_at),
)

_LIMIT = select(func.max(Delegation.per_grant)).where(_IN_FORCE).correlate(Grant).scalar_subquery()

_DECIDED = case((Grant.second_by.is_not(None), "two"), else_=func.coalesce(cast(_LIMIT, String), "alone"))

WITHIN = or_(
    Grant.second_by.is_not(None),
    exists(select(Delegation.id).where(_IN_FORCE, Delegation.per_grant >= Grant.amount).correlate(Grant)),
)

"""Whether two people decided, or one within a limit that trustees had set."""

ATTESTED = exists(
    select(Decision.id)
    .where(
        Decision.application_id == Grant.application_id,
        Decision.kind == "award",
        Decision.withdrawn_at.is_(None),
        Decision.eligible != "",
    )
    .correlate(Grant)
)

"""Whether the decision says how the worker knew that the fund is for this person."""

_MONTH = extract("year", Grant.awarded_on) * 100 + extract("month", Grant.awarded_on)

_TABLES: dict[str, Table] = {
    "what_for": _by(Application.purposes[0].as_string(), _APPLIED),
    "why": _by(Application.reason, _APPLIED),
    "by_route": _by(Application.route, _APPLIED),
    "where": _by(Person.area, _PERSON),
    "ward": _by(Person.ward, _PERSON),
    "household": _by(Person.household_size, _PERSON),
    "how_paid": _by(Payee.how, (Payee, Payee.id == Grant.payee_id)),
    "said_wrong": _said_wrong,
    "who_decided": _by(_DECIDED),
    "first_time": _by(_flag(Grant.facts["first_grant"].as_boolean())),
    "by_month": _by(func.substr(cast(_MONTH, String), 1, 6)),
    "attested": _by(_flag(ATTESTED)),
    "decided": _by(_flag(WITHIN)),
}
"""How each question is split, and what files show."""

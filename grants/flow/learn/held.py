"""Held: a funder's questions answered from what the books and applications hold, in one or two statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, String, case, cast, extract, func, literal, select, union_all

from grants.domain import held_words
from grants.domain.held import ANYWHERE, CATALOGUE, Answer, Cell, Took
from grants.flow.desk import Desk
from grants.flow.learn.spans import DECISION, WHOLE, spans
from grants.model.applications import Application
from grants.model.confirmations import Confirmation
from grants.model.delegations import Delegation
from grants.model.funds import Fund
from grants.model.grants import Grant
from grants.model.payments import Payment
from grants.model.people import Payee, Person

SMALLEST = 5
"""The smallest number told where no policy says a larger one."""

_SPANS = {"days_to_money": WHOLE, "days_to_decision": DECISION}


def answers(desk: Desk, funds: Sequence[Fund], slugs: Iterable[str], smallest: int = SMALLEST) -> dict[str, Answer]:
    """Returns the answers to these questions over the grants of some funds, by name; unknown names are left out.

    Over several funds only what is about nobody's group is told (``ANYWHERE``). One statement counts everything,
    and one more is needed where a wait is asked for.
    """
    known = CATALOGUE if len(funds) == 1 else ANYWHERE
    wanted = [slug for slug in dict.fromkeys(slugs) if slug in known]
    ids = [fund.id for fund in funds]
    currencies = {fund.currency for fund in funds}
    currency = currencies.pop() if len(currencies) == 1 else None
    cells = _count(desk, ids, [slug for slug in wanted if slug not in _SPANS])
    took = _spans(desk, ids) if any(slug in _SPANS for slug in wanted) else {}
    return {slug: _answer(slug, cells[slug], took.get(slug, []), smallest, currency) for slug in wanted}


def _answer(slug: str, cells: Sequence[Cell], took: Sequence[Took], smallest: int, currency: str | None) -> Answer:
    query = CATALOGUE[slug]
    if query.shape == "span":
        return held_words.of_span(query, took, smallest)
    if query.shape == "step":
        return held_words.of_step(query, cells, smallest)
    if query.shape == "total":
        return held_words.of_total(query, cells[0] if cells else Cell("", 0), smallest, currency)
    return held_words.of_table(query, cells, smallest, currency or "GBP")


def _spans(desk: Desk, ids: Sequence[int]) -> dict[str, list[Took]]:
    found = spans(desk, ids)
    kinds = {slug: [span for (_fund, kind), span in found.items() if kind == wanted] for slug, wanted in _SPANS.items()}
    return {slug: [Took(span.count, span.median) for span in some] for slug, some in kinds.items()}


def _count(desk: Desk, ids: Sequence[int], slugs: Sequence[str]) -> dict[str, list[Cell]]:
    cells: dict[str, list[Cell]] = defaultdict(list)
    if not slugs or not ids:
        return cells
    parts = [_TABLES[slug](slug, ids) for slug in slugs]
    rows = desk.session.execute(union_all(*parts) if len(parts) > 1 else parts[0])
    merged: dict[tuple[str, str], Cell] = {}
    for slug, key, count, total in rows:
        before = merged.get((slug, key or ""), Cell(key or "", 0))
        merged[slug, key or ""] = Cell(key or "", before.count + count, before.total + int(total or 0))
    for (slug, _key), cell in merged.items():
        cells[slug].append(cell)
    return cells


Row4 = Select[str, str, int, int]
"""Rows of a question’s name, a key, how many, and a sum."""

Table = Callable[[str, Sequence[int]], Row4]


def _grants(key: ColumnElement[Any], total: Any = Grant.amount) -> Table:
    """Returns a table over grants that stand, by a key that needs no other table."""

    def made(slug: str, ids: Sequence[int]) -> Row4:
        text = cast(key, String)
        counted = select(literal(slug), text, func.count(Grant.id), func.sum(total))
        return counted.where(Grant.fund_id.in_(ids), Grant.state != "cancelled").group_by(text)

    return made


def _joined(key: Any, other: Any, on: ColumnElement[bool]) -> Table:
    """Returns a table over grants that stand, by a key of the row that belongs to each."""

    def made(slug: str, ids: Sequence[int]) -> Row4:
        text = cast(key, String)
        counted = select(literal(slug), text, func.count(Grant.id), func.sum(Grant.amount)).join(other, on)
        return counted.where(Grant.fund_id.in_(ids), Grant.state != "cancelled").group_by(text)

    return made


def _whole(total: Any = Grant.amount) -> Table:
    def made(slug: str, ids: Sequence[int]) -> Row4:
        counted = select(literal(slug), literal(""), func.count(Grant.id), func.sum(total))
        return counted.where(Grant.fund_id.in_(ids), Grant.state != "cancelled")

    return made


def _applications(slug: str, ids: Sequence[int]) -> Row4:
    counted = select(literal(slug), Application.state, func.count(Application.id), literal(0, Integer))
    return counted.where(Application.fund_id.in_(ids), Application.state != "draft").group_by(Application.state)


def _flag(holds: ColumnElement[bool]) -> ColumnElement[int]:
    return case((holds, 1), else_=0)


_APPLIED = Application.id == Grant.application_id
_PERSON = Person.id == Grant.person_id

_LIMIT = (
    select(func.max(Delegation.per_grant))
    .where(
        Delegation.user_id == Grant.decided_by,
        Delegation.currency == Grant.currency,
        Delegation.approved_on <= Grant.awarded_on,
        (Delegation.ended_at.is_(None)) | (Delegation.ended_at > Grant.awarded_at),
    )
    .correlate(Grant)
    .scalar_subquery()
)

_DECIDED = case((Grant.second_by.is_not(None), "two"), else_=func.coalesce(cast(_LIMIT, String), "alone"))

_PAID = select(Payment.id).where(Payment.grant_id == Grant.id, Payment.done).correlate(Grant).exists()

_WRONG = (
    select(Confirmation.id)
    .where(Confirmation.grant_id == Grant.id, Confirmation.kind != "arrived")
    .correlate(Grant)
    .exists()
)

_STEPS = case((_PAID, "1"), else_="0").concat(case((Grant.confirmed_at.is_not(None), "1"), else_="0"))

_MONTH = extract("year", Grant.awarded_on) * 100 + extract("month", Grant.awarded_on)

_TABLES: dict[str, Table] = {
    "how_many": _whole(),
    "how_much": _whole(),
    "how_much_each": _whole(),
    "minutes_asked": _whole(Grant.minutes),
    "what_for": _joined(Application.purposes[0].as_string(), Application, _APPLIED),
    "why": _joined(Application.reason, Application, _APPLIED),
    "by_route": _joined(Application.route, Application, _APPLIED),
    "where": _joined(Person.area, Person, _PERSON),
    "ward": _joined(Person.ward, Person, _PERSON),
    "household": _joined(Person.household_size, Person, _PERSON),
    "how_paid": _joined(Payee.how, Payee, Payee.id == Grant.payee_id),
    "arrived": _grants(_STEPS),
    "said_it_came": _grants(_STEPS),
    "said_wrong": _grants(_flag(_WRONG)),
    "who_decided": _grants(_DECIDED),
    "first_time": _grants(_flag(Grant.facts["first_grant"].as_boolean())),
    "by_month": _grants(cast(_MONTH, Integer)),
    "answers": _applications,
}
"""How each question is counted."""

"""Told: figures that may leave the house. They move only in whole lots, so that nobody is found by subtraction.

Every figure is a sum over the first grants in the order of its own moments (awarded, taken back, settled, said),
and only over as many as fill whole lots of the smallest number that the fund's terms show. What is told on one day
is therefore the beginning of what is told on a later one, and any two tellings of a figure differ by no grant, or
by at least that many. Tables are cut again within each row. The newest few grants wait for the next lot.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, Subquery, case, cast, extract, func, literal, select
from sqlalchemy import union_all as union

from grants.domain import burden
from grants.domain.codes import PURPOSES
from grants.flow.desk import Desk
from grants.flow.fund import terms_of
from grants.flow.learn.figures import Books, FundFigures, Tally, books_of
from grants.flow.learn.spans import DECISION, MONEY, WHOLE, Span, spans
from grants.flow.learn.tables import NOT_SAID
from grants.model.applications import Application
from grants.model.events import EventRow
from grants.model.funds import Fund
from grants.model.grants import Grant
from grants.model.payments import Attempt, Payment

GONE = ("J9b", "J13", "J13b", "J14")
"""Journals that lessen a fund and are about no one person: fees and losses that it bears, and what went back."""


@dataclass(slots=True)
class _Lot:
    """One figure of one fund: whole lots (``told``), and everything there is (``every``, ``total`` in minor units)."""

    told: Tally = field(default_factory=Tally)
    every: int = 0
    total: int = 0
    minutes: int = 0


def figures_told(desk: Desk, funds: Sequence[Fund], until: datetime | None = None) -> list[FundFigures]:
    """Returns the figures of these funds as they may be told, in their order, in three statements.

    A figure that has not filled its first lot is given as it is: it is below the smallest number, so that
    ``view`` says “a few”. What is left is money in less what went back, what the fund bore, and what is told as
    awarded. ``until`` leaves out what happened at that moment or later.
    """
    ids = [fund.id for fund in funds]
    if not ids:
        return []
    steps = {fund.id: step_of(fund) for fund in funds}
    books, lots, took = books_of(desk, ids), _lots(desk, steps, until), spans(desk, ids, steps, until)
    return [_figures(fund, books.get(fund.id, Books()), lots.get(fund.id, {}), took) for fund in funds]


@dataclass(frozen=True, slots=True)
class Counts:
    """How far the money of a fund went, as it may be told; ``minutes`` were asked after those awards."""

    awarded: Tally = field(default_factory=Tally)
    paid: Tally = field(default_factory=Tally)
    confirmed: Tally = field(default_factory=Tally)
    minutes: int = 0


def counts_told(desk: Desk, funds: Sequence[Fund]) -> dict[int, Counts]:
    """Returns how far the money of these funds went, by their id, as the statement tells it; one statement."""
    lots = _lots(desk, {fund.id: step_of(fund) for fund in funds}, None) if funds else {}
    return {fund.id: _counts(lots.get(fund.id, {})) for fund in funds}


def _counts(lots: Mapping[str, _Lot]) -> Counts:
    awarded, back = lots.get("awarded", _Lot()), lots.get("cancelled", _Lot())
    return Counts(
        _less(awarded, back),
        _less(lots.get("paid", _Lot()), lots.get("came_back", _Lot())),
        _less(lots.get("confirmed", _Lot()), _Lot()),
        awarded.minutes - back.minutes,
    )


def step_of(fund: Fund) -> int:
    """Returns how many grants are in one lot of the fund: the smallest number that its terms show."""
    return terms_of(fund).statement.smallest_cell


def joined(desk: Desk, fund: Fund, until: datetime | None = None) -> int:
    """Returns over how many grants, those taken back included, the fund's figures are told; one statement."""
    counted = select(func.count()).where(Grant.fund_id == fund.id)
    if until is not None:
        counted = counted.where(Grant.awarded_at < until)
    many = desk.session.scalar(counted) or 0
    return many - many % step_of(fund)


def months_told(desk: Desk, fund: Fund, until: datetime | None = None) -> dict[str, Tally]:
    """Returns what was awarded by month (``2026-11``), oldest first; a row without a whole lot is empty."""
    month = extract("year", Grant.awarded_on) * 100 + extract("month", Grant.awarded_on)
    rows = _table(desk, fund, cast(month, Integer), until)
    return {f"{key // 100:04}-{key % 100:02}": tally for key, tally in sorted(rows.items())}


def purposes_told(desk: Desk, fund: Fund, until: datetime | None = None) -> dict[str, Tally]:
    """Returns what was awarded by main purpose, in the order of the codes; only rows with a whole lot."""
    rows = _table(desk, fund, func.coalesce(Application.purposes[0].as_string(), NOT_SAID), until)
    order = {code: place for place, code in enumerate([*PURPOSES, NOT_SAID])}
    shown = {code: tally for code, tally in rows.items() if tally.count}
    return {code: shown[code] for code in sorted(shown, key=lambda code: order.get(code, 99))}


def _figures(fund: Fund, books: Books, lots: Mapping[str, _Lot], took: Mapping[tuple[int, str], Span]) -> FundFigures:
    terms = terms_of(fund)
    awarded, back = lots.get("awarded", _Lot()), lots.get("cancelled", _Lot())
    stands = _less(awarded, back)
    money_in = -books.kinds.get("J0", 0)
    gone = sum(books.kinds.get(kind, 0) for kind in GONE)
    return FundFigures(
        fund=fund,
        money_in=money_in,
        returned=books.kinds.get("J14", 0),
        left=money_in - gone - stands.amount,
        books_agree=sum(books.kinds.values()) == books.balance <= 0 and books.kinds.get("J1", 0) == awarded.total,
        awarded=stands,
        paid=_less(lots.get("paid", _Lot()), lots.get("came_back", _Lot())),
        confirmed=_less(lots.get("confirmed", _Lot()), _Lot()),
        applying=burden.of_applicant(terms).minutes,
        asked_each=burden.after_award(terms).minutes,
        asked_after=awarded.minutes - back.minutes,
        to_decision=took.get((fund.id, DECISION), Span()),
        to_money=took.get((fund.id, MONEY), Span()),
        in_all=took.get((fund.id, WHOLE), Span()),
    )


def _less(lot: _Lot, back: _Lot) -> Tally:
    """Returns a figure less what was taken back of it, or everything where not even one lot is full."""
    if not lot.told.count:
        return Tally(lot.every, 0)
    return Tally(lot.told.count - back.told.count, lot.told.amount - back.told.amount)


def _lots(desk: Desk, steps: Mapping[int, int], until: datetime | None) -> dict[int, dict[str, _Lot]]:
    cases = union(*_cases(list(steps))).subquery("cases")
    rows = desk.session.execute(_sums(cases, steps, until))
    found: dict[int, dict[str, _Lot]] = {}
    for fund, kind, _part, every, total, count, amount, minutes in rows:
        lot = found.setdefault(fund, {}).setdefault(kind, _Lot())
        count, amount = int(count or 0), int(amount or 0)
        lot.told = Tally(max(lot.told.count, count), lot.told.amount + amount)
        lot.every = max(lot.every, every)
        lot.total += int(total)
        lot.minutes += int(minutes or 0)
    return found


def _sums(cases: Subquery, steps: Mapping[int, int], until: datetime | None) -> Select[Any]:
    """Returns the query for whole lots by fund, kind and part; each part of a grant's money has lots of its own."""
    earlier = select(cases).where(cases.c.moment < until).subquery("earlier") if until is not None else cases
    same = (earlier.c.fund_id, earlier.c.kind, earlier.c.part)
    nth = func.row_number().over(partition_by=same, order_by=(earlier.c.moment, earlier.c.tie))
    placed = select(earlier, nth.label("nth"), func.count().over(partition_by=same).label("every")).subquery("placed")
    whole = placed.c.nth <= placed.c.every - placed.c.every % case(dict(steps), value=placed.c.fund_id)
    return select(
        placed.c.fund_id,
        placed.c.kind,
        placed.c.part,
        func.max(placed.c.every),
        func.sum(placed.c.amount),
        func.count(case((whole, 1))),
        func.sum(case((whole, placed.c.amount), else_=0)),
        func.sum(case((whole, placed.c.minutes), else_=0)),
    ).group_by(placed.c.fund_id, placed.c.kind, placed.c.part)


def _cases(ids: Sequence[int]) -> list[Select[Any]]:
    settled = (
        select(Attempt.payment_id, func.min(Attempt.settled_at).label("at"))
        .where(Attempt.settled_at.is_not(None))
        .group_by(Attempt.payment_id)
        .subquery("settled")
    )
    back = (EventRow.subject == "grant") & (EventRow.subject_id == Grant.id) & (EventRow.name == "grant.cancelled")
    once = [
        _case("awarded", Grant.awarded_at, Grant.id),
        _case("confirmed", Grant.confirmed_at, Grant.id).where(Grant.confirmed_at.is_not(None)),
        _case("cancelled", EventRow.at, EventRow.id).join(EventRow, back).where(Grant.state == "cancelled"),
    ]
    paid = [
        _case(kind, settled.c.at, Payment.id, Payment.number, Payment.amount)
        .join(Payment, Payment.grant_id == Grant.id)
        .join(settled, settled.c.payment_id == Payment.id)
        for kind in ("paid", "came_back")
    ]
    paid[1] = paid[1].where(Payment.done.is_(False))
    return [one.where(Grant.fund_id.in_(ids)) for one in (*once, *paid)]


def _case(kind: str, moment: Any, tie: Any, part: Any = None, amount: Any = Grant.amount) -> Select[Any]:
    return select(
        Grant.fund_id.label("fund_id"),
        literal(kind).label("kind"),
        (literal(0, Integer) if part is None else part).label("part"),
        moment.label("moment"),
        tie.label("tie"),
        amount.label("amount"),
        Grant.minutes.label("minutes"),
    ).select_from(Grant)


def _table(desk: Desk, fund: Fund, key: ColumnElement[Any], until: datetime | None) -> dict[Any, Tally]:
    """Returns whole lots by key, within the whole lots of the fund; one statement."""
    step, order = step_of(fund), (Grant.awarded_at, Grant.id)
    found = (
        select(
            key.label("key"),
            Grant.amount,
            Grant.awarded_at.label("moment"),
            Grant.id.label("tie"),
            func.row_number().over(order_by=order).label("nth"),
            func.count().over().label("every"),
        )
        .join(Application, Application.id == Grant.application_id)
        .where(Grant.fund_id == fund.id)
    )
    if until is not None:
        found = found.where(Grant.awarded_at < until)
    base = found.subquery("base")
    within = select(
        base,
        func.row_number().over(partition_by=base.c.key, order_by=(base.c.moment, base.c.tie)).label("place"),
        func.count().over(partition_by=base.c.key).label("many"),
    ).where(base.c.nth <= base.c.every - base.c.every % step)
    lots = within.subquery("within")
    whole = lots.c.place <= lots.c.many - lots.c.many % step
    sums = select(lots.c.key, func.count(case((whole, 1))), func.sum(case((whole, lots.c.amount), else_=0)))
    return {key: Tally(count, int(amount)) for key, count, amount in desk.session.execute(sums.group_by(lots.c.key))}

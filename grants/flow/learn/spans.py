"""How long people waited: medians and 90th percentiles, the same on both databases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Float,
    Integer,
    Select,
    Subquery,
    case,
    func,
    literal,
    select,
    union_all,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction

from grants.flow.desk import Desk
from grants.model.applications import Application
from grants.model.grants import Grant
from grants.model.payments import Attempt, Payment


@dataclass(frozen=True, slots=True)
class Span:
    """How long something took, over ``count`` cases: the middle case and the 90th of a hundred, in seconds.

    ``p90`` is None where it would tell of one person.
    """

    count: int = 0
    median: float = 0
    p90: float | None = 0


class SecondsBetween(GenericFunction[float]):
    """The SQL function “seconds from the first time to the second”, as whole seconds."""

    type = Float()
    inherit_cache = True
    name = "seconds_between"


@compiles(SecondsBetween, "postgresql")
def _postgresql(element: Any, compiler: SQLCompiler, **kw: Any) -> str:
    earlier, later = (compiler.process(part, **kw) for part in element.clauses)
    return f"round(extract(epoch from ({later} - {earlier})))"


@compiles(SecondsBetween, "sqlite")
def _sqlite(element: Any, compiler: SQLCompiler, **kw: Any) -> str:
    earlier, later = (compiler.process(part, **kw) for part in element.clauses)
    return f"round((julianday({later}) - julianday({earlier})) * 86400.0)"


DECISION, MONEY, WHOLE = "decision", "money", "whole"
"""From application to decision; from decision to the first money; from application to the first money."""


def spans(
    desk: Desk, fund_ids: Sequence[int], steps: Mapping[int, int] | None = None, until: datetime | None = None
) -> dict[tuple[int, str], Span]:
    """Returns each fund's spans by fund id and kind, in one statement; a fund without cases is left out.

    With ``steps`` (by fund id) only whole lots of so many cases count, in the order in which they ended: see
    ``told``. ``until`` leaves out what ended at that moment or later.
    """
    cases = union_all(_to_decision(fund_ids), *_to_money(fund_ids)).subquery("cases")
    if steps:
        cases = whole_lots(cases, steps, until)
    ranked = _ranked(cases)
    place, many, took = ranked.c.place, ranked.c.many, ranked.c.took
    middle = case((place.between((many + 1) // 2, (many + 2) // 2), took))
    ninetieth = case((place == (9 * many + 9) // 10, took))
    found = select(ranked.c.fund_id, ranked.c.kind, func.max(many), func.avg(middle), func.max(ninetieth))
    rows = desk.session.execute(found.group_by(ranked.c.fund_id, ranked.c.kind))
    return {(fund, kind): Span(count, float(median), float(p90)) for fund, kind, count, median, p90 in rows}


def whole_lots(cases: Subquery, steps: Mapping[int, int], until: datetime | None = None) -> Subquery:
    """Returns the cases that stand in a whole lot of so many, within their fund and kind, by moment and ``tie``.

    The lots of an earlier day are always the first of a later one, so that two days differ by whole lots.
    """
    earlier = select(cases).where(cases.c.moment < until).subquery("earlier") if until is not None else cases
    same = (earlier.c.fund_id, earlier.c.kind)
    order = (earlier.c.moment, earlier.c.tie)
    placed = select(
        earlier,
        func.row_number().over(partition_by=same, order_by=order).label("nth"),
        func.count().over(partition_by=same).label("all_of"),
    ).subquery("placed")
    step = case(dict(steps), value=placed.c.fund_id)
    return select(placed).where(placed.c.nth <= placed.c.all_of - placed.c.all_of % step).subquery("lots")


def waits_of_arms(desk: Desk, trial_id: int) -> dict[str, tuple[int, float]]:
    """Returns from applying to the first money, by the arm of a trial: how many, and half of them in seconds."""
    first = _first_money()
    took = SecondsBetween(Application.submitted_at, first.c.settled_at)
    cases = (
        _case(WHOLE, Grant.arm, took, first.c.settled_at, Grant.id)
        .join(first, first.c.grant_id == Grant.id)
        .join(Application, Application.id == Grant.application_id)
        .where(Grant.trial_id == trial_id, Grant.state != "cancelled")
        .subquery("cases")
    )
    ranked = _ranked(cases)
    middle = case((ranked.c.place.between((ranked.c.many + 1) // 2, (ranked.c.many + 2) // 2), ranked.c.took))
    found = select(ranked.c.fund_id, func.max(ranked.c.many), func.avg(middle)).group_by(ranked.c.fund_id)
    return {arm: (count, float(median)) for arm, count, median in desk.session.execute(found)}


def _ranked(cases: Subquery) -> Subquery:
    same = (cases.c.fund_id, cases.c.kind)
    return select(
        cases,
        func.row_number().over(partition_by=same, order_by=cases.c.took).label("place"),
        func.count().over(partition_by=same).label("many"),
    ).subquery("ranked")


def _to_decision(fund_ids: Sequence[int]) -> Select[Any]:
    took = SecondsBetween(Application.submitted_at, Application.decided_at)
    return _case(DECISION, Application.fund_id, took, Application.decided_at, Application.id).where(
        Application.fund_id.in_(fund_ids),
        Application.decided_at.is_not(None),
        Application.state.in_(("awarded", "declined")),
    )


def _to_money(fund_ids: Sequence[int]) -> list[Select[Any]]:
    first = _first_money()
    starts = ((MONEY, Grant.awarded_at), (WHOLE, Application.submitted_at))
    return [
        _case(kind, Grant.fund_id, SecondsBetween(start, first.c.settled_at), first.c.settled_at, Grant.id)
        .join(first, first.c.grant_id == Grant.id)
        .join(Application, Application.id == Grant.application_id)
        .where(Grant.fund_id.in_(fund_ids))
        for kind, start in starts
    ]


def _first_money() -> Subquery:
    return (
        select(Payment.grant_id, func.min(Attempt.settled_at).label("settled_at"))
        .join(Attempt, Attempt.payment_id == Payment.id)
        .where(Attempt.state == "settled")
        .group_by(Payment.grant_id)
        .subquery("first_money")
    )


def _case(kind: str, fund: Any, took: ColumnElement[float], moment: Any, tie: Any) -> Select[Any]:
    nothing_before = case((took < 0, literal(0, Integer)), else_=took)
    return select(
        fund.label("fund_id"),
        literal(kind).label("kind"),
        nothing_before.label("took"),
        moment.label("moment"),
        tie.label("tie"),
    )

"""Grants counted by month and by main purpose; each grant in one row only, so that rows add up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import extract, func, select

from grants.domain.codes import PURPOSES
from grants.flow.desk import Desk
from grants.flow.learn.figures import Tally
from grants.model.applications import Application
from grants.model.funds import Fund
from grants.model.grants import Grant

NOT_SAID = ""
"""The purpose of a grant that said none."""


def by_month(desk: Desk, funds: Sequence[Fund]) -> dict[tuple[int, int], Tally]:
    """Returns what was awarded in each month that had a grant, by year and month, oldest first; one statement.

    Money is summed as it stands, so pass funds of one currency.
    """
    year, month = extract("year", Grant.awarded_on), extract("month", Grant.awarded_on)
    sums = (
        select(year, month, func.count(), func.sum(Grant.amount))
        .where(Grant.fund_id.in_([fund.id for fund in funds]), Grant.state != "cancelled")
        .group_by(year, month)
        .order_by(year, month)
    )
    return {(int(y), int(m)): Tally(count, int(amount)) for y, m, count, amount in desk.session.execute(sums)}


def by_purpose(desk: Desk, funds: Sequence[Fund]) -> dict[str, Tally]:
    """Returns what was awarded by main purpose (the first one chosen), in the order of the codes; one statement."""
    sums = (
        select(Application.purposes, func.count(), func.sum(Grant.amount))
        .join(Grant, Grant.application_id == Application.id)
        .where(Grant.fund_id.in_([fund.id for fund in funds]), Grant.state != "cancelled")
        .group_by(Application.purposes)
    )
    found: dict[str, Tally] = defaultdict(Tally)
    for purposes, count, amount in desk.session.execute(sums):
        main = purposes[0] if purposes else NOT_SAID
        found[main] = Tally(found[main].count + count, found[main].amount + int(amount))
    order = [*PURPOSES, NOT_SAID]
    return {code: found[code] for code in sorted(found, key=lambda code: order.index(code) if code in order else 99)}

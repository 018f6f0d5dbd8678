"""Issue: what a funder is told of a fund up to a day, frozen; it never changes, and nobody is found by subtraction."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select

from grants.domain.errors import Refusal
from grants.domain.rows import coarse
from grants.domain.schedule import later
from grants.domain.terms_json import load
from grants.flow import learn
from grants.flow.desk import Desk
from grants.flow.fund import terms_of
from grants.flow.learn.frozen import as_data, trials_as_data
from grants.flow.learn.told import joined, step_of
from grants.flow.one_by_one import one_by_one
from grants.flow.step import record
from grants.model.applications import Application
from grants.model.funds import Fund
from grants.model.grants import Grant
from grants.model.people import Person
from grants.model.statements import IssuedStatement

MOST_SHOWN = 60
"""So many statements are listed, the newest first: fifteen years of them every three months."""


def issue_due(desk: Desk) -> int:
    """Issues the statement of each fund whose time has come; returns how many were issued.

    A period in which fewer grants joined than the smallest number that is told is merged into the next.
    """
    issued = 0
    for fund in desk.session.scalars(select(Fund).order_by(Fund.id)).all():
        if desk.today() >= next_on(fund, newest(desk, fund)) and enough(desk, fund):
            _freeze(desk, fund)
            issued += 1
    return issued


def issue_now(desk: Desk, fund: Fund) -> IssuedStatement:
    """Issues a statement by hand, up to yesterday.

    Raises Refusal less than a month after the one before, or while too few grants have joined since.
    """
    desk.need("fund.manage")
    before = newest(desk, fund)
    if before is not None and desk.today() < later(before.up_to, 1):
        raise Refusal("statement.soon", "The last statement is not a month old. Issue the next one later.")
    if not enough(desk, fund):
        words = f"Fewer than {step_of(fund)} grants have joined since, so somebody could be picked out. Issue it later."
        raise Refusal("statement.few", words)
    return _freeze(desk, fund)


def newest(desk: Desk, fund: Fund) -> IssuedStatement | None:
    """Returns the newest statement of a fund, or None; one statement."""
    found = select(IssuedStatement).where(IssuedStatement.fund_id == fund.id)
    return desk.session.scalar(found.order_by(IssuedStatement.up_to.desc()).limit(1))


def of_fund(desk: Desk, fund: Fund) -> Sequence[IssuedStatement]:
    """Returns the statements of a fund, the newest first; one statement."""
    found = select(IssuedStatement).where(IssuedStatement.fund_id == fund.id)
    return desk.session.scalars(found.order_by(IssuedStatement.up_to.desc()).limit(MOST_SHOWN)).all()


def find(desk: Desk, fund: Fund, up_to: date) -> IssuedStatement | None:
    """Returns the statement of a fund up to a day, or None."""
    found = select(IssuedStatement).where(IssuedStatement.fund_id == fund.id, IssuedStatement.up_to == up_to)
    return desk.session.scalar(found)


def next_on(fund: Fund, before: IssuedStatement | None) -> date:
    """Returns the day from which the next statement is due: so many months after the last, or after the start."""
    start = before.up_to + timedelta(days=1) if before is not None else fund.starts_on
    return later(start, terms_of(fund).statement.every_months)


def enough(desk: Desk, fund: Fund) -> bool:
    """Returns whether so many grants joined since the last statement that the next one tells of nobody alone."""
    before = newest(desk, fund)
    return joined(desk, fund, _until(desk)) - (before.grants if before else 0) >= step_of(fund)


def _freeze(desk: Desk, fund: Fund) -> IssuedStatement:
    one_by_one(desk, f"statement of fund {fund.id}")
    until, before = _until(desk), newest(desk, fund)
    up_to = until.date() - timedelta(days=1)
    if before is not None and before.up_to >= up_to:
        raise Refusal("statement.again", "There is a statement up to this day already.")
    many = joined(desk, fund, until)
    data = as_data(learn.statement(desk, fund, until))
    data["rows"] = _rows(desk, fund, before.grants if before else 0, many)
    data["trials"] = trials_as_data(desk, fund, [each.data for each in of_fund(desk, fund)])
    row = IssuedStatement(fund_id=fund.id, up_to=up_to, grants=many, data=data, issued_at=desk.now())
    desk.session.add(row)
    desk.session.flush()
    record(desk, "statement.issued", "fund", fund.id, statement=row.id, up_to=up_to.isoformat())
    return row


def _until(desk: Desk) -> datetime:
    """Returns the end of the last full day, in UTC."""
    return datetime.combine(desk.today(), time(), tzinfo=UTC)


def _rows(desk: Desk, fund: Fund, after: int, up_to: int) -> list[dict[str, str]]:
    """Returns the lines of the grants that joined since the last statement, each under a fresh number.

    Only where the terms declare columns with a reason, an agreement and a notice, and only of grants whose own
    frozen terms did so too. A grant stands in one statement only, so two files tell no more than each by itself.
    Where a few grants may not be told, none is: beside the totals they would stand out.
    """
    rows = terms_of(fund).statement.rows
    if not rows.columns or not all(text.strip() for text in (rows.reason, rows.agreement, rows.notice)):
        return []
    found = (
        select(Grant, Application, Person.area)
        .join(Application, Application.id == Grant.application_id)
        .join(Person, Person.id == Grant.person_id)
        .where(Grant.fund_id == fund.id)
        .order_by(Grant.awarded_at, Grant.id)
        .offset(after)
        .limit(up_to - after)
    )
    wanted = set(rows.columns)
    every = desk.session.execute(found).all()
    lines = [_line(*each) for each in every if wanted <= set(load(each[0].terms).statement.rows.columns)]
    if 0 < len(every) - len(lines) < step_of(fund):
        return []
    told = coarse(lines, rows.columns, step_of(fund))
    return sorted(({"number": secrets.token_hex(5), **line} for line in told), key=lambda line: line["number"])


def _line(grant: Grant, application: Application, area: str) -> dict[str, Any]:
    return {
        "month": f"{grant.awarded_on:%Y-%m}",
        "local_authority": area,
        "reason": application.reason,
        "purpose": application.purposes[0] if application.purposes else "",
        "amount": str(grant.amount),
    }

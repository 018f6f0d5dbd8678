"""Proposing: where a fund's terms ask a sample of people, a task proposes a draw for the month that ended."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import select

from grants.flow.assure.draws import CALLS
from grants.flow.assure.population import grants_of
from grants.flow.desk import Desk
from grants.flow.fund import terms_of
from grants.flow.opening import new_task
from grants.model.draws import Draw
from grants.model.funds import Fund
from grants.model.tasks import Task

KIND = "sample_due"


def propose_due(desk: Desk) -> int:
    """Opens a task for each fund whose sample of last month was not drawn; returns how many were opened.

    A month is proposed once. Nothing is drawn: a person announces the draw, or closes the task with a reason.
    """
    last = desk.today().replace(day=1) - timedelta(days=1)
    first, opened = last.replace(day=1), 0
    for fund in desk.session.scalars(select(Fund).order_by(Fund.id)).all():
        terms = terms_of(fund)
        if terms.confirmation.mode != "sampled" or _proposed(desk, fund) or _drawn(desk, fund, first, last):
            continue
        if len(grants_of(desk, fund.id, CALLS, first, last)) < terms.statement.smallest_cell:
            continue
        words = (
            f"People of {fund.name} were paid from {first:%d/%m/%Y} to {last:%d/%m/%Y}. The fund’s terms say that some"
            " are asked whether the money came. Announce the draw on the page “Assurance”."
        )
        new_task(desk, KIND, "fund", fund.id, f"Draw a sample for {fund.name}"[:200], words)
        opened += 1
    return opened


def _proposed(desk: Desk, fund: Fund) -> bool:
    month = datetime.combine(desk.today().replace(day=1), time(), tzinfo=UTC)
    found = select(Task.id).where(
        Task.kind == KIND, Task.subject == "fund", Task.subject_id == fund.id, Task.opened_at >= month
    )
    return desk.session.scalar(found.limit(1)) is not None


def _drawn(desk: Desk, fund: Fund, first: date, last: date) -> bool:
    found = select(Draw.id).where(
        Draw.fund_id == fund.id, Draw.kind == CALLS, Draw.from_on <= first, Draw.up_to >= last
    )
    return desk.session.scalar(found.limit(1)) is not None

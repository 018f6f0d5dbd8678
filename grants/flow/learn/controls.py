"""Controls that are working, read from what happened and not from what was promised."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import and_, case, func, or_, select

from grants.flow.desk import Desk
from grants.model.funds import Fund
from grants.model.grants import Grant
from grants.model.payments import Attempt, Payment
from grants.model.runs import Run


@dataclass(frozen=True, slots=True)
class Controls:
    """Payments that arrived, and how many of them were released by somebody else than whoever decided."""

    payments: int = 0
    two_people: int = 0

    @property
    def hold(self) -> bool:
        """Returns whether every payment was in the hands of two people."""
        return self.payments == self.two_people


def controls(desk: Desk, fund: Fund) -> Controls:
    """Returns how many payments of the fund arrived, and how many took two people; one statement."""
    released = and_(Run.released_by.is_not(None), Run.released_by != Grant.decided_by)
    by_hand = and_(
        Attempt.recorded_by.is_not(None),
        or_(Attempt.recorded_by != Grant.decided_by, Attempt.confirmed_by != Grant.decided_by),
    )
    counted = (
        select(func.count(), func.count(case((or_(released, by_hand), 1))))
        .select_from(Attempt)
        .join(Payment, Payment.id == Attempt.payment_id)
        .join(Grant, Grant.id == Payment.grant_id)
        .outerjoin(Run, Run.id == Attempt.run_id)
        .where(Grant.fund_id == fund.id, Attempt.state == "settled")
    )
    every, two = desk.session.execute(counted).one()
    return Controls(every, two)

"""Payments and grants follow their attempts: what is done, what is owed again, and a grant's own state."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import exists, select

from grants.flow.desk import Desk
from grants.flow.step import advance_many
from grants.model import rows
from grants.model.grants import Grant
from grants.model.payments import Attempt, Payment


def follow_payments(desk: Desk, grant: Grant) -> None:
    """Completes a grant whose last payment is settled, and opens it again when one came back."""
    follow_many(desk, [grant])


def follow_many(desk: Desk, grants: Iterable[Grant], came_back: Iterable[int] = ()) -> None:
    """Lets many grants (held already) follow their payments; those that ``came_back`` are looked at anew first."""
    held = list(grants)
    if not held:
        return
    _mark_done(desk, list(came_back))
    desk.session.flush()
    numbers = [grant.id for grant in held]
    mine = rows.among(desk.session, Payment.grant_id, numbers)
    left = set(desk.session.scalars(select(Payment.grant_id).where(mine, Payment.done.is_(False)).distinct()))
    again = [grant for grant in held if grant.id in left and grant.state == "completed"]
    over = [grant for grant in held if grant.id not in left and grant.state == "active"]
    moving = {grant.id for grant in (*again, *over)}
    for grant in held:
        if grant.id not in moving:
            grant.paid_at = None if grant.id in left else grant.paid_at or desk.now()
    advance_many(desk, again, "reactivate", also=[{"paid_at": None}] * len(again))
    advance_many(desk, over, "complete", also=[{"paid_at": grant.paid_at or desk.now()} for grant in over])


def _mark_done(desk: Desk, payment_ids: list[int]) -> None:
    """Marks payments of which something came back: done only while another attempt of them is settled."""
    if not payment_ids:
        return
    settled = exists().where(Attempt.payment_id == Payment.id, Attempt.state == "settled")
    for payment, done in desk.session.execute(select(Payment, settled).where(Payment.id.in_(payment_ids))):
        payment.done = done

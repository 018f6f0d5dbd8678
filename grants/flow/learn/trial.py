"""What came of a trial: its two arms side by side, as chance made them; read for learning, never a gate."""

from __future__ import annotations

from typing import Any

from sqlalchemy import case, exists, func, select

from grants.domain.trial_words import ARMS, ArmResult, share
from grants.flow.desk import Desk
from grants.flow.learn.spans import waits_of_arms
from grants.model.asks import GrantAsk
from grants.model.confirmations import Confirmation
from grants.model.grants import Grant
from grants.model.payments import Payment
from grants.model.trials import Trial


def arms(desk: Desk, trial: Trial, smallest: int) -> tuple[ArmResult, ...]:
    """Returns what came of each arm; an arm with fewer grants than ``smallest`` tells nothing; two statements.

    Each grant counts in the arm that chance gave it, whatever terms it got (intention to treat). Cancelled ones
    are left out.
    """
    found = {arm: counts for arm, *counts in desk.session.execute(_counted(trial))}
    took = waits_of_arms(desk, trial.id)
    return tuple(_arm(arm, found.get(arm, [0] * 6), took.get(arm), smallest) for arm in ARMS)


def _arm(arm: str, counts: list[Any], took: tuple[int, float] | None, smallest: int) -> ArmResult:
    grants, minutes, paid, confirmed, answered, problems = (int(count or 0) for count in counts)
    if grants < smallest:
        return ArmResult(arm=arm)
    return ArmResult(
        arm=arm,
        grants=grants,
        minutes=round(minutes / grants),
        seconds=took[1] if took and took[0] >= smallest else None,
        shares=(
            share("paid", paid, grants, smallest),
            share("confirmed", confirmed, grants, smallest),
            share("answered", answered, grants, smallest),
            share("problems", problems, grants, smallest),
        ),
    )


def _counted(trial: Trial) -> Any:
    return (
        select(
            Grant.arm,
            func.count(),
            func.sum(Grant.minutes),
            *(func.count(case((holds, 1))) for holds in (_PAID, Grant.confirmed_at.is_not(None), _ANSWERED, _PROBLEM)),
        )
        .where(Grant.trial_id == trial.id, Grant.state != "cancelled")
        .group_by(Grant.arm)
    )


def _row(of: Any, *where: Any) -> Any:
    return exists(select(of.id).where(of.grant_id == Grant.id, *where).correlate(Grant))


_PAID = _row(Payment, Payment.done)
_ANSWERED = _row(GrantAsk, GrantAsk.state == "met")
_PROBLEM = _row(Confirmation, Confirmation.kind != "arrived")

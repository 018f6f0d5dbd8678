"""Proved: what the files show already with nobody asked: who attested, who decided, and that the money arrived."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, case, exists, func, or_, select

from grants.domain.suppress import Shown, steps
from grants.flow.desk import Desk
from grants.model.applications import Decision
from grants.model.delegations import Delegation
from grants.model.funds import Fund
from grants.model.grants import Grant
from grants.model.payments import Payment


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that files prove: for how many grants; without a number where a few people would stand out."""

    name: str
    shown: Shown
    count: int | None


@dataclass(frozen=True, slots=True)
class Proved:
    """What the files of so many grants prove; ``grants`` None where they are too few to tell anything."""

    grants: int | None = None
    some: bool = False
    facts: tuple[Fact, ...] = ()


def proved(desk: Desk, funds: Sequence[Fund], smallest: int) -> Proved:
    """Returns what the files of these funds prove, one statement: nobody is contacted for it.

    attested: the decision says how the worker knew that the fund is for this person. decided: by two people, or by
    one within a limit that trustees had set. arrived: the books show the money with the person. said: they said so.
    """
    checks = (("attested", _ATTESTED), ("decided", _WITHIN), ("arrived", _ARRIVED), ("said", _SAID))
    counted = select(func.count(), *(func.count(case((holds, 1))) for _name, holds in checks))
    of = counted.where(Grant.fund_id.in_([fund.id for fund in funds]), Grant.state != "cancelled")
    whole, *counts = desk.session.execute(of).one()
    if whole < smallest:
        return Proved(some=whole > 0)
    arrived, said = counts[2], counts[3]
    told: dict[str, Shown] = {
        "attested": steps((whole, counts[0]), smallest)[1],
        "decided": steps((whole, counts[1]), smallest)[1],
        **dict(zip(("arrived", "said"), steps((whole, arrived, said), smallest)[1:], strict=True)),
    }
    facts = (
        Fact(name, told[name], count if told[name] == "number" else None)
        for (name, _holds), count in zip(checks, counts, strict=True)
    )
    return Proved(whole, True, tuple(facts))


def _row(of: Any, *where: Any) -> ColumnElement[bool]:
    return exists(select(of.id).where(*where).correlate(Grant))


_ATTESTED = _row(
    Decision,
    Decision.application_id == Grant.application_id,
    Decision.kind == "award",
    Decision.withdrawn_at.is_(None),
    Decision.eligible != "",
)

_WITHIN = or_(
    Grant.second_by.is_not(None),
    _row(
        Delegation,
        Delegation.user_id == Grant.decided_by,
        Delegation.currency == Grant.currency,
        Delegation.per_grant >= Grant.amount,
        Delegation.approved_on <= Grant.awarded_on,
        or_(Delegation.ended_at.is_(None), Delegation.ended_at > Grant.awarded_at),
    ),
)

_ARRIVED = _row(Payment, Payment.grant_id == Grant.id, Payment.done)

_SAID = Grant.confirmed_at.is_not(None)

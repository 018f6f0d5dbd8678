"""Proved: what the files show already with nobody asked: who attested, who decided, and that the money arrived."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import case, exists, func, select

from grants.domain.suppress import Shown, steps
from grants.flow.desk import Desk
from grants.flow.learn.held import ATTESTED, WITHIN, Found
from grants.model.funds import Fund
from grants.model.grants import Grant
from grants.model.payments import Payment


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that files prove: of how many grants; without a number where a few people would stand out."""

    name: str
    shown: Shown
    count: int | None
    of: int


@dataclass(frozen=True, slots=True)
class Proved:
    """What the files of so many grants prove; ``grants`` None where they are too few to tell anything."""

    grants: int | None = None
    facts: tuple[Fact, ...] = ()


def proved(desk: Desk, funds: Sequence[Fund], smallest: int) -> Proved:
    """Returns what the files of these funds prove now, for staff, one statement: nobody is contacted for it.

    attested: the decision says how the worker knew that the fund is for this person. decided: by two people, or by
    one within a limit that trustees had set. arrived: the books show the money with the person. said: they said so.
    """
    checks = (ATTESTED, WITHIN, _ARRIVED, Grant.confirmed_at.is_not(None))
    counted = select(func.count(), *(func.count(case((holds, 1))) for holds in checks))
    of = counted.where(Grant.fund_id.in_([fund.id for fund in funds]), Grant.state != "cancelled")
    whole, attested, decided, arrived, said = map(int, desk.session.execute(of).one())
    if whole < smallest:
        return Proved()
    return _proved((whole, attested, decided), (whole, arrived, said), smallest)


def proved_told(found: Found) -> Proved:
    """Returns the same as it may leave the house: of what was counted over whole lots."""
    counts, flags = found.counts, found.flags
    if counts.awarded.count < found.smallest or not found.joined:
        return Proved()
    money = (counts.awarded.count, counts.paid.count, counts.confirmed.count)
    return _proved((found.joined, flags["attested"], flags["decided"]), money, found.smallest)


def _proved(files: tuple[int, int, int], money: tuple[int, int, int], smallest: int) -> Proved:
    whole, attested, decided = files
    _all, arrived, said = steps(money, smallest)
    return Proved(
        money[0],
        (
            _fact("attested", attested, steps((whole, attested), smallest)[1], whole),
            _fact("decided", decided, steps((whole, decided), smallest)[1], whole),
            _fact("arrived", money[1], arrived, money[0]),
            _fact("said", money[2], said, money[0]),
        ),
    )


def _fact(name: str, count: int, shown: Shown, of: int) -> Fact:
    return Fact(name, shown, count if shown == "number" else None, of)


_ARRIVED = exists(select(Payment.id).where(Payment.grant_id == Grant.id, Payment.done).correlate(Grant))

"""Line: how much burden the charity accepts for people, who set it, and the reason needed to go over it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from sqlalchemy import select

from grants.domain import line as pure
from grants.domain.assumed import HOURS
from grants.domain.errors import Refusal
from grants.domain.money import Money
from grants.domain.terms import INTRUSIVENESS, Intrusiveness, Terms
from grants.flow.desk import Desk
from grants.flow.one_by_one import one_by_one
from grants.flow.step import record
from grants.model.funds import Fund
from grants.model.lines import CharityLine

HOME = "GBP"
"""The currency in which the line's hour is told; in any other the usual assumption stands for it."""

SHOWN = 20


def newest(desk: Desk) -> CharityLine | None:
    """Returns the line that holds now, or None where the charity has set none."""
    return desk.session.scalar(select(CharityLine).order_by(CharityLine.id.desc()).limit(1))


def history(desk: Desk) -> Sequence[CharityLine]:
    """Returns every line that was set, the newest first."""
    return desk.session.scalars(select(CharityLine).order_by(CharityLine.id.desc()).limit(SHOWN)).all()


def set_line(desk: Desk, share: int, intrusiveness: str, hourly: Money, why: str = "") -> CharityLine:
    """Draws a new line, from now on; raises Refusal for a share outside 0 to 100 or a reach that nobody knows."""
    by = desk.need("line.set", "Managers and trustees set this line. Ask one of them.")
    if not 0 <= share <= 100:
        raise Refusal("line.share", "Enter a share from 0 to 100.", "share")
    if intrusiveness not in INTRUSIVENESS:
        raise Refusal("line.reach", "Choose how far a question may reach.", "intrusiveness")
    if hourly.currency != HOME or hourly.amount <= 0:
        raise Refusal("line.hourly", "Enter what an hour is worth, in pounds, like 12.", "hourly")
    one_by_one(desk, "the charity's line")
    row = CharityLine(
        share=share,
        intrusiveness=intrusiveness,
        hourly=hourly.amount,
        why=why.strip(),
        set_by=by,
        set_at=desk.now(),
    )
    desk.session.add(row)
    desk.session.flush()
    record(desk, "line.set", "line", row.id, why, share=share, intrusiveness=intrusiveness, hourly=hourly.amount)
    return row


def hourly(row: CharityLine | None, currency: str) -> int:
    """Returns what an hour of a person's time is worth in a currency: as the line says, else the usual assumption."""
    return row.hourly if row is not None and currency == HOME else HOURS[currency][1]


def pure_line(row: CharityLine | None, currency: str) -> pure.Line | None:
    """Returns the line as a value for awards in a currency, None where the charity has none."""
    if row is None:
        return None
    reach = cast(Intrusiveness, row.intrusiveness)
    return pure.Line(share=row.share, intrusiveness=reach, hourly=hourly(row, currency))


def verdict(desk: Desk, terms: Terms, typical: Money) -> pure.Verdict | None:
    """Returns how terms stand to the charity's line for a typical award; None where there is no line; one statement."""
    held = pure_line(newest(desk), typical.currency)
    return None if held is None else pure.verdict(held, terms, typical)


def typical_of(fund: Fund) -> Money:
    """Returns a usual award of the fund: what staff said it is, else the most that one person can have."""
    return Money(fund.typical or fund.ceiling, fund.currency)


def beyond(desk: Desk, terms: Terms, typical: Money, why: str) -> pure.Verdict | None:
    """Returns how terms stand to the line when they are over it, None when they are not; one statement.

    Raises Refusal ``line.why`` when they are over it and no reason is given.
    """
    found = verdict(desk, terms, typical)
    if found is None or not found.over:
        return None
    if not why.strip():
        words = "This policy asks more of people than our line allows. Write down why: the funder reads it."
        raise Refusal("line.why", words, "why_over")
    return found


def keep_reason(desk: Desk, fund: Fund, over: pure.Verdict | None, why: str) -> None:
    """Keeps with a fund why its policy is over the line, and writes an event; within the line no reason is kept."""
    fund.over_line = why.strip()[:2000] if over else ""
    if over:
        told = {"share": -(-over.net.share // 1), "reaches": over.reaches, "policy": fund.policy_slug}
        record(desk, "fund.over_line", "fund", fund.id, fund.over_line, **told)

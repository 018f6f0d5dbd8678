"""May this worker decide this award alone? The limits that trustees delegated, as pure checks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from grants.domain.money import Money, format_amount


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A worker's delegated limit in minor units, with the date on which trustees approved it.

    Source: Charity Commission guidance CC8 on internal financial controls: delegation is written
    down, with limits, and no single person is solely responsible for a payment.
    """

    per_grant: int
    per_day: int
    per_person_per_year: int
    approved_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """What the worker awarded alone today, and what this person had from anyone in twelve months."""

    today: int = 0
    person_year: int = 0


def why_second(amount: Money, limit: Limit | None, used: Used, people: int, role: str = "") -> str:
    """Returns why a second person must agree, in words for whoever reads them, or an empty text when one is enough.

    ``role`` is whom the fund wants among them (“a manager”) where the one who decides is none.
    """
    if people > 1:
        among = f", one of them {role}" if role else ""
        return f"This fund asks two people to agree to an award of this size{among}."
    if role:
        return f"This fund asks {role} to agree to an award of this size."
    if limit is None:
        return "No limit is recorded for deciding alone, so a second person agrees to each award."
    over = (
        (amount.amount, limit.per_grant, "one grant"),
        (used.today + amount.amount, limit.per_day, "one day"),
        (used.person_year + amount.amount, limit.per_person_per_year, "one person in a year"),
    )
    for asked, allowed, of_what in over:
        if asked > allowed:
            most = format_amount(Money(allowed, amount.currency))
            return f"The limit for {of_what} is {most} for one worker alone, so a second person agrees."
    return ""

"""Assumed: what nobody has measured yet, said openly, so that every figure built on it can be argued with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from grants.domain.money import Money, format_amount

HOURS = {"GBP": (2000, 1200), "EUR": (2300, 1400), "USD": (2500, 1500), "JPY": (2500, 1100), "KWD": (6000, 3000)}
"""By currency, in minor units: an hour of somebody who works for a charity, and an hour of anybody's own time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumptions:
    """What a replay supposes: minutes of work, days of waiting, shares out of 100, an hour's worth in minor units.

    None of it is measured. Whoever measures puts their own figures in.
    """

    deciding: int = 12
    second: int = 8
    paper: int = 6
    reading: int = 2
    chasing: int = 4
    reminded: int = 50
    missed: int = 20
    missed_look: int = 10
    paying: int = 2
    peer_look: int = 5
    calling: int = 8
    called: int = 5
    attesting: int = 5
    second_days: int = 1
    higher_days: int = 3
    paper_days: int = 7
    buying_days: int = 7
    currency: str = "GBP"
    staff_hour: int = HOURS["GBP"][0]
    person_hour: int = HOURS["GBP"][1]


def assumptions(currency: str, staff_hour: Money | None = None, person_hour: Money | None = None) -> Assumptions:
    """Returns the usual assumptions in a currency, with other hourly values where some are given."""
    staff, person = HOURS[currency]
    return replace(
        Assumptions(),
        currency=currency,
        staff_hour=staff_hour.amount if staff_hour else staff,
        person_hour=person_hour.amount if person_hour else person,
    )


def said(supposed: Assumptions) -> Iterator[tuple[str, str]]:
    """Yields each assumption with its value in words; days, minutes, shares and money in plain form."""
    for label, minutes in (
        ("Staff: deciding about one application", supposed.deciding),
        ("Staff: each further person who must agree", supposed.second),
        ("Staff: reading one paper, or asking somebody else", supposed.paper),
        ("Staff: reading one answer in a person’s own words", supposed.reading),
        ("Staff: sending and following one reminder", supposed.chasing),
        ("Staff: deciding what happens when an answer that a rule waits for does not come", supposed.missed_look),
        ("Staff: each payment", supposed.paying),
        ("Staff: a colleague’s look afterwards, each", supposed.peer_look),
        ("Staff: one call to somebody who was drawn", supposed.calling),
        ("Person: one call, if they want to talk", supposed.called),
        ("Referrer: saying that the fund is for this person", supposed.attesting),
    ):
        yield label, _count(minutes, "minute")
    yield "People who are sent each reminder", f"{supposed.reminded} in 100"
    yield "Answers that never come", f"{supposed.missed} in 100"
    for label, days in (
        ("Waiting for a second person", supposed.second_days),
        ("Waiting for a manager or a trustee", supposed.higher_days),
        ("Finding papers before a decision", supposed.paper_days),
        ("Buying first, and being paid back", supposed.buying_days),
    ):
        yield label, _count(days, "day")
    yield "An hour of staff or of a referrer is worth", format_amount(Money(supposed.staff_hour, supposed.currency))
    yield "An hour of a person’s own time is worth", format_amount(Money(supposed.person_hour, supposed.currency))


def _count(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"

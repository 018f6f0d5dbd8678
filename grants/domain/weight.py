"""Weight: what one set of terms means for one award: who must agree, what waits, whose minutes, what it costs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from grants.domain import burden
from grants.domain.assumed import Assumptions
from grants.domain.terms import Ask, Confirmation, Question, Terms

UNIT = 10_000
"""Minutes and costs that fall on a share of people are counted in ten-thousandths, so that they stay whole."""

RANKS = ("worker", "manager", "trustee")
"""Who must be among those who decide, the nearest to the person first."""

PAPERS = frozenset({"document", "third_party", "account_access"})
"""How far something reaches when the person has to go and get it."""

Calls = tuple[int, int, int]
"""A share out of 100, or 0 and then how sure and how near a sample is to be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """What terms mean for one award; minutes and costs whose names end in ``_parts`` are in ten-thousandths.

    ``refused``: the award is too small for its instalments. ``papers``: something must be fetched before a
    decision. ``first_days``: the award's first money is planned so many days on. ``held``: a later instalment can
    wait for a condition. ``looked_at``: a missing answer is looked at before a further grant. ``calls``: who is called.
    """

    people: int
    rank: int
    papers: bool
    refused: bool
    parts: int
    first_days: int
    provisional: bool
    buys_first: bool
    held: bool
    looked_at: bool
    elsewhere: bool
    applying: int
    applying_cost: int
    handling: int
    after_parts: int
    after_cost_parts: int
    referrer_parts: int
    staff_parts: int
    calls: Calls | None


def weigh(terms: Terms, amount: int, supposed: Assumptions) -> Weight:
    """Returns what terms mean for an award of so many minor units; ``handling`` is staff time for one application."""
    applying, schedule, band = burden.of_applicant(terms), terms.schedule, terms.authority.band(amount)
    fetched = sum(question.intrusiveness in PAPERS for question in terms.questions)
    attested = terms.eligibility.attested_by
    theirs = [ask for ask in terms.asks if ask.of == "recipient"]
    others = [ask for ask in terms.asks if ask.of == "referrer"]
    return Weight(
        people=band.people,
        rank=RANKS.index(band.who),
        papers=bool(fetched) or attested == "document",
        refused=schedule.parts > amount,
        parts=schedule.parts,
        first_days=max(schedule.after_days, schedule.provisional_days),
        provisional=schedule.provisional_days > 0,
        buys_first=not schedule.before_purchase,
        held=schedule.parts > 1 and any(ask.if_missed == "hold_next_payment" for ask in terms.asks),
        looked_at=any(ask.if_missed == "further_grant" for ask in terms.asks),
        elsewhere="recipient" not in schedule.payees,
        applying=applying.minutes,
        applying_cost=applying.cost,
        handling=supposed.deciding + fetched * supposed.paper,
        after_parts=_minutes(theirs),
        after_cost_parts=sum(ask.cost * ask.share for ask in theirs) * 100,
        referrer_parts=_minutes(others) + (supposed.attesting * UNIT if attested == "referrer" else 0),
        staff_parts=_staff(terms, supposed),
        calls=_calls(terms.confirmation),
    )


def _minutes(asks: Iterable[Ask]) -> int:
    return sum(ask.minutes * ask.share for ask in asks) * 100


def _staff(terms: Terms, supposed: Assumptions) -> int:
    """Returns the staff time after the decision: payments, looks, the charity’s own asks, and following others’."""
    whole = supposed.paying * terms.schedule.parts * UNIT + supposed.peer_look * terms.authority.peer_look * 100
    for ask in terms.asks:
        whole += ask.minutes * ask.share * 100 if ask.of == "charity" else _followed(ask, supposed) * ask.share
    return whole


def _followed(ask: Ask, supposed: Assumptions) -> int:
    """Returns the staff time that one ask of somebody makes, in hundredths of a minute: read, remind, look."""
    read = (supposed.paper if _fetched(ask) else supposed.reading) * (100 - supposed.missed)
    remind = supposed.chasing * ask.reminders * supposed.reminded if ask.if_missed != "let_go" else 0
    waits = ask.if_missed in ("hold_next_payment", "further_grant")
    return read + remind + (supposed.missed_look * supposed.missed if waits else 0)


def _fetched(thing: Ask | Question) -> bool:
    return thing.intrusiveness in PAPERS


def _calls(confirmation: Confirmation) -> Calls | None:
    if confirmation.mode != "sampled":
        return None
    return confirmation.share, confirmation.confidence, confirmation.margin

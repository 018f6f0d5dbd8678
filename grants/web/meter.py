"""The meter: what a policy costs the people it is for, counted while it is being written."""

from __future__ import annotations

from dataclasses import dataclass

from grants.domain import burden, words
from grants.domain.line import REACH, Verdict, in_100
from grants.domain.money import Money
from grants.domain.terms import INTRUSIVENESS, Party, Terms
from grants.flow import line
from grants.flow.desk import Desk

OTHERS: tuple[tuple[Party, str], ...] = (("referrer", "whoever refers"), ("charity", "the charity"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Meter:
    """What stands beside a policy: minutes and cost of the person, how far it reaches, what is left of an award."""

    applying: int
    after: int
    cost: Money
    reaches: str
    net: burden.NetGrant
    share: str
    hourly: Money
    others: tuple[tuple[str, int], ...]
    said: tuple[str, ...]
    verdict: Verdict | None


def meter(desk: Desk, terms: Terms, award: Money) -> Meter:
    """Returns what terms cost people for an award of this size; one statement."""
    held = line.newest(desk)
    hourly = line.hourly(held, award.currency)
    before, after = burden.of_applicant(terms), burden.after_award(terms)
    worst = max(before.intrusiveness, after.intrusiveness, key=INTRUSIVENESS.index)
    net = burden.net_grant(award, burden.expected(terms), hourly)
    found = line.pure_line(held, award.currency)
    return Meter(
        applying=before.minutes,
        after=after.minutes,
        cost=Money(before.cost + after.cost, award.currency),
        reaches=REACH[worst] if worst != "none" else "",
        net=net,
        share=in_100(net.share),
        hourly=Money(hourly, award.currency),
        others=tuple((who, burden.after_award(terms, party).minutes) for party, who in OTHERS),
        said=(*words.what_is_asked(terms, "recipient"), words.how_paid(terms, award, "recipient")),
        verdict=None if found is None else Verdict(found, net, worst),
    )

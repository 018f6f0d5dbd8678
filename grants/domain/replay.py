"""Replay: what a policy would have meant for awards of the past, counted one by one in constant memory."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, fields

from grants.domain.assumed import Assumptions
from grants.domain.facts import Facts
from grants.domain.money import EXPONENTS
from grants.domain.sampling import sample_size
from grants.domain.terms import Terms
from grants.domain.weight import UNIT, Calls, Weight

MOST_REASONS = 5
"""How many different things that went wrong are told of one policy; the rest are counted together."""

OTHERS = "Something else went wrong."


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """One application of the past, or one made up: its facts, the terms it had, and how it went; nobody's name.

    ``people`` is how many agreed; ``waited`` the days from applying to the first money, None when no money came yet.
    """

    facts: Facts
    terms: Terms
    awarded: bool = True
    people: int = 1
    waited: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """How many awards, of those replayed, a policy would have touched, and how; ``declined`` counts applications.

    ``refused``: too small for its instalments, so not made as it stands. ``slowed`` and ``later`` compare with how
    it was: more or other people to agree or papers first; the first money planned later or paid back only.
    """

    awards: int = 0
    declined: int = 0
    refused: int = 0
    provisional: int = 0
    two_people: int = 0
    higher: int = 0
    papers: int = 0
    slowed: int = 0
    delayed: int = 0
    later: int = 0
    in_parts: int = 0
    held: int = 0
    looked_at: int = 0
    elsewhere: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What one policy would have meant: minutes asked of each side, money in minor units, days to the first money.

    ``problem`` says why nothing was counted; ``broken`` counts the awards at which the policy itself went wrong,
    by what it said. ``applying`` and ``afterwards`` are the recipients’; ``called`` counts people.
    """

    touched: Touched = Touched()
    broken: tuple[tuple[str, int], ...] = ()
    called: int = 0
    applying: int = 0
    afterwards: int = 0
    referrers: int = 0
    staff: int = 0
    out_of_pocket: int = 0
    days_median: int | None = None
    days_p90: int | None = None
    moved: int = 0
    cost: int = 0
    cost_per_100: int | None = None
    net: int = 0
    problem: str = ""


@dataclass(slots=True)
class Tally:
    """Adds up what one policy would have meant; holds counts only, however many awards there are."""

    supposed: Assumptions
    counts: Counter[str] = field(default_factory=Counter)
    days: Counter[int] = field(default_factory=Counter)
    calls: Counter[Calls] = field(default_factory=Counter)
    broken: Counter[str] = field(default_factory=Counter)

    def decline(self, weight: Weight) -> None:
        """Counts an application that was declined: it was asked for all the same."""
        self._applied(weight)
        self.counts["declined"] += 1

    def fail(self, past: Past, reason: str) -> None:
        """Counts an application at which the policy itself went wrong: an award would have waited."""
        self.counts["awards" if past.awarded else "declined"] += 1
        if past.awarded:
            known = reason in self.broken or len(self.broken) < MOST_REASONS
            self.broken[reason if known else OTHERS] += 1

    def award(self, past: Past, own: Weight, weight: Weight) -> None:
        """Counts an award; ``own`` weighs the terms that it really had, ``weight`` those of the policy."""
        self._applied(weight)
        counts, supposed = self.counts, self.supposed
        counts["awards"] += 1
        if weight.refused:
            counts["refused"] += 1
            return
        people, were = _people(past, own, weight), max(past.people, own.people)
        self._mark(past, own, weight, people > were)
        counts["moved"] += past.facts.amount.amount
        counts["own"] += (weight.applying * UNIT) + weight.after_parts
        counts["own_cost"] += weight.applying_cost * UNIT + weight.after_cost_parts
        counts["after"] += weight.after_parts
        counts["after_cost"] += weight.after_cost_parts
        counts["referrers"] += weight.referrer_parts
        counts["staff"] += weight.staff_parts + supposed.second * (people - 1) * UNIT
        counts["two_people"] += people > 1
        if weight.calls:
            self.calls[weight.calls] += 1
        if past.waited is not None:
            free = past.waited - _extra(own, were, supposed)
            self.days[max(free, 0) + _extra(weight, people, supposed)] += 1

    def result(self) -> Result:
        """Returns what was counted; minutes and money that people and staff spend are rounded up, once, at the end."""
        counts, supposed = self.counts, self.supposed
        called = sum(_called(kind, awards) for kind, awards in self.calls.items())
        staff = counts["staff"] + supposed.calling * called * UNIT
        after = counts["after"] + supposed.called * called * UNIT
        theirs = counts["applying"] * UNIT + after
        pocket = _up(counts["applying_cost"] * UNIT + counts["after_cost"], UNIT)
        spent = (staff + counts["referrers"]) * supposed.staff_hour + theirs * supposed.person_hour
        cost = _up(spent, 60 * UNIT) + pocket
        own = counts["own"] + supposed.called * called * UNIT
        moved, major = counts["moved"], 10 ** EXPONENTS[supposed.currency]
        return Result(
            touched=Touched(**{part.name: counts[part.name] for part in fields(Touched)}),
            broken=tuple(self.broken.most_common()),
            applying=counts["applying"],
            called=called,
            afterwards=_up(after, UNIT),
            referrers=_up(counts["referrers"], UNIT),
            staff=_up(staff, UNIT),
            out_of_pocket=pocket,
            days_median=quantile(self.days, 50),
            days_p90=quantile(self.days, 90),
            moved=moved,
            cost=cost,
            cost_per_100=_up(cost * 100 * major, moved) if moved else None,
            net=moved - _up(counts["own_cost"], UNIT) - _up(own * supposed.person_hour, 60 * UNIT),
        )

    def _applied(self, weight: Weight) -> None:
        self.counts["applying"] += weight.applying
        self.counts["applying_cost"] += weight.applying_cost
        self.counts["staff"] += weight.handling * UNIT

    def _mark(self, past: Past, own: Weight, weight: Weight, second: bool) -> None:
        counts = self.counts
        counts["provisional"] += weight.provisional
        counts["higher"] += weight.rank > 0
        counts["papers"] += weight.papers
        counts["slowed"] += second or weight.rank > own.rank or weight.papers > own.papers
        counts["delayed"] += weight.first_days > 0 or weight.buys_first
        counts["later"] += weight.first_days > own.first_days or weight.buys_first > own.buys_first
        counts["in_parts"] += weight.parts > 1
        counts["held"] += weight.held
        counts["looked_at"] += weight.looked_at and not past.facts.first_grant
        counts["elsewhere"] += weight.elsewhere


def quantile(counted: Counter[int], in_100: int) -> int | None:
    """Returns the smallest value that so many in 100 do not exceed, None of nothing (the nearest rank)."""
    left = -(-counted.total() * in_100 // 100)
    for value in sorted(counted):
        left -= counted[value]
        if left <= 0 and counted[value]:
            return value
    return None


def _people(past: Past, own: Weight, weight: Weight) -> int:
    """Returns how many would have agreed: a worker's own limit asks for a second person under any policy."""
    limited = past.people > own.people
    return max(weight.people, past.people) if limited else weight.people


def _extra(weight: Weight, people: int, supposed: Assumptions) -> int:
    """Returns the days that terms add before the first money, as supposed."""
    days = weight.first_days + (supposed.second_days if people > 1 else 0)
    days += supposed.higher_days if weight.rank else 0
    days += supposed.paper_days if weight.papers else 0
    return days + (supposed.buying_days if weight.buys_first else 0)


def _up(whole: int, part: int) -> int:
    """Returns how many parts, rounded up, so that burden is never made smaller than it is."""
    return -(-whole // part)


def _called(kind: Calls, awards: int) -> int:
    share, confidence, margin = kind
    return awards * share // 100 if share else sample_size(awards, confidence, margin)

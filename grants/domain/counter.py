"""The counter-offer: what a policy costs people, the nearest lighter one, what a sample would tell instead; pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from grants.domain import burden, words
from grants.domain.line import Line, verdict
from grants.domain.money import Money
from grants.domain.ratchet import heavier, lighter_or_equal
from grants.domain.sampling import sample_size
from grants.domain.terms import Terms

SAMPLES: tuple[tuple[int, int], ...] = ((80, 10), (90, 10), (95, 10), (95, 5))
"""How sure, out of 100, and how near, in points either way: the samples that are set against asking everybody."""

PARTS = {
    "eligibility": "Who it is for",
    "questions": "Questions before the award",
    "authority": "Who decides",
    "schedule": "How it is paid",
    "confirmation": "Saying that it came",
    "asks": "Asked after the award",
    "statement": "What the funder sees",
    "promises": "What is promised",
}
"""Each part of the terms, as a person calls it."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One policy that may be chosen: its name, and what it says with its usual settings."""

    slug: str
    title: str
    terms: Terms


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """For whom it is counted: how many people, a typical award, and what an hour is worth in minor units."""

    people: int
    typical: Money
    hourly: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What terms cost so many people: of one person on average, of all, and of those who help them.

    Minutes are rounded up to whole ones, for everybody only after multiplying.
    """

    people: int
    borne: burden.Expected
    net: burden.NetGrant
    referrer: burden.Expected
    charity: burden.Expected

    @property
    def minutes_all(self) -> int:
        """Returns the minutes of all people together."""
        return -(-self.borne.minutes * self.people // 1)

    @property
    def hours_all(self) -> int:
        """Returns the hours of all people together, to the nearest whole one."""
        return (self.minutes_all + 30) // 60

    @property
    def worth_all(self) -> Money:
        """Returns what time and costs of all people come to, in money: the exact sum, rounded up at the end."""
        whole = self.net.share * Fraction(self.net.award.amount * self.people, 100)
        return Money(-(-whole // 1), self.net.award.currency)


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample in place of asking everybody: how sure, how near, how many people, and their minutes in all."""

    confidence: int
    margin: int
    size: int
    minutes: int


@dataclass(frozen=True, slots=True)
class Change:
    """One part in which two policies differ, in words: as asked, and in the lighter one."""

    part: str
    asked: tuple[str, ...]
    lighter: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Nearest:
    """The nearest lighter policy: what it costs, what changes part by part, and what of it is heavier all the same."""

    offer: Offer
    cost: Cost
    changes: tuple[Change, ...]
    heavier: tuple[str, ...]

    @property
    def kept(self) -> int:
        """Returns in how many parts it is exactly what was asked."""
        return len(PARTS) - len(self.changes)


def cost(terms: Terms, case: Case) -> Cost:
    """Returns what terms cost the people of a case."""
    borne = burden.by_party(terms)
    return Cost(
        people=case.people,
        borne=borne["recipient"],
        net=burden.net_grant(case.typical, borne["recipient"], case.hourly),
        referrer=borne["referrer"],
        charity=borne["charity"],
    )


def samples(people: int, minutes: int) -> tuple[Sample, ...]:
    """Returns what each sample would take of so many people, when one call takes so many minutes."""
    found = ((sure, near, sample_size(people, sure, near)) for sure, near in SAMPLES)
    return tuple(Sample(sure, near, size, size * minutes) for sure, near, size in found)


def nearest(asked: Terms, offers: Iterable[Offer], line: Line | None, case: Case) -> Nearest | None:
    """Returns the nearest lighter policy on offer, or None when nothing on offer is lighter.

    It is within the line, where there is one. It is lighter when the person bears less of something and more
    of nothing, or when every part of it is lighter and the person bears no more. Nearest is the one with the
    fewest parts changed; among those the one that takes the least of people, then by name.
    """
    found = [
        (offer, differing(asked, offer.terms))
        for offer in offers
        if is_lighter(offer.terms, asked) and (line is None or not verdict(line, offer.terms, case.typical).over)
    ]
    if not found:
        return None
    offer, parts = min(found, key=lambda pair: (len(pair[1]), burden.expected(pair[0].terms).minutes, pair[0].title))
    return Nearest(
        offer=offer,
        cost=cost(offer.terms, case),
        changes=changes(asked, offer.terms, parts, case.typical),
        heavier=heavier(offer.terms, asked),
    )


def is_lighter(terms: Terms, asked: Terms) -> bool:
    """Returns whether terms are lighter on the person than what was asked."""
    mine, theirs = burden.expected(terms), burden.expected(asked)
    if burden.less(mine, theirs):
        return True
    same = (mine.minutes, mine.cost, mine.intrusiveness) == (theirs.minutes, theirs.cost, theirs.intrusiveness)
    return same and lighter_or_equal(terms, asked) and not lighter_or_equal(asked, terms)


def differing(asked: Terms, other: Terms) -> tuple[str, ...]:
    """Returns the parts in which two terms are not the same, in their order."""
    return tuple(part for part in PARTS if getattr(asked, part) != getattr(other, part))


def changes(asked: Terms, lighter: Terms, parts: Sequence[str], typical: Money) -> tuple[Change, ...]:
    """Returns what changes, part by part, in words for a funder."""
    return tuple(Change(PARTS[part], said(asked, part, typical), said(lighter, part, typical)) for part in parts)


def said(terms: Terms, part: str, typical: Money) -> tuple[str, ...]:
    """Returns one part of the terms in sentences, each with its minutes where it takes any."""
    currency = typical.currency
    if part == "eligibility":
        return (terms.eligibility.sentence or "People in need.", ATTESTED[terms.eligibility.attested_by])
    if part == "questions":
        asked = words.questions(terms, currency)
        return tuple(_thing(thing) for thing in asked) or ("No extra questions.",)
    if part == "authority":
        return words.who_decides(terms, currency)
    if part == "schedule":
        return (words.how_paid(terms, typical, "funder"),)
    if part == "confirmation":
        return (words.confirming(terms, "funder"),)
    if part == "asks":
        return tuple(_thing(thing) for thing in words.asks(terms, "funder", currency)) or ("Nothing.",)
    if part == "statement":
        return words.what_funder_sees(terms)
    return words.promises(terms) or ("Nothing is promised.",)


ATTESTED = {
    "worker": "A worker says that it is for this person, and how they know.",
    "referrer": "Whoever refers the person says that it is for them.",
    "document": "A paper shows that it is for this person.",
}
"""Who says that the money is for somebody, in words."""


def _thing(thing: words.Said) -> str:
    whose = {"referrer": " of the helper", "charity": " of the charity"}.get(thing.of, "")
    extra = f", {thing.extra}" if thing.extra else ""
    tail = f" {thing.missed}" if thing.missed else ""
    end = "" if thing.what.endswith(("?", "!")) else "."
    return f"{thing.what.rstrip('.')}{end} About {thing.time}{whose}{extra}.{tail}"

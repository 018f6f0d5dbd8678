"""Burden, counted: minutes, out-of-pocket cost and intrusiveness of everything asked, and who bears it.

Minutes are what a policy declares: assumptions until somebody has measured them. No published study measures
minutes for hardship grants to one person; what is published is about organisations (``PUBLISHED``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from grants.domain import asked
from grants.domain.money import Money
from grants.domain.terms import INTRUSIVENESS, Ask, Intrusiveness, Party, Question, Terms

APPLYING_MINUTES = asked.MINUTES
"""Minutes to answer our own questions at application, as each is declared: an assumption until measured."""

ENOUGH_TIMINGS = 5
"""So many people must have let us count their time before a measured figure is told."""

PARTIES: tuple[Party, ...] = ("recipient", "referrer", "charity")
"""Who may bear something, the person first."""

PUBLISHED: tuple[tuple[str, str], ...] = (
    ("Charities spend about £900 million a year on applying for grants.", "Pro Bono Economics"),
    ("Applying costs at least 5.6% of the money raised, and 17.5% for small charities.", "Civil Society, October 2022"),
    ("One fund asked for a form of 60 pages for a grant of £500.", "Third Sector"),
    ("46% of grants may cost more than they are worth, as one seller of software works out.", "Plinth"),
    (
        "Reporting took about 6% of the grant in 16 charities: too few to say so of all.",
        "NPC, 2008",
    ),
    ("Two in three foundations ask as much for a small grant as for a large one.", "PND on Project Streamline, 2008"),
)
"""What others have published of the cost of asking, each with who says so: all of it about organisations."""


@dataclass(frozen=True, slots=True)
class Burden:
    """What is asked, in minutes and minor units, and how intrusive its worst part is."""

    minutes: int = 0
    cost: int = 0
    intrusiveness: Intrusiveness = "none"
    things: int = 0


@dataclass(frozen=True, slots=True)
class Expected:
    """What is asked on average, where only a share of people is asked: minutes and minor units, in fractions."""

    minutes: Fraction = Fraction(0)
    cost: Fraction = Fraction(0)
    intrusiveness: Intrusiveness = "none"
    things: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """One question or ask as a burden; ``share`` out of 100 people are asked. ``part`` is its slug in timings."""

    kind: Literal["applying", "question", "ask"]
    part: str
    what: str
    of: Party
    minutes: int
    cost: int
    intrusiveness: Intrusiveness
    share: int = 100


@dataclass(frozen=True, slots=True)
class NetGrant:
    """What is left of an award when a person's time and costs are taken off; all in one currency.

    Time and cost are rounded up to whole minor units, so that burden is never made smaller than it is.
    """

    award: Money
    time: Money
    cost: Money
    share: Fraction

    @property
    def left(self) -> Money:
        """Returns the award minus time and cost; below nothing where asking costs more than is given."""
        return self.award - self.time - self.cost


def of_applicant(terms: Terms) -> Burden:
    """Returns the burden of applying: our own questions and what the policy adds."""
    added = _sum(terms.questions)
    return Burden(APPLYING_MINUTES + added.minutes, added.cost, added.intrusiveness, added.things)


def after_award(terms: Terms, party: Party = "recipient") -> Burden:
    """Returns the burden that the asks lay on a party after the award; a confirmation is never one."""
    return _sum([ask for ask in terms.asks if ask.of == party])


def things(terms: Terms) -> tuple[Thing, ...]:
    """Returns everything that takes somebody's time: our own questions, then the policy's, then the asks."""
    ours = Thing(
        kind="applying",
        part="applying",
        what="Our own few questions",
        of="recipient",
        minutes=APPLYING_MINUTES,
        cost=0,
        intrusiveness="own_words",
    )
    return (ours, *map(_question, terms.questions), *map(_ask, terms.asks))


def expected(terms: Terms, party: Party = "recipient") -> Expected:
    """Returns what a party bears on average, a person's applying included; an ask of 5 in 100 counts 5 in 100."""
    total = Expected()
    for thing in things(terms):
        if thing.of == party:
            worst = max(total.intrusiveness, thing.intrusiveness, key=INTRUSIVENESS.index)
            share = Fraction(thing.share, 100)
            minutes, cost = total.minutes + thing.minutes * share, total.cost + thing.cost * share
            total = Expected(minutes, cost, worst, total.things + 1)
    return total


def by_party(terms: Terms) -> dict[Party, Expected]:
    """Returns what each party bears on average, the person first."""
    return {party: expected(terms, party) for party in PARTIES}


def net_grant(award: Money, borne: Burden | Expected, hourly: int) -> NetGrant:
    """Returns an award minus time and cost; ``hourly`` is what an hour of a person's time is worth, in minor units."""
    time, cost = borne.minutes * Fraction(hourly, 60), Fraction(borne.cost)
    share = (time + cost) * Fraction(100, award.amount) if award.amount else Fraction(0)
    return NetGrant(award, Money(-(-time // 1), award.currency), Money(-(-cost // 1), award.currency), share)


def less(lighter: Expected, than: Expected) -> bool:
    """Returns whether somebody bears less of something and more of nothing: minutes, cost, how far it reaches."""
    a, b = _measures(lighter), _measures(than)
    return a != b and all(x <= y for x, y in zip(a, b, strict=True))


def _measures(borne: Expected) -> tuple[Fraction, ...]:
    return borne.minutes, borne.cost, Fraction(INTRUSIVENESS.index(borne.intrusiveness))


def _question(question: Question) -> Thing:
    return Thing(
        kind="question",
        part=question.slug,
        what=question.text,
        of="recipient",
        minutes=question.minutes,
        cost=question.cost,
        intrusiveness=question.intrusiveness,
    )


def _ask(ask: Ask) -> Thing:
    return Thing(
        kind="ask",
        part=ask.slug,
        what=ask.title,
        of=ask.of,
        minutes=ask.minutes,
        cost=ask.cost,
        intrusiveness=ask.intrusiveness,
        share=ask.share,
    )


def _sum(things: Iterable[Question] | Iterable[Ask]) -> Burden:
    total = Burden()
    for thing in things:
        worst = max(total.intrusiveness, thing.intrusiveness, key=INTRUSIVENESS.index)
        total = Burden(total.minutes + thing.minutes, total.cost + thing.cost, worst, total.things + 1)
    return total

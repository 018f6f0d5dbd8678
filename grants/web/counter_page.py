"""The counter-offer in words ready for a page or a file: the same rows for staff, for the funder and on paper."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from grants.domain import burden, words
from grants.domain.counter import Cost, Sample
from grants.domain.held_words import money as plain_money
from grants.domain.line import in_100
from grants.domain.money import Money
from grants.flow.counter import Other, Pack
from grants.flow.learn.proved import Fact
from grants.schemas.tongue import gettext as _
from grants.schemas.tongue import ngettext
from grants.web.filters import money
from grants.web.weighing import things

Rows = list[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two policies at the top: its name, and its figures as (figure, what it is)."""

    title: str
    figures: list[tuple[str, str]]


PROVED = {
    "attested": "A worker said how they know that it is for this person",
    "decided": "Two people decided, or one within a limit that trustees set",
    "arrived": "The books show that the money arrived",
    "said": "The person said that it came. Silence is fine",
}
"""What files prove, in words."""

SAMPLE_HEAD = ("How sure, and how near", "People asked", "Their minutes in all")


def side(title: str, cost: Cost) -> Side:
    """Returns the figures of one policy, the person's first."""
    people, award = f"{cost.people:,}", plain_money(cost.net.award)
    return Side(
        title,
        [
            (minutes_of(cost.borne.minutes), _("of each person’s time")),
            (_hours(cost), _("of %(people)s people together", people=people)),
            (money(cost.net.left), _("is left of %(award)s when time and costs are taken off", award=award)),
            (in_100(cost.net.share), _("of the award goes on it")),
        ],
    )


def totals(pack: Pack) -> Rows:
    """Returns what each party bears: of one person, and of all."""
    cost, currency = pack.cost, pack.asked.typical.currency
    rows: Rows = []
    for name, borne in (
        (_("The person"), cost.borne),
        (_("Their helper"), cost.referrer),
        (_("The charity"), cost.charity),
    ):
        out = plain_money(Money(-(-borne.cost // 1), currency)) if borne.cost else _("nothing")
        rows.append((name, minutes_of(borne.minutes), _together(-(-borne.minutes * cost.people // 1)), out))
    return rows


def worth(pack: Pack) -> list[tuple[str, str]]:
    """Returns how the net grant is worked out, line by line."""
    net = pack.cost.net
    return [
        (_("A typical award"), money(net.award)),
        (
            _("A person’s time, at %(hour)s an hour", hour=money(Money(pack.hourly, net.award.currency))),
            money(-net.time),
        ),
        (_("What they pay out"), money(-net.cost)),
        (_("Is left"), money(net.left)),
        (_("Time and costs of all %(people)s people", people=f"{pack.cost.people:,}"), money(pack.cost.worth_all)),
    ]


def samples(pack: Pack) -> Rows:
    """Returns the samples set against asking everybody."""
    rows: Rows = [(sample_words(one), f"{one.size:,}", f"{one.minutes:,}") for one in pack.samples]
    everybody = pack.cost.minutes_all
    return [*rows, (_("Everybody, as it was asked"), f"{pack.cost.people:,}", f"{everybody:,}")]


def sample_words(sample: Sample) -> str:
    """Returns ``90 in 100 sure, within 10 points``."""
    told = {"sure": sample.confidence, "near": sample.margin}
    return _("%(sure)s in 100 sure, within %(near)s points", **told)


def proved(pack: Pack) -> Rows:
    """Returns what files prove of the grants that there are, without anybody being asked."""
    return [(_(PROVED[fact.name]), _count(fact)) for fact in pack.proved.facts]


def others(pack: Pack) -> Rows:
    """Returns what other funders accept, without their names; this funder's own funds are named."""
    return [(other.title, _accepted(other), _minutes(other.minutes)) for other in pack.others]


def minutes_of(count: Fraction) -> str:
    """Returns minutes in words, part of one counted as one."""
    return _minutes(-(-count // 1))


def told(pack: Pack) -> Iterator[str]:
    """Yields what may be told of those who said that a rule gets in the way."""
    if pack.told.count is not None:
        yield _("At least %(number)s people said that a rule of this gets in the way.", number=pack.told.count)
    elif pack.told.some:
        yield _("A few people said that a rule of this gets in the way.")


def turned_down(pack: Pack) -> Rows:
    """Returns the money that was not taken because of a condition, by year."""
    return [
        (str(year.year), money(year.amount), f"{year.times:,}", f"{year.people:,}" if year.people else _("not known"))
        for year in pack.turned_down
    ]


def context(pack: Pack) -> dict[str, object]:
    """Returns everything that the page, the funder's page and the file show."""
    return {
        "pack": pack,
        "asked_side": side(pack.asked.title, pack.cost),
        "lighter_side": side(pack.nearest.offer.title, pack.nearest.cost) if pack.nearest else None,
        "things": things(pack.asked.terms, pack.asked.typical.currency, pack.measured),
        "totals": totals(pack),
        "worth": worth(pack),
        "samples": samples(pack),
        "sample_head": [_(name) for name in SAMPLE_HEAD],
        "proved": proved(pack),
        "others": others(pack),
        "told": list(told(pack)),
        "turned_down": turned_down(pack),
        "published": burden.PUBLISHED,
        "enough": burden.ENOUGH_TIMINGS,
    }


def _hours(cost: Cost) -> str:
    if not cost.hours_all:
        return minutes_of(Fraction(cost.minutes_all))
    return _("1 hour") if cost.hours_all == 1 else _("%(hours)s hours", hours=f"{cost.hours_all:,}")


def _together(minutes: int) -> str:
    """Returns the time of many people, ``1,025 hours`` or ``25 hours 30 minutes``."""
    hours, rest = divmod(minutes, 60)
    if hours < 1000:
        return _minutes(minutes)
    return _("%(hours)s hours", hours=f"{hours:,}") + (f" {_minutes(rest)}" if rest else "")


def _minutes(count: int) -> str:
    return words.minutes(count)


def _count(fact: Fact) -> str:
    if fact.count is not None:
        return _("%(count)s of %(whole)s", count=f"{fact.count:,}", whole=f"{fact.of:,}")
    return _("all but a few") if fact.shown == "nearly_all" else _("a few")


def _accepted(other: Other) -> str:
    parts = [ngettext("%(num)d other funder", "%(num)d other funders", other.funders)] if other.funders else []
    if other.own:
        parts.append(_("you, for %(funds)s", funds=", ".join(other.own)))
    return "; ".join(parts)

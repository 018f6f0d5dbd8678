"""Burden and the line: minutes, money and reach of everything asked, on average where only some are asked."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grants.domain import burden, counter
from grants.domain.line import Line, in_100, verdict
from grants.domain.money import Money
from grants.domain.terms import Ask, Authority, Band, Promise, Question, Terms

RECEIPTS = Ask(slug="receipts", title="Receipts", purpose="To see.", minutes=35, intrusiveness="document", cost=200)


def asking(**more: Any) -> Terms:
    """Returns terms with one ask, the receipts, changed as wanted."""
    given = {name: getattr(RECEIPTS, name) for name in ("slug", "title", "purpose", "minutes", "intrusiveness", "cost")}
    return Terms(asks=(Ask(**given | more),))


def test_the_empty_policy_costs_our_own_three_minutes_and_nothing_else() -> None:
    parties = burden.by_party(Terms())
    assert parties["recipient"] == burden.Expected(Fraction(3), Fraction(0), "own_words", 1)
    assert parties["referrer"] == parties["charity"] == burden.Expected()


def test_an_ask_of_a_few_counts_as_much_as_it_falls_on_people_on_average() -> None:
    few = burden.expected(asking(share=5))
    assert (few.minutes, few.cost) == (3 + Fraction(35 * 5, 100), Fraction(10))
    assert few.intrusiveness == "document", "whoever is drawn meets all of it"
    assert burden.expected(asking()).minutes == 38


def test_each_bears_their_own() -> None:
    parties = burden.by_party(asking(of="referrer"))
    assert (parties["recipient"].minutes, parties["referrer"].minutes, parties["charity"].minutes) == (3, 35, 0)
    assert parties["recipient"].intrusiveness == "own_words"


def test_the_net_grant_takes_off_time_and_costs_rounded_up() -> None:
    net = burden.net_grant(Money(150_00), burden.expected(asking()), 12_71)
    assert (net.time, net.cost) == (Money(805), Money(200)), "38 minutes at £12.71 are 804.97 pence"
    assert net.left == Money(139_95)
    assert net.share == (Fraction(38 * 1271, 60) + 200) / 150
    small = burden.net_grant(Money(5_00), burden.expected(asking()), 12_71)
    assert small.left == Money(-5_05), "asking may cost more than is given, and then it says so"


@given(st.integers(0, 600), st.integers(0, 5000), st.integers(0, 100), st.integers(1, 10_000_00), st.integers(1, 5000))
def test_what_is_asked_never_adds_to_an_award(minutes: int, cost: int, share: int, award: int, hour: int) -> None:
    net = burden.net_grant(Money(award), burden.expected(asking(minutes=minutes, cost=cost, share=share)), hour)
    assert net.left <= net.award
    exact = Fraction(award) - (3 + Fraction(minutes * share, 100)) * hour / 60 - Fraction(cost * share, 100)
    assert 0 <= exact - net.left.amount < 2, "rounded up twice, by less than a penny each"


@pytest.mark.parametrize(
    ("share", "said"), [(0, "nothing"), ("0.4", "less than 1 in 100"), (1, "1 in 100"), ("6.01", "7 in 100")]
)
def test_shares_are_said_rounded_up(share: Any, said: str) -> None:
    assert in_100(Fraction(share)) == said


def test_a_policy_on_the_line_is_within_it_and_a_hair_more_is_over() -> None:
    costs = burden.net_grant(Money(100_00), burden.expected(asking(minutes=7, cost=0)), 60_00).share
    assert costs == 10, "10 minutes at a pound each are 10 of 100"
    for share, over in ((10, False), (9, True)):
        found = verdict(
            Line(share=share, intrusiveness="document", hourly=60_00), asking(minutes=7, cost=0), Money(100_00)
        )
        assert (found.over, found.over_share, bool(found.reasons)) == (over, over, over)


def test_reach_alone_can_be_over_the_line_and_what_the_charity_bears_never_is() -> None:
    line = Line(share=100, intrusiveness="own_words", hourly=1)
    [reason] = verdict(line, asking(), Money(150_00)).reasons
    assert (
        reason
        == "It asks for something that needs a paper or a photo. Our line ends at what people say in their own words."
    )
    assert not verdict(line, asking(of="charity", minutes=6000), Money(150_00)).over


CASE = counter.Case(people=500, typical=Money(150_00), hourly=12_00)

LINE = Line(share=5, intrusiveness="own_words", hourly=12_00)


def offer(slug: str, terms: Terms) -> counter.Offer:
    """Returns a policy on offer."""
    return counter.Offer(slug, slug.title(), terms)


def test_the_nearest_lighter_policy_keeps_the_most_of_what_was_asked() -> None:
    two = Authority(bands=(Band(people=2),))
    asked = Terms(authority=two, asks=asking().asks, promises=(Promise(by="funder", text="Pays in a week."),))
    story = asking(minutes=5, intrusiveness="own_words", cost=0).asks
    kept = offer("kept", Terms(authority=two, asks=story, promises=asked.promises))
    lightest = offer("lightest", Terms())
    over = offer("over", Terms(authority=two, asks=asking(minutes=34).asks, promises=asked.promises))
    found = counter.nearest(asked, [lightest, over, kept, offer("same", asked)], LINE, CASE)
    assert found is not None
    assert (found.offer.slug, found.kept, [change.part for change in found.changes]) == (
        "kept",
        7,
        ["Asked after the award"],
    )
    assert counter.nearest(asked, [over], None, CASE) is not None, "without a line it may be offered"
    assert counter.nearest(asked, [over], LINE, CASE) is None, "it is lighter, and still over the line"
    assert counter.nearest(Terms(), [lightest, kept], LINE, CASE) is None, "nothing is lighter than nothing"


def test_of_two_as_near_the_one_that_takes_less_time_is_offered() -> None:
    longer, shorter = (offer(f"{n} minutes", asking(minutes=n, intrusiveness="own_words", cost=0)) for n in (9, 4))
    found = counter.nearest(asking(), [longer, shorter], LINE, CASE)
    assert found is not None
    assert found.offer is shorter
    assert found.cost.minutes_all == 7 * 500


def test_what_is_new_in_a_lighter_policy_is_said_openly() -> None:
    other = asking(slug="story", title="A story", minutes=2, intrusiveness="own_words", cost=0)
    found = counter.nearest(asking(), [offer("story", other)], LINE, CASE)
    assert found is not None
    assert [line for line in found.heavier if "A story" in line], "it takes less, but it is another ask"


@pytest.mark.parametrize("people", [1, 7, 39, 500, 1_000_000])
def test_a_sample_is_never_more_than_everybody(people: int) -> None:
    for sample in counter.samples(people, 5):
        assert 0 < sample.size <= people
        assert sample.minutes == sample.size * 5
    if people == 500:
        assert [sample.size for sample in counter.samples(people, 5)] == [39, 60, 81, 218]


def test_everybody_together_is_multiplied_before_it_is_rounded() -> None:
    few = counter.cost(asking(minutes=35, share=5, cost=0), CASE)
    assert few.minutes_all == 500 * 475 // 100
    assert few.hours_all == 40
    assert few.worth_all == Money(2375 * 20), "2,375 minutes at 20 pence"


def test_a_question_counts_for_whoever_applies() -> None:
    asked = Terms(questions=(Question(slug="q", text="Why?", purpose="To know.", minutes=4, cost=50),))
    borne = burden.expected(asked)
    assert (borne.minutes, borne.cost) == (7, 50)
    assert [thing.kind for thing in burden.things(asked)] == ["applying", "question"]

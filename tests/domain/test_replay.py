"""Replay: figures worked out by hand, years that are the same for the same seed, and sums that cannot drift."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grants.domain.assumed import HOURS, Assumptions, assumptions, said
from grants.domain.compare import told
from grants.domain.facts import Facts
from grants.domain.money import EXPONENTS, Money
from grants.domain.replay import MOST_REASONS, OTHERS, Past, Result, Tally, Touched, quantile
from grants.domain.replay_words import FIGURES, NOTHING, Column, problems, rows, value
from grants.domain.synthetic import DECLINED, year
from grants.domain.terms import (
    Ask,
    Authority,
    Band,
    Confirmation,
    Eligibility,
    Question,
    Schedule,
    Terms,
)
from grants.domain.weight import UNIT, weigh

SUPPOSED = Assumptions()
DAY = date(2026, 3, 2)

RECEIPTS = Ask(
    slug="receipts",
    title="Receipts",
    purpose="The funder wants to see them.",
    minutes=30,
    cost=200,
    intrusiveness="document",
    if_missed="further_grant",
    reminders=2,
)
QUOTE = Question(slug="quote", text="Prices?", purpose="To compare.", minutes=20, cost=100, intrusiveness="third_party")
HEAVY = Terms(questions=(QUOTE,), authority=Authority(bands=(Band(people=2),)), asks=(RECEIPTS,))


def past(amount: int = 150_00, terms: Terms | None = None, **more: object) -> Past:
    facts = Facts(amount=Money(amount), awarded_on=DAY)
    return Past(facts=facts, terms=terms or Terms(), **{"waited": 3} | more)  # type: ignore[arg-type]  # a story's words


def replay(terms: Terms, *history: Past, supposed: Assumptions = SUPPOSED) -> Result:
    tally = Tally(supposed)
    for one in history:
        weight = weigh(terms, one.facts.amount.amount, supposed)
        if one.awarded:
            tally.award(one, weigh(one.terms, one.facts.amount.amount, supposed), weight)
        else:
            tally.decline(weight)
    return tally.result()


class TestOneAward:
    def test_trust_asks_three_minutes_and_twelve_and_two_of_staff(self) -> None:
        found = replay(Terms(), past())
        assert found.touched == Touched(awards=1)
        assert (found.applying, found.afterwards, found.staff, found.out_of_pocket) == (3, 0, 14, 0)
        assert (found.days_median, found.days_p90, found.moved) == (3, 3, 150_00)
        # 14 minutes at £20 an hour and 3 at £12: £4.67, rounded up, and £0.60
        assert (found.cost, found.cost_per_100, found.net) == (527, 352, 149_40)

    def test_the_heavy_way_is_counted_minute_by_minute(self) -> None:
        found = replay(HEAVY, past())
        assert found.touched == Touched(awards=1, two_people=1, papers=1, slowed=1)
        assert (found.applying, found.afterwards, found.out_of_pocket) == (23, 30, 300)
        # deciding 12, a second person 8, the quote 6, the payment 2, and for the receipts: read by 80 in 100 (4.8),
        # two reminders to 50 in 100 (4), a look at the missing 20 in 100 (2): 10.8, rounded up
        assert found.staff == 12 + 8 + 6 + 2 + 11
        # a second person takes a day, papers a week
        assert found.days_median == 3 + 1 + 7
        assert found.net == 150_00 - 300 - (53 * 1200) // 60

    def test_a_person_with_a_grant_before_is_looked_at_again(self) -> None:
        again = past()
        again = replace(again, facts=replace(again.facts, first_grant=False))
        assert replay(HEAVY, again).touched.looked_at == 1
        assert replay(HEAVY, past()).touched.looked_at == 0

    def test_whoever_was_declined_was_asked_all_the_same(self) -> None:
        found = replay(HEAVY, past(awarded=False))
        assert found.touched == Touched(declined=1)
        assert (found.applying, found.afterwards, found.staff, found.moved) == (23, 0, 18, 0)
        assert (found.days_median, found.cost_per_100, found.net) == (None, None, 0)

    def test_money_in_parts_later_and_on_condition(self) -> None:
        held = replace(RECEIPTS, if_missed="hold_next_payment")
        found = replay(Terms(schedule=Schedule(parts=3, after_days=5), asks=(held,)), past())
        assert found.touched == Touched(awards=1, delayed=1, later=1, in_parts=1, held=1)
        assert found.days_median == 3 + 5

    def test_a_condition_holds_nothing_where_there_is_one_payment(self) -> None:
        held = replace(RECEIPTS, if_missed="hold_next_payment")
        assert replay(Terms(asks=(held,)), past()).touched.held == 0

    def test_an_award_too_small_for_its_parts_is_not_made(self) -> None:
        found = replay(Terms(schedule=Schedule(parts=12)), past(11), past(12))
        assert (found.touched.awards, found.touched.refused, found.moved) == (2, 1, 12)

    def test_provisional_paid_back_and_paid_elsewhere(self) -> None:
        later = Schedule(provisional_days=90, before_purchase=False, payees=("supplier",))
        found = replay(Terms(schedule=later), past())
        assert found.touched == Touched(awards=1, provisional=1, delayed=1, later=1, elsewhere=1)
        assert found.days_median == 3 + 90 + 7

    def test_a_manager_or_a_document_slows_a_decision(self) -> None:
        manager = Terms(authority=Authority(bands=(Band(up_to=100_00), Band(who="manager"))))
        assert replay(manager, past(100_00), past(100_01)).touched.higher == 1
        attested = replay(Terms(eligibility=Eligibility(attested_by="document")), past())
        assert (attested.touched.papers, attested.touched.slowed) == (1, 1)
        by_referrer = replay(Terms(eligibility=Eligibility(attested_by="referrer")), past())
        assert (by_referrer.touched.papers, by_referrer.referrers) == (0, 5)


class TestShares:
    def test_an_ask_of_five_in_a_hundred_counts_five_in_a_hundred(self) -> None:
        few = Terms(asks=(replace(RECEIPTS, share=5),))
        found = replay(few, *[past()] * 200)
        assert (found.afterwards, found.out_of_pocket) == (200 * 30 // 20, 200 * 200 // 20)

    @pytest.mark.parametrize(("share", "called"), [(10, 50), (0, 60)])
    def test_a_sample_calls_a_share_or_as_many_as_it_takes(self, share: int, called: int) -> None:
        sampled = Terms(confirmation=Confirmation(mode="sampled", share=share, confidence=90, margin=10))
        found = replay(sampled, *[past()] * 500)
        assert (found.called, found.afterwards) == (called, called * SUPPOSED.called)
        assert found.staff == 500 * 14 + called * SUPPOSED.calling

    def test_asks_of_others_fall_on_others(self) -> None:
        by = {
            party: Terms(asks=(replace(RECEIPTS, of=party, if_missed="let_go"),)) for party in ("referrer", "charity")
        }
        referrer, charity = replay(by["referrer"], past()), replay(by["charity"], past())
        assert (referrer.afterwards, referrer.referrers) == (0, 30)
        assert (charity.afterwards, charity.referrers, charity.staff) == (0, 0, 14 + 30)
        assert referrer.out_of_pocket == charity.out_of_pocket == 0, "what others pay is not the person’s pocket"


class TestComparedWithThen:
    def test_its_own_terms_give_back_the_days_that_really_passed(self) -> None:
        slow = past(terms=HEAVY, people=2, waited=20)
        found = replay(HEAVY, slow)
        assert (found.days_median, found.touched.slowed, found.touched.later) == (20, 0, 0)
        assert replay(Terms(), slow).days_median == 20 - 8

    def test_time_never_runs_backwards(self) -> None:
        assert replay(Terms(), past(terms=HEAVY, people=2, waited=2)).days_median == 0

    def test_a_workers_own_limit_brings_a_second_person_under_every_policy(self) -> None:
        limited = past(people=2, waited=5)
        found = replay(Terms(), limited)
        assert (found.touched.two_people, found.touched.slowed, found.days_median) == (1, 0, 5)

    def test_money_that_never_came_has_no_days(self) -> None:
        found = replay(Terms(), past(waited=None), past(waited=4))
        assert (found.touched.awards, found.days_median) == (2, 4)


class TestAddingUp:
    @given(st.lists(st.tuples(st.integers(1, 10**6), st.booleans(), st.integers(0, 60)), max_size=30))
    def test_two_halves_make_the_whole(self, drawn: list[tuple[int, bool, int]]) -> None:
        history = [past(amount, awarded=awarded, waited=waited) for amount, awarded, waited in drawn]
        whole = replay(HEAVY, *history)
        one, other = replay(HEAVY, *history[::2]), replay(HEAVY, *history[1::2])
        for name in ("applying", "afterwards", "moved"):
            assert getattr(whole, name) == getattr(one, name) + getattr(other, name)
        assert one.staff + other.staff - 1 <= whole.staff <= one.staff + other.staff
        assert whole.touched.awards + whole.touched.declined == len(history)

    @given(st.lists(st.integers(0, 40), min_size=1), st.integers(1, 100))
    def test_a_quantile_is_a_value_that_enough_do_not_exceed(self, values: list[int], in_100: int) -> None:
        found = quantile(Counter(values), in_100)
        assert found in values
        assert sum(value <= found for value in values) * 100 >= in_100 * len(values)
        assert sum(value < found for value in values) * 100 < in_100 * len(values)

    def test_nothing_has_no_quantile(self) -> None:
        assert quantile(Counter(), 50) is None

    def test_what_goes_wrong_is_counted_by_what_it_said(self) -> None:
        tally = Tally(SUPPOSED)
        for number in range(MOST_REASONS + 3):
            tally.fail(past(), f"reason {number}")
        tally.fail(past(), "reason 0")
        tally.fail(past(awarded=False), "reason 0")
        found = tally.result()
        assert found.broken[:2] == ((OTHERS, 3), ("reason 0", 2))
        assert (found.touched.awards, found.touched.declined, len(found.broken)) == (9, 1, MOST_REASONS + 1)


class TestMadeUpYear:
    def test_the_same_seed_gives_the_same_year_and_a_longer_one_begins_the_same(self) -> None:
        one, same = list(year(50, "a", DAY)), list(year(200, "a", DAY))
        assert one == same[:50]
        assert one != list(year(50, "b", DAY))

    def test_this_very_year_is_drawn_on_any_machine(self) -> None:
        first = next(year(1, "1", date(2025, 1, 1)))
        assert (first.facts.amount, first.facts.awarded_on) == (Money(80_00), date(2025, 8, 10))
        assert (first.facts.route, first.facts.purposes, first.awarded) == ("referred", ("GTIP020",), False)

    def test_it_looks_as_its_assumptions_say(self) -> None:
        made = list(year(10_000, "look", DAY))
        declined = sum(not one.awarded for one in made)
        assert abs(declined - 100 * DECLINED) < 120
        assert {one.facts.amount.currency for one in made} == {"GBP"}
        assert all(50_00 <= one.facts.amount.amount <= 1000_00 for one in made)
        assert all((one.waited is None) == (not one.awarded) for one in made)

    def test_a_year_without_end_takes_no_memory(self) -> None:
        assert len(list(islice(year(10**12, "long", DAY), 5))) == 5

    @pytest.mark.parametrize("currency", sorted(EXPONENTS))
    def test_every_currency_has_a_year_and_an_hour(self, currency: str) -> None:
        supposed = assumptions(currency)
        assert (supposed.staff_hour, supposed.person_hour) == HOURS[currency]
        one = next(one for one in year(9, "1", DAY, currency) if one.awarded)
        assert replay(Terms(), one, supposed=supposed).net < one.facts.amount.amount


class TestWords:
    def test_every_figure_has_a_value_in_every_column(self) -> None:
        columns = [Column("Trust", replay(Terms(), past())), Column("Gone", Result(problem="It is not here."))]
        lines = list(rows(columns, "GBP"))
        assert len(lines) == len(FIGURES) == len({figure.name for figure in FIGURES})
        assert all(len(line) == 3 and line[1] for line in lines)
        assert {line[2] for line in lines} == {NOTHING}
        assert problems(columns) == ["Gone: It is not here."]
        assert list(rows(columns, "GBP", ("net",))) == [
            ("Left to people after their own time and cost", "£149.40", NOTHING)
        ]

    def test_long_times_are_said_in_hours(self) -> None:
        figure = next(figure for figure in FIGURES if figure.name == "staff")
        assert value(figure, Result(staff=599), "GBP") == "9 hours 59 minutes"
        assert value(figure, Result(staff=72_000), "GBP") == "1,200 hours"

    def test_every_assumption_is_said(self) -> None:
        lines = dict(said(assumptions("GBP", person_hour=Money(13_00))))
        assert lines["An hour of a person’s own time is worth"] == "£13.00"
        numbers = len(Assumptions.__slots__) - 1
        assert len(lines) == numbers, "each is said, but for the currency itself"


class TestSideBySide:
    def test_the_labels_are_the_same_and_the_words_differ(self) -> None:
        light, heavy = (told(terms, Money(150_00), SUPPOSED) for terms in (Terms(), HEAVY))
        assert [label for label, _ in light] == [label for label, _ in heavy]
        assert dict(light)["Who agrees"] == "one worker"
        assert dict(heavy)["Who agrees"] == "2 people"
        assert dict(heavy)["After the award, on average"] == "30 minutes"
        assert dict(heavy)["Left to the person after their own time and cost"] == "£136.40"
        assert weigh(HEAVY, 150_00, SUPPOSED).after_parts == 30 * UNIT

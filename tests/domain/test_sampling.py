"""Sampling: sizes and ranges as published, a draw that others can run again, and words that claim no more."""

from __future__ import annotations

from fractions import Fraction
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grants.domain.errors import Refusal
from grants.domain.sample_words import Sample, shows, shows_not
from grants.domain.sampling import (
    GRID,
    bounds,
    draw,
    drawn,
    exact_interval,
    in_order,
    sample_size,
    seed_commitment,
)

confidences = st.integers(50, 99)
numbers = st.lists(st.text(min_size=1, max_size=8), unique=True, max_size=40)


class TestSize:
    @pytest.mark.parametrize(("confidence", "margin", "size"), [(80, 10, 39), (90, 10, 60), (95, 10, 81), (95, 5, 218)])
    def test_of_500_people(self, confidence: int, margin: int, size: int) -> None:
        assert sample_size(500, confidence, margin) == size

    def test_a_crowd_without_end_is_the_well_known_385(self) -> None:
        assert sample_size(10**9, 95, 5) == 385

    def test_of_few_people_nearly_all_and_never_more_than_there_are(self) -> None:
        assert [sample_size(people, 95, 5) for people in (0, 1, 2, 10)] == [0, 1, 2, 10]

    @given(st.integers(1, 10**6), confidences, st.integers(1, 50))
    def test_more_is_asked_only_of_more_people_or_for_more_certainty(
        self, people: int, confidence: int, margin: int
    ) -> None:
        size = sample_size(people, confidence, margin)
        assert 1 <= size <= people
        assert size <= sample_size(people + 1, confidence, margin)
        assert confidence == 99 or size <= sample_size(people, confidence + 1, margin)
        assert margin == 1 or size <= sample_size(people, confidence, margin - 1)

    @pytest.mark.parametrize(
        ("asked", "field"), [((500, 100, 5), "confidence"), ((500, 49, 5), "confidence"), ((500, 90, 0), "margin")]
    )
    def test_what_makes_no_sense_is_refused_in_words(self, asked: tuple[int, int, int], field: str) -> None:
        with pytest.raises(Refusal) as refused:
            sample_size(*asked)
        assert refused.value.field == field
        assert refused.value.message.startswith("Choose ")


class TestDraw:
    def test_the_seed_is_published_as_its_hash(self) -> None:
        hashed = "eab97ba5d6b386161719966eda2da4baf187026f6ccfbf1d641fdfa95633467f"
        assert seed_commitment("spring-2026") == hashed, "as of: printf spring-2026 | sha256sum"

    def test_anybody_gets_the_same_order_with_sha256sum(self) -> None:
        assert in_order("spring-2026", ["G-A", "G-B", "G-C", "G-D", "G-E"]) == ("G-B", "G-A", "G-C", "G-E", "G-D")

    @given(st.text(max_size=10), numbers, st.randoms())
    def test_how_the_numbers_were_listed_does_not_matter(self, seed: str, listed: list[str], chance: object) -> None:
        mixed = listed + listed[:3]
        chance.shuffle(mixed)  # type: ignore[attr-defined]  # hypothesis gives a random.Random
        assert in_order(seed, mixed) == in_order(seed, listed)
        assert sorted(in_order(seed, listed)) == sorted(listed)

    @given(st.text(max_size=10), numbers, st.integers(0, 50))
    def test_a_replacement_is_the_next_in_the_order(self, seed: str, listed: list[str], size: int) -> None:
        first = draw(seed, listed, size)
        assert len(first) == min(size, len(listed))
        assert draw(seed, listed, size + 1)[:size] == first == in_order(seed, listed)[:size]

    @given(st.text(max_size=10), st.text(max_size=10), st.integers(0, 99))
    def test_whoever_falls_into_a_share_falls_into_a_larger_one(self, seed: str, number: str, share: int) -> None:
        assert not drawn(seed, number, 0)
        assert drawn(seed, number, 100)
        assert not drawn(seed, number, share) or drawn(seed, number, share + 1)

    def test_one_by_one_a_share_comes_out_as_said(self) -> None:
        hit = sum(drawn("a seed", f"G-{i}", 10) for i in range(20_000))
        assert 1_850 < hit < 2_150, "2,000, give or take three and a half standard deviations"

    def test_another_seed_draws_others(self) -> None:
        everyone = [f"G-{i}" for i in range(200)]
        assert draw("one", everyone, 20) != draw("two", everyone, 20)

    def test_a_share_above_everyone_is_refused(self) -> None:
        with pytest.raises(Refusal):
            drawn("seed", "G-A", 101)


def tail(successes: int, n: int, share: Fraction) -> Fraction:
    """The chance of so many successes or more, without any rounding."""
    return sum((comb(n, i) * share**i * (1 - share) ** (n - i) for i in range(successes, n + 1)), start=Fraction(0))


class TestExactInterval:
    @pytest.mark.parametrize(
        ("successes", "n", "low", "high"),
        [
            (0, 10, 0.0, 0.3085),
            (1, 10, 0.0025, 0.4450),
            (5, 10, 0.1871, 0.8129),
            (10, 10, 0.6915, 1.0),
            (18, 20, 0.6830, 0.9877),
            (50, 100, 0.3983, 0.6017),
        ],
    )
    def test_as_in_the_tables_at_95_in_100(self, successes: int, n: int, low: float, high: float) -> None:
        found = exact_interval(successes, n, 95)
        assert float(found[0]) == pytest.approx(low, abs=1.01 / GRID)
        assert float(found[1]) == pytest.approx(high, abs=1.01 / GRID)

    def test_without_a_reply_everything_is_possible(self) -> None:
        assert exact_interval(0, 0, 95) == (0, 1)

    @given(st.integers(1, 40), st.data(), confidences)
    def test_each_end_is_the_last_share_that_chance_would_still_allow(
        self, n: int, data: st.DataObject, confidence: int
    ) -> None:
        successes = data.draw(st.integers(0, n))
        low, high = exact_interval(successes, n, confidence)
        chance, step = Fraction(100 - confidence, 200), Fraction(1, GRID)
        near = Fraction(1, 10**9)
        assert 0 <= low <= Fraction(successes, n) <= high <= 1
        if successes:
            assert tail(successes, n, low) <= chance + near
            assert tail(successes, n, low + step) > chance - near
        if successes < n:
            assert tail(n - successes, n, 1 - high) <= chance + near

    @given(st.integers(1, 30), st.integers(0, GRID), confidences)
    def test_whatever_the_truth_is_the_range_holds_it_as_often_as_said(
        self, n: int, truth: int, confidence: int
    ) -> None:
        share = Fraction(truth, GRID)
        held = Fraction(0)
        for i in range(n + 1):
            low, high = exact_interval(i, n, confidence)
            if low <= share <= high:
                held += comb(n, i) * share**i * (1 - share) ** (n - i)
        assert held >= Fraction(confidence, 100)

    @given(st.integers(1, 400), st.data(), st.integers(50, 98))
    def test_more_yes_moves_it_up_and_more_certainty_makes_it_wider(
        self, n: int, data: st.DataObject, confidence: int
    ) -> None:
        successes = data.draw(st.integers(0, n - 1))
        low, high = exact_interval(successes, n, confidence)
        low_next, high_next = exact_interval(successes + 1, n, confidence)
        assert low <= low_next
        assert high <= high_next
        low_sure, high_sure = exact_interval(successes, n, confidence + 1)
        assert low_sure <= low
        assert high <= high_sure
        assert exact_interval(n - successes, n, confidence) == (1 - high, 1 - low), "no is the mirror of yes"

    def test_ten_thousand_replies_are_counted_too(self) -> None:
        low, high = exact_interval(9_800, 10_000, 95)
        assert Fraction(977, 1000) <= low < Fraction(98, 100) < high <= Fraction(983, 1000)

    @pytest.mark.parametrize("counts", [(3, 2), (-1, 2)])
    def test_counts_that_cannot_be_are_refused(self, counts: tuple[int, int]) -> None:
        with pytest.raises(Refusal):
            exact_interval(*counts, 95)


class TestBounds:
    def test_the_silent_are_first_all_against_then_all_for(self) -> None:
        found = bounds(yes=45, no=3, silent=12)
        assert (found.worst, found.best) == (Fraction(45, 60), Fraction(57, 60))

    @given(st.integers(0, 500), st.integers(0, 500), st.integers(0, 500))
    def test_what_those_who_replied_said_lies_between(self, yes: int, no: int, silent: int) -> None:
        found = bounds(yes, no, silent)
        assert 0 <= found.worst <= found.best <= 1
        if yes + no:
            assert found.worst <= Fraction(yes, yes + no) <= found.best
        if silent == 0 and yes + no:
            assert found.worst == found.best


class TestWords:
    def test_a_sample_with_some_silence(self) -> None:
        told = shows(Sample(people=500, yes=45, no=3, silent=12))
        assert told == (
            "60 people were drawn by chance, out of 500. 48 replied, 12 did not.",
            "Of those who replied, 45 of 48 said that the money came.",
            (
                "Chance could have drawn other people. For everyone who would reply, a fair range is 84 to 99 in 100."
                " A range made this way is right at least 90 times in 100."
            ),
            (
                "If nobody who stayed silent would say that the money came, it would be 75 in 100 of all we drew."
                " If all of them would, it would be 95 in 100."
            ),
        )

    def test_what_it_does_not_show_is_said_beside_it(self) -> None:
        told = shows_not(Sample(people=500, yes=45, no=3, silent=12))
        assert told[0].startswith("It speaks only of those who replied.")
        assert "Not replying is fine. It never counts against anyone." in told
        assert not any("speaks only" in line for line in shows_not(Sample(people=5, yes=5, no=0, silent=0)))

    def test_where_nobody_replied_there_is_no_figure(self) -> None:
        assert shows(Sample(people=9, yes=0, no=0, silent=0)) == ("Nobody has been asked yet, so there is no figure.",)
        assert shows(Sample(people=9, yes=0, no=0, silent=1)) == (
            "1 person was drawn by chance, out of 9. Nobody has replied, so there is no figure.",
        )

    def test_everybody_replied(self) -> None:
        told = " ".join(shows(Sample(people=9, yes=3, no=0, silent=0)))
        assert "All of them replied." in told
        assert "stayed silent" not in told

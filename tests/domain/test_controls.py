"""The numbers behind hints, and the draw that anybody can run again."""

from __future__ import annotations

from datetime import date
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grants.domain import controls

counts = st.lists(st.integers(1, 200), max_size=30)


@pytest.mark.parametrize(
    ("count", "usual", "worth"),
    [(19, 4, False), (20, 4, True), (20, 6, True), (20, 7, False), (22, 7, True), (39, None, False), (40, None, True)],
)
def test_a_pace_is_worth_a_look_only_far_above_ones_own_usual(count: int, usual: int | None, worth: bool) -> None:
    assert controls.far_above(count, usual, least=20, times=3) is worth


def test_a_usual_takes_five_days_and_is_the_lower_median() -> None:
    assert controls.usual([4, 4, 4, 4]) is None
    assert controls.usual([1, 9, 3, 3, 8]) == 3
    assert controls.usual([1, 2, 3, 4, 50, 60]) == 3


@given(st.integers(1, 500), counts)
def test_who_always_works_fast_is_never_worth_a_look(least: int, days: list[int]) -> None:
    own = controls.usual(days)
    if own is not None:
        assert not controls.far_above(3 * own, own, least, times=3)


def test_what_was_found_fine_speaks_again_at_twice_as_much() -> None:
    assert controls.quiet(7, seen=4)
    assert not controls.quiet(8, seen=4)
    assert not controls.quiet(1, seen=0)


@pytest.mark.parametrize(("population", "size"), [(0, 0), (1, 1), (50, 1), (51, 2), (100, 2), (101, 3)])
def test_two_in_a_hundred_are_drawn_and_at_least_one(population: int, size: int) -> None:
    assert controls.look_back_size(population, 2) == size


@given(st.text(min_size=1, max_size=20), st.sets(st.integers(1, 10_000), max_size=200), st.integers(1, 100))
def test_anybody_draws_the_same_with_a_hash_and_a_sort(seed: str, numbers: set[int], share: int) -> None:
    tickets = sorted((sha256(f"{seed}:{number}".encode()).hexdigest(), number) for number in numbers)
    size = -(-len(numbers) * share // 100)
    assert controls.look_back_draw(seed, numbers, share) == tuple(number for _, number in tickets[:size])


def test_months_follow_each_other() -> None:
    assert controls.month_after(date(2026, 1, 31)) == date(2026, 2, 1)
    assert controls.month_after(date(2026, 12, 1)) == date(2027, 1, 1)

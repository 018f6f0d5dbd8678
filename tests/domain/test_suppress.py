"""Hidden numbers stay hidden, also from somebody who can subtract and who knows our rule."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from grants.domain.suppress import Hidden, protect, steps


def test_large_numbers_are_shown() -> None:
    assert protect([5, 12, 0, 40], 5) == Hidden()


def test_one_small_number_takes_another_with_it() -> None:
    hidden = protect([3, 9, 20], 5)
    assert hidden.cells == {0, 1}, "with one hidden cell, the total less the others gives it away"


def test_a_table_about_too_few_people_is_not_shown() -> None:
    assert protect([1, 1, 1, 1, 1], 5).whole, "five ones and a total of five tell everything"


def test_a_table_of_one_small_row_is_not_shown() -> None:
    assert protect([3], 5).whole


@pytest.mark.parametrize("smallest", [3, 4, 5])
def test_no_hidden_cell_can_be_derived(smallest: int) -> None:
    chance = random.Random(20260101 + smallest)
    hidden_tables = 0
    for _ in range(1200):
        counts = [chance.choice((0, 1, 2, 3, 4, 5, 6, 8, 11)) for _ in range(chance.randint(1, 4))]
        hidden = protect(counts, smallest)
        small = {i for i, count in enumerate(counts) if 0 < count < smallest}
        assert small <= hidden.cells, "every small number is hidden"
        if hidden.whole or not hidden.cells:
            continue
        hidden_tables += 1
        for cell in hidden.cells:
            possible = {table[cell] for table in as_seen(counts, hidden, smallest)}
            assert counts[cell] in possible
            assert len(possible) > 1, f"{counts} gives cell {cell} away"
    assert hidden_tables > 100, "the tables must put the rule to the test"


def as_seen(counts: list[int], hidden: Hidden, smallest: int) -> Iterator[list[int]]:
    """Yields every table that would be shown in just the same way: all that a reader who knows the rule can tell."""
    places = sorted(hidden.cells)
    for values in parts(sum(counts[i] for i in places), len(places)):
        table = list(counts)
        for place, value in zip(places, values, strict=True):
            table[place] = value
        if protect(table, smallest) == hidden:
            yield table


def parts(total: int, number: int) -> Iterator[tuple[int, ...]]:
    if number == 1:
        yield (total,)
        return
    for first in range(total + 1):
        for rest in parts(total - first, number - 1):
            yield (first, *rest)


def test_a_narrowing_row_tells_no_small_difference() -> None:
    assert steps([100, 98, 60], 5) == ("number", "nearly_all", "number")
    assert steps([100, 100, 97], 5) == ("number", "number", "nearly_all")
    assert steps([4, 2, 0], 5) == ("few", "few", "number")
    assert steps([50, 3, 3], 5) == ("number", "few", "few")


def test_no_small_group_can_be_had_by_taking_one_shown_step_from_another() -> None:
    chance = random.Random(7)
    for _ in range(2000):
        counts = sorted((chance.randint(0, 40) for _ in range(4)), reverse=True)
        shown = [count for count, told in zip(counts, steps(counts, 5), strict=True) if told == "number"]
        gaps = [a - b for i, a in enumerate(shown) for b in shown[i + 1 :]] + shown
        assert not [gap for gap in gaps if 0 < gap < 5]

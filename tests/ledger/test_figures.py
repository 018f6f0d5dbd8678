"""The figures of a fund: what came in and back is what is left, owed, on its way, paid, borne and given back."""

from __future__ import annotations

import pytest

from grants.ledger import figures
from grants.ledger.figures import FIGURES, difference, figure, strays

YEAR = {
    ("J0", "F"): -10_000,
    ("J1", "F"): 6_000,
    ("J1", "L.payable"): -6_000,
    ("J2", "L.payable"): 5_000,
    ("J2", "L.in_flight"): -5_000,
    ("J3", "L.in_flight"): 3_000,
    ("J4", "L.in_flight"): 500,
    ("J4", "L.payable"): -500,
    ("J5", "L.payable"): 400,
    ("J6", "L.payable"): -700,
    ("J8", "L.payable"): 200,
    ("J8", "F"): -200,
    ("J9b", "F"): 30,
    ("J10b", "F"): -20,
    ("J14", "F"): 90,
}
"""A year of a fund in sums of lines, debit positive: 100.00 in, 60.00 awarded, 50.00 sent, and what came of it."""

SAYS = {
    "came_in": 10_000,
    "came_back": 720,
    "left": 10_000 - 6_000 + 200 - 30 + 20 - 90,
    "owed": 6_000 - 5_000 + 500 - 400 + 700 - 200,
    "in_flight": 5_000 - 3_000 - 500,
    "paid": 3_400,
    "costs": 30,
    "returned": 90,
}


@pytest.mark.parametrize("each", FIGURES, ids=lambda each: each.slug)
def test_each_figure_is_the_sum_of_its_lines(each: figures.Figure) -> None:
    assert figure(YEAR, each) == SAYS[each.slug]
    assert figure({}, each) == 0


def test_the_two_sides_of_a_fund_are_equal() -> None:
    assert difference(YEAR) == 0
    assert difference({}) == 0
    assert strays(YEAR) == []


def test_a_posting_that_no_figure_names_is_a_difference_and_is_named() -> None:
    odd = YEAR | {("J77", "F"): 5, ("J66", "L.payable"): -2}
    assert difference(odd) == 3
    assert strays(odd) == ["J66", "J77"]


@pytest.mark.parametrize(("place", "off"), [(("J0", "F"), -1), (("J3", "L.in_flight"), 1), (("J6", "L.payable"), -1)])
def test_lines_that_a_figure_names_keep_the_sides_equal(place: tuple[str, str], off: int) -> None:
    assert difference(YEAR | {place: YEAR[place] + off}) == 0

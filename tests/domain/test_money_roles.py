"""Roles over money: every triple of people over every triple of acts, against a table written by hand."""

from __future__ import annotations

from itertools import combinations, permutations, product
from pathlib import Path

import pytest

from grants.domain import money_roles
from grants.domain.money_roles import ACTS, allowed, apart, excluded, table

ROOM = Path(money_roles.__file__).parent

TWO_PEOPLE = {
    ("decide", "agree"),
    ("decide", "release"),
    ("agree", "release"),
    ("build", "release"),
    ("account", "vouch"),
    ("tell", "vouch"),
}
"""What the charity promises whatever the amount; written from the promise, not from the code."""

THREE_PEOPLE = TWO_PEOPLE | {("decide", "account"), ("account", "release")}
"""What it promises for large grants."""


def promised(people: dict[str, int], *, above: bool) -> bool:
    rules = THREE_PEOPLE if above else TWO_PEOPLE
    return not any({a, b} <= set(people) and people[a] == people[b] for a, b in rules)


@pytest.mark.parametrize("above", [False, True], ids=["small", "large"])
def test_every_ordered_triple_of_people_over_every_three_acts(above: bool) -> None:
    wrong = []
    tried = 0
    for acts in permutations(ACTS, 3):
        for people in product(range(3), repeat=3):
            done = dict(zip(acts, people, strict=True))
            tried += 1
            if allowed(done, above=above) != promised(done, above=above):
                wrong.append(done)
    assert tried == 7 * 6 * 5 * 27
    assert wrong == []


@pytest.mark.parametrize("above", [False, True], ids=["small", "large"])
def test_every_way_to_spread_all_acts_over_three_people(above: bool) -> None:
    spread = [dict(zip(ACTS, people, strict=True)) for people in product(range(3), repeat=len(ACTS))]
    assert [done for done in spread if allowed(done, above=above) != promised(done, above=above)] == []
    assert any(allowed(done, above=above) for done in spread)


def test_two_people_are_enough_for_a_small_grant_and_never_for_a_large_one() -> None:
    paying = ("decide", "account", "build", "release")
    pairs = [dict(zip(paying, people, strict=True)) for people in product(range(2), repeat=4)]
    assert any(allowed(done, above=False) for done in pairs)
    assert not any(allowed(done, above=True) for done in pairs)


@pytest.mark.parametrize("above", [False, True], ids=["small", "large"])
def test_whoever_decides_never_releases(above: bool) -> None:
    assert apart("decide", "release", above=above)
    assert excluded("release", {"decide": {1}, "build": {2}, "tell": {3}}, above=above) == {1, 2}


def test_a_large_grant_asks_for_everything_that_a_small_one_does() -> None:
    for first, second in combinations(ACTS, 2):
        assert apart(first, second, above=True) >= apart(first, second, above=False)
        assert apart(first, second, above=True) == apart(second, first, above=True)


def test_the_table_in_the_room_is_this_one() -> None:
    assert table() in (ROOM / "README.md").read_text(encoding="utf-8")

"""Codes that people type from a letter: read as they are written, and a slip is caught before anybody looks."""

from __future__ import annotations

import random

import pytest

from grants.domain.typable import ALPHABET, LENGTH, POSSIBLE, check_of, read, spaced, whole


def drawn(chance: random.Random) -> str:
    return "".join(chance.choice(ALPHABET) for _ in range(LENGTH - 1))


def test_every_slip_of_one_character_and_every_swap_of_two_neighbours_is_caught() -> None:
    chance = random.Random(5)
    caught = 0
    for _ in range(200):
        code = whole(drawn(chance))
        assert read(code) == code
        for place in range(LENGTH):
            for other in set(ALPHABET) - {code[place]}:
                caught += not read(code[:place] + other + code[place + 1 :])
        for place in range(LENGTH - 1):
            swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
            assert swapped == code or not read(swapped), (code, swapped)
    assert caught == 200 * LENGTH * (len(ALPHABET) - 1)


@pytest.mark.parametrize(
    "typed",
    ["K7M 2XQ 0T{c}", "k7m2xqot{c}", " k7m-2xq-OT{c}. ", "k7m/2xq/0t{c}", "K7M\t2XQ\n0T{c}"],
)
def test_a_code_is_read_as_people_type_it(typed: str) -> None:
    check = check_of("k7m2xq0t")
    assert read(typed.format(c=check.upper())) == f"k7m2xq0t{check}"
    assert read(spaced(f"k7m2xq0t{check}")) == f"k7m2xq0t{check}"


def test_i_and_l_are_a_one() -> None:
    code = whole("11111111")
    assert read("iIlL1Il1" + code[-1]) == code


@pytest.mark.parametrize("typed", ["", "k7m", "0" * 10, "0" * 100_000, "'; DROP TABLE grants", "ｋ７ｍ", "\x00" * 9])
def test_what_is_no_code_reads_as_none(typed: str) -> None:
    assert read(typed) == ""


def test_there_are_two_to_the_forty() -> None:
    assert POSSIBLE == 2**40
    assert len(set(ALPHABET)) == 32
    assert not set("ilou") & set(ALPHABET)

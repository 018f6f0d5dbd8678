"""Synthetic: a made-up year of applications, the same for the same seed, for a charity with no history yet.

Everything here is an assumption and is labelled as one. It stands for nobody and for no real fund.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from hashlib import sha256
from typing import TypeVar

from grants.domain.facts import Facts, Route
from grants.domain.money import EXPONENTS, Money
from grants.domain.replay import Past
from grants.domain.terms import Terms

T = TypeVar("T")

Weighted = tuple[tuple[T, int], ...]

AMOUNTS: Weighted[int] = ((50, 10), (80, 14), (100, 18), (150, 24), (200, 12), (250, 9), (300, 7), (500, 5), (1000, 1))
"""What is awarded, in whole pounds, and how often in 100."""

ROUTES: Weighted[Route] = (("self", 50), ("referred", 30), ("phone", 12), ("staff", 8))

PURPOSES: Weighted[str] = (
    ("GTIP070", 27),
    ("GTIP050", 22),
    ("GTIP020", 15),
    ("GTIP010", 12),
    ("GTIP080", 9),
    ("GTIP060", 7),
    ("GTIP100", 4),
    ("GTIP040", 4),
)

REASONS: Weighted[str] = (("GTIR010", 55), ("GTIR030", 13), ("GTIR070", 12), ("GTIR080", 8), ("GTIR060", 6), ("", 6))

HOUSEHOLDS: Weighted[int] = ((1, 40), (2, 22), (3, 16), (4, 13), (5, 6), (6, 3))

DECISION_DAYS: Weighted[int] = ((0, 30), (1, 40), (2, 18), (3, 7), (5, 5))

MONEY_DAYS: Weighted[int] = ((0, 20), (1, 55), (2, 15), (3, 10))

REPEATS = 22
"""How many awards in 100 go to somebody who had one before."""

DECLINED = 12
"""How many applications in 100 are declined."""

SAID = (
    ("Amounts", "50 to 1,000, mostly 80 to 200, in whole pounds or the like"),
    ("How people apply", "50 in 100 themselves, 30 through a referrer, 12 by phone, 8 typed by staff"),
    ("Had a grant before", f"{REPEATS} in 100"),
    ("Declined", f"{DECLINED} in 100"),
    ("To a decision", "0 to 5 days, half within 1"),
    ("From the decision to the money", "0 to 3 days, half within 1"),
    ("How it was", "one worker decides, paid at once, nothing asked"),
)
"""The assumptions of a made-up year in words."""


def year(count: int, seed: str, starts_on: date, currency: str = "GBP") -> Iterator[Past]:
    """Yields so many applications of one made-up year; the same seed gives the same year everywhere."""
    trust = Terms()
    for number in range(count):
        chance = _Chance(seed, number)
        awarded = chance.below(100) >= DECLINED
        facts = _facts(chance, starts_on, currency)
        waited = _pick(chance, DECISION_DAYS) + _pick(chance, MONEY_DAYS)
        yield Past(facts=facts, terms=trust, awarded=awarded, waited=waited if awarded else None)


class _Chance:
    """Draws for one application, made of one SHA-256, so that any machine draws the same."""

    def __init__(self, seed: str, number: int) -> None:
        self._left = int.from_bytes(sha256(f"{seed}:{number}".encode()).digest())

    def below(self, most: int) -> int:
        """Returns a number from 0 to below ``most``; a draw takes few of the 256 bits."""
        self._left, drawn = divmod(self._left, most)
        return drawn


def _facts(chance: _Chance, starts_on: date, currency: str) -> Facts:
    return Facts(
        amount=Money(_pick(chance, AMOUNTS) * 10 ** EXPONENTS[currency], currency),
        awarded_on=starts_on + timedelta(days=chance.below(365)),
        route=_pick(chance, ROUTES),
        first_grant=chance.below(100) >= REPEATS,
        purposes=(_pick(chance, PURPOSES),),
        reason=_pick(chance, REASONS) or None,
        household_size=_pick(chance, HOUSEHOLDS),
    )


def _pick(chance: _Chance, among: Sequence[tuple[T, int]]) -> T:
    left = chance.below(sum(often for _, often in among))
    for value, often in among:
        left -= often
        if left < 0:
            return value
    raise AssertionError("the shares are above zero")

"""Sampling: how many to ask, a draw that anybody can run again, and what the replies can and cannot show."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from hashlib import sha256
from math import comb
from statistics import NormalDist

from grants.domain.errors import Refusal

LEAST_CONFIDENCE, MOST_CONFIDENCE = 50, 99
"""How sure a figure may be said to be, in 100; nothing is ever certain."""

LEAST_MARGIN, MOST_MARGIN = 1, 50
"""How far off a share may be, in percentage points."""

GRID = 10_000
"""Intervals are told in ten-thousandths, rounded outwards, so that rounding never makes us look surer."""

_FINE, _FINEST = 10**9, 2**128
"""How finely whole numbers stand for the parts of one; what is cut off is far below any grid."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """The share of yes if everybody silent had said no (``worst``), and if everybody silent had said yes (``best``)."""

    worst: Fraction
    best: Fraction


def sample_size(population: int, confidence: int, margin: int) -> int:
    """Returns how many of a population to ask, so that a share is known within ``margin`` percentage points.

    The usual size for the worst case, a share of one half, with the correction for a finite population (W. G.
    Cochran, Sampling Techniques, chapter 4). Never more than there are; raises Refusal for what makes no sense.
    """
    _refuse_confidence(confidence)
    if not LEAST_MARGIN <= margin <= MOST_MARGIN:
        words = f"Choose a margin from {LEAST_MARGIN} to {MOST_MARGIN} points."
        raise Refusal("sample.margin", words, "margin")
    if population < 0:
        raise Refusal("sample.population", "There cannot be fewer than no people.")
    if population == 0:
        return 0
    deviations = NormalDist().inv_cdf((100 + confidence) * 0.005)
    endless = round((deviations * 50) ** 2 * _FINE)
    size = -(-population * endless // ((population - 1) * margin**2 * _FINE + endless))
    return min(population, size)


def seed_commitment(seed: str) -> str:
    """Returns what is published before a draw: the SHA-256 of the seed, in hexadecimal.

    Whoever later sees the seed can check that it was chosen before. A seed is long and made by chance
    (``secrets.token_hex(16)``), since a short one could be guessed from its hash.
    """
    return sha256(seed.encode()).hexdigest()


def in_order(seed: str, numbers: Iterable[str]) -> tuple[str, ...]:
    """Returns the numbers, each once, in the order in which this seed draws them: by the SHA-256 of ``seed:number``.

    The order depends on nothing else, neither on how the numbers were listed nor on this language.
    """
    return tuple(sorted(set(numbers), key=lambda number: (_ticket(seed, number), number)))


def draw(seed: str, numbers: Iterable[str], size: int) -> tuple[str, ...]:
    """Returns the first ``size`` of the order; whoever cannot be asked is replaced by the next, ``in_order``."""
    return in_order(seed, numbers)[: max(size, 0)]


def drawn(seed: str, number: str, share_in_100: int) -> bool:
    """Returns whether this one number falls into a share, for draws one by one; a larger share holds a smaller one."""
    if not 0 <= share_in_100 <= 100:
        raise Refusal("sample.share", "Choose a share from 0 to 100 in 100.", "share")
    return _ticket(seed, number) * 100 < share_in_100 * 2**256


def exact_interval(successes: int, n: int, confidence: int) -> tuple[Fraction, Fraction]:
    """Returns the exact range for a share of those who replied, in ten-thousandths, rounded outwards.

    C. J. Clopper and E. S. Pearson, Biometrika 26 (1934): in at least ``confidence`` of 100 draws the range holds
    the true share. With no reply it is everything. It says nothing of who stayed silent: see ``bounds``.
    """
    _refuse_confidence(confidence)
    if not 0 <= successes <= n:
        raise Refusal("sample.counts", f"{successes} of {n} cannot be: check both numbers.")
    if n == 0:
        return Fraction(0), Fraction(1)
    return _lowest(successes, n, confidence), 1 - _lowest(n - successes, n, confidence)


def bounds(yes: int, no: int, silent: int) -> Bounds:
    """Returns the worst and the best case of a share, whatever the silent would have said; no draw: all is possible."""
    if min(yes, no, silent) < 0:
        raise Refusal("sample.counts", "There cannot be fewer than no replies: check the numbers.")
    asked = yes + no + silent
    if asked == 0:
        return Bounds(Fraction(0), Fraction(1))
    return Bounds(Fraction(yes, asked), Fraction(yes + silent, asked))


def _refuse_confidence(confidence: int) -> None:
    if not LEAST_CONFIDENCE <= confidence <= MOST_CONFIDENCE:
        words = f"Choose how sure to be from {LEAST_CONFIDENCE} to {MOST_CONFIDENCE} in 100."
        raise Refusal("sample.confidence", words, "confidence")


def _ticket(seed: str, number: str) -> int:
    return int.from_bytes(sha256(f"{seed}:{number}".encode()).digest())


def _lowest(successes: int, n: int, confidence: int) -> Fraction:
    """Returns the largest share on the grid under which so many successes or more are too unlikely."""
    low, high = 0, successes * GRID // n
    while low < high:
        middle = (low + high + 1) // 2
        if _at_least(successes, n, middle) * 200 <= (100 - confidence) * _FINEST:
            low = middle
        else:
            high = middle - 1
    return Fraction(low, GRID)


def _at_least(successes: int, n: int, share: int) -> int:
    """Returns the chance of so many successes or more in n, out of ``_FINEST``, for a share in ten-thousandths.

    The share lies between 1 and ``successes`` of n, where the terms of the sum only fall.
    """
    term: int = comb(n, successes) * share**successes * (GRID - share) ** (n - successes) * _FINEST // GRID**n
    whole = term
    for i in range(successes, n):
        if not term:
            break
        term = term * (n - i) * share // ((i + 1) * (GRID - share))
        whole += term
    return whole

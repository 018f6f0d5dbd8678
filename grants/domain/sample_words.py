"""Sample words: what the figure of a sample shows and what it does not, in plain sentences."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

from grants.domain.sampling import bounds, exact_interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What came back of a sample: of ``people`` so many were drawn, and said yes, said no, or stayed silent.

    ``silent`` counts whoever did not reply, could not be reached, or did not want to; ``confidence`` is in 100.
    """

    people: int
    yes: int
    no: int
    silent: int
    confidence: int = 90

    @property
    def drawn(self) -> int:
        """Returns how many were drawn."""
        return self.yes + self.no + self.silent

    @property
    def replied(self) -> int:
        """Returns how many replied."""
        return self.yes + self.no


def in_100(share: Fraction) -> int:
    """Returns a share as a whole number in 100, rounded to the nearest, halves up."""
    return floor(share * 100 + Fraction(1, 2))


def shows(sample: Sample, what: str = "that the money came") -> tuple[str, ...]:
    """Returns what the figure shows, one sentence each; ``what`` completes “So many said …”."""
    if sample.drawn == 0:
        return ("Nobody has been asked yet, so there is no figure.",)
    first = f"{_people(sample.drawn)} drawn by chance, out of {sample.people}. {_replied(sample)}"
    if sample.replied == 0:
        return (first,)
    return (first, *_figure(sample, what), *_of_silent(sample, what))


def shows_not(sample: Sample) -> tuple[str, ...]:
    """Returns what the figure does not show, one sentence each."""
    said = ["It speaks only of those who replied. We do not know what the others would say."] if sample.silent else []
    return (
        *said,
        "Not replying is fine. It never counts against anyone.",
        "It is about all of them together, not about any one person.",
        "It does not say what people spent the money on, or why they asked for it.",
    )


def _people(drawn: int) -> str:
    return "1 person was" if drawn == 1 else f"{drawn} people were"


def _replied(sample: Sample) -> str:
    if sample.replied == 0:
        return "Nobody has replied, so there is no figure."
    if sample.silent == 0:
        return "They replied." if sample.drawn == 1 else "All of them replied."
    return f"{sample.replied} replied, {sample.silent} did not."


def _figure(sample: Sample, what: str) -> tuple[str, ...]:
    low, high = exact_interval(sample.yes, sample.replied, sample.confidence)
    return (
        f"Of those who replied, {sample.yes} of {sample.replied} said {what}.",
        (
            f"Chance could have drawn other people. For everyone who would reply, a fair range is {floor(low * 100)} to"
            f" {ceil(high * 100)} in 100. A range made this way is right at least {sample.confidence} times in 100."
        ),
    )


def _of_silent(sample: Sample, what: str) -> tuple[str, ...]:
    if sample.silent == 0:
        return ()
    case = bounds(sample.yes, sample.no, sample.silent)
    return (
        (
            f"If nobody who stayed silent would say {what}, it would be {in_100(case.worst)} in 100 of all we drew."
            f" If all of them would, it would be {in_100(case.best)} in 100."
        ),
    )

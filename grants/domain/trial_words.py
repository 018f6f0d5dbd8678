"""Trial words: what two ways of trusting side by side show and do not show, in plain sentences."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import Literal

from grants.domain.sampling import exact_interval

CONFIDENCE = 90
"""How sure the ranges of a trial are, in 100."""

Arm = Literal["standing", "lighter"]

ARMS: tuple[Arm, ...] = ("standing", "lighter")

APPLICANTS = "Some people, drawn by chance, are asked less. What you are shown is the most that anybody is asked."
"""What everybody who applies is told while a trial runs."""


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many, as it may be told: without numbers where either group is small."""

    name: str
    yes: int
    of: int
    hidden: bool = False

    @property
    def interval(self) -> tuple[Fraction, Fraction]:
        """Returns the exact range for the share, in ten-thousandths."""
        return exact_interval(self.yes, self.of, CONFIDENCE)


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmResult:
    """What came of one arm: how many grants, minutes asked of each on average, half of the waits, and shares.

    ``grants`` is None where they are too few to tell; then nothing else is told either. ``seconds`` is the wait
    from applying to the money for half of the people, None where too few were paid.
    """

    arm: str
    grants: int | None = None
    minutes: int = 0
    seconds: float | None = None
    shares: tuple[Share, ...] = ()


def share(name: str, yes: int, of: int, smallest: int) -> Share:
    """Returns a share, hidden where those who did, or those who did not, are some and fewer than the smallest."""
    small = any(0 < group < smallest for group in (yes, of - yes))
    return Share(name, 0, 0, hidden=True) if small else Share(name, yes, of)


def told(found: Share) -> str:
    """Returns a share in words, with its exact range."""
    if found.hidden:
        return "Too few to tell."
    if not found.of:
        return "Nobody so far."
    low, high = found.interval
    return f"{found.yes} of {found.of} (a fair range is {floor(low * 100)} to {ceil(high * 100)} in 100)"


def shows() -> tuple[str, ...]:
    """Returns what the figures of a trial show and do not show, one sentence each."""
    return (
        "Chance alone decided who is asked less, so the two groups are alike in everything else.",
        (
            f"A range made this way is right at least {CONFIDENCE} times in 100. Where two ranges lie over each other,"
            " no difference is shown yet: there may be none, or too few grants to see it."
        ),
        "Each person is counted with the group that chance put them in, whatever was asked in the end.",
        "Saying nothing is fine. It does not mean that the money did not come.",
        "It does not show what people spent the money on, and nobody’s grant depends on it.",
    )

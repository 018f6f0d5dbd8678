"""The charity's line: how much a policy may cost a person before a reason must be written down, as a pure check."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from grants.domain import burden, words
from grants.domain.money import Money
from grants.domain.terms import INTRUSIVENESS, Intrusiveness, Terms


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A ceiling on burden: its cost as a share of a typical award (in 100), and how far anything may reach.

    ``hourly`` is what an hour of a person's time is worth, in minor units of the award's currency.
    """

    share: int
    intrusiveness: Intrusiveness
    hourly: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a policy stands to a line: what it costs of a typical award, how far it reaches, and what is over."""

    line: Line
    net: burden.NetGrant
    reaches: Intrusiveness

    @property
    def over_share(self) -> bool:
        """Returns whether it costs more of an award than the line allows."""
        return self.net.share > self.line.share

    @property
    def over_reach(self) -> bool:
        """Returns whether something reaches further into a life than the line allows."""
        return INTRUSIVENESS.index(self.reaches) > INTRUSIVENESS.index(self.line.intrusiveness)

    @property
    def over(self) -> bool:
        """Returns whether a written reason is needed."""
        return self.over_share or self.over_reach

    @property
    def reasons(self) -> tuple[str, ...]:
        """Returns why it is over the line, one plain sentence each; empty when it is within."""
        said = []
        if self.over_share:
            costs, most = in_100(self.net.share), self.line.share
            said.append(
                f"In time and money it costs a person about {costs} of a typical award. The line is {most} in 100."
            )
        if self.over_reach:
            reach, most_reach = REACH[self.reaches], REACH[self.line.intrusiveness]
            said.append(f"It asks for something that {reach}. Our line ends at what {most_reach}.")
        return tuple(said)


REACH: dict[Intrusiveness, str] = {
    "none": "tells nothing about a life",
    "own_words": "people say in their own words",
    **{reach: said for reach, said in words.REACHES.items() if reach not in ("none", "own_words")},
}
"""How far something reaches, as the end of “something that …”."""


def verdict(line: Line, terms: Terms, typical: Money) -> Verdict:
    """Returns how these terms stand to the line, for a typical award; only what the person bears is counted."""
    borne = burden.expected(terms)
    return Verdict(line, burden.net_grant(typical, borne, line.hourly), borne.intrusiveness)


def in_100(share: Fraction) -> str:
    """Returns ``7 in 100``, ``less than 1 in 100`` or ``nothing``; rounded up, so that burden never looks smaller."""
    if share <= 0:
        return "nothing"
    return "less than 1 in 100" if share < 1 else f"{-(-share // 1)} in 100"

"""Roles over money: which acts on one payment different people do, as one table.

The README of this room shows the table; a test compares them. Rules hold within one matter: one grant and its payments.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import combinations

ACTS: Mapping[str, str] = {
    "decide": "award the grant",
    "agree": "agree to the award as the second person",
    "account": "key in, change or, as a third person, check the account",
    "build": "put the run together, or write a payment by hand down",
    "release": "release the run, or confirm a payment by hand",
    "tell": "say that a payment never went out, shows another amount, came back or is lost",
    "vouch": "agree to that, or accept an account whose name did not match",
}
"""What people do to money, each by its short name."""

ALWAYS = frozenset(
    frozenset(pair)
    for pair in (
        ("decide", "agree"),
        ("decide", "release"),
        ("agree", "release"),
        ("build", "release"),
        ("account", "vouch"),
        ("tell", "vouch"),
    )
)
"""Pairs of acts that two people do, whatever the amount."""

ABOVE = frozenset(frozenset(pair) for pair in (("account", "decide"), ("account", "release")))
"""Pairs of acts that two people do as well when the grant is above the amount for three people."""

THIRD = frozenset({"release", "account"})
"""Acts that a trustee may do as the third person, where no colleague who may is left."""


def apart(first: str, second: str, *, above: bool) -> bool:
    """Returns whether two acts on one payment are done by different people; ``above``: the grant is a large one."""
    pair = frozenset((first, second))
    return pair in ALWAYS or (above and pair in ABOVE)


def allowed(people: Mapping[str, int], *, above: bool) -> bool:
    """Returns whether these people (act → person) may have done these acts on one payment."""
    return all(people[a] != people[b] or not apart(a, b, above=above) for a, b in combinations(sorted(people), 2))


def excluded(act: str, done: Mapping[str, Collection[int]], *, above: bool) -> frozenset[int]:
    """Returns who may not do this act any more, after those acts by these people."""
    return frozenset(person for other, people in done.items() if apart(act, other, above=above) for person in people)


def table() -> str:
    """Returns the rules as a Markdown table, the same text each time."""
    names = list(ACTS)
    lines = [f"| | {' | '.join(names)} |", f"|---|{'---|' * len(names)}"]
    lines += [f"| **{row}** | {' | '.join(_cell(row, column) for column in names)} |" for row in names]
    told = [f"- **{name}**: {words}" for name, words in ACTS.items()]
    return "\n".join([*lines, "", *told])


def _cell(row: str, column: str) -> str:
    if row == column:
        return "–"
    if apart(row, column, above=False):
        return "two people"
    return "two above" if apart(row, column, above=True) else "may be one"

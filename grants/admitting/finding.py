"""Finding: what is wrong with one plugin, said so that whoever looks after it knows what to mend."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with a plugin: which one, where, and what was expected, in one sentence.

    ``later`` says that it was not asked just now, and will be.
    """

    plugin: str
    where: str
    problem: str
    later: bool = False

    def __str__(self) -> str:
        return f"{self.plugin}: {self.where}: {self.problem}"

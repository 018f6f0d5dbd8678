"""What became of one practice grant: what each party was asked, what was paid, and what waited for what."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from grants.domain.money import Money, total
from grants.domain.terms import Party, Terms

When = Literal["applying", "afterwards"]
"""Before the award, or after it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One thing that somebody was asked: by when, how long it takes in minutes, and how it ended.

    ``ended`` is answered, lapsed or waived; what is asked while applying is always answered. ``cost`` is in
    minor units.
    """

    what: str
    of: Party
    minutes: int
    when: When
    on: date
    ended: str = "answered"
    cost: int = 0
    condition: bool = False


@dataclass(frozen=True, slots=True)
class Paid:
    """One payment that was made, counted from 1, and its day."""

    number: int
    on: date
    amount: Money


@dataclass(frozen=True, slots=True)
class Waited:
    """One payment that was due and waited ``days`` for what it names."""

    number: int
    for_what: str
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One grant from the application to the end, told in days, minutes and amounts; ``str(story)`` reads well.

    ``people`` is how many of the charity decided; ``days`` how long all of it took, from the award on.
    """

    policy: str
    promise: str
    amount: Money
    terms: Terms
    awarded_on: date
    ended_on: date
    state: str
    people: int
    asked: tuple[Asked, ...]
    payments: tuple[Paid, ...]
    waited: tuple[Waited, ...] = ()

    def minutes(self, of: Party = "recipient", when: When = "afterwards") -> int:
        """Returns the minutes that a party was asked for: after the award, or while applying."""
        return sum(each.minutes for each in self.asked if (each.of, each.when) == (of, when))

    def cost(self, of: Party = "recipient", when: When = "afterwards") -> Money:
        """Returns what a party was asked to spend out of their own pocket."""
        spent = sum(each.cost for each in self.asked if (each.of, each.when) == (of, when))
        return Money(spent, self.amount.currency)

    @property
    def paid(self) -> Money:
        """Returns how much was paid in all."""
        return total([each.amount for each in self.payments], self.amount.currency)

    @property
    def days_to_money(self) -> int:
        """Returns the days from the award to the first payment; -1 when nothing was paid."""
        return (self.payments[0].on - self.awarded_on).days if self.payments else -1

    @property
    def days(self) -> int:
        """Returns the days from the award until nothing was open any more."""
        return (self.ended_on - self.awarded_on).days

    def ended(self, how: str) -> tuple[Asked, ...]:
        """Returns what was asked after the award and ended so: answered, lapsed or waived."""
        return tuple(each for each in self.asked if each.when == "afterwards" and each.ended == how)

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        people = "one person" if self.people == 1 else f"{self.people} people"
        yield f"{self.policy}: {self.promise}"
        for each in self.asked:
            if each.when == "applying":
                yield f"  applying    {_minutes(each.minutes)}: {each.what}"
        yield f"  awarded     {self.amount}, by {people}"
        for payment in self.payments:
            yield f"  paid        {self._day(payment.on)}: {payment.amount}"
        for wait in self.waited:
            yield f"  waited      payment {wait.number}, {wait.days} days: {wait.for_what}"
        for each in self.asked:
            if each.when == "afterwards":
                what = f"the {each.of}, {_minutes(each.minutes)}: {each.what}: {each.ended}"
                yield f"  asked       {self._day(each.on)}: {what}"
        asked = f"{_minutes(self.minutes(when='applying'))} before the award and {_minutes(self.minutes())} after it"
        yield f"The recipient was asked for {asked}. The grant is {self.state.replace('_', ' ')}."

    def _day(self, day: date) -> str:
        days = (day - self.awarded_on).days
        return f"day {days}" if days else "at once"


def _minutes(number: int) -> str:
    return f"{number} minute" if number == 1 else f"{number} minutes"

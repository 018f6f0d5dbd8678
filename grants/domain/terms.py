"""Terms: what one grant asks, pays and promises, as frozen data; empty parts ask nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Intrusiveness = Literal["none", "own_words", "document", "third_party", "account_access"]
"""How far a question reaches into a life, mildest first."""

INTRUSIVENESS: tuple[Intrusiveness, ...] = ("none", "own_words", "document", "third_party", "account_access")

Party = Literal["recipient", "referrer", "charity"]
"""Who bears an ask."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """An extra question at application, with its purpose, minutes and cost in minor units."""

    slug: str
    text: str
    purpose: str
    minutes: int = 1
    kind: Literal["text", "long_text", "number", "yes_no", "choice"] = "text"
    choices: tuple[str, ...] = ()
    required: bool = False
    cost: int = 0
    intrusiveness: Intrusiveness = "own_words"
    seen_by: tuple[Literal["staff", "funder"], ...] = ("staff",)
    kept_days: int = 365


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One thing hoped for after the award; ``due_days`` counts from the award.

    ``if_missed`` says what happens: nothing (let_go), reminders and then nothing (remind), the next
    instalment waits (hold_next_payment: the ask is then a *condition*), or a person later looks at
    the question of a further grant (further_grant).
    """

    slug: str
    title: str
    purpose: str
    minutes: int
    form: str = "story"
    of: Party = "recipient"
    due_days: int = 180
    cost: int = 0
    intrusiveness: Intrusiveness = "own_words"
    if_missed: Literal["let_go", "remind", "hold_next_payment", "further_grant"] = "let_go"
    reminders: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """Who decides up to an amount in minor units; ``up_to`` None means any amount."""

    up_to: int | None = None
    people: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """Who may decide, by amount, lowest band first; with no band a worker decides alone within their own limit.

    ``partners`` lets an agency's worker decide about the people they referred.
    """

    bands: tuple[Band, ...] = ()
    partners: bool = False

    def people(self, amount: int) -> int:
        """Returns how many people must agree to an award of this many minor units."""
        for band in self.bands:
            if band.up_to is None or amount <= band.up_to:
                return band.people
        return self.bands[-1].people if self.bands else 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """When and to whom the money goes: ``parts`` equal instalments, ``every_months`` apart, from the award on."""

    parts: int = 1
    every_months: int = 1
    after_days: int = 0
    payees: tuple[Literal["recipient", "agency", "supplier"], ...] = ("recipient",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """Whether “it came” is offered, hoped for or sampled; not confirming never changes anything."""

    mode: Literal["none", "offered", "hoped_for", "sampled"] = "offered"
    share: int = 0
    confidence: int = 90
    seed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Eligibility:
    """Who and what the money may be for, in one sentence, attested by a worker's tick and reason."""

    sentence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What the funder sees: named aggregates, how often, and the smallest number shown."""

    aggregates: tuple[str, ...] = ("money", "counts", "days_to_money", "burden")
    every_months: int = 3
    smallest_cell: int = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """A duty that the funder or the charity takes on, kept within ``days``."""

    by: Literal["funder", "charity"]
    text: str
    days: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """One part per verb, each empty by default: ``Terms()`` asks nothing and pays at once."""

    eligibility: Eligibility = field(default_factory=Eligibility)
    questions: tuple[Question, ...] = ()
    authority: Authority = field(default_factory=Authority)
    schedule: Schedule = field(default_factory=Schedule)
    confirmation: Confirmation = field(default_factory=Confirmation)
    asks: tuple[Ask, ...] = ()
    statement: Statement = field(default_factory=Statement)
    promises: tuple[Promise, ...] = ()

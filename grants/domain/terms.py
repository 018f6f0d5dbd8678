"""Terms: what one grant asks, pays and promises, as frozen data; empty parts ask nothing."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field as dataclass_field
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
class Field:
    """One blank of a form that is written as data; every such form also ends with an optional “anything else?”."""

    slug: str
    label: str
    kind: Literal["text", "long_text", "number", "yes_no", "choice"] = "long_text"
    choices: tuple[str, ...] = ()
    required: bool = False
    hint: str = ""


IfMissed = Literal["let_go", "remind", "hold_next_payment", "further_grant"]
"""What happens when an ask is not answered."""

Proof = Literal["photo", "bank_line", "own_words"]
"""What may prove that something was bought."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One thing hoped for after the award; ``due_days`` counts from the award.

    ``if_missed`` says what happens: nothing (let_go), reminders and then nothing (remind), the next
    instalment waits (hold_next_payment: the ask is then a *condition*), or a person later looks at
    the question of a further grant (further_grant). ``form`` names a form that a plugin offers;
    ``fields`` in its place say the form as data. ``accepts`` says which proof is enough, any one of them:
    a photo, a line of the bank statement, the person's own words. ``share`` out of 100 grants are asked,
    drawn by ``seed`` and never by person.
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
    if_missed: IfMissed = "let_go"
    reminders: int = 0
    fields: tuple[Field, ...] = ()
    accepts: tuple[Proof, ...] = ()
    share: int = 100
    seed: str = ""

    @property
    def condition(self) -> bool:
        """Returns whether a later instalment may wait for this."""
        return self.if_missed == "hold_next_payment"


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """Who decides up to an amount in minor units; ``up_to`` None means any amount.

    ``who`` is whom one of the people must be: anybody who may decide, a manager, or a trustee.
    """

    up_to: int | None = None
    people: int = 1
    who: Literal["worker", "manager", "trustee"] = "worker"


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """Who may decide, by amount, lowest band first; with no band a worker decides alone within their own limit.

    ``partners`` lets an agency's worker decide about the people they referred. ``peer_look`` out of 100
    awards, drawn by chance, are looked at by a colleague afterwards, in place of an approval before.
    """

    bands: tuple[Band, ...] = ()
    partners: bool = False
    peer_look: int = 0

    def band(self, amount: int) -> Band:
        """Returns the band that an award of this many minor units falls into."""
        for band in self.bands:
            if band.up_to is None or amount <= band.up_to:
                return band
        return self.bands[-1] if self.bands else Band()

    def people(self, amount: int) -> int:
        """Returns how many people must agree to an award of this many minor units."""
        return self.band(amount).people


PayeeKind = Literal["recipient", "agency", "supplier"]
"""To whom the money may go."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """One way to be paid that the person may choose: ``parts`` equal instalments, so many months or days apart.

    ``every_days`` above 0 counts days in place of months: 14 is every fortnight.
    """

    parts: int = 1
    every_months: int = 1
    every_days: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """When and to whom the money goes: ``parts`` equal instalments, ``every_months`` apart, from the award on.

    ``choices`` are other paces that the person may pick, and change as long as something is unpaid.
    ``before_purchase`` says that the money comes before anything is bought; False: what was bought is paid
    back. ``provisional_days`` above 0: nothing is paid before that day, and until then two people may still
    withdraw the award, with a reason; on that day it is firm.
    """

    parts: int = 1
    every_months: int = 1
    after_days: int = 0
    payees: tuple[PayeeKind, ...] = ("recipient",)
    every_days: int = 0
    choices: tuple[Pace, ...] = ()
    before_purchase: bool = True
    provisional_days: int = 0

    @property
    def to_person(self) -> bool:
        """Returns whether the money may go to the person themselves."""
        return "recipient" in self.payees

    @property
    def usual(self) -> Pace:
        """Returns the pace that holds unless the person picks another."""
        return Pace(parts=self.parts, every_months=self.every_months, every_days=self.every_days)

    @property
    def paces(self) -> tuple[Pace, ...]:
        """Returns every pace the person may have, the usual one first."""
        return (self.usual, *(pace for pace in self.choices if pace != self.usual))


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """Whether “it came” is offered, hoped for or sampled; not confirming never changes anything.

    Sampled: ``share`` out of 100 people are called, or, with share 0, as many as give ``confidence`` per cent
    at ``margin`` points either way; drawn by ``seed``.
    """

    mode: Literal["none", "offered", "hoped_for", "sampled"] = "offered"
    share: int = 0
    confidence: int = 90
    seed: str = ""
    margin: int = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Eligibility:
    """Who and what the money may be for, in one sentence, and who attests it.

    A worker's tick and reason is the rule; a referrer's word may stand for it; ``proof`` names the ask that
    brings a document, for the funder who insists on one.
    """

    sentence: str = ""
    attested_by: Literal["worker", "referrer", "document"] = "worker"
    proof: str = ""


Column = Literal["month", "local_authority", "reason", "purpose", "amount"]
"""What a line of a grant may say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """One line a grant for the funder, with fresh ids: only with a reason, an agreement and a line in the notice.

    ``columns`` are chosen from the month, the local authority, the codes and the amount: no more can be asked.
    """

    columns: tuple[Column, ...] = ()
    reason: str = ""
    agreement: str = ""
    notice: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FunderQuestion:
    """A question of the funder; ``query`` names what we hold that answers it, empty when nothing does."""

    slug: str
    text: str
    query: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What the funder sees: named aggregates, how often, and the smallest number shown.

    ``file_check`` lets the funder's auditor look at drawn files on a screen, with nobody contacted.
    """

    aggregates: tuple[str, ...] = ("money", "counts", "days_to_money", "burden")
    every_months: int = 3
    smallest_cell: int = 5
    rows: Rows = dataclass_field(default_factory=Rows)
    file_check: bool = False
    questions: tuple[FunderQuestion, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """A duty that the funder or the charity takes on, kept within ``days``."""

    by: Literal["funder", "charity"]
    text: str
    days: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """One part per verb, each empty by default: ``Terms()`` asks nothing and pays at once."""

    eligibility: Eligibility = dataclass_field(default_factory=Eligibility)
    questions: tuple[Question, ...] = ()
    authority: Authority = dataclass_field(default_factory=Authority)
    schedule: Schedule = dataclass_field(default_factory=Schedule)
    confirmation: Confirmation = dataclass_field(default_factory=Confirmation)
    asks: tuple[Ask, ...] = ()
    statement: Statement = dataclass_field(default_factory=Statement)
    promises: tuple[Promise, ...] = ()

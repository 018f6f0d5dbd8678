"""The normal form of Terms: without texts and without what makes no difference, so that two can be compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from grants.domain.terms import (
    Ask,
    Column,
    Confirmation,
    Field,
    IfMissed,
    Intrusiveness,
    Pace,
    Party,
    PayeeKind,
    Proof,
    Schedule,
    Statement,
    Terms,
)


@dataclass(frozen=True, slots=True)
class NormalField:
    """One blank of a form: ``choices`` only where it is chosen from them."""

    kind: str
    choices: frozenset[str]
    required: bool


@dataclass(frozen=True, slots=True)
class NormalAsk:
    """One ask without its texts; ``seed`` only where chance decides, ``form`` empty where it is said as data."""

    of: Party
    form: str
    fields: Mapping[str, NormalField]
    accepts: frozenset[Proof]
    minutes: int
    cost: int
    intrusiveness: Intrusiveness
    due_days: int
    if_missed: IfMissed
    reminders: int
    share: int
    seed: str


@dataclass(frozen=True, slots=True)
class NormalSchedule:
    """The paces that the person may have, in any order, and the day of the first part."""

    paces: frozenset[Pace]
    payees: frozenset[PayeeKind]
    first_day: int
    provisional_days: int
    before_purchase: bool


@dataclass(frozen=True, slots=True)
class NormalStatement:
    """What the funder sees; each question by its slug, with what answers it."""

    aggregates: frozenset[str]
    columns: frozenset[Column]
    questions: Mapping[str, str]
    every_months: int
    smallest_cell: int
    file_check: bool


@dataclass(frozen=True, slots=True)
class Normal:
    """Terms without texts and without what makes no difference: equal normal forms ask and pay the same.

    ``promises`` are the days, None for no day, by who promised and the words.
    """

    schedule: NormalSchedule
    confirmation: Confirmation
    asks: Mapping[str, NormalAsk]
    statement: NormalStatement
    promises: Mapping[tuple[str, str], int | None]


def normal(terms: Terms) -> Normal:
    """Returns the normal form of terms, on which being lighter is a partial order."""
    return Normal(
        schedule=_schedule(terms.schedule),
        confirmation=_confirmation(terms.confirmation),
        asks={ask.slug: _ask(ask) for ask in terms.asks if ask.share},
        statement=_statement(terms.statement),
        promises=_promises(terms),
    )


def _schedule(schedule: Schedule) -> NormalSchedule:
    return NormalSchedule(
        paces=frozenset(_pace(pace) for pace in schedule.paces),
        payees=frozenset(schedule.payees),
        first_day=max(schedule.after_days, schedule.provisional_days),
        provisional_days=schedule.provisional_days,
        before_purchase=schedule.before_purchase,
    )


def _pace(pace: Pace) -> Pace:
    if pace.parts == 1:
        return Pace()
    return Pace(parts=pace.parts, every_days=pace.every_days) if pace.every_days else pace


def _confirmation(given: Confirmation) -> Confirmation:
    if given.mode != "sampled":
        return Confirmation(mode=given.mode)
    if given.share:
        return Confirmation(mode="sampled", share=given.share, seed=given.seed)
    return Confirmation(mode="sampled", confidence=given.confidence, margin=given.margin, seed=given.seed)


def _ask(ask: Ask) -> NormalAsk:
    reminders = 0 if ask.if_missed == "let_go" else ask.reminders
    return NormalAsk(
        of=ask.of,
        form="" if ask.fields else ask.form,
        fields={field.slug: _field(field) for field in ask.fields},
        accepts=frozenset(ask.accepts),
        minutes=ask.minutes,
        cost=ask.cost,
        intrusiveness=ask.intrusiveness,
        due_days=ask.due_days,
        if_missed="let_go" if ask.if_missed == "remind" and not reminders else ask.if_missed,
        reminders=reminders,
        share=ask.share,
        seed=ask.seed if ask.share < 100 else "",
    )


def _field(field: Field) -> NormalField:
    return NormalField(field.kind, frozenset(field.choices if field.kind == "choice" else ()), field.required)


def _statement(statement: Statement) -> NormalStatement:
    return NormalStatement(
        aggregates=frozenset(statement.aggregates),
        columns=frozenset(statement.rows.columns),
        questions={question.slug: question.query for question in statement.questions},
        every_months=statement.every_months,
        smallest_cell=statement.smallest_cell,
        file_check=statement.file_check,
    )


def _promises(terms: Terms) -> dict[tuple[str, str], int | None]:
    found: dict[tuple[str, str], int | None] = {}
    for promise in terms.promises:
        key = (promise.by, " ".join(promise.text.split()))
        known = [day for day in (found.get(key), promise.days) if day is not None]
        found[key] = min(known, default=None)
    return found

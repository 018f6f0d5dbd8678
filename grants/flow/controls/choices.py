"""Choices: whether names are looked up on the UK Sanctions List, as trustees chose it; a reminder, never a refusal.

Nothing is looked up here and no name is sent anywhere: a person looks, and says that they did. The newest choice
holds; all of them stay. Until trustees chose, nothing is asked of anybody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, ScalarSelect, func, select
from sqlalchemy.orm import contains_eager

from grants.domain.errors import Refusal
from grants.domain.money import Money, format_amount
from grants.flow.desk import Desk
from grants.flow.one_by_one import one_by_one
from grants.flow.step import record
from grants.model.events import EventRow
from grants.model.grants import Grant
from grants.model.payments import Attempt, Payment
from grants.model.runs import Run
from grants.model.safety import TrusteeChoice
from grants.model.users import User

NAME = "sanctions"
"""The name of this choice in the table of choices."""

NONE, BY_HAND, ELSEWHERE = "none", "by_hand", "elsewhere"

WAYS = {
    NONE: "No names are looked up",
    BY_HAND: "Somebody looks names up by hand, above an amount",
    ELSEWHERE: "Names are looked up in another way, outside this system",
}
"""What trustees can choose."""

CURRENCY = "GBP"
"""The currency of the amount above which names are looked up; in any other every payment is."""

CHECKED = "run.names_looked_up"

LONGEST = 2000


@dataclass(frozen=True, slots=True)
class Choice:
    """A choice as it was recorded; ``above`` is the amount above which somebody looks, None where nobody does here."""

    row: TrusteeChoice
    way: str
    above: Money | None

    @property
    def words(self) -> str:
        """Returns the choice in one sentence."""
        if self.above is None:
            return f"{WAYS[self.way]}."
        return f"Somebody looks names up by hand for each payment above {format_amount(self.above)}."


@dataclass(frozen=True, slots=True)
class Reminder:
    """What whoever checks a run is reminded of: how many of its payments are above the amount; who looked, and when."""

    choice: Choice
    payments: int
    looked_by: str = ""
    looked_at: datetime | None = None


def choose(desk: Desk, way: str, above: Money | None, why: str, minutes: str, on: date) -> TrusteeChoice:
    """Records what trustees chose, on which day, why, and where their minutes say so; from now on it holds."""
    by = desk.need("choice.record", "This is for the trustees to choose. Ask one of them.")
    if way not in WAYS:
        raise Refusal("choice.way", "Choose one.", "way")
    if way == BY_HAND and (above is None or above.currency != CURRENCY or above.amount < 0):
        raise Refusal("choice.above", "Enter the amount above which somebody looks, in pounds, like 500.", "above")
    if not why.strip() or len(why) > LONGEST:
        raise Refusal("why.missing", f"Say why, in up to {LONGEST:,} characters: whoever asks later reads it.", "why")
    if not minutes.strip():
        raise Refusal("choice.minutes", "Say which minutes have it, like “Trustees, 12 May 2026, item 4”.", "minutes")
    if on > desk.today():
        raise Refusal("choice.day", "This day has not come yet. Enter the day on which you chose.", "chosen_on")
    one_by_one(desk, f"choice {NAME}")
    value = f"{BY_HAND}:{above.amount}" if way == BY_HAND and above else way
    row = TrusteeChoice(
        name=NAME,
        value=value,
        why=why.strip(),
        minutes=minutes.strip()[:100],
        chosen_on=on,
        recorded_by=by,
        recorded_at=desk.now(),
    )
    desk.session.add(row)
    desk.session.flush()
    record(desk, "choice.recorded", "choice", row.id, why.strip(), choice=NAME, value=value)
    return row


def newest(desk: Desk) -> Choice | None:
    """Returns the choice that holds, or None where trustees have not chosen yet; one statement."""
    found = select(TrusteeChoice).where(TrusteeChoice.name == NAME).order_by(TrusteeChoice.id.desc()).limit(1)
    row = desk.session.scalar(found)
    return None if row is None else _choice(row)


def history(desk: Desk, limit: int = 20) -> Sequence[Choice]:
    """Returns every choice, the newest first; one statement."""
    found = select(TrusteeChoice).where(TrusteeChoice.name == NAME).order_by(TrusteeChoice.id.desc()).limit(limit)
    return [_choice(row) for row in desk.session.scalars(found)]


def reminder(desk: Desk, run: Run) -> Reminder | None:
    """Returns what whoever checks a run is reminded of, or None where trustees chose nothing of the kind.

    At most two statements. It never keeps a run from being released.
    """
    choice = newest(desk)
    if choice is None or choice.above is None:
        return None
    looked = select(EventRow.id).where(
        EventRow.subject == "run", EventRow.subject_id == run.id, EventRow.name == CHECKED
    )
    last = looked.order_by(EventRow.id.desc()).limit(1).scalar_subquery()
    found = (
        select(_above(run, choice), EventRow.at, User.name)
        .select_from(Run)
        .outerjoin(EventRow, EventRow.id == last)
        .outerjoin(User, User.id == EventRow.actor_id)
        .where(Run.id == run.id)
    )
    count, at, name = desk.session.execute(found).one()
    return Reminder(choice, count, name or "", at) if count else None


def reminds(desk: Desk, amount: Money) -> str:
    """Returns the words that remind whoever pays so much by hand, empty where trustees chose nothing of the kind.

    One statement. Like every reminder it refuses nothing.
    """
    choice = newest(desk)
    if choice is None or choice.above is None:
        return ""
    large = amount.currency != choice.above.currency or amount > choice.above
    return f"{choice.words} This is one of them." if large else ""


def names_looked_up(desk: Desk, run: Run, why: str = "") -> None:
    """Says that somebody looked the names of a run's larger payments up, and what they saw; names are not written."""
    desk.need("name.checked", "Finance and managers say that names were looked up.")
    told = reminder(desk, run)
    if told is None:
        raise Refusal("names.not_asked", "Nothing is to be looked up for this run.")
    record(desk, CHECKED, "run", run.id, why.strip(), choice=told.choice.row.id, payments=told.payments)


def larger(desk: Desk, run: Run, choice: Choice, limit: int = 50) -> Sequence[Attempt]:
    """Returns the payments of a run above the amount, with grants, people and payees; one statement."""
    to_grant = contains_eager(Attempt.payment).contains_eager(Payment.grant)
    found = (
        select(Attempt)
        .join(Attempt.payment)
        .join(Payment.grant)
        .where(Attempt.run_id == run.id, Attempt.state != "cancelled", _large(choice))
        .options(to_grant.joinedload(Grant.person), to_grant.joinedload(Grant.payee))
        .order_by(Attempt.id)
        .limit(limit)
    )
    return desk.session.scalars(found).all()


def _large(choice: Choice) -> ColumnElement[bool]:
    above = choice.above or Money(0, CURRENCY)
    return (Attempt.amount > above.amount) | (Attempt.currency != above.currency)


def _above(run: Run, choice: Choice) -> ScalarSelect[int]:
    found = select(func.count()).select_from(Attempt).where(Attempt.run_id == run.id, Attempt.state != "cancelled")
    return found.where(_large(choice)).scalar_subquery()


def _choice(row: TrusteeChoice) -> Choice:
    way, _, amount = row.value.partition(":")
    return Choice(row, way, Money(int(amount), CURRENCY) if amount else None)

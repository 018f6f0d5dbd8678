"""Look-back: each month a seed draws some of the decisions that one person made alone, and trustees look at them.

Nothing waits for it: the grant stays as it is, and nobody's payment is held. What comes of it is a friendly talk.
Anybody with the seed and the numbers can draw again (``domain/controls.py::look_back_draw``).
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from grants.domain import controls as rules
from grants.domain.codes import PURPOSES
from grants.domain.errors import NotAllowed, Refusal
from grants.domain.money import Money, format_amount
from grants.flow.controls.paces import ALONE
from grants.flow.controls.words import without_name
from grants.flow.desk import Desk
from grants.flow.one_by_one import one_by_one
from grants.flow.opening import new_task
from grants.flow.step import record
from grants.model.applications import Application, Decision
from grants.model.funds import Fund
from grants.model.people import Person
from grants.model.safety import LookBack, LookedBack
from grants.model.users import User

FINDINGS = {"fine": "It is fine", "talk": "Somebody should talk about it"}
"""What a trustee can find."""

TASK = "look_back_talk"
"""The task of a friendly talk with whoever decided."""

MOST_MONTHS = 12
"""At most so many months are drawn at once, where the work of the clock stood still."""

LONGEST = 1000

KINDS = {"award": "Awarded", "decline": "The answer was no"}


@dataclass(frozen=True, slots=True)
class Facts:
    """What a trustee sees of one drawn decision: no name, no contact, no account, no words of the person."""

    row: LookedBack
    reference: str
    fund: str
    policy: str
    kind: str
    amount: Money
    purposes: tuple[str, ...]
    reason: str
    decided_on: date


@dataclass(frozen=True, slots=True)
class Summary:
    """One month without any name: how many decisions there were, were drawn, looked at, fine, talked about."""

    month: LookBack
    drawn: int
    looked: int
    fine: int
    talk: int


def draw_due(desk: Desk) -> list[LookBack]:
    """Draws every month that has ended and was not drawn, from the first decision on; returns them."""
    one_by_one(desk, "look-back")
    last = desk.session.scalar(select(func.max(LookBack.month)))
    first = desk.session.scalar(select(func.min(Decision.at)))
    if first is None:
        return []
    month = rules.month_after(last) if last else rules.month_start(first.date())
    months = []
    while month < rules.month_start(desk.today()):
        months.append(month)
        month = rules.month_after(month)
    return [_draw(desk, each) for each in months[-MOST_MONTHS:]]


def numbers(desk: Desk, month: date) -> list[int]:
    """Returns the numbers of all decisions of a month that one person made alone; the population of its draw."""
    return list(desk.session.scalars(_population(month)))


def drawn(desk: Desk, back: LookBack) -> Sequence[LookedBack]:
    """Returns what was drawn in a month, in the order of the draw; one statement."""
    found = select(LookedBack).where(LookedBack.look_back_id == back.id).order_by(LookedBack.place)
    return desk.session.scalars(found).all()


def waiting(desk: Desk, limit: int = 50) -> Sequence[LookedBack]:
    """Returns drawn decisions that no trustee found anything about yet, the oldest first; one statement."""
    found = select(LookedBack).where(LookedBack.finding == "").options(joinedload(LookedBack.look_back))
    return desk.session.scalars(found.order_by(LookedBack.look_back_id, LookedBack.place).limit(limit)).all()


def find(desk: Desk, number: int) -> LookedBack | None:
    """Returns one drawn decision by its number, or None."""
    return desk.session.get(LookedBack, number)


def month_of(desk: Desk, number: int) -> LookBack | None:
    """Returns one month's draw by its number, or None."""
    return desk.session.get(LookBack, number)


def open_facts(desk: Desk, row: LookedBack) -> Facts:
    """Returns the facts of one drawn decision, and writes down who looked. Raises NotAllowed for anybody else."""
    _trustee(desk)
    facts = _facts(desk, row)
    record(desk, "look_back.opened", "look_back", row.id, decision=row.decision_id)
    return facts


def judge(desk: Desk, row: LookedBack, finding: str, words: str = "") -> LookedBack:
    """Keeps what a trustee found; ``talk`` needs words and asks a manager for a friendly talk with the worker.

    It stands once said, and never changes the grant. Not by whoever decided.
    """
    trustee = _trustee(desk)
    found = select(LookedBack).where(LookedBack.id == row.id).with_for_update()
    row = desk.session.scalars(found.execution_options(populate_existing=True)).one()
    decision = desk.session.get_one(Decision, row.decision_id)
    if decision.by == trustee:
        raise NotAllowed("look_back.own", "You decided this yourself, so another trustee looks at it.")
    if row.finding:
        raise Refusal("look_back.done", "Somebody has looked at this already. What they found stands.")
    if finding not in FINDINGS:
        raise Refusal("look_back.finding", "Choose whether it is fine.", "finding")
    if (finding == "talk" and not words.strip()) or len(words) > LONGEST:
        asked = f"Say what the talk is about, in up to {LONGEST:,} characters. Name nobody."
        raise Refusal("look_back.words", asked, "words")
    row.finding, row.words, row.looked_by, row.looked_at = finding, words.strip(), trustee, desk.now()
    desk.session.flush()
    record(desk, "look_back.judged", "look_back", row.id, decision=row.decision_id, finding=finding)
    if finding == "talk":
        _ask_for_talk(desk, row, decision)
    return row


def summary(desk: Desk, limit: int = MOST_MONTHS) -> list[Summary]:
    """Returns the newest months in numbers, without any name; one statement."""
    looked = LookedBack.finding
    found = (
        select(
            LookBack,
            func.count(LookedBack.id),
            func.count(func.nullif(looked, "")),
            func.count(LookedBack.id).filter(looked == "fine"),
            func.count(LookedBack.id).filter(looked == "talk"),
        )
        .outerjoin(LookedBack, LookedBack.look_back_id == LookBack.id)
        .group_by(LookBack.id)
        .order_by(LookBack.month.desc())
        .limit(limit)
    )
    return [Summary(*row) for row in desk.session.execute(found)]


def _draw(desk: Desk, month: date) -> LookBack:
    seed, share = secrets.token_hex(16), desk.settings.look_back_share
    everything = numbers(desk, month)
    chosen = rules.look_back_draw(seed, everything, share)
    back = LookBack(
        month=month,
        seed=seed,
        share=share,
        population=len(everything),
        drawn_at=desk.now(),
        drawn_by=desk.actor.user_id,
    )
    desk.session.add(back)
    desk.session.flush()
    rows = [
        LookedBack(look_back_id=back.id, decision_id=number, place=place)
        for place, number in enumerate(chosen, start=1)
    ]
    desk.session.add_all(rows)
    desk.session.flush()
    record(desk, "look_back.drawn", "look_back_month", back.id, population=back.population, drawn=len(rows), seed=seed)
    return back


def _population(month: date) -> Select[int]:
    start, end = (datetime.combine(day, time.min, UTC) for day in (month, rules.month_after(month)))
    of_month = Decision.at >= start, Decision.at < end
    return select(Decision.id).where(*of_month, *ALONE).order_by(Decision.id)


def _trustee(desk: Desk) -> int:
    return desk.need("look.back", "Trustees look back at decisions.")


def _facts(desk: Desk, row: LookedBack) -> Facts:
    found = (
        select(Decision, Application.reference, Application.amount, Application.currency, Application.purposes)
        .add_columns(Fund.name, Fund.policy_slug, Person.name)
        .join(Application, Application.id == Decision.application_id)
        .join(Fund, Fund.id == Application.fund_id)
        .join(Person, Person.id == Application.person_id)
        .where(Decision.id == row.decision_id)
    )
    decision, reference, asked, currency, purposes, fund, slug, name = desk.session.execute(found).one()
    policy = desk.catalogue.policies.get(slug)
    reason = " ".join(part for part in (decision.eligible, decision.reason) if part)
    return Facts(
        row=row,
        reference=reference,
        fund=fund,
        policy=policy.title if policy else slug,
        kind=KINDS.get(decision.kind, decision.kind),
        amount=Money(decision.amount or asked, currency),
        purposes=tuple(PURPOSES.get(code, code) for code in purposes),
        reason=without_name(reason, name),
        decided_on=decision.at.date(),
    )


def _ask_for_talk(desk: Desk, row: LookedBack, decision: Decision) -> None:
    application = desk.session.get_one(Application, decision.application_id)
    worker = desk.session.get_one(User, decision.by)
    amount = format_amount(Money(decision.amount or application.amount, application.currency))
    words = (
        f"A trustee looked back at {application.reference} ({amount}) and says: {row.words} "
        f"Talk with {worker.name}, as colleagues. The grant stays as it is."
    )
    new_task(desk, TASK, "look_back", row.id, "A friendly talk about a decision", words, not_for=[worker.id])

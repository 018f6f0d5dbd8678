"""Hints about accounts: one that is paid for many people, and changes of details that are sudden or many.

Accounts are compared by fingerprint, so nothing sealed is opened. A person counts once, by the name they are known
by, however often they were helped.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, String, cast, exists, func, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute

from grants.domain import controls as rules
from grants.flow.controls.fingerprints import NONE, SHARED
from grants.flow.desk import Desk
from grants.model.grants import Grant
from grants.model.payments import Attempt, Payment
from grants.model.people import Payee, Person
from grants.model.runs import Run
from grants.model.safety import PayeeChange

NOT_PAID = ("failed", "cancelled")
"""States of attempts that moved nothing."""

SHOWN = 6
"""So many payees of one account are linked."""

BACK = timedelta(days=14)
"""How far back changes are looked at."""


@dataclass(frozen=True, slots=True)
class Hint:
    """One thing worth a look: what was counted, in a sentence, and what else it may be.

    ``matter`` is what it is about within its ``kind``; ``about`` is the colleague whose act it is, who does not
    answer it themselves; ``payees`` are where to look. ``{name}`` in the words stands for that colleague.
    """

    kind: str
    matter: str
    count: int
    words: str
    perhaps: str
    about: int | None = None
    payees: tuple[int, ...] = ()

    def named(self, name: str) -> Hint:
        """Returns the hint with the colleague's name in its words."""
        return replace(self, words=self.words.replace("{name}", name))


def shared(desk: Desk, run_id: int | None = None) -> list[Hint]:
    """Returns accounts that are paid for more people than the settings say; of one run or all; one statement."""
    who = func.coalesce(func.nullif(Person.name_key, ""), cast(Person.id, String))
    people = func.count(who.distinct())
    found = (
        select(Payee.fingerprint, people, func.aggregate_strings(cast(Payee.id, String), ","))
        .join(Person, Person.id == Payee.person_id)
        .where(Payee.fingerprint.not_in(NONE), _paid_since(desk))
        .group_by(Payee.fingerprint)
        .having(people > desk.settings.hint_people)
        .order_by(people.desc(), Payee.fingerprint)
        .limit(50)
    )
    if run_id is not None:
        found = found.where(Payee.fingerprint.in_(select(Payee.fingerprint).where(_in_run(Payee.id, run_id))))
    return [_shared(mark, count, numbers) for mark, count, numbers in desk.session.execute(found)]


def fresh(desk: Desk, run_id: int | None = None) -> list[Hint]:
    """Returns changed details that came to hold shortly before their run was released, or that wait in one."""
    found = (
        select(PayeeChange.id, PayeeChange.payee_id, PayeeChange.asked_by, PayeeChange.applied_at, Run.id)
        .add_columns(Run.released_at)
        .join(Grant, Grant.payee_id == PayeeChange.payee_id)
        .join(Payment, Payment.grant_id == Grant.id)
        .join(Attempt, Attempt.payment_id == Payment.id)
        .join(Run, Run.id == Attempt.run_id)
        .where(PayeeChange.applied_at >= desk.now() - BACK, Attempt.state != "cancelled")
        .where(or_(Run.released_at.is_(None), Run.released_at >= PayeeChange.applied_at))
        .order_by(PayeeChange.id, Run.id)
        .limit(200)
    )
    if run_id is not None:
        found = found.where(Run.id == run_id)
    known: dict[int, Hint] = {}
    for change, payee, by, applied, run, released in desk.session.execute(found):
        since = (released or desk.now()) - applied
        if since < timedelta(hours=desk.settings.hint_fresh_hours):
            known.setdefault(change, _fresh(change, payee, by, since, run))
    return list(known.values())


def typed(desk: Desk, run_id: int | None = None) -> list[Hint]:
    """Returns who typed many changes of bank details in one week, Monday to Sunday; one statement.

    Of one run: where it pays one of those payees.
    """
    paid = true() if run_id is None else _in_run(PayeeChange.payee_id, run_id)
    found = select(PayeeChange.asked_by, PayeeChange.asked_at, PayeeChange.payee_id, paid)
    weeks: defaultdict[tuple[int, str], list[int]] = defaultdict(list)
    here = set()
    for by, at, payee, in_run in desk.session.execute(found.where(PayeeChange.asked_at >= desk.now() - BACK)):
        weeks[by, _monday(at)].append(payee)
        if in_run:
            here.add((by, _monday(at)))
    enough = desk.settings.hint_changes
    return [
        Hint(
            kind="typed",
            matter=f"{by}:{monday}",
            count=len(payees),
            words=f"{{name}} typed {len(payees)} changes of bank details in the week from {monday}.",
            perhaps="It may be their work, or a group whose bank has changed.",
            about=by,
            payees=tuple(dict.fromkeys(payees))[:SHOWN],
        )
        for (by, monday), payees in sorted(weeks.items())
        if len(payees) >= enough and (by, monday) in here
    ]


def _paid_since(desk: Desk) -> ColumnElement[bool]:
    since = desk.now() - timedelta(days=rules.WINDOW_DAYS)
    return exists().where(
        Grant.payee_id == Payee.id,
        Payment.grant_id == Grant.id,
        Attempt.payment_id == Payment.id,
        Attempt.created_at >= since,
        Attempt.state.not_in(NOT_PAID),
    )


def _in_run(payee_id: InstrumentedAttribute[int], run_id: int) -> ColumnElement[bool]:
    of_grant = select(Grant.payee_id).join(Payment, Payment.grant_id == Grant.id)
    return payee_id.in_(of_grant.join(Attempt, Attempt.payment_id == Payment.id).where(Attempt.run_id == run_id))


def _shared(mark: str, count: int, numbers: str) -> Hint:
    payees = sorted(map(int, numbers.split(",")), reverse=True)
    return Hint(
        kind=SHARED,
        matter=mark,
        count=count,
        words=f"One account is paid for {count} people, counted over the last {rules.WINDOW_DAYS} days.",
        perhaps="It may be the account of a family, a hostel, a carer or an agency.",
        payees=tuple(payees[:SHOWN]),
    )


def _fresh(change: int, payee: int, by: int, since: timedelta, run: int) -> Hint:
    hours = int(since.total_seconds() // 3600)
    return Hint(
        kind="fresh",
        matter=str(change),
        count=1,
        words=f"New bank details hold for {hours} hours before run {run}. {{name}} typed them.",
        perhaps="People do change banks. Was the person asked in a way that you knew before?",
        about=by,
        payees=(payee,),
    )


def _monday(at: datetime) -> str:
    return (at.date() - timedelta(days=at.weekday())).isoformat()

"""What a recipient says of their money: it arrived, or something is wrong, which opens a call for help."""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy import CursorResult, Table, bindparam, func, insert, select, update
from sqlalchemy.orm.attributes import set_committed_value

from grants.domain.errors import Refusal
from grants.domain.names import name_key
from grants.domain.roles import FRONT_LINE, MANAGER
from grants.flow.confirm.hands import least_busy
from grants.flow.desk import Desk
from grants.flow.opening import new_task
from grants.flow.step import advance, record
from grants.model.confirmations import Confirmation
from grants.model.delegations import Connection
from grants.model.grants import Grant
from grants.model.payments import Attempt, Payment
from grants.model.people import Person
from grants.model.runs import Run
from grants.model.tasks import Task

PROBLEMS = {
    "not_arrived": "The money has not come",
    "wrong_amount": "The amount is wrong",
    "not_mine": "This is not mine",
    "not_safe": "This is not safe for me",
    "other": "Something else is wrong",
}
"""What can be wrong, with the words on the page."""

STOPS_PAYMENTS = frozenset({"not_mine", "not_safe"})
"""Problems after which no more money goes out until somebody has spoken with the person."""

LONGEST = 2000

_GRANTS = cast(Table, Grant.__table__)
_CONFIRM = (
    update(_GRANTS)
    .where(_GRANTS.c.id == bindparam("number"), _GRANTS.c.confirmed_at.is_(None))
    .values(confirmed_at=bindparam("now"))
)
_SAY = insert(cast(Table, Confirmation.__table__))
"""Built once, straight to the tables: this is what most people who get money do."""


def arrived(desk: Desk, grant: Grant, how: str = "link") -> bool:
    """Records that the person said the money came; returns False, and keeps nothing, when they said so before.

    ``how`` is link, phone or letter. The first time is kept on the grant; nothing else follows from it.
    """
    now = desk.now()
    changed = cast(CursorResult[Any], desk.session.execute(_CONFIRM, {"number": grant.id, "now": now}))
    if not changed.rowcount:
        return False
    set_committed_value(grant, "confirmed_at", now)
    row = {"grant_id": grant.id, "kind": "arrived", "how": how, "recorded_by": desk.actor.user_id, "at": now}
    desk.session.execute(_SAY, row)
    record(desk, "grant.confirmed", "grant", grant.id, how=how)
    return True


def problem(desk: Desk, grant: Grant, kind: str, words: str = "", how: str = "link") -> Task:
    """Records that something is wrong and opens a call for help to somebody who neither decided nor paid.

    While that call is open, saying the same again adds only new words to it. “Not mine” and “not safe”
    put the grant on hold. Raises Refusal ``problem.kind`` or ``text.too_long``.
    """
    _refuse_misfits(kind, words)
    _lock(desk, grant)
    task = _open_call(desk, grant, kind)
    if task is not None:
        _add_words(task, words.strip())
        desk.session.flush()
        return task
    row = Confirmation(
        grant_id=grant.id, kind=kind, words=words.strip(), how=how, recorded_by=desk.actor.user_id, at=desk.now()
    )
    desk.session.add(row)
    task = _call_for_help(desk, grant, kind, words.strip())
    record(desk, "grant.problem_told", "grant", grant.id, kind=kind, how=how)
    if kind in STOPS_PAYMENTS and grant.state == "active":
        grant.hold_reason = f"The person said: {PROBLEMS[kind].lower()}."
        advance(desk, grant, "hold", grant.hold_reason, kind=kind)
    desk.session.flush()
    return task


def by_phone(desk: Desk, grant: Grant, kind: str = "arrived", words: str = "") -> bool:
    """Records what the person told a worker, the same as if they had tapped it; returns whether it was new.

    Raises NotAllowed without ``confirm.record``.
    """
    desk.need("confirm.record")
    if kind == "arrived":
        return arrived(desk, grant, "phone")
    before = problem_count(desk, grant, kind)
    problem(desk, grant, kind, words, "phone")
    return problem_count(desk, grant, kind) > before


def told(desk: Desk, grant: Grant) -> list[Confirmation]:
    """Returns everything that the person said of this grant's money, oldest first; one statement."""
    found = select(Confirmation).where(Confirmation.grant_id == grant.id).order_by(Confirmation.id)
    return list(desk.session.scalars(found))


def problem_count(desk: Desk, grant: Grant, kind: str) -> int:
    """Returns how often this problem was recorded for the grant."""
    counted = select(func.count()).select_from(Confirmation)
    return desk.session.scalar(counted.where(Confirmation.grant_id == grant.id, Confirmation.kind == kind)) or 0


def _refuse_misfits(kind: str, words: str) -> None:
    if kind not in PROBLEMS:
        raise Refusal("problem.kind", "Choose what is wrong.", "kind")
    if len(words) > LONGEST:
        told_much = f"That is {len(words):,} characters. Use {LONGEST:,} or fewer: a short answer is enough."
        raise Refusal("text.too_long", told_much, "words")


def _lock(desk: Desk, grant: Grant) -> None:
    """Holds the grant's row, so that two taps at one moment are one, and reads how it stands now."""
    found = select(Grant).where(Grant.id == grant.id).with_for_update()
    desk.session.scalars(found.execution_options(populate_existing=True)).one()


def _title(kind: str) -> str:
    return f"Call for help: {PROBLEMS[kind].lower()}"


def _open_call(desk: Desk, grant: Grant, kind: str) -> Task | None:
    found = select(Task).where(
        Task.kind == "help_call",
        Task.subject == "grant",
        Task.subject_id == grant.id,
        Task.title == _title(kind),
        Task.closed_at.is_(None),
    )
    return desk.session.scalar(found.limit(1))


def _add_words(task: Task, words: str) -> None:
    if words and words not in task.words and len(task.words) + len(words) < 2 * LONGEST:
        task.words = f"{task.words}\n{words}".strip()


def _call_for_help(desk: Desk, grant: Grant, kind: str, words: str) -> Task:
    not_for = sorted(_involved(desk, grant))
    helper = least_busy(desk, (FRONT_LINE, MANAGER), not_for)
    return new_task(desk, "help_call", "grant", grant.id, _title(kind), words, assigned_to=helper, not_for=not_for)


def _involved(desk: Desk, grant: Grant) -> set[int]:
    """Returns the users who decided or paid this grant, or declared that they are close to the person."""
    hands = (
        select(Attempt.recorded_by, Attempt.confirmed_by, Run.built_by, Run.released_by)
        .join(Payment, Payment.id == Attempt.payment_id)
        .outerjoin(Run, Run.id == Attempt.run_id)
        .where(Payment.grant_id == grant.id)
    )
    involved = {user for row in desk.session.execute(hands) for user in row}
    person = desk.session.get_one(Person, grant.person_id)
    keys = {person.name_key, name_key(person.name)} - {""}
    involved |= set(desk.session.scalars(select(Connection.user_id).where(Connection.name_key.in_(keys))))
    return {user for user in involved | {grant.decided_by, grant.second_by} if user is not None}

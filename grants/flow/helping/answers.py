"""Answers: somebody takes a call, hands it over, answers in the way that is safe, and says what came of it."""

from __future__ import annotations

from sqlalchemy import select

from grants.domain.errors import Refusal
from grants.domain.helping import APPEAL, COMPLAINT, OUTCOMES, WITHOUT_ANSWER
from grants.domain.roles import READER
from grants.flow import hands
from grants.flow.desk import Desk
from grants.flow.helping.call import LONGEST
from grants.flow.helping.inbox import visible
from grants.flow.opening import close_tasks
from grants.flow.person_keys import seal_for
from grants.flow.step import record
from grants.model.helping import HelpCall
from grants.model.tasks import Task
from grants.model.users import User

REACHED = ("text", "email", "letter", "phone", "in_person")
"""How somebody was answered, as whoever answered says."""


def take(desk: Desk, row: HelpCall) -> None:
    """Makes a call that of the one who acts; it may be taken over from a colleague."""
    worker = desk.need("help.answer")
    row = held(desk, row)
    before = row.taken_by
    _give(desk, row, worker)
    record(desk, "help.taken", "help_call", row.id, before=before)


def hand_over(desk: Desk, row: HelpCall, colleague_id: int) -> None:
    """Hands a call to a colleague who may see it; raises Refusal ``help.colleague`` for anybody else."""
    worker = desk.need("help.answer")
    row = held(desk, row)
    if colleague_id not in {user.id for user in may_take(desk, row)} - {worker}:
        raise Refusal("help.colleague", "Choose somebody from the list: others must not see this.", "colleague")
    _give(desk, row, colleague_id)
    record(desk, "help.handed_over", "help_call", row.id, before=worker, to=colleague_id)


def may_take(desk: Desk, row: HelpCall) -> list[User]:
    """Returns everybody who may take a call, by name: with the right, and no hand in the matter."""
    wanted = "help.complaint" if row.kind == COMPLAINT else "help.answer"
    without = set(row.not_for)
    without |= hands.on_grants(desk, [row.grant_id])[row.grant_id] if row.grant_id else set()
    without |= hands.on_applications(desk, [row.application_id])[row.application_id] if row.application_id else set()
    users = desk.session.scalars(select(User).where(User.active, User.left_at.is_(None)).order_by(User.name))
    able = [user for user in users if user.id not in without and wanted in user.permissions]
    return [user for user in able if not row.outside or READER in user.role_names]


def answer(desk: Desk, row: HelpCall, words: str, how: str) -> None:
    """Keeps, sealed, what was answered, and how the person was reached: ``how`` is one of REACHED.

    Raises Refusal ``help.words`` without words, ``help.unsafe`` for a way that the person did not say is safe.
    """
    worker = desk.need("help.answer")
    row = held(desk, row)
    if not words.strip() or len(words) > LONGEST:
        raise Refusal("help.words", f"Write down what you told them, in up to {LONGEST:,} characters.", "words")
    keep_answer(desk, row, worker, words)
    record(desk, "help.answered", "help_call", row.id, how=how if how in REACHED else "")


def keep_answer(desk: Desk, row: HelpCall, worker: int, words: str) -> None:
    """Seals the answer; the first answer is the one that was promised, and later ones replace its words."""
    row.answer = seal_for(desk, row.person_id, {"words": words.strip()})
    row.answered_at = row.answered_at or desk.now()
    row.answered_by = worker
    _give(desk, row, worker)


def close(desk: Desk, row: HelpCall, outcome: str) -> None:
    """Closes a call with what came of it: one of OUTCOMES.

    Raises Refusal ``help.outcome`` for another word, ``help.unanswered`` before somebody answered, and ``help.appeal``
    for a second look, which ends with what came of it.
    """
    desk.need("help.answer")
    row = held(desk, row)
    if outcome not in OUTCOMES:
        raise Refusal("help.outcome", "Choose what came of it.", "outcome")
    if row.kind == APPEAL and outcome not in WITHOUT_ANSWER:
        raise Refusal("help.appeal", "Say first whether the answer stays or is looked at anew: that closes it.")
    if row.answered_at is None and outcome not in WITHOUT_ANSWER:
        raise Refusal("help.unanswered", "Answer them first, or say that nobody can be reached.", "outcome")
    end(desk, row, outcome)


def end(desk: Desk, row: HelpCall, outcome: str) -> None:
    """Closes a call and the task that points to it."""
    row.outcome, row.closed_at = outcome, desk.now()
    task = desk.session.get(Task, row.task_id) if row.task_id else None
    if task is not None:
        close_tasks(desk, (task.kind,), "help_call", row.id, "Closed in the inbox for help.")
    record(desk, "help.closed", "help_call", row.id, outcome=outcome)
    desk.session.flush()


def held(desk: Desk, row: HelpCall) -> HelpCall:
    """Returns the call as it is now, held until the end; raises Refusal when it is closed or not for the actor."""
    found = select(HelpCall).where(HelpCall.id == row.id).with_for_update().execution_options(populate_existing=True)
    now = desk.session.scalars(found).one()
    if not visible(desk, [now]) or (now.kind == COMPLAINT and not desk.actor.may("help.complaint")):
        raise Refusal("help.not_yours", "This is for somebody else.")
    if now.outside and READER not in desk.actor.roles:
        raise Refusal("help.not_yours", "This is for somebody else.")
    if now.closed_at is not None:
        raise Refusal("help.closed", "Somebody has closed this already.")
    return now


def follow_leaver(desk: Desk, leaver: User) -> None:
    """Lets the calls that somebody who leaves had taken wait for everybody else again; what was chosen is open."""
    taken = select(HelpCall).where(HelpCall.taken_by == leaver.id, HelpCall.closed_at.is_(None))
    for row in desk.session.scalars(taken):
        row.taken_by = None
        record(desk, "help.given_back", "help_call", row.id, "its worker left", before=leaver.id)
    desk.session.flush()


def _give(desk: Desk, row: HelpCall, user_id: int) -> None:
    """Makes the call, and the task that points to it, somebody's."""
    row.taken_by = user_id
    task = desk.session.get(Task, row.task_id) if row.task_id else None
    if task is not None:
        task.assigned_to = user_id
    desk.session.flush()

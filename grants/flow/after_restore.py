"""What must be true before anybody sees books that were put back from a backup: nothing is paid or sent by itself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import func, select, update

from grants.flow.controls import incidents
from grants.flow.desk import Desk
from grants.flow.opening import new_task
from grants.flow.pay import freeze as freezing
from grants.flow.pay.build import pause_run
from grants.flow.people import end_sessions
from grants.flow.privacy.erase import erase_again
from grants.flow.step import record
from grants.keeping import erased as listed
from grants.model.messages import OutboxMessage
from grants.model.runs import Run
from grants.model.safety import Freeze
from grants.model.users import User

FIRST = "When paying goes on again, look first whether somebody of this run was paid by hand since. Then let it go on."
"""What a person does before a run goes on that was under way in the backup."""

OLD = "from before a backup was put back"
"""Why a waiting message is not sent any more."""


def begin(desk: Desk, made_at: datetime, erased: Mapping[str, datetime] | None = None) -> Freeze:
    """Stops all paying and sending in restored books, signs everybody out, and tells people what to look up.

    Whoever was erased, by the list in HOME or by ``erased`` from the file of keys, is erased again before anything
    else. ``made_at`` is when the backup was made: whatever happened after it is not in these books.
    """
    erase_again(desk, {**listed.read(desk.settings.home), **(erased or {})})
    freeze = Freeze(why="a backup was put back.", since=made_at, begun_at=desk.now())
    desk.session.add(freeze)
    desk.session.flush()
    messages = _give_up_messages(desk)
    for user in desk.session.scalars(select(User).order_by(User.id)):
        end_sessions(desk, user)
    for run in desk.session.scalars(select(Run).where(Run.state.in_(("released", "running"))).order_by(Run.id)):
        pause_run(desk, run, f"A backup of {freezing.moment(made_at)} was put back. {FIRST}")
    record(desk, "books.restored", "freeze", freeze.id, since=made_at.isoformat(), messages=messages)
    words = f"A backup of {freezing.moment(made_at)} was put back. What was paid after it is looked up."
    incidents.enter(desk, incidents.Happened(kind="restored", words=words, on=desk.today()))
    _tell(desk, freeze, messages)
    return freeze


def _give_up_messages(desk: Desk) -> int:
    """Gives up what waited to be sent: most of it was sent since, and nobody should be told twice."""
    waiting = (OutboxMessage.sent_at.is_(None), OutboxMessage.gave_up_at.is_(None))
    count = desk.session.scalar(select(func.count()).select_from(OutboxMessage).where(*waiting)) or 0
    desk.session.execute(update(OutboxMessage).where(*waiting).values(gave_up_at=desk.now(), problem=OLD))
    return count


def _tell(desk: Desk, freeze: Freeze, messages: int) -> None:
    since = freezing.moment(freeze.since)
    by_hand = (
        f"Our books do not know what was paid by bank, cash or voucher after {since}, nor which files the bank got. "
        "Look in the bank’s statement, the cash book and the vouchers. Write down what is missing before anything is "
        "paid by hand again. Then close this."
    )
    new_task(desk, freezing.BY_HAND, "freeze", freeze.id, f"Look up what was paid by hand since {since}", by_hand)
    rest = (
        f"Everything written down after {since} is gone: applications, decisions, changed details, people who left, "
        "links that were ended. Ask each other, and write it down again. "
        f"Messages that waited then: {messages}. They are not sent. Everybody has to sign in again."
    )
    new_task(desk, freezing.TASK, "freeze", freeze.id, f"Paying is stopped: a backup of {since} was put back", rest)

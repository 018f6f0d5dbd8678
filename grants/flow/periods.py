"""Periods: the books are closed up to a day, and from then on nothing is written before the day after it.

One person closes, who has just shown who they are: no money moves by it, it can only ever refuse, and what comes
too late is posted on an open day and says its true day in words. A closed day is never opened again. Postings are
always dated today; the days that people type (of a payment by hand, of a line of the bank) are asked here, and the
database itself refuses a journal dated on a closed day.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta

from sqlalchemy import func, select, text

from grants.domain.errors import Refusal
from grants.flow.check import check
from grants.flow.desk import Desk
from grants.flow.one_by_one import one_by_one
from grants.flow.step import record
from grants.model.books import Period

DAY = timedelta(days=1)


def closed_up_to(desk: Desk) -> date | None:
    """Returns the last day that is closed, or None when none is."""
    return desk.session.scalar(select(func.max(Period.closed_up_to)))


def newest(desk: Desk, limit: int = 10) -> list[Period]:
    """Returns when the books were closed, by whom and why, newest first."""
    return list(desk.session.scalars(select(Period).order_by(Period.closed_up_to.desc()).limit(limit)))


def close_period(desk: Desk, up_to: date, why: str) -> Period:
    """Closes the books up to and with a day that is over; raises Refusal unless everything adds up."""
    worker = desk.need("pay.release", "Your role does not include closing the books. Ask finance.")
    one_by_one(desk, "periods")
    closed = closed_up_to(desk)
    if up_to >= desk.today():
        words = f"Choose a day that is over: {said(desk.today() - DAY)} or earlier."
        raise Refusal("period.not_over", words, "up_to")
    if closed is not None and up_to <= closed:
        raise Refusal("period.closed_already", f"The books are closed up to {said(closed)} already.", "up_to")
    if not why.strip():
        raise Refusal("why.missing", "Say why, in a few words.", "why")
    _refuse_off(desk)
    _nobody_posts(desk)
    made = Period(closed_up_to=up_to, closed_by=worker, closed_at=desk.now(), why=why.strip())
    desk.session.add(made)
    desk.session.flush()
    record(desk, "books.closed", "books", made.id, why.strip(), up_to=up_to.isoformat())
    return made


def refuse_closed(desk: Desk, day: date, field: str) -> None:
    """Raises Refusal ``period.closed`` for a day that is closed, naming the first open one and what to do."""
    closed = closed_up_to(desk)
    if closed is not None and day <= closed:
        words = f"{_closed(closed)} Enter today’s date, and write the true day in the reference."
        raise Refusal("period.closed", words, field)


def refuse_closed_lines(desk: Desk, days: Collection[date]) -> None:
    """Raises Refusal ``period.closed`` where lines of a statement are of closed days, saying how many."""
    closed = closed_up_to(desk)
    late = sum(day <= closed for day in days) if closed is not None else 0
    if closed is not None and late:
        many = "One new line of this file is" if late == 1 else f"{late} new lines of this file are"
        words = (
            f"{many} of days that are closed. {_closed(closed)} Nothing of this file was kept. Take it in again "
            "without those days. What is missing in the books, write down with today’s date and its true day in the "
            "reference."
        )
        raise Refusal("period.closed", words)


def said(day: date) -> str:
    """Returns a day as people say it: ``31 March 2027``."""
    return f"{day.day} {day:%B %Y}"


def _closed(closed: date) -> str:
    return f"The books are closed up to {said(closed)}, and the first open day is {said(closed + DAY)}."


def _refuse_off(desk: Desk) -> None:
    """Raises Refusal when ``grants check`` finds anything but what merely waits for a person."""
    off = [finding for finding in check(desk) if not finding.startswith("W")]
    if off:
        words = "The books do not add up yet, so they cannot be closed. Open “Prove the books” and tell finance."
        raise Refusal("period.books_off", words)


def _nobody_posts(desk: Desk) -> None:
    """Waits until nobody is in the middle of posting, so that no posting of a day before is still to come."""
    if desk.session.get_bind().dialect.name == "postgresql":
        desk.session.execute(text("LOCK TABLE journals IN SHARE MODE"))

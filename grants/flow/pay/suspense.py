"""What stands in suspense beside the bank’s lines: cash beyond a float, a payment that shows less, one we do not know.

Each is a journal of kind J10. It waits until two people say what it is (J10b, in clearing.py), or until its own way
back is posted, whose key ends in ``.back``.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, String, and_, func, literal, select
from sqlalchemy.orm import aliased

from grants.domain.money import Money, format_amount
from grants.flow.desk import Desk
from grants.flow.keyset import PAGE, Page
from grants.flow.opening import close_tasks, new_task
from grants.ledger import accounts
from grants.ledger.book import posted
from grants.model.books import Account, Journal, Line
from grants.model.tasks import Task

TASK = "suspense"
"""The task to say what stands in suspense; one for all."""

BACK = ".back"
"""How the key of a journal ends that takes another one back."""

_HEAD = "J10."


@dataclass(frozen=True, slots=True)
class Suspended:
    """A journal that put money into suspense: how much, whether money is missing or too much, and whether it waits."""

    journal: Journal
    amount: Money
    missing: bool
    waits: bool

    @property
    def source(self) -> str:
        """Returns what it came from: a ``float``, an ``attempt``, or a ``stranger``, a payment that we do not know."""
        head, _, number = self._about.partition(".")
        return head if head in ("float", "attempt") and number.isdigit() else "stranger"

    @property
    def number(self) -> int:
        """Returns the id of the float or the attempt; 0 for a stranger."""
        return 0 if self.source == "stranger" else int(self._about.partition(".")[2])

    @property
    def came_back(self) -> bool:
        """Returns whether it is the way back of another journal."""
        return self.journal.key.endswith(BACK)

    @property
    def base(self) -> str:
        """Returns the key of the journal that it takes back, or its own."""
        return self.journal.key.removesuffix(BACK)

    @property
    def words(self) -> str:
        """Returns what happened, in a sentence without a full stop."""
        much = format_amount(self.amount)
        if self.source == "float":
            return f"Cash float {self.number} was counted back with {much} more"
        if self.source == "attempt" and not self.came_back:
            return f"The payment service shows {much} less than we asked for"
        if self.source == "attempt":
            return f"A payment came back with {much} {'less' if self.missing else 'more'} than it should"
        return f"A payment that we do not know {'came back' if self.came_back else 'went out'}: {much}"

    @property
    def told(self) -> str:
        """Returns the number that a payment which we do not know carries; empty for anything else."""
        return self._about.partition(".")[2] if self.source == "stranger" else ""

    @property
    def _about(self) -> str:
        return self.base.removeprefix(_HEAD)


def explanation(key: str) -> str:
    """Returns the key of the journal that explains this one: there is room for one only."""
    return f"J10b.{key.removeprefix(_HEAD)}"


def explained(desk: Desk, key: str) -> bool:
    """Returns whether the journal with this key was explained."""
    return posted(desk.session, explanation(key))


def explained_by(desk: Desk, row: Suspended) -> Journal | None:
    """Returns the journal that explains it, or None."""
    return desk.session.scalar(select(Journal).where(Journal.key == explanation(row.journal.key)))


def waiting(desk: Desk, before: int = 0) -> Page[Suspended]:
    """Returns what waits to be explained, newest first, with keyset paging by the journals’ ids; one statement."""
    found = _suspended().where(*WAITS).order_by(Journal.id.desc()).limit(PAGE + 1)
    if before:
        found = found.where(Journal.id < before)
    rows = [_of(*row) for row in desk.session.execute(found)]
    return Page(tuple(rows[:PAGE]), str(rows[PAGE - 1].journal.id) if len(rows) > PAGE else "")


def find(desk: Desk, number: int) -> Suspended | None:
    """Returns what this journal put into suspense, waiting or not, or None when it is about something else."""
    row = desk.session.execute(_suspended().where(*_OURS, Journal.id == number)).one_or_none()
    return None if row is None else _of(*row)


def count(desk: Desk, without: str = "") -> int:
    """Returns how many wait, leaving the journal with this key out; one statement."""
    found = select(func.count()).select_from(Journal).where(*WAITS, Journal.key != without)
    return desk.session.scalar(found) or 0


def landed(desk: Desk) -> None:
    """Opens the task to explain what comes into suspense now; said before it is posted."""
    if _task_held(desk) is None:
        words = "Open the page “Not explained yet” and say what each of these is. A second person agrees."
        new_task(desk, TASK, "suspense", 0, "Money waits to be explained", words)


def takes_back(desk: Desk, key: str) -> None:
    """Says that the journal with this key is about to be taken back.

    When it waits, it is done with: the two make nothing together. When it was explained, what comes back waits itself.
    """
    if explained(desk, key):
        landed(desk)
    elif posted(desk.session, key):
        end_task(desk, without=key)


def end_task(desk: Desk, without: str = "") -> None:
    """Closes the tasks when nothing waits any more, leaving the journal with this key out."""
    _task_held(desk)
    if not count(desk, without):
        close_tasks(desk, (TASK,), "suspense", 0, "Everything is explained.")
        close_tasks(desk, ("payment_incident",), "rail", 0, "Everything is explained.")


def _task_held(desk: Desk) -> Task | None:
    """Returns the open task, held: who closes it waits for who finds it open."""
    found = select(Task).where(Task.kind == TASK, Task.closed_at.is_(None)).order_by(Task.id).limit(1)
    return desk.session.scalar(found.with_for_update())


def _suspended() -> Select[Journal, int, str, bool]:
    return (
        select(Journal, Line.amount, Account.currency, and_(*WAITS))
        .join(Line, Line.journal_id == Journal.id)
        .join(Account, Account.id == Line.account_id)
        .where(Account.name == accounts.SUSPENSE)
    )


def _of(journal: Journal, amount: int, currency: str, waits: bool) -> Suspended:
    return Suspended(journal, Money(abs(amount), currency), amount > 0, bool(waits))


def _explained(key: ColumnElement[str]) -> ColumnElement[bool]:
    said = aliased(Journal)
    mine = literal("J10b.") + func.substr(key, len(_HEAD) + 1, type_=String)
    return select(said.id).where(said.key == mine).exists()


def _standing() -> tuple[ColumnElement[bool], ...]:
    """Returns what a journal has to be so that it waits: not explained, not taken back, no way back of what waits."""
    key: ColumnElement[str] = Journal.key.expression
    back, base = aliased(Journal), aliased(Journal)
    undone = select(back.id).where(back.key == key + BACK).exists()
    first = func.substr(key, 1, func.length(key) - len(BACK), type_=String)
    open_before = select(base.id).where(base.key == first, ~_explained(base.key.expression)).exists()
    return ~_explained(key), ~undone, ~and_(key.endswith(BACK), open_before)


_TOUCHES = select(Line.journal_id).join(Account, Account.id == Line.account_id).where(Account.name == accounts.SUSPENSE)

_OURS = (Journal.kind == "J10", Journal.key.not_like("J10.line.%"), Journal.id.in_(_TOUCHES.correlate(None)))

WAITS: tuple[ColumnElement[bool], ...] = (*_OURS, *_standing())
"""What a journal has to be so that it waits to be explained here."""

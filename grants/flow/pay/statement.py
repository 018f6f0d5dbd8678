"""The bank's statement: each line once, matched with a payment of ours, or posted to suspense until somebody explains.

A matched line settles a payment, or every payment of a bank file, or returns one. Any other line moves the bank's
account against L.suspense (J10), so that the books hold what the bank holds. One in another currency only waits.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import exists, select
from sqlalchemy.orm import contains_eager

from grants.domain import statement
from grants.domain.errors import Refusal
from grants.domain.statement import Known, KnownFile, Line, Verdict
from grants.flow.desk import Desk
from grants.flow.keyset import PAGE, Page
from grants.flow.one_by_one import one_by_one
from grants.flow.opening import open_task
from grants.flow.pay import attempts
from grants.flow.pay.hand import how_of
from grants.flow.pay.record import Recording
from grants.flow.periods import refuse_closed_lines
from grants.flow.step import record
from grants.ledger import accounts
from grants.ledger.book import Entry
from grants.model.bank import BankFile, BankLine
from grants.model.books import Account
from grants.model.payments import Attempt, Payment
from grants.model.runs import Run
from grants.offers import FileRail, Outcome

DEFAULT = "GBP"

TASK = "bank_lines"
"""The task to explain what is in suspense; one for all lines."""

AT_ONCE = 500
"""How many names go into one statement."""

Way = Literal["file", "hand", "other"]


@dataclass(frozen=True, slots=True)
class Seen:
    """A line with what it is, before or after it came in; ``known`` says that it came in earlier."""

    line: Line
    verdict: Verdict
    known: bool = False


def look_over(desk: Desk, lines: Sequence[Line]) -> list[Seen]:
    """Returns what each line of a statement is; nothing is changed."""
    earlier = _earlier(desk, [line.key for line in lines])
    fresh = [line for line in lines if line.key not in earlier]
    verdicts = statement.judge_all(fresh, _known(desk, fresh), _files(desk))
    judged = dict(zip((line.key for line in fresh), verdicts, strict=True))
    return [Seen(line, judged.get(line.key, Verdict("twice")), line.key in earlier) for line in lines]


def take_in(desk: Desk, lines: Sequence[Line]) -> list[Seen]:
    """Takes a statement in, each line once, and returns what became of each; all of it or nothing."""
    worker = desk.need("pay.build", "Your role does not include taking in statements. Ask finance.")
    if not lines:
        raise Refusal("bank.empty", "There are no lines to take in.")
    one_by_one(desk, "bank statement")
    seen = look_over(desk, lines)
    fresh = [each for each in seen if not each.known]
    refuse_closed_lines(desk, [each.line.on for each in fresh])
    rows = [_row(desk, each, worker) for each in fresh]
    desk.session.add_all(rows)
    desk.session.flush()
    _settle(desk, fresh)
    _return(desk, fresh)
    kept = bank_currency(desk)
    attempts.post_all(desk, [_suspended(row) for row in rows if row.state == "suspense" and row.currency == kept])
    waiting = sum(row.state == "suspense" for row in rows)
    if rows:
        record(desk, "bank.statement_taken_in", "bank_line", rows[-1].id, lines=len(rows), suspense=waiting)
    if waiting:
        words = "Open the page of the bank and say what each of these lines is."
        open_task(desk, TASK, "bank", 0, "Lines of the bank statement wait to be explained", words)
    return seen


def lines_of(desk: Desk, state: str = "", before: int = 0, limit: int = PAGE) -> Page[BankLine]:
    """Returns lines of statements, newest first, of one state or of all; one statement."""
    found = select(BankLine).order_by(BankLine.id.desc()).limit(limit + 1)
    if state:
        found = found.where(BankLine.state == state)
    if before:
        found = found.where(BankLine.id < before)
    rows = desk.session.scalars(found).all()
    return Page(tuple(rows[:limit]), str(rows[limit - 1].id) if len(rows) > limit else "")


def bank_currency(desk: Desk) -> str:
    """Returns the currency in which the bank’s account is kept: a line in another one is not of this account."""
    return desk.session.scalar(select(Account.currency).where(Account.name == accounts.BANK)) or DEFAULT


def _row(desk: Desk, seen: Seen, worker: int) -> BankLine:
    line, verdict = seen.line, seen.verdict
    return BankLine(
        key=line.key,
        on=line.on,
        amount=line.amount,
        currency=line.currency,
        reference=verdict.reference[:120],
        words="" if verdict.matched else line.words,
        state="matched" if verdict.matched else "suspense",
        kind=verdict.kind,
        attempt_id=verdict.attempt_id or None,
        journal_key=_journal(verdict, line.amount < 0) if verdict.matched else "",
        imported_by=worker,
        imported_at=desk.now(),
    )


def _journal(verdict: Verdict, out: bool) -> str:
    """Returns the key of the journal that a matched line stands for; for a bank file, of its run."""
    if verdict.kind == statement.PAID_FILE:
        return f"file.run.{verdict.run_id}"
    by_hand = verdict.kind == statement.BY_HAND
    kind = ("J3m" if by_hand else "J3") if out else ("J6m" if by_hand else "J6")
    return f"{kind}.attempt.{verdict.attempt_id}"


def _suspended(row: BankLine) -> Entry:
    """Returns J10: the bank's account moved, and nobody knows yet for what."""
    into = row.amount > 0
    return Entry(
        key=f"J10.line.{row.id}",
        kind="J10",
        debit=accounts.BANK if into else accounts.SUSPENSE,
        credit=accounts.SUSPENSE if into else accounts.BANK,
        amount=abs(row.amount),
        currency=row.currency,
    )


def _settle(desk: Desk, seen: Iterable[Seen]) -> None:
    """Settles what went out: single payments, and all that was still open of a bank file."""
    paid = {each.verdict.attempt_id for each in seen if each.verdict.kind == statement.PAID}
    runs = [each.verdict.run_id for each in seen if each.verdict.kind == statement.PAID_FILE]
    open_ones = select(Attempt.id).where(Attempt.run_id.in_(runs), Attempt.state.in_(sorted(statement.OUT_OPEN)))
    paid |= set(desk.session.scalars(open_ones)) if runs else set()
    recording = Recording(desk, accounts.BANK)
    for attempt in attempts.locked(desk, sorted(paid)):
        attempt.sent_at = attempt.sent_at or desk.now()
        recording.take(attempt, Outcome(state="settled"))
    recording.finish()


def _return(desk: Desk, seen: Iterable[Seen]) -> None:
    """Returns what came back, to the bank's account; the grants owe it again."""
    back = [each.verdict.attempt_id for each in seen if each.verdict.kind == statement.CAME_BACK]
    held = attempts.locked(desk, sorted(back))
    for by_hand in (False, True):
        recording = Recording(desk, accounts.BANK, by_hand=by_hand)
        for attempt in held:
            if (attempt.recorded_by is not None) is by_hand:
                recording.take(attempt, Outcome(state="returned", code="unpaid_item"))
        recording.finish()


def _earlier(desk: Desk, keys: Sequence[str]) -> set[str]:
    found: set[str] = set()
    for part in _parts(keys):
        found |= set(desk.session.scalars(select(BankLine.key).where(BankLine.key.in_(part))))
    return found


def _known(desk: Desk, lines: Iterable[Line]) -> Mapping[str, Sequence[Known]]:
    """Returns our payments by the references that stand in these lines."""
    wanted = sorted({reference for line in lines for reference in statement.references(line.words)})
    found: dict[str, list[Known]] = {}
    for part in _parts(wanted):
        tries = (
            select(Attempt)
            .join(Attempt.payment)
            .where(Payment.statement.in_(part))
            .options(contains_eager(Attempt.payment))
            .order_by(Attempt.id)
        )
        rows = list(desk.session.scalars(tries))
        out, back = _shown(desk, [row.id for row in rows])
        for row in rows:
            found.setdefault(row.payment.statement, []).append(_as_known(desk, row, out, back))
        for payment in _without_attempts(desk, part):
            found[payment.statement] = [Known(0, "none", payment.amount, payment.currency, "hand")]
    return found


def _without_attempts(desk: Desk, wanted: Sequence[str]) -> Sequence[Payment]:
    tried = exists().where(Attempt.payment_id == Payment.id)
    return desk.session.scalars(select(Payment).where(Payment.statement.in_(wanted), ~tried)).all()


def _parts(items: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(items), AT_ONCE):
        yield items[start : start + AT_ONCE]


def _as_known(desk: Desk, row: Attempt, out: set[int], back: set[int]) -> Known:
    return Known(
        attempt_id=row.id,
        state=row.state,
        amount=row.amount,
        currency=row.currency,
        way=_way(desk, row),
        run_id=row.run_id or 0,
        seen_out=row.id in out,
        seen_back=row.id in back,
        own_record=row.recorded_by is not None and row.recorded_by == desk.actor.user_id,
    )


def _way(desk: Desk, row: Attempt) -> Way:
    """Says how an attempt travels: in a bank file, by hand from the bank's account, or not through it at all."""
    if row.recorded_by is not None:
        return "hand" if how_of(row) == "bank" else "other"
    return "file" if isinstance(desk.catalogue.rails.get(row.rail), FileRail) else "other"


def _shown(desk: Desk, ids: Sequence[int]) -> tuple[set[int], set[int]]:
    """Returns which attempts a line has shown going out, and which coming back."""
    shown = select(BankLine.attempt_id, BankLine.amount).where(
        BankLine.attempt_id.in_(ids), BankLine.state.in_(("matched", "explained"))
    )
    rows = [(number or 0, amount) for number, amount in desk.session.execute(shown)]
    return {number for number, amount in rows if amount < 0}, {number for number, amount in rows if amount > 0}


def _files(desk: Desk) -> Mapping[str, KnownFile]:
    """Returns every bank file by the words of its total on our statement."""
    return dict(_each_file(desk))


def _each_file(desk: Desk) -> Iterator[tuple[str, KnownFile]]:
    taken = select(BankLine.journal_key).where(BankLine.kind == statement.PAID_FILE)
    seen = set(desk.session.scalars(taken))
    rows = select(Run.id, Run.rail, BankFile.amount, BankFile.currency).join(BankFile, BankFile.run_id == Run.id)
    for run_id, slug, amount, currency in desk.session.execute(rows):
        rail = desk.catalogue.rails.get(slug)
        if isinstance(rail, FileRail):
            yield rail.total_reference(run_id), KnownFile(run_id, amount, currency, f"file.run.{run_id}" in seen)

"""Explaining a line of the bank’s statement that waits in suspense: by a person, with its posting (J10b)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select

from grants.domain.errors import Refusal
from grants.domain.money import Money, format_amount
from grants.flow.desk import Desk
from grants.flow.one_by_one import one_by_one
from grants.flow.opening import close_tasks
from grants.flow.pay import attempts, costs, extra
from grants.flow.pay.record import Recording
from grants.flow.pay.statement import TASK, bank_currency
from grants.flow.step import record
from grants.ledger import accounts
from grants.ledger.book import Entry
from grants.model.bank import BankLine
from grants.model.books import Account, Journal
from grants.model.books import Line as BookLine
from grants.model.funds import Fund
from grants.model.payments import Attempt, Payment
from grants.offers import Outcome

AROUND = timedelta(days=35)
"""How many days before and after a line a posting may stand that is the same movement."""

SHOWN = 20

NOT_MINE = ("J10", "J10b")
"""Journals that are suspense itself: they explain nothing."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """One thing that a line in suspense can be: words, whether money came in, and what else must be said."""

    slug: str
    words: str
    into: bool | None
    needs: str = ""


ELSEWHERE = "elsewhere"

MEANINGS: Mapping[str, Meaning] = {
    meaning.slug: meaning
    for meaning in (
        Meaning("booked", "It stands in the books already", None, "journal"),
        Meaning("payment", "It is one of our payments, whatever the words say", None, "reference"),
        Meaning("contribution", "Money from a funder into a fund", True, "fund"),
        Meaning("given_back", "A person gives money back", True, "fund"),
        Meaning("extra_back", "Extra money that went out with one of our payments", True, "reference"),
        Meaning("top_up", "We moved it to the payment service", False),
        Meaning("from_service", "The payment service moved it back to us", True),
        Meaning("fee", "A fee of the bank", False, "fund"),
        Meaning("undone", "The bank made a mistake and put it right with another line", None, "line"),
        Meaning(ELSEWHERE, "It belongs to an account that we do not keep here", None),
    )
}
"""What a line can be, by slug."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a person says a line is: its meaning and why, with a fund, a journal, a line or a reference as needed."""

    meaning: str
    why: str
    fund_id: int = 0
    journal_id: int = 0
    line_id: int = 0
    reference: str = ""


def meanings_for(desk: Desk, line: BankLine) -> list[Meaning]:
    """Returns what a line can be, by which way the money went; one in another currency is only of another account."""
    if line.currency != bank_currency(desk):
        return [MEANINGS[ELSEWHERE]]
    fitting = (meaning for meaning in MEANINGS.values() if meaning.into in (None, line.amount > 0))
    return [meaning for meaning in fitting if meaning.slug != ELSEWHERE]


def explain(desk: Desk, line: BankLine, said: Said) -> None:
    """Explains a line once, and takes it out of suspense; raises Refusal, with the field to mend."""
    worker = desk.need("pay.release", "Your role does not include explaining the bank’s lines. Ask finance.")
    one_by_one(desk, "bank statement")
    line = _waiting(desk, line)
    meaning = next((each for each in meanings_for(desk, line) if each.slug == said.meaning), None)
    if meaning is None:
        raise Refusal("bank.meaning", "Choose what this line is.", "meaning")
    if not said.why.strip():
        raise Refusal("why.missing", "Say how you know, in a few words.", "why")
    line.journal_key = _ACTS[meaning.slug](desk, line, said)
    line.state, line.why, line.explained_by = "explained", said.why.strip(), worker
    desk.session.flush()
    record(desk, "bank.line_explained", "bank_line", line.id, meaning=meaning.slug)
    if not waiting(desk):
        close_tasks(desk, (TASK,), "bank", 0, "Every line is explained.")


def waiting(desk: Desk) -> int:
    """Returns how many lines wait in suspense."""
    found = select(func.count()).select_from(BankLine).where(BankLine.state == "suspense")
    return desk.session.scalar(found) or 0


def booked_like(desk: Desk, line: BankLine) -> Sequence[Journal]:
    """Returns postings that moved the bank's account by just this amount at about this time, and that no line has."""
    taken = select(BankLine.journal_key).where(BankLine.journal_key != "")
    found = (
        select(Journal)
        .join(BookLine, BookLine.journal_id == Journal.id)
        .join(Account, Account.id == BookLine.account_id)
        .where(Account.name == accounts.BANK, Account.currency == line.currency, BookLine.amount == line.amount)
        .where(Journal.kind.not_in(NOT_MINE), Journal.key.not_in(taken))
        .where(Journal.on.between(line.on - AROUND, line.on + AROUND))
        .order_by(Journal.id.desc())
        .limit(SHOWN)
    )
    return desk.session.scalars(found).all()


def undone_by(desk: Desk, line: BankLine) -> Sequence[BankLine]:
    """Returns lines in suspense of the same amount the other way."""
    found = select(BankLine).where(
        BankLine.state == "suspense", BankLine.amount == -line.amount, BankLine.currency == line.currency
    )
    return desk.session.scalars(found.order_by(BankLine.id.desc()).limit(SHOWN)).all()


def _booked(desk: Desk, line: BankLine, said: Said) -> str:
    """Takes the line out of the bank's account again: it was counted there before (J10b)."""
    chosen = next((each for each in booked_like(desk, line) if each.id == said.journal_id), None)
    if chosen is None:
        raise Refusal("bank.journal", "Choose which posting it is. None other fits the amount and the time.", "journal")
    into = line.amount > 0
    debit, credit = (accounts.SUSPENSE, accounts.BANK) if into else (accounts.BANK, accounts.SUSPENSE)
    _post(desk, line, "J10b", debit, credit)
    line.attempt_id = chosen.attempt_id
    return chosen.key


def _payment(desk: Desk, line: BankLine, said: Said) -> str:
    """Settles or returns the payment that somebody names, out of suspense."""
    wanted = " ".join(said.reference.upper().split())
    tries = select(Attempt.id).join(Payment).where(Payment.statement == wanted).order_by(Attempt.id)
    held = attempts.locked(desk, list(desk.session.scalars(tries)))
    out = line.amount < 0
    open_ones = ("sending", "accepted", "unknown", "failed", "cancelled") if out else ("settled", "accepted")
    chosen = [each for each in held if each.state in open_ones and each.sent_at is not None]
    if not chosen:
        words = "No payment with this reference waits for such a line. Look at the payment first."
        raise Refusal("bank.payment", words, "reference")
    attempt = chosen[-1]
    if (attempt.amount, attempt.currency) != (abs(line.amount), line.currency):
        asked = format_amount(Money(attempt.amount, attempt.currency))
        raise Refusal("bank.other_amount", f"That payment is of {asked}, so this line is not it.", "reference")
    by_hand = attempt.recorded_by is not None
    if by_hand and attempt.recorded_by == desk.actor.user_id:
        raise Refusal(
            "bank.own_record", "You wrote this payment down, so somebody else explains its line.", "reference"
        )
    recording = Recording(desk, accounts.SUSPENSE, by_hand=by_hand)
    recording.take(attempt, Outcome(state="settled" if out else "returned", code="" if out else "unpaid_item"))
    recording.finish()
    if attempt.state != ("settled" if out else "returned"):
        raise Refusal("bank.payment", "By our books this cannot be so. Look at the payment first.", "reference")
    line.attempt_id = attempt.id
    return f"{'J3' if out else 'J6'}.attempt.{attempt.id}"


def _into_fund(kind: str) -> Callable[[Desk, BankLine, Said], str]:
    """Returns the act that puts money into a fund: from a funder (J0), or given back by a person (J11)."""

    def put(desk: Desk, line: BankLine, said: Said) -> str:
        fund = desk.session.get(Fund, said.fund_id)
        if fund is None or fund.currency != line.currency:
            raise Refusal("bank.fund", "Choose the fund that the money is for.", "fund")
        if kind == "J0":
            desk.need("fund.manage", "Your role does not include recording money into a fund. Ask a manager.")
            record(desk, "fund.contribution", "fund", fund.id, said.why, amount=line.amount)
        return _post(desk, line, kind, accounts.SUSPENSE, accounts.fund(fund.id), fund.id)

    return put


def _moved(kind: str, to: str) -> Callable[[Desk, BankLine, Said], str]:
    """Returns the act that moves a line between suspense and one of our own accounts."""

    def move(desk: Desk, line: BankLine, said: Said) -> str:
        into = line.amount > 0
        return _post(desk, line, kind, accounts.SUSPENSE if into else to, to if into else accounts.SUSPENSE)

    return move


def _extra(desk: Desk, line: BankLine, said: Said) -> str:
    """Takes extra money of the payment that somebody names as come back, in part or whole (J7e)."""
    wanted = " ".join(said.reference.upper().split())
    tries = select(Attempt.id).join(Payment).where(Payment.statement == wanted).order_by(Attempt.id)
    held = attempts.locked(desk, list(desk.session.scalars(tries)))
    chosen = next((each for each in held if extra.left(desk, each).amount), None)
    if chosen is None:
        raise Refusal("bank.payment", "No extra money went out with a payment of this reference.", "reference")
    line.attempt_id = chosen.id
    amount = Money(line.amount, line.currency)
    return extra.come_back(desk, chosen, amount, accounts.SUSPENSE, f"J7e.line.{line.id}")


def _fee(desk: Desk, line: BankLine, said: Said) -> str:
    """Takes the line as a fee (J9), and lets the fund bear it that somebody names, if it may (J9b)."""
    amount = Money(-line.amount, line.currency)
    borne = costs.bear_line(desk, said.fund_id, amount, line.id, said.why.strip()) if said.fund_id else None
    key = _post(desk, line, "J9", accounts.FEES, accounts.SUSPENSE)
    if borne is not None:
        attempts.post_all(desk, [borne])
    return key


def _undone(desk: Desk, line: BankLine, said: Said) -> str:
    """Explains two lines by each other: in suspense they make nothing together."""
    other = next((each for each in undone_by(desk, line) if each.id == said.line_id), None)
    if other is None:
        raise Refusal("bank.line", "Choose the line that puts it right: the same amount, the other way.", "line")
    other.state, other.why, other.explained_by = "explained", said.why.strip(), desk.actor.user_id
    other.journal_key = f"J10.line.{line.id}"
    return f"J10.line.{other.id}"


_ACTS: Mapping[str, Callable[[Desk, BankLine, Said], str]] = {
    "booked": _booked,
    "payment": _payment,
    "contribution": _into_fund("J0"),
    "given_back": _into_fund("J11"),
    "top_up": _moved("J0b", accounts.PSP),
    "from_service": _moved("J0b", accounts.PSP),
    "fee": _fee,
    "extra_back": _extra,
    "undone": _undone,
    ELSEWHERE: lambda _desk, _line, _said: "",
}


def _post(desk: Desk, line: BankLine, kind: str, debit: str, credit: str, fund_id: int | None = None) -> str:
    entry = Entry(
        key=f"{kind}.line.{line.id}",
        kind=kind,
        debit=debit,
        credit=credit,
        amount=abs(line.amount),
        currency=line.currency,
        fund_id=fund_id,
    )
    attempts.post_all(desk, [entry])
    return entry.key


def _waiting(desk: Desk, line: BankLine) -> BankLine:
    found = select(BankLine).where(BankLine.id == line.id).with_for_update()
    held = desk.session.scalars(found.execution_options(populate_existing=True)).one()
    if held.state != "suspense":
        raise Refusal("bank.explained", "This line is explained already. Look at the page again.")
    return held

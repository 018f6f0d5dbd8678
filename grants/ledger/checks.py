"""The invariants of the books, each one a query that finds what is off (none when all is well).

Numbers I1–I12 follow the design's list of invariants.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sqlalchemy import ColumnElement, String, Subquery, and_, case, cast, func, literal, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from grants.domain.lifecycle import OPEN_ATTEMPT
from grants.ledger import figures
from grants.ledger.accounts import FEES, LOSS, OVERPAID
from grants.model.applications import Decision
from grants.model.books import Account, Journal, Line
from grants.model.grants import Grant
from grants.model.payments import Attempt, Payment
from grants.model.runs import Run

SHOWN = 20
"""How many findings of one kind are listed."""


def findings(session: Session) -> Iterator[str]:
    """Yields one sentence for each thing that is off in the books, by invariant."""
    for check in CHECKS:
        yield from check(session)


def journals_balance(session: Session) -> Iterator[str]:
    """Finds journals whose lines do not sum to zero, or that have none (I1)."""
    totals = (
        select(Journal.id, func.coalesce(func.sum(Line.amount), 0), func.count(Line.id))
        .outerjoin(Line)
        .group_by(Journal.id)
        .having(or_(func.sum(Line.amount) != 0, func.count() < 2))
        .limit(SHOWN)
    )
    for journal_id, off, lines in session.execute(totals):
        yield f"I1 journal {journal_id} has {lines} lines that sum to {off}, not 0"


def balances_add_up(session: Session) -> Iterator[str]:
    """Finds accounts whose balance is not the sum of their lines, and currencies that do not sum to zero (I2)."""
    sums = select(Line.account_id, func.sum(Line.amount).label("total")).group_by(Line.account_id).subquery()
    wrong = (
        select(Account.name, Account.balance, func.coalesce(sums.c.total, 0))
        .outerjoin(sums)
        .where(Account.balance != func.coalesce(sums.c.total, 0))
        .limit(SHOWN)
    )
    for name, kept, real in session.execute(wrong):
        yield f"I2 account {name} says {kept}, its lines say {real}"
    total = func.sum(Account.balance)
    whole = select(Account.currency, total).group_by(Account.currency).having(total != 0)
    for currency, off in session.execute(whole):
        yield f"I2 all accounts in {currency} sum to {off}, not 0"


def payables_within_award(session: Session) -> Iterator[str]:
    """Finds grants that owe less than nothing or more than was awarded (I3)."""
    owed = -Account.balance
    wrong = (
        select(Grant.reference, owed, Grant.amount)
        .join(Account, Account.name == _numbered("L.payable.", Grant.id))
        .where(or_(owed < 0, owed > Grant.amount))
        .limit(SHOWN)
    )
    for reference, owes, awarded in session.execute(wrong):
        yield f"I3 grant {reference} owes {owes} of {awarded}"


def in_flight_whole(session: Session) -> Iterator[str]:
    """Finds attempts in flight with another amount than their own, or none where there should be (I4)."""
    held = -func.coalesce(Account.balance, 0)
    expected = case((Attempt.state.in_(OPEN_ATTEMPT), Attempt.amount), else_=0)
    wrong = (
        select(Attempt.id, Attempt.state, held, expected)
        .outerjoin(Account, Account.name == _numbered("L.in_flight.", Attempt.id))
        .where(held != expected)
        .limit(SHOWN)
    )
    for attempt_id, state, is_held, should in session.execute(wrong):
        yield f"I4 attempt {attempt_id} is {state} and holds {is_held}, expected {should}"


def funds_not_overspent(session: Session) -> Iterator[str]:
    """Finds funds that are overspent (I5)."""
    wrong = select(Account.name, Account.balance).where(_fund(), Account.balance > 0)
    for name, off in session.execute(wrong):
        yield f"I5 fund account {name} is overspent by {off}"


def funds_add_up(session: Session) -> Iterator[str]:
    """Finds funds whose figures do not add up, or not to what their account holds (I5)."""
    by_fund, kept = figures.sums(session), figures.left_by_accounts(session)
    for fund_id in sorted({*by_fund, *kept}):
        of_fund = by_fund.get(fund_id, {})
        off, left = figures.difference(of_fund), figures.figure(of_fund, figures.LEFT)
        if off:
            why = f": no figure counts {', '.join(odd)}" if (odd := figures.strays(of_fund)) else ""
            yield f"I5 fund {fund_id} is off by {off}{why}"
        if left != -kept.get(fund_id, 0):
            yield f"I5 fund {fund_id} has {left} left by its journals, {-kept.get(fund_id, 0)} by its account"


def costs_cover_what_funds_bore(session: Session) -> Iterator[str]:
    """Finds costs of which funds bore more than there were, and what came back beyond what a fund bore (I5)."""
    wrong = select(Account.name, Account.balance).where(Account.name.in_((FEES, LOSS)), Account.balance < 0)
    for name, off in session.execute(wrong):
        yield f"I5 funds bore {-off} more of {name} than there was"
    given = (
        select(Journal.fund_id, func.sum(Line.amount))
        .join(Line)
        .join(Account)
        .where(Journal.kind.in_(("J13", "J13b")), _fund())
        .group_by(Journal.fund_id)
        .having(func.sum(Line.amount) < 0)
        .limit(SHOWN)
    )
    for fund_id, off in session.execute(given):
        yield f"I5 fund {fund_id} got back {-off} more of losses than it bore"


def grants_add_up(session: Session) -> Iterator[str]:
    """Finds grants where owed, in flight and settled are not the award and what was overpaid (I6).

    Of a cancelled grant they are at most that.
    """
    moved = (
        select(Payment.grant_id, func.sum(Attempt.amount).label("total"))
        .join(Attempt)
        .where(Attempt.state.in_([*OPEN_ATTEMPT, "settled"]))
        .group_by(Payment.grant_id)
        .subquery()
    )
    owed = -func.coalesce(Account.balance, 0)
    over = _overpaid()
    whole = owed + func.coalesce(moved.c.total, 0) - func.coalesce(over.c.total, 0)
    wrong = (
        select(Grant.reference, whole, Grant.amount)
        .outerjoin(moved)
        .outerjoin(over)
        .outerjoin(Account, Account.name == _numbered("L.payable.", Grant.id))
        .where(or_(and_(Grant.state != "cancelled", whole != Grant.amount), whole > Grant.amount))
        .limit(SHOWN)
    )
    for reference, is_whole, awarded in session.execute(wrong):
        yield f"I6 grant {reference}: owed, in flight and settled make {is_whole}, awarded {awarded}"


def overpayments_stand(session: Session) -> Iterator[str]:
    """Finds attempts of which more overpayment was ended than there was (I6)."""
    left = func.sum(Line.amount)
    wrong = (
        select(Journal.attempt_id, left)
        .join(Line)
        .join(Account)
        .where(Account.name == OVERPAID)
        .group_by(Journal.attempt_id)
        .having(left < 0)
        .limit(SHOWN)
    )
    for attempt_id, off in session.execute(wrong):
        yield f"I6 attempt {attempt_id} leaves {off} in {OVERPAID}"


def one_open_attempt(session: Session) -> Iterator[str]:
    """Finds payments with more than one open attempt (I7)."""
    many = (
        select(Attempt.payment_id, func.count())
        .where(Attempt.state.in_(OPEN_ATTEMPT))
        .group_by(Attempt.payment_id)
        .having(func.count() > 1)
        .limit(SHOWN)
    )
    for payment_id, count in session.execute(many):
        yield f"I7 payment {payment_id} has {count} open attempts"


def keys_have_one_request(session: Session) -> Iterator[str]:
    """Finds keys that were used for more than one request (I11)."""
    twice = select(Attempt.key).group_by(Attempt.key).having(func.count(Attempt.body_hash.distinct()) > 1).limit(SHOWN)
    for key in session.scalars(twice):
        yield f"I11 key {key} stands for more than one request"


def makers_are_not_checkers(session: Session) -> Iterator[str]:
    """Finds where one person did both halves of what takes two (I12)."""
    released = select(Attempt.id).join(Run).join(Payment)
    own = released.join(Grant).where(
        or_(
            Run.released_by == Run.built_by,
            Run.released_by == Grant.decided_by,
            Run.released_by == Grant.second_by,
        )
    )
    yield from (f"I12 attempt {i} was released by the person who decided or built it" for i in session.scalars(own))
    hand = select(Attempt.id).join(Payment)
    same = hand.join(Grant).where(
        or_(
            Attempt.confirmed_by == Attempt.recorded_by,
            Attempt.confirmed_by == Grant.decided_by,
            Attempt.confirmed_by == Grant.second_by,
        )
    )
    yield from (
        f"I12 attempt {i} was confirmed by the person who recorded or decided it" for i in session.scalars(same)
    )
    both = select(Decision.id).where(Decision.second_by == Decision.by)
    yield from (f"I12 decision {i} was agreed by the person who proposed it" for i in session.scalars(both))


def _overpaid() -> Subquery:
    """Returns what was overpaid on each grant and is still with its person: J7 less J7a and J7b."""
    sign = case((Journal.kind == "J7", Attempt.amount), else_=-Attempt.amount)
    return (
        select(Journal.grant_id, func.sum(sign).label("total"))
        .join(Attempt)
        .where(Journal.kind.in_(("J7", "J7a", "J7b")))
        .group_by(Journal.grant_id)
        .subquery()
    )


def _numbered(stem: str, number: InstrumentedAttribute[int]) -> ColumnElement[str]:
    return literal(stem) + cast(number, String)


def _fund() -> ColumnElement[bool]:
    return Account.kind == "F"


CHECKS: tuple[Callable[[Session], Iterator[str]], ...] = (
    journals_balance,
    balances_add_up,
    payables_within_award,
    in_flight_whole,
    funds_not_overspent,
    funds_add_up,
    costs_cover_what_funds_bore,
    grants_add_up,
    overpayments_stand,
    one_open_attempt,
    keys_have_one_request,
    makers_are_not_checkers,
)

"""Closed days: nothing is written on them, whoever says what, and what comes late stands on the day it came."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.exc import DBAPIError

from grants.domain.errors import NotAllowed, Refusal
from grants.domain.money import Money
from grants.domain.statement import with_keys
from grants.flow import pay, periods
from grants.flow.pay import statement
from grants.flow.pay.record import record_outcomes
from grants.keeping import rows
from grants.model.bank import BankLine
from grants.model.books import Account, Journal, Period
from grants.model.events import EventRow
from grants.model.floats import CashFloat
from grants.model.payments import Attempt, Payment
from grants.offers import Outcome
from tests.lively import paid_by_hand
from tests.paying import Charity

MARCH = date(2027, 3, 31)


def close(charity: Charity, up_to: date = MARCH, by: str = "ben", why: str = "The trustees agreed.") -> None:
    with charity.desk(by) as desk:
        periods.close_period(desk, up_to, why)


@pytest.fixture
def april(by_hand: Charity) -> Charity:
    """The tenth of April, after a winter with an award each in November and March."""
    by_hand.award(80_00, "cash")
    by_hand.clock.at = by_hand.clock.at.replace(year=2027, month=3, day=20)
    by_hand.award(70_00, "cash")
    by_hand.clock.at = by_hand.clock.at.replace(month=4, day=10)
    return by_hand


def written(charity: Charity) -> tuple[int, ...]:
    with charity.desk() as desk:
        tables = (Journal, EventRow, Attempt, BankLine, CashFloat)
        return tuple(desk.session.scalar(select(func.count()).select_from(table)) or 0 for table in tables)


def a_late_payment(charity: Charity) -> None:
    paid_by_hand(charity, 1, "FP 1", paid_on=MARCH)


def late_cash(charity: Charity) -> None:
    with charity.desk("ben") as desk:
        number = pay.open_float(desk, charity.staff["hugo"], Money(100_00)).id
        desk.session.flush()
        payment = desk.session.scalars(select(Payment).where(Payment.grant_id == 1)).one()
        there = desk.acting(charity.actor("hugo"))
        pay.hand_over(there, desk.session.get_one(CashFloat, number), payment, paid_on=MARCH)


def a_late_line(charity: Charity) -> None:
    lines = [(date(2027, 4, 9), 5_00, "GBP", "NEW"), (MARCH, 5_00, "GBP", "OLD")]
    with charity.desk("ben") as desk:
        statement.take_in(desk, list(with_keys(lines)))


@pytest.mark.parametrize("act", [a_late_payment, late_cash, a_late_line])
def test_a_closed_day_is_refused_in_plain_words_and_nothing_is_kept(
    april: Charity, act: Callable[[Charity], None]
) -> None:
    close(april)
    before = written(april)
    with pytest.raises(Refusal, match="closed up to 31 March 2027, and the first open day is 1 April 2027") as refused:
        act(april)
    assert refused.value.code == "period.closed"
    assert "the true day in the reference" in refused.value.message.replace("its true", "the true")
    assert written(april) == before


def test_with_today_and_the_true_day_in_the_reference_it_can_be_written(april: Charity) -> None:
    close(april)
    attempt_id = paid_by_hand(april, 1, "FP 1, paid 31/03/2027")
    with april.desk() as desk:
        journal = desk.session.scalars(select(Journal).where(Journal.attempt_id == attempt_id)).first()
        assert journal is not None
        assert journal.on == date(2027, 4, 10)
    assert april.findings() == []


def test_lines_of_the_bank_that_came_in_before_do_not_matter(april: Charity) -> None:
    a_late_line(april)
    close(april)
    a_late_line(april)
    with april.desk() as desk:
        assert desk.session.scalar(select(func.count()).select_from(BankLine)) == 2


@pytest.mark.parametrize("day", [MARCH, MARCH - timedelta(days=100)])
def test_the_database_itself_refuses_a_posting_on_a_closed_day(april: Charity, day: date) -> None:
    close(april)
    row = {"key": "J0.backwards", "kind": "J0", "on": day, "at": april.clock(), "why": ""}
    with pytest.raises(DBAPIError, match="the books are closed for that day"), april.database.transaction() as session:
        session.execute(insert(Journal), [row])
    with april.database.transaction() as session:
        session.execute(insert(Journal), [row | {"on": date(2027, 4, 1)}])


def test_a_backup_brings_the_postings_back_before_the_days_are_closed_again() -> None:
    names = [table.name for table in rows.tables()]
    assert names.index("journals") < names.index("periods")


def test_what_the_payment_service_says_of_a_closed_year_is_posted_today(april: Charity) -> None:
    paid_by_hand(april, 1, "FP 1")
    april.clock.at = april.clock.at.replace(month=5, day=2)
    close(april, date(2027, 4, 30))
    attempt = april.attempts(1)[-1]
    with april.desk() as desk:
        record_outcomes(desk, {attempt.id: Outcome(state="returned", code="account_closed")})
    with april.desk() as desk:
        last = desk.session.scalars(select(Journal).order_by(Journal.id.desc()).limit(1)).one()
        assert (last.kind[:2], last.on) == ("J6", date(2027, 5, 2))
    assert april.findings() == []


def test_only_a_day_that_is_over_and_later_than_the_last_one_is_closed(april: Charity) -> None:
    for wrong, said in ((date(2027, 4, 10), "Choose a day that is over: 9 April 2027"), (date(2028, 1, 1), "is over")):
        with pytest.raises(Refusal, match=said):
            close(april, wrong)
    with pytest.raises(Refusal, match="Say why"):
        close(april, why=" ")
    close(april)
    for again in (MARCH, date(2026, 12, 31)):
        with pytest.raises(Refusal, match="closed up to 31 March 2027 already"):
            close(april, again)
    close(april, date(2027, 4, 9), by="gita")
    with pytest.raises(NotAllowed):
        close(april, date(2027, 4, 9), by="ann")
    with april.desk() as desk:
        assert [each.closed_up_to for each in periods.newest(desk)] == [date(2027, 4, 9), MARCH]


def test_books_that_do_not_add_up_are_not_closed(april: Charity) -> None:
    with april.desk() as desk:
        desk.session.scalars(select(Account).where(Account.name == "A.bank")).one().balance += 1
    with pytest.raises(Refusal, match="do not add up yet"):
        close(april)
    with april.desk() as desk:
        assert desk.session.scalars(select(Period)).all() == []

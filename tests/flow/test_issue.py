"""Issued statements: frozen, never of a few, and safe when one is taken from another or from what is live."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import update
from sqlalchemy.exc import DBAPIError

from grants.domain.errors import NotAllowed, Refusal
from grants.domain.money import Money
from grants.domain.terms import Rows, Statement, Terms
from grants.flow import confirm, issue, learn, trials
from grants.flow import fund as funding
from grants.flow.desk import Actor, Desk
from grants.flow.learn.frozen import arms_of, as_statement
from grants.model.events import EventRow
from grants.model.funds import Fund
from grants.model.statements import IssuedStatement
from tests.conftest import Clock
from tests.flow.assuring import a_written_policy
from tests.flow.test_told import grants_in
from tests.flow.test_trials import RECEIPTS, agreed
from tests.scenes import a_fund, a_grant, a_worker, at

ROWS = Rows(
    columns=("month", "local_authority", "amount"),
    reason="The council pays for its own area only.",
    agreement="Signed on 3 November 2026.",
    notice="The council that pays sees a line a grant, without names.",
)


@pytest.fixture
def mona(desk: Desk) -> Desk:
    return at(desk, a_worker(desk, "manager", limit=0, name="Mona"))


def award(desk: Desk, fund: Fund, many: int, amount: Callable[[int], int] = lambda n: 150_00, **more: object) -> None:
    worker = a_worker(desk)
    for n in range(many):
        a_grant(desk, fund, worker, amount=Money(amount(n)), **more)


def shown(data: dict[str, object]) -> tuple[int, int]:
    step = data["steps"][0]  # type: ignore[index]
    return step["count"] or 0, step["amount"] or 0


def test_it_is_issued_when_its_time_has_come_and_up_to_the_last_full_day(desk: Desk, clock: Clock) -> None:
    fund = a_fund(desk, pounds=10_000, starts_on=date(2026, 9, 1))
    award(desk, fund, 6)
    assert issue.issue_due(desk) == 0, "three months have not gone by"
    clock.move(days=10)
    award(desk, fund, 5)
    assert issue.issue_due(desk) == 1
    row = issue.newest(desk, fund)
    assert row is not None
    assert (row.up_to, row.grants, shown(row.data)) == (date(2026, 12, 2), 5, (5, 750_00)), "nothing of today"
    assert [event.data["up_to"] for event in desk.session.query(EventRow).filter_by(name="statement.issued")] == [
        "2026-12-02"
    ]
    clock.move(days=30)
    assert issue.issue_due(desk) == 0
    assert issue.next_on(fund, row) == date(2027, 3, 3)


def test_a_period_with_few_new_grants_is_merged_into_the_next(desk: Desk, clock: Clock) -> None:
    fund = a_fund(desk, pounds=10_000, starts_on=date(2026, 8, 1))
    award(desk, fund, 6)
    clock.move(days=1)
    assert issue.issue_due(desk) == 1
    clock.move(days=95)
    award(desk, fund, 3)
    clock.move(days=1)
    assert issue.issue_due(desk) == 0, "three and one left over are fewer than five"
    award(desk, fund, 1)
    clock.move(days=1)
    assert issue.issue_due(desk) == 1
    assert [row.grants for row in issue.of_fund(desk, fund)] == [10, 5]


def test_a_manager_issues_one_at_most_once_a_month(desk: Desk, mona: Desk, clock: Clock) -> None:
    fund = a_fund(desk, pounds=10_000)
    award(desk, fund, 4)
    clock.move(days=1)
    with pytest.raises(Refusal, match="Fewer than 5"):
        issue.issue_now(mona, fund)
    award(desk, fund, 1)
    clock.move(days=1)
    assert issue.issue_now(mona, fund).grants == 5
    award(desk, fund, 9)
    clock.move(days=20)
    with pytest.raises(Refusal, match="not a month old"):
        issue.issue_now(mona, fund)
    clock.move(days=12)
    assert issue.issue_now(mona, fund).grants == 10
    for role in ("front-line", "finance", "trustee", "funder-viewer"):
        with pytest.raises(NotAllowed):
            issue.issue_now(at(desk, a_worker(desk, role, limit=0)), fund)


def test_nobody_is_found_by_subtracting_statements_or_live_totals(desk: Desk, mona: Desk, clock: Clock) -> None:
    fund = a_fund(desk, pounds=50_000)
    tellings = []
    for month, many in enumerate((7, 6, 1, 8, 3, 12)):
        award(desk, fund, many, lambda n, month=month: 100_00 + 13 * month + n)  # type: ignore[misc]
        tellings.append(
            shown({"steps": [{"count": s.count, "amount": s.amount} for s in learn.statement(desk, fund).steps]})
        )
        clock.move(days=32)
        if issue.enough(desk, fund):
            tellings.append(shown(issue.issue_now(mona, fund).data))
    assert len(issue.of_fund(desk, fund)) >= 4
    for count, amount in tellings:
        for other, less in tellings:
            assert abs(count - other) % 5 == 0
            assert grants_in(amount - less) == abs(count - other)


def test_what_was_issued_never_changes(desk: Desk, mona: Desk, clock: Clock) -> None:
    fund = a_fund(desk, pounds=10_000)
    award(desk, fund, 6)
    clock.move(days=1)
    row = issue.issue_now(mona, fund)
    before = as_statement(fund, row.data)
    assert before == learn.statement(desk, fund, row.issued_at)
    for grant in desk.session.query(type(a_grant(desk, fund))).all():
        confirm.arrived(desk.acting(Actor(kind="recipient")), grant)
    award(desk, fund, 10)
    desk.session.expire_all()
    kept = issue.find(desk, fund, row.up_to)
    assert kept is not None
    assert as_statement(fund, kept.data) == before
    with pytest.raises(DBAPIError, match="never changed"):
        desk.session.execute(update(IssuedStatement).values(grants=7))


class TestRows:
    def fund(self, desk: Desk, rows: Rows = ROWS) -> Fund:
        terms = Terms(statement=Statement(rows=rows))
        return a_fund(desk, pounds=20_000, policy=a_written_policy(desk, "rows", terms))

    def test_lines_hold_only_what_was_declared_in_groups(self, desk: Desk, mona: Desk, clock: Clock) -> None:
        fund = self.fund(desk)
        award(desk, fund, 6, area="Dorset")
        award(desk, fund, 4, lambda n: 200_00 + n, area="Dorset")
        clock.move(days=1)
        rows = issue.issue_now(mona, fund).data["rows"]
        assert len(rows) == 10
        assert {tuple(row) for row in rows} == {("number", "month", "local_authority", "amount")}
        groups = Counter((row["month"], row["local_authority"], row["amount"]) for row in rows)
        assert min(groups.values()) >= 5
        assert not {row["amount"] for row in rows} & {str(200_00 + n) for n in range(4)}

    def test_each_grant_stands_in_one_statement_under_a_number_that_means_nothing(
        self, desk: Desk, mona: Desk, clock: Clock
    ) -> None:
        fund = self.fund(desk)
        award(desk, fund, 6, area="Dorset")
        clock.move(days=1)
        first = issue.issue_now(mona, fund).data["rows"]
        award(desk, fund, 6, area="Dorset")
        clock.move(days=40)
        second = issue.issue_now(mona, fund).data["rows"]
        assert (len(first), len(second)) == (5, 5)
        assert not {row["number"] for row in first} & {row["number"] for row in second}

    def test_grants_from_before_the_agreement_have_no_line(self, desk: Desk, mona: Desk, clock: Clock) -> None:
        fund = a_fund(desk, pounds=20_000)
        award(desk, fund, 5, area="Dorset")
        terms = Terms(statement=Statement(rows=ROWS))
        funding.choose_policy(mona, fund, a_written_policy(desk, "rows", terms), {})
        clock.move(seconds=1)
        award(desk, fund, 5, area="Dorset")
        clock.move(days=1)
        assert len(issue.issue_now(mona, fund).data["rows"]) == 5

    def test_without_columns_there_are_none(self, desk: Desk, mona: Desk, clock: Clock) -> None:
        fund = a_fund(desk, pounds=20_000)
        award(desk, fund, 6, area="Dorset")
        clock.move(days=1)
        assert issue.issue_now(mona, fund).data["rows"] == []


def test_a_trial_is_told_once_when_it_has_ended(desk: Desk, mona: Desk, clock: Clock) -> None:
    fund = a_fund(desk, pounds=20_000, policy=a_written_policy(desk, "receipts", Terms(asks=(RECEIPTS,))))
    trial = trials.start(mona, fund, agreed(desk))
    award(desk, fund, 25)
    clock.move(days=1)
    assert issue.issue_now(mona, fund).data["trials"] == []
    trials.end(mona, trial)
    award(desk, fund, 5)
    clock.move(days=40)
    [told] = issue.issue_now(mona, fund).data["trials"]
    assert sum(arm.grants or 0 for arm in arms_of(told)) <= 25
    assert {arm.arm for arm in arms_of(told)} == {"standing", "lighter"}
    award(desk, fund, 5)
    clock.move(days=40)
    assert issue.issue_now(mona, fund).data["trials"] == []

"""The books: every journal balances, a fund is never overspent, and each invariant finds what breaks it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from grants.domain.errors import Refusal
from grants.ledger import accounts, figures
from grants.ledger.book import Entry, balance, balances, post, post_many, posted
from grants.ledger.checks import findings
from grants.model.books import Journal
from grants.model.engine import Database
from tests.paying import Charity

AT = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.fixture
def session(database_url: str) -> Iterator[Session]:
    database = Database(database_url)
    with database.session() as opened:
        yield opened
    database.close()


def entry(key: str = "J0.1", debit: str = "A.bank", credit: str = "F.1", amount: int = 100_00, **more: object) -> Entry:
    return Entry(key=key, kind="J0", debit=debit, credit=credit, amount=amount, currency="GBP", **more)  # type: ignore[arg-type]


def test_money_moves_from_credit_to_debit(session: Session) -> None:
    post(session, entry(credit="L.suspense"), AT)
    assert balances(session, ["A.bank", "L.suspense", "F.2"]) == {"A.bank": 100_00, "L.suspense": -100_00, "F.2": 0}
    assert balance(session, "A.bank") == 100_00
    assert list(findings(session)) == []


def test_many_journals_move_each_balance_once(session: Session) -> None:
    ids = post_many(session, [entry("a"), entry("b", amount=50), entry("c", "F.1", "L.payable.1", 30)], AT)
    assert ids == sorted(ids)
    assert balances(session, ["A.bank", "F.1", "L.payable.1"]) == {"A.bank": 100_50, "F.1": -100_20, "L.payable.1": -30}


def test_the_same_fact_is_never_posted_twice(session: Session) -> None:
    post(session, entry("J3.attempt.17"), AT)
    with pytest.raises(IntegrityError):
        post(session, entry("J3.attempt.17"), AT)


def test_a_fund_is_never_overspent(session: Session) -> None:
    post(session, entry(), AT)
    with pytest.raises(Refusal, match=r"There is not enough left in this fund: £100\.00 is left\."):
        post(session, entry("J1.1", "F.1", "L.payable.1", 100_01), AT)
    post(session, entry("J1.2", "F.1", "L.payable.1", 100_00), AT)
    with pytest.raises(Refusal, match=r"£0\.00 is left\."):
        post(session, entry("J1.3", "F.1", "L.payable.1", 1), AT)


def test_a_refusal_of_a_fund_says_what_is_left_in_its_own_currency(session: Session) -> None:
    post(session, Entry(key="in", kind="J0", debit="A.bank", credit="F.1", amount=1_200, currency="JPY"), AT)
    with pytest.raises(Refusal) as refused:
        post(session, Entry(key="out", kind="J1", debit="F.1", credit="L.payable.1", amount=1_201, currency="JPY"), AT)
    assert refused.value.code == "fund.not_enough"
    assert refused.value.message == "There is not enough left in this fund: ¥1,200 is left."


def test_a_fact_is_known_by_its_key_once_it_is_posted(session: Session) -> None:
    post(session, entry("J3.attempt.17"), AT)
    assert posted(session, "J3.attempt.17")
    assert not posted(session, "J3.attempt.18")


def test_a_journal_keeps_what_it_was_for(charity: Charity) -> None:
    grant_id = charity.award(80_00)
    charity.build()
    (attempt,) = charity.attempts()
    with charity.desk() as desk:
        for_what = {"fund_id": charity.fund_id, "grant_id": grant_id, "attempt_id": attempt.id}
        number = post(desk.session, entry("x", why="A correction, agreed by two.", **for_what), AT)
        kept = desk.session.get_one(Journal, number)
        assert (kept.key, kept.kind, kept.on, kept.at) == ("x", "J0", AT.date(), AT)
        assert (kept.fund_id, kept.grant_id, kept.attempt_id) == (charity.fund_id, grant_id, attempt.id)
        assert kept.why == "A correction, agreed by two."


def test_the_sums_of_a_fund_leave_out_other_funds_and_other_accounts(charity: Charity) -> None:
    charity.award(80_00)
    charity.build()
    number = charity.fund_id
    mine = {
        ("J0", "F"): -10_000_00,
        ("J1", "F"): 80_00,
        ("J1", "L.payable"): -80_00,
        ("J2", "L.payable"): 80_00,
        ("J2", "L.in_flight"): -80_00,
    }
    with charity.desk() as desk:
        assert figures.sums(desk.session) == {number: mine}
        assert figures.sums(desk.session, [number]) == {number: mine}
        assert figures.sums(desk.session, [number + 1]) == {}
        assert figures.sums(desk.session, []) == {}
        assert figures.left_by_accounts(desk.session) == {number: -9_920_00}


def test_an_account_that_was_never_used_holds_nothing(session: Session) -> None:
    assert balance(session, "A.cash") == 0
    assert balances(session, ["A.cash"]) == {"A.cash": 0}


def test_a_journal_that_does_not_balance_is_named_with_its_lines(session: Session) -> None:
    number = post(session, entry(), AT)
    session.execute(text(f"INSERT INTO journals (key, kind, posted_on, at, why) VALUES {EMPTY_JOURNAL}"))
    empty = number + 1
    session.execute(text("INSERT INTO lines (journal_id, account_id, amount) SELECT 1, min(account_id), 7 FROM lines"))
    found = [line for line in findings(session) if line.startswith("I1")]
    assert found == [
        f"I1 journal {number} has 3 lines that sum to 7, not 0",
        f"I1 journal {empty} has 0 lines that sum to 0, not 0",
    ]


def test_at_most_twenty_findings_of_one_kind_are_listed(session: Session) -> None:
    for number in range(25):
        empty = f"('{number}', 'J0', '2026-11-23', '2026-11-23', '')"
        session.execute(text(f"INSERT INTO journals (key, kind, posted_on, at, why) VALUES {empty}"))
    assert len([line for line in findings(session) if line.startswith("I1")]) == 20


@pytest.mark.parametrize("wrong", [{"amount": 0}, {"amount": -1}, {"debit": "F.1"}])
def test_nonsense_is_not_posted(session: Session, wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="above zero between two accounts"):
        post(session, entry(**wrong), AT)  # type: ignore[arg-type]


def test_an_account_keeps_one_currency(session: Session) -> None:
    post(session, entry(), AT)
    foreign = Entry(key="x", kind="J0", debit="A.bank", credit="F.2", amount=1, currency="EUR")
    with pytest.raises(ValueError, match="keeps another currency"):
        post(session, foreign, AT)
    with pytest.raises(ValueError, match="share a currency"):
        post_many(session, [entry("y"), foreign], AT)


@pytest.mark.parametrize(
    ("name", "kind"), [("F.3", "F"), ("L.payable.17", "L.payable"), ("A.float.2", "A.float"), ("A.bank", "A.bank")]
)
def test_the_kind_of_an_account_is_its_name_without_the_number(name: str, kind: str) -> None:
    assert accounts.kind(name) == kind


EMPTY_JOURNAL = "('x', 'J0', '2026-11-23', '2026-11-23', '')"

BROKEN = [
    (f"INSERT INTO journals (key, kind, posted_on, at, why) VALUES {EMPTY_JOURNAL}", "I1"),
    ("UPDATE accounts SET balance = balance + 1 WHERE name = 'A.bank'", "I2 account A.bank says"),
    ("UPDATE accounts SET balance = 5 WHERE name LIKE 'L.payable%'", "I3"),
    ("UPDATE attempts SET state = 'settled'", "I4"),
    ("UPDATE accounts SET balance = balance - 7 WHERE kind = 'F'", "I5 fund 1 has 992000 left by its journals"),
    ("INSERT INTO accounts (name, kind, currency, balance) VALUES ('E.loss', 'E.loss', 'GBP', -5)", "I5 funds bore 5"),
    ("UPDATE grants SET amount = amount + 1", "I6"),
    ("UPDATE runs SET built_by = NULL, released_by = 1", "I12"),
    ("UPDATE payments SET done = true", "S1"),
    ("UPDATE grants SET state = 'completed'", "S2"),
    ("UPDATE payments SET amount = 1", "S3"),
]


@pytest.mark.parametrize(("broken", "found"), BROKEN, ids=[found[:3].strip() for _, found in BROKEN])
def test_each_check_finds_what_breaks_it(charity: Charity, broken: str, found: str) -> None:
    charity.award(80_00)
    charity.build()
    assert charity.findings() == []
    with charity.desk() as desk:
        desk.session.execute(text(broken))
    assert any(line.startswith(found) for line in charity.findings()), charity.findings()


ODD = [
    ("J99", "A.bank", "F.{fund}", "I5 fund {fund} is off by -100: no figure counts J99"),
    ("J13b", "E.loss", "F.{fund}", "I5 fund {fund} got back 100 more of losses than it bore"),
]


@pytest.mark.parametrize(("kind", "debit", "credit", "found"), ODD, ids=["kind", "given back"])
def test_a_posting_that_no_rule_made_is_found(charity: Charity, kind: str, debit: str, credit: str, found: str) -> None:
    number = charity.fund_id
    with charity.desk() as desk:
        odd = entry("odd", debit, credit.format(fund=number), 1_00, fund_id=number)
        post(desk.session, replace(odd, kind=kind), AT)
    assert found.format(fund=number) in charity.findings()

"""Money that goes back to its funder: two people, never more than is left, and everybody reads the same figure."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from grants.domain.errors import NotAllowed, Refusal
from grants.domain.money import Money
from grants.flow import fund_money, fund_returns, learn
from grants.model.books import FundReturn, Journal
from grants.model.funds import Fund
from tests.lively import give_back
from tests.paying import OPENING, Charity


def propose(charity: Charity, amount: int, by: str = "ben", reference: str = "BACK 1", why: str = "Left over.") -> int:
    with charity.desk(by) as desk:
        row = desk.session.get_one(Fund, charity.fund_id)
        return fund_returns.propose(desk, row, Money(amount), reference, why).id


def agree(charity: Charity, number: int, by: str = "gita") -> None:
    with charity.desk(by) as desk:
        fund_returns.agree(desk, desk.session.get_one(FundReturn, number))


def test_one_proposes_another_agrees_and_it_stands_in_the_books(by_hand: Charity) -> None:
    number = propose(by_hand, 700_00)
    assert by_hand.tasks() == ["fund_return"]
    assert by_hand.money(f"F.{by_hand.fund_id}") == (-OPENING,), "a proposal moves nothing"
    with pytest.raises(NotAllowed, match=r"You proposed this, so somebody else agrees\. Gita or Mona may do it"):
        agree(by_hand, number, by="ben")
    with pytest.raises(NotAllowed):
        agree(by_hand, number, by="ann")
    agree(by_hand, number)
    assert by_hand.tasks() == []
    assert by_hand.money(f"F.{by_hand.fund_id}", "A.bank") == (700_00 - OPENING, 5_000_00 - 700_00)
    with by_hand.desk() as desk:
        journal = desk.session.scalars(select(Journal).order_by(Journal.id.desc()).limit(1)).one()
        assert (journal.kind, journal.fund_id, journal.why) == ("J14", by_hand.fund_id, "BACK 1")
    with pytest.raises(Refusal, match="agreed or dropped already"):
        agree(by_hand, number)
    assert by_hand.findings() == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_came_in_less_what_went_back_is_what_everybody_reads(by_hand: Charity) -> None:
    for _ in range(6):
        by_hand.award(100_00, "cash")
    give_back(by_hand, by_hand.fund_id, 700_00)
    with by_hand.desk() as desk:
        row = desk.session.get_one(Fund, by_hand.fund_id)
        stands = fund_money.stand(desk, [row])[row.id]
        assert (stands.money_in.amount, stands.returned.amount) == (OPENING, 700_00)
        assert stands.left.amount == OPENING - 700_00 - 600_00
        (figures,) = learn.figures(desk, [row])
        assert (figures.returned, figures.left, figures.books_agree) == (700_00, stands.left.amount, True)
        seen = learn.statement(desk, row)
        assert (seen.money_in, seen.returned) == (OPENING, 700_00)
        assert seen.left == OPENING - 700_00 - 500_00, "awards are told in whole lots of five"


def test_never_more_than_is_left_and_never_what_is_awarded(by_hand: Charity) -> None:
    by_hand.award(4_000_00, "cash")
    for by in range(2):
        with pytest.raises(Refusal, match=r"£6,000\.00 is left in this fund\. What is awarded belongs"):
            propose(by_hand, 6_000_01 + by)
    number = propose(by_hand, 6_000_00)
    by_hand.award(50_00, "cash")
    with pytest.raises(Refusal, match=r"£5,950\.00 is left"):
        agree(by_hand, number)
    assert by_hand.money(f"F.{by_hand.fund_id}") == (-5_950_00,)
    with by_hand.desk("gita") as desk:
        fund_returns.drop(desk, desk.session.get_one(FundReturn, number), "Less is left.")
    assert by_hand.tasks() == []
    agree(by_hand, propose(by_hand, 5_950_00))
    assert by_hand.money(f"F.{by_hand.fund_id}") == (0,)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"amount": 0}, "amount"),
        ({"reference": " "}, "reference"),
        ({"reference": "x" * 61}, "reference"),
        ({"why": ""}, "why"),
    ],
)
def test_what_is_missing_is_said_at_its_field(by_hand: Charity, change: dict[str, object], field: str) -> None:
    with pytest.raises(Refusal) as refused:
        propose(by_hand, **{"amount": 10_00} | change)  # type: ignore[arg-type]
    assert refused.value.field == field


def test_one_proposal_at_a_time_waits_in_a_fund(by_hand: Charity) -> None:
    propose(by_hand, 10_00)
    with pytest.raises(Refusal, match="Something waits to be agreed already"):
        propose(by_hand, 20_00, by="gita")
    with pytest.raises(NotAllowed):
        propose(by_hand, 20_00, by="hugo")

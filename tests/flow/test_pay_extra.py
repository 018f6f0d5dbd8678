"""A payment that took out more than ours: the extra comes back in parts or whole, or two people let it go."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from grants.domain.errors import NotAllowed, Refusal
from grants.domain.money import Money
from grants.domain.statement import Line
from grants.flow import pay
from grants.flow.pay import explain, statement
from grants.flow.pay.explain import Said
from grants.flow.pay.record import record_outcomes
from grants.model.bank import BankLine
from grants.model.payments import Attempt
from grants.model.safety import Incident
from grants.offers import Outcome
from tests.paying import Charity

SEEN = "Its own page on 3 December says so."


@pytest.fixture
def too_much(charity: Charity) -> Attempt:
    """£80 was asked for, the payment service paid £95, and two people agreed that this is so."""
    charity.award(80_00)
    charity.pay()
    (attempt,) = charity.attempts()
    with charity.desk() as desk:
        record_outcomes(desk, {attempt.id: Outcome(state="settled", amount=Money(95_00))})
    said(charity, attempt, "other_amount")
    agreed(charity, attempt)
    assert charity.money("A.overpaid", "A.psp") == (15_00, 4_905_00)
    assert charity.tasks() == ["overpaid"]
    return charity.attempts()[0]


def said(charity: Charity, attempt: Attempt, slug: str, amount: Money | None = None) -> None:
    with charity.desk("ben") as desk:
        pay.propose(desk, attempt, slug, SEEN, amount)


def agreed(charity: Charity, attempt: Attempt, by: str = "gita") -> None:
    with charity.desk(by) as desk:
        pay.agree(desk, attempt)


def incidents(charity: Charity) -> list[tuple[int, str]]:
    with charity.desk() as desk:
        found = select(Incident).order_by(Incident.id)
        return [(row.amount, row.outcome if row.closed_at else "open") for row in desk.session.scalars(found)]


def test_the_extra_comes_back_in_two_parts_each_agreed_to_by_a_second_person(
    charity: Charity, too_much: Attempt
) -> None:
    assert incidents(charity) == [(15_00, "open")]
    said(charity, too_much, "extra_psp", Money(9_00))
    with pytest.raises(NotAllowed, match="You said it, so somebody else agrees"):
        agreed(charity, too_much, by="ben")
    agreed(charity, too_much)
    assert charity.money("A.overpaid", "A.psp") == (6_00, 4_914_00)
    assert charity.tasks() == ["overpaid"]
    assert charity.findings() == []
    said(charity, too_much, "extra_bank")
    agreed(charity, too_much)
    assert charity.money("A.overpaid", "A.bank") == (0, 5_006_00)
    assert charity.tasks() == []
    assert incidents(charity) == [(15_00, "The extra money came back.")]
    assert charity.states() == ["settled"]
    assert charity.findings() == []
    with pytest.raises(Refusal, match="cannot be said"):
        said(charity, too_much, "extra_lost")


def test_more_than_went_out_does_not_come_back(charity: Charity, too_much: Attempt) -> None:
    for amount in (Money(15_01), Money(0), Money(5_00, "EUR")):
        with pytest.raises(Refusal, match=r"£15\.00 of extra money is out"):
            said(charity, too_much, "extra_psp", amount)
    assert charity.money("A.overpaid") == (15_00,)


def test_what_does_not_come_back_is_let_go_by_two_and_is_a_loss(charity: Charity, too_much: Attempt) -> None:
    said(charity, too_much, "extra_psp", Money(5_00))
    agreed(charity, too_much)
    said(charity, too_much, "extra_lost")
    agreed(charity, too_much)
    assert charity.money("A.overpaid", "E.loss") == (0, 10_00)
    assert charity.tasks() == []
    assert incidents(charity) == [(15_00, "The rest was let go.")]
    assert charity.findings() == []


def test_a_line_of_the_bank_shows_part_of_it_and_no_line_shows_more(charity: Charity, too_much: Attempt) -> None:
    reference = charity.attempts()[0].payment.statement
    lines = [
        Line(key=key, on=charity.clock().date(), amount=amount, currency="GBP", words="BACK FROM SERVICE")
        for key, amount in (("a", 6_00), ("b", 9_01))
    ]
    with charity.desk("ben") as desk:
        statement.take_in(desk, lines)
    with charity.desk() as desk:
        part, more = (row.id for row in desk.session.scalars(select(BankLine).order_by(BankLine.id)))
    told = Said("extra_back", "The service wrote to us.", reference=reference.lower())
    with charity.desk("gita") as desk:
        explain.explain(desk, desk.session.get_one(BankLine, part), told)
    assert charity.money("A.overpaid", "L.suspense") == (9_00, -9_01)
    with pytest.raises(Refusal, match=r"Only £9\.00 of extra money is out"), charity.desk("gita") as desk:
        explain.explain(desk, desk.session.get_one(BankLine, more), told)
    wrong = Said("extra_back", "The service wrote to us.", reference="REF 00000000")
    with pytest.raises(Refusal, match="No extra money went out"), charity.desk("gita") as desk:
        explain.explain(desk, desk.session.get_one(BankLine, more), wrong)
    assert charity.money("A.overpaid", "L.suspense") == (9_00, -9_01)
    assert charity.findings() == []


def test_when_the_whole_payment_comes_back_the_extra_does_too(charity: Charity, too_much: Attempt) -> None:
    said(charity, too_much, "extra_psp", Money(5_00))
    agreed(charity, too_much)
    said(charity, too_much, "extra_lost")
    agreed(charity, too_much)
    with charity.desk() as desk:
        record_outcomes(desk, {too_much.id: Outcome(state="returned", amount=Money(95_00))})
    assert charity.states() == ["returned"]
    assert charity.money("A.overpaid", "E.loss", "L.suspense", "A.psp") == (0, 0, -5_00, 5_005_00)
    assert charity.tasks() == ["payment_returned", "suspense"], "two people say what the £5 too much is"
    assert charity.findings() == []


def test_a_smaller_amount_that_comes_back_takes_its_difference_along(charity: Charity) -> None:
    charity.award(80_00)
    charity.pay()
    (attempt,) = charity.attempts()
    for state in ("settled", "settled", "returned"):
        with charity.desk() as desk:
            record_outcomes(desk, {attempt.id: Outcome(state=state, amount=Money(70_00))})
        if charity.states() == ["accepted"]:
            said(charity, attempt, "other_amount")
            agreed(charity, attempt)
    assert charity.states() == ["returned"]
    assert charity.money("L.suspense", "A.psp") == (0, 5_000_00)
    assert charity.findings() == []


def test_a_payment_that_comes_back_without_its_extra_leaves_the_extra_to_be_said(
    charity: Charity, too_much: Attempt
) -> None:
    with charity.desk() as desk:
        record_outcomes(desk, {too_much.id: Outcome(state="returned", amount=Money(80_00))})
    assert charity.states() == ["returned"]
    assert charity.money("A.overpaid", "A.psp") == (15_00, 4_985_00)
    said(charity, too_much, "extra_psp")
    agreed(charity, too_much)
    assert charity.money("A.overpaid", "A.psp") == (0, 5_000_00)
    assert charity.tasks() == ["payment_returned"]
    assert charity.findings() == []

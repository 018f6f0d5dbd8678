"""Fees and losses stand with no fund until a named fund that may bear them takes them; a loss takes two people."""

from __future__ import annotations

import threading
from datetime import date, timedelta

import pytest

from grants.domain.errors import NotAllowed, Refusal
from grants.domain.money import Money
from grants.domain.statement import Line
from grants.flow import fund as funding
from grants.flow import pay
from grants.flow.pay import costs, explain, losses, statement
from grants.flow.pay.costs import Fee
from grants.flow.pay.explain import Said
from grants.flow.pay.record import record_outcomes
from grants.model.bank import BankLine
from grants.model.funds import Fund, Funder
from grants.offers import Outcome
from tests.paying import Charity

WHY = "The funder wrote on 3 May that it may."


@pytest.fixture
def willing(by_hand: Charity) -> int:
    """A second fund with £50 that may bear fees and losses; the first may bear neither. Its id."""
    with by_hand.desk("gita") as desk:
        new = funding.NewFund(
            name="General",
            funder=desk.session.get_one(Funder, 1),
            opening=Money(50_00),
            ceiling=Money(50_00),
            starts_on=date(2026, 1, 1),
            policy="unconditional",
            fees_allowed=True,
            losses_allowed=True,
        )
        return funding.create_fund(desk, new).id


def fee(amount: int = 1_50, fund_id: int = 0, **more: object) -> Fee:
    return Fee(**({"amount": Money(amount), "on": date(2026, 1, 2), "reference": "INV 7", "fund_id": fund_id} | more))  # type: ignore[arg-type]


def write(charity: Charity, told: Fee, key: str = "k1", by: str = "gita") -> bool:
    with charity.desk(by) as desk:
        return costs.write_fee(desk, told, key)


def bear(charity: Charity, fund_id: int, amount: int, key: str = "b1", why: str = WHY) -> bool:
    with charity.desk("gita") as desk:
        return costs.bear_fee(desk, desk.session.get_one(Fund, fund_id), Money(amount), why, key)


def lost(charity: Charity, amount: int = 20_00) -> None:
    """So much cash is missing from a float."""
    with charity.desk("ben") as desk:
        cash = pay.open_float(desk, charity.staff["hugo"], Money(50_00))
    with charity.desk("ben") as desk:
        pay.reconcile_float(desk, cash, Money(50_00 - amount), "The envelope was torn.")
    assert charity.money("E.loss") == (amount,)


def say(charity: Charity, fund_id: int, amount: int, by: str = "ben") -> None:
    with charity.desk(by) as desk:
        losses.propose_loss(desk, desk.session.get_one(Fund, fund_id), Money(amount), WHY)


def agree(charity: Charity, fund_id: int, by: str = "gita") -> None:
    with charity.desk(by) as desk:
        losses.agree_loss(desk, desk.session.get_one(Fund, fund_id))


def test_a_fee_is_written_down_once_and_a_fund_bears_it_later(by_hand: Charity, willing: int) -> None:
    assert write(by_hand, fee())
    assert not write(by_hand, fee())
    assert by_hand.money("E.fees", "A.psp") == (1_50, 5_000_00 - 1_50)
    assert bear(by_hand, willing, 1_00)
    assert not bear(by_hand, willing, 1_00)
    assert by_hand.money("E.fees", f"F.{willing}") == (50, -49_00)
    assert by_hand.findings() == []


def test_a_fee_with_its_fund_is_borne_at_once(by_hand: Charity, willing: int) -> None:
    assert write(by_hand, fee(2_00, willing, source="bank"))
    assert by_hand.money("E.fees", "A.bank", f"F.{willing}") == (0, 5_050_00 - 2_00, -48_00)
    assert by_hand.findings() == []


def test_a_fund_that_may_not_bear_it_is_refused_with_those_that_may(by_hand: Charity, willing: int) -> None:
    words = "“Hardship” may not bear fees: its funder did not agree to that. These may: “General”."
    with pytest.raises(Refusal, match=words):
        write(by_hand, fee(fund_id=by_hand.fund_id))
    assert by_hand.money("E.fees", "A.psp") == (0, 5_000_00)
    write(by_hand, fee())
    with pytest.raises(Refusal, match=words):
        bear(by_hand, by_hand.fund_id, 1_00)
    lost(by_hand)
    with pytest.raises(Refusal, match=r"may not bear losses.*These may: “General”"):
        say(by_hand, by_hand.fund_id, 1_00)
    with by_hand.desk("gita") as desk:
        general = desk.session.get_one(Fund, willing)
        funding.allow_costs(desk, general, "They changed their mind.", fees=False, losses=True)
    with pytest.raises(Refusal, match="No fund may bear fees yet"):
        bear(by_hand, willing, 1_00)


CANNOT_BE = (
    (fee(0), "amount.out_of_range"),
    (fee(reference=" "), "cost.reference"),
    (fee(source="cash"), "cost.where"),
    (fee(fund_id=99), "cost.fund"),
    (fee(on=date(2999, 1, 1)), "cost.day"),
)


def test_a_fee_that_cannot_be_is_refused(by_hand: Charity) -> None:
    for told, code in CANNOT_BE:
        with pytest.raises(Refusal) as refused:
            write(by_hand, told)
        assert refused.value.code == code
    assert by_hand.money("E.fees", "A.psp") == (0, 5_000_00)


def test_no_fund_bears_more_than_there_is_or_than_it_has(by_hand: Charity, willing: int) -> None:
    write(by_hand, fee(80_00))
    with pytest.raises(Refusal, match=r"Only £80\.00 of fees stands with no fund"):
        bear(by_hand, willing, 80_01)
    with pytest.raises(Refusal, match=r"There is not enough left in this fund: £50\.00 is left"):
        bear(by_hand, willing, 60_00)
    with pytest.raises(Refusal, match="Say why"):
        bear(by_hand, willing, 1_00, why=" ")
    with pytest.raises(NotAllowed, match="Ask finance"):
        write(by_hand, fee(), "other", by="ann")
    assert by_hand.money("E.fees", f"F.{willing}") == (80_00, -50_00)


def test_a_loss_is_borne_when_another_person_agrees(by_hand: Charity, willing: int) -> None:
    lost(by_hand)
    say(by_hand, willing, 15_00)
    assert "bear_loss" in by_hand.tasks()
    assert by_hand.money("E.loss", f"F.{willing}") == (20_00, -50_00)
    with pytest.raises(Refusal, match="A colleague said so of this fund already"):
        say(by_hand, willing, 1_00, by="gita")
    with pytest.raises(NotAllowed, match="You proposed it, so somebody else agrees"):
        agree(by_hand, willing, by="ben")
    agree(by_hand, willing)
    assert by_hand.money("E.loss", f"F.{willing}") == (5_00, -35_00)
    assert "bear_loss" not in by_hand.tasks()
    with pytest.raises(Refusal, match="settled already"):
        agree(by_hand, willing)
    assert by_hand.findings() == []


def test_what_was_said_of_a_loss_can_be_put_aside(by_hand: Charity, willing: int) -> None:
    lost(by_hand)
    say(by_hand, willing, 15_00)
    with by_hand.desk("gita") as desk:
        losses.drop_loss(desk, desk.session.get_one(Fund, willing), "The insurer pays.")
    with pytest.raises(Refusal, match="Nobody said"):
        agree(by_hand, willing)
    say(by_hand, willing, 4_00)
    agree(by_hand, willing)
    assert by_hand.money("E.loss", f"F.{willing}") == (16_00, -46_00)


def test_what_changed_since_it_was_said_counts_when_somebody_agrees(by_hand: Charity, willing: int) -> None:
    lost(by_hand)
    say(by_hand, willing, 15_00)
    with by_hand.desk("gita") as desk:
        funding.allow_costs(desk, desk.session.get_one(Fund, willing), "Not any more.", fees=True, losses=False)
    with pytest.raises(Refusal, match="may not bear losses"):
        agree(by_hand, willing)
    assert by_hand.money("E.loss", f"F.{willing}") == (20_00, -50_00)


def test_a_loss_that_comes_back_goes_back_to_the_fund_that_bore_it(charity: Charity) -> None:
    charity.award(80_00)
    charity.pay()
    (attempt,) = charity.attempts()
    with charity.desk("gita") as desk:
        hardship = desk.session.get_one(Fund, charity.fund_id)
        funding.allow_costs(desk, hardship, "They wrote.", fees=False, losses=True)
    with charity.desk() as desk:
        record_outcomes(desk, {attempt.id: Outcome(state="settled", amount=Money(95_00))})
    for slug in ("other_amount", "extra_lost"):
        with charity.desk("ben") as desk:
            pay.propose(desk, attempt, slug, "Seen on its page.")
        with charity.desk("gita") as desk:
            pay.agree(desk, attempt)
    before = charity.money(f"F.{charity.fund_id}")[0]
    say(charity, charity.fund_id, 12_00)
    agree(charity, charity.fund_id)
    assert charity.money("E.loss", f"F.{charity.fund_id}") == (3_00, before + 12_00)
    with charity.desk() as desk:
        record_outcomes(desk, {attempt.id: Outcome(state="returned", amount=Money(95_00))})
    assert charity.money("E.loss", f"F.{charity.fund_id}", "A.psp") == (0, before, 5_000_00)
    assert charity.findings() == []


def test_a_fee_on_the_bank_statement_names_its_fund_at_once(by_hand: Charity, willing: int) -> None:
    day = by_hand.clock().date()
    with by_hand.desk("ben") as desk:
        lines = [Line(key=key, on=day, amount=-3_00, currency="GBP", words="CHARGES") for key in ("a", "b")]
        statement.take_in(desk, lines)
    with by_hand.desk("gita") as desk:
        explain.explain(desk, desk.session.get_one(BankLine, 1), Said("fee", "Its list of charges.", fund_id=willing))
    assert by_hand.money("E.fees", "L.suspense", f"F.{willing}") == (0, 3_00, -47_00)
    told = Said("fee", "Its list of charges.", fund_id=by_hand.fund_id)
    with pytest.raises(Refusal, match="These may: “General”"), by_hand.desk("gita") as desk:
        explain.explain(desk, desk.session.get_one(BankLine, 2), told)
    with by_hand.desk("gita") as desk:
        explain.explain(desk, desk.session.get_one(BankLine, 2), Said("fee", "Its list of charges."))
    assert by_hand.money("E.fees", "L.suspense", f"F.{willing}") == (3_00, 0, -47_00)
    assert by_hand.findings() == []


def test_people_who_let_a_fund_bear_it_at_once_never_take_more_than_there_is(by_hand: Charity, willing: int) -> None:
    write(by_hand, fee(10_00))
    start = threading.Barrier(6)
    ends: list[str] = []

    def one(number: int) -> None:
        start.wait()
        try:
            bear(by_hand, willing, 3_00, key=f"at once {number}")
        except Refusal as refusal:
            ends.append(refusal.code)
        else:
            ends.append("borne")

    people = [threading.Thread(target=one, args=(number,)) for number in range(6)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    assert sorted(ends) == ["borne"] * 3 + ["cost.too_much"] * 3
    assert by_hand.money("E.fees", f"F.{willing}") == (1_00, -41_00)
    assert by_hand.findings() == []


def test_a_day_that_has_not_come_is_no_day_of_a_fee(by_hand: Charity) -> None:
    tomorrow = by_hand.clock().date() + timedelta(days=1)
    with pytest.raises(Refusal, match="This day has not come yet"):
        write(by_hand, fee(on=tomorrow))
    assert write(by_hand, fee(on=tomorrow - timedelta(days=1)))

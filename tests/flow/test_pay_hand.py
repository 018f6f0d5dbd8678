"""Paying by hand: bank, cash and vouchers, always two people, and cash from a counted float."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from grants.domain.errors import NotAllowed, Refusal
from grants.domain.money import Money
from grants.flow import pay
from grants.flow.pay.floats import due_back
from grants.model.books import Journal
from grants.model.floats import CashFloat
from grants.model.payments import Attempt, Payment
from grants.model.tasks import Task
from tests.conftest import MONDAY
from tests.paying import OPENING, Charity

BANK = OPENING - 5_000_00


def record(charity: Charity, grant_id: int, reference: str = "FP 1", by: str = "ben", **more: object) -> int:
    with charity.desk(by) as desk:
        payment = desk.session.scalars(select(Payment).where(Payment.grant_id == grant_id)).one()
        day = more.pop("paid_on", desk.today())
        return pay.record_by_hand(desk, payment, day, reference, **more).id  # type: ignore[arg-type]


def confirm(charity: Charity, attempt_id: int, by: str = "gita") -> None:
    with charity.desk(by) as desk:
        pay.confirm_by_hand(desk, desk.session.get_one(Attempt, attempt_id))


def open_float(charity: Charity, amount: int = 200_00, by: str = "ben", holder: str = "hugo") -> int:
    with charity.desk(by) as desk:
        return pay.open_float(desk, charity.staff[holder], Money(amount)).id


def hand_over(charity: Charity, float_id: int, grant_id: int, by: str = "hugo") -> None:
    with charity.desk(by) as desk:
        payment = desk.session.scalars(select(Payment).where(Payment.grant_id == grant_id)).one()
        pay.hand_over(desk, desk.session.get_one(CashFloat, float_id), payment)


def count_back(charity: Charity, float_id: int, amount: int, why: str = "", by: str = "ben") -> None:
    with charity.desk(by) as desk:
        pay.reconcile_float(desk, desk.session.get_one(CashFloat, float_id), Money(amount), why)


@pytest.mark.parametrize(
    ("how", "source", "before"), [("bank", "A.bank", BANK), ("cash", "A.cash", 0), ("voucher", "A.vouchers", 0)]
)
def test_one_pays_and_another_confirms(by_hand: Charity, how: str, source: str, before: int) -> None:
    grant_id = by_hand.award(80_00, how)
    attempt_id = record(by_hand, grant_id)
    assert by_hand.money(source, f"L.in_flight.{attempt_id}", f"L.payable.{grant_id}") == (before, -80_00, 0)
    assert by_hand.grant(grant_id).state == "active"
    confirm(by_hand, attempt_id)
    assert by_hand.money(source, f"L.in_flight.{attempt_id}") == (before - 80_00, 0)
    assert by_hand.grant(grant_id).state == "completed"
    with by_hand.desk() as desk:
        found = select(Journal.kind).where(Journal.attempt_id == attempt_id).order_by(Journal.id)
        assert list(desk.session.scalars(found)) == ["J2", "J3m"]
        assert pay.by_hand_due(desk) == []
    assert by_hand.findings() == []


def test_whoever_recorded_does_not_confirm(by_hand: Charity) -> None:
    attempt_id = record(by_hand, by_hand.award(), by="ben")
    with pytest.raises(NotAllowed, match=r"You recorded this.*Gita or Hugo or Mona may do it"):
        confirm(by_hand, attempt_id, by="ben")


def test_whoever_decided_does_not_confirm(by_hand: Charity) -> None:
    attempt_id = record(by_hand, by_hand.award(by="mona"), by="ben")
    with pytest.raises(NotAllowed, match=r"You decided this.*Ann or Gita or Hugo may do it"):
        confirm(by_hand, attempt_id, by="mona")
    confirm(by_hand, attempt_id, by="hugo")


def test_a_reference_is_used_once(by_hand: Charity) -> None:
    record(by_hand, by_hand.award(), "FP 1")
    other = by_hand.award()
    with pytest.raises(Refusal, match="This reference was used already"):
        record(by_hand, other, "FP 1")
    with pytest.raises(Refusal, match="Enter the reference"):
        record(by_hand, other, "  ")


def test_a_payment_is_recorded_once(by_hand: Charity) -> None:
    grant_id = by_hand.award()
    attempt_id = record(by_hand, grant_id, "FP 1")
    with pytest.raises(Refusal, match="recorded this payment already"):
        record(by_hand, grant_id, "FP 2")
    confirm(by_hand, attempt_id)
    with pytest.raises(Refusal, match="made already"):
        record(by_hand, grant_id, "FP 3")
    with pytest.raises(Refusal, match="does not wait for a second person"):
        confirm(by_hand, attempt_id)


@pytest.mark.parametrize("days", [-1, 1])
def test_the_day_lies_between_the_award_and_today(by_hand: Charity, days: int) -> None:
    grant_id = by_hand.award()
    with pytest.raises(Refusal, match="Enter the day it was paid"):
        record(by_hand, grant_id, paid_on=MONDAY.date() + timedelta(days=days))


def test_a_record_that_cannot_be_found_is_taken_back(by_hand: Charity) -> None:
    grant_id = by_hand.award(80_00)
    attempt_id = record(by_hand, grant_id, "FP 1")
    with by_hand.desk("gita") as desk:
        pay.refuse_by_hand(desk, desk.session.get_one(Attempt, attempt_id), "It is not on the statement.")
    assert by_hand.money(f"L.payable.{grant_id}") == (-80_00,)
    confirm(by_hand, record(by_hand, grant_id, "FP 1"))
    assert by_hand.states() == ["cancelled", "settled"]
    assert by_hand.findings() == []


def test_a_payment_by_hand_that_came_back_is_owed_again(by_hand: Charity) -> None:
    grant_id = by_hand.award(80_00)
    attempt_id = record(by_hand, grant_id)
    confirm(by_hand, attempt_id)
    with by_hand.desk("ben") as desk, pytest.raises(NotAllowed, match="You recorded it"):
        pay.returned_by_hand(desk, desk.session.get_one(Attempt, attempt_id), "It is back.")
    with by_hand.desk("gita") as desk:
        pay.returned_by_hand(desk, desk.session.get_one(Attempt, attempt_id), "It is back on the statement.")
    assert by_hand.money("A.bank", f"L.payable.{grant_id}") == (BANK, -80_00)
    assert by_hand.grant(grant_id).state == "active"
    assert by_hand.tasks() == ["payment_returned"]
    confirm(by_hand, record(by_hand, grant_id, "FP 2"))
    assert by_hand.findings() == []


def test_cash_leaves_a_counted_float_and_the_rest_comes_back(by_hand: Charity) -> None:
    first, second = by_hand.award(80_00, "cash"), by_hand.award(60_00, "cash")
    float_id = open_float(by_hand, 200_00)
    assert by_hand.money("A.bank", f"A.float.{float_id}") == (BANK - 200_00, 200_00)
    hand_over(by_hand, float_id, first)
    hand_over(by_hand, float_id, second)
    assert by_hand.grant(first).state == "completed"
    assert by_hand.money(f"A.float.{float_id}") == (60_00,)
    count_back(by_hand, float_id, 60_00)
    assert by_hand.money("A.bank", f"A.float.{float_id}", "E.loss") == (BANK - 140_00, 0, 0)
    assert by_hand.findings() == []
    assert by_hand.tasks() == []


def test_a_float_takes_two_people_each_way(by_hand: Charity) -> None:
    with pytest.raises(NotAllowed, match="Somebody else holds the cash that you count"):
        open_float(by_hand, by="ben", holder="ben")
    float_id = open_float(by_hand, by="ben", holder="gita")
    with pytest.raises(NotAllowed, match="You held this cash"):
        count_back(by_hand, float_id, 200_00, by="gita")
    with pytest.raises(NotAllowed, match="does not include counting cash"):
        count_back(by_hand, float_id, 200_00, by="ann")
    count_back(by_hand, float_id, 200_00, by="ben")
    with pytest.raises(Refusal, match="counted back already"):
        count_back(by_hand, float_id, 200_00, by="ben")


def test_whoever_decided_does_not_hand_over(by_hand: Charity) -> None:
    float_id = open_float(by_hand, holder="ann")
    mine, other = by_hand.award(how="cash", by="ann"), by_hand.award(how="cash", by="mona")
    with pytest.raises(NotAllowed, match="You decided this, so somebody else hands it over"):
        hand_over(by_hand, float_id, mine, by="ann")
    hand_over(by_hand, float_id, other, by="ann")
    with pytest.raises(NotAllowed, match="Only the person who holds this float"):
        hand_over(by_hand, float_id, mine, by="hugo")


def test_a_float_gives_no_more_than_it_holds(by_hand: Charity) -> None:
    float_id = open_float(by_hand, 50_00)
    with pytest.raises(Refusal, match=r"£50\.00 is left"):
        hand_over(by_hand, float_id, by_hand.award(80_00, "cash"))
    assert by_hand.money(f"A.float.{float_id}") == (50_00,)


def test_missing_cash_is_a_loss_with_its_reason(by_hand: Charity) -> None:
    float_id = open_float(by_hand, 200_00)
    with pytest.raises(Refusal, match=r"£200\.00 should be left. Say why it is not"):
        count_back(by_hand, float_id, 190_00)
    count_back(by_hand, float_id, 190_00, "A note was torn.")
    assert by_hand.money("A.bank", f"A.float.{float_id}", "E.loss") == (BANK - 10_00, 0, 10_00)
    with by_hand.desk() as desk:
        task = desk.session.scalars(select(Task)).one()
        assert (task.kind, task.not_for) == ("float_loss", [by_hand.staff["hugo"]])
        assert "£10.00 is missing. Reason given: A note was torn." in task.words
    assert by_hand.findings() == []


def test_too_much_cash_waits_in_suspense(by_hand: Charity) -> None:
    float_id = open_float(by_hand, 200_00)
    count_back(by_hand, float_id, 205_00, "Five pounds too many.")
    assert by_hand.money("A.bank", f"A.float.{float_id}", "L.suspense") == (BANK + 5_00, 0, -5_00)
    assert by_hand.findings() == []


def test_a_float_that_is_late_becomes_a_task(by_hand: Charity) -> None:
    open_float(by_hand)
    by_hand.clock.move(hours=23)
    with by_hand.desk() as desk:
        assert pay.chase_floats(desk) == 0
    by_hand.clock.move(hours=2)
    with by_hand.desk() as desk:
        assert pay.chase_floats(desk) == 1
    with by_hand.desk() as desk:
        assert pay.chase_floats(desk) == 1
    assert by_hand.tasks() == ["float"]
    assert by_hand.findings() == ["W4 cash float 1 is not counted back yet"]


def test_a_float_is_due_back_on_a_working_day() -> None:
    friday = MONDAY + timedelta(days=4)
    assert due_back(MONDAY, 24) == MONDAY + timedelta(days=1)
    assert due_back(friday, 24) == friday + timedelta(days=3)


def test_moving_our_own_money_is_booked(by_hand: Charity) -> None:
    with by_hand.desk("ben") as desk:
        pay.top_up(desk, Money(100_00), "cash", "Cheque 12")
        pay.top_up(desk, Money(50_00), "vouchers")
    assert by_hand.money("A.bank", "A.cash", "A.vouchers") == (BANK - 150_00, 100_00, 50_00)
    with by_hand.desk("ann") as desk, pytest.raises(NotAllowed):
        pay.top_up(desk, Money(100_00))

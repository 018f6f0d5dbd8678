"""What can become of a payment once it was sent, each way with its postings, its states and its tasks."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from grants.domain.errors import Refusal
from grants.flow import pay
from grants.flow.pay.attempts import key_of
from grants.model.books import Journal
from grants.model.grants import Grant
from grants.model.payments import Payment
from grants.model.runs import Run
from grants.model.tasks import Task
from grants.standin.process import Standin
from tests.oracle import assert_agrees
from tests.paying import Charity

ADAS = "10000001"
"""The account number of the first person who is awarded something."""


def kinds(charity: Charity) -> list[str]:
    with charity.desk() as desk:
        found = select(Journal.kind).where(Journal.attempt_id.is_not(None)).order_by(Journal.id)
        return list(desk.session.scalars(found))


def reissue(charity: Charity, grant_id: int, by: str = "ben") -> None:
    with charity.desk(by) as desk:
        payment = desk.session.scalars(select(Payment).where(Payment.grant_id == grant_id)).one()
        pay.reissue(desk, payment, "We looked at it.")


@pytest.mark.parametrize("fault", ["drop_after", "drop_before", "error_after", "error_before", "garbage", "conflict"])
def test_a_lost_answer_is_looked_up_under_the_same_key(charity: Charity, provider: Standin, fault: str) -> None:
    charity.award(80_00)
    provider.control("faults", fault=fault)
    run_id = charity.pay()
    assert charity.states() == ["accepted"]
    calls = provider.look("calls")
    keys = {call["key"] for call in calls if call.get("call") == "outbound_payments.create"}
    assert keys == {charity.attempts()[0].key}
    charity.reconcile()
    assert charity.states() == ["settled"]
    assert kinds(charity) == ["J2", "J3"]
    assert_agrees(charity, provider)
    with charity.desk() as desk:
        assert desk.session.get_one(Run, run_id).state == "finished"


def test_an_outcome_stays_unknown_until_somebody_can_say(charity: Charity, provider: Standin) -> None:
    grant_id = charity.award(80_00)
    provider.control(
        "faults", fault="error_after", times=99, calls=["outbound_payments.create", "outbound_payments.list"]
    )
    charity.pay()
    assert charity.states() == ["unknown"]
    assert charity.tasks() == []
    charity.clock.move(minutes=16)
    charity.reconcile()
    assert charity.tasks() == ["payment_unknown"]
    with pytest.raises(Refusal, match="still under way"):
        reissue(charity, grant_id)
    with charity.desk() as desk:
        assert pay.due(desk) == []
    provider.control("faults/clear")
    charity.reconcile()
    charity.reconcile()
    assert charity.states() == ["settled"]
    assert charity.tasks() == []
    assert len(provider.executions()) == 1
    assert_agrees(charity, provider)


def test_when_the_key_is_too_old_the_list_is_read_and_nothing_is_sent(charity: Charity, provider: Standin) -> None:
    charity.award(80_00)
    charity.award(60_00)
    provider.control("faults", fault="drop_before", times=9, key=charity_key(charity, 0))
    provider.control("faults", fault="drop_after", times=9, key=charity_key(charity, 1))
    charity.pay()
    assert charity.states() == ["unknown", "unknown"]
    provider.control("faults/clear")
    charity.clock.move(days=26)
    charity.reconcile()
    charity.reconcile()
    assert charity.states() == ["unknown", "settled"]
    assert [each.amount for each in provider.executions()] == [60_00]
    assert charity.attempts()[0].code == "absent"
    assert charity.tasks() == ["payment_unknown"]


def charity_key(charity: Charity, place: int) -> str:
    """The key that the next attempt of the nth payment will have: derived, so known beforehand."""
    with charity.desk() as desk:
        payment = list(desk.session.scalars(select(Payment).order_by(Payment.id)))[place]
        return key_of(desk, payment, 1)


def test_a_definite_refusal_is_failed_and_sent_anew_only_by_a_person(charity: Charity, provider: Standin) -> None:
    grant_id = charity.award(80_00)
    provider.control("faults", fault="refuse", type="invalid_payout_method")
    charity.pay()
    first = charity.attempts()[0]
    assert (first.state, first.code) == ("failed", "invalid_payout_method")
    assert kinds(charity) == ["J2", "J4"]
    assert charity.money(f"L.payable.{grant_id}") == (-80_00,)
    assert charity.tasks() == ["payment_failed"]
    with charity.desk() as desk:
        assert pay.due(desk) == []
    charity.reconcile()
    with pytest.raises(Refusal, match="Nothing is due"):
        charity.build()
    reissue(charity, grant_id)
    charity.pay()
    charity.reconcile()
    second = charity.attempts()[1]
    assert second.key != first.key
    assert charity.states() == ["failed", "settled"]
    keys = [call["key"] for call in provider.look("calls") if call.get("call") == "outbound_payments.create"]
    assert keys == [first.key, second.key]
    assert charity.tasks() == []
    assert_agrees(charity, provider)


def test_money_that_comes_back_is_owed_again(charity: Charity, provider: Standin) -> None:
    grant_id = charity.award(80_00)
    pay_and_send_back(charity, provider)
    assert charity.states() == ["returned"]
    assert kinds(charity) == ["J2", "J3", "J6"]
    assert charity.money(f"L.payable.{grant_id}", "A.psp") == (-80_00, 5_000_00)
    grant = charity.grant(grant_id)
    assert (grant.state, grant.paid_at) == ("active", None)
    with charity.desk() as desk:
        task = desk.session.scalars(select(Task)).one()
        assert (task.kind, task.assigned_to) == ("payment_returned", charity.staff["ann"])
        assert pay.due(desk) == []
    assert_agrees(charity, provider)


def pay_and_send_back(charity: Charity, provider: Standin) -> None:
    """Pays what is due, lets it arrive, and three days later the bank sends it back."""
    charity.pay()
    charity.reconcile()
    assert charity.states() == ["settled"]
    provider.control(f"payments/{charity.attempts()[0].provider_reference}/return", reason="payout_method_closed")
    charity.clock.move(days=3)
    charity.reconcile()


def test_what_came_back_never_goes_to_the_same_account_by_itself(charity: Charity, provider: Standin) -> None:
    grant_id = charity.award(80_00)
    pay_and_send_back(charity, provider)
    assert charity.states() == ["returned"]
    with pytest.raises(Refusal, match="Look at how this person is paid first"):
        reissue(charity, grant_id)
    with charity.desk("ben") as desk:
        payee = desk.session.get_one(Grant, grant_id).payee
        change = pay.new_details(desk, payee, "20-00-00", "5555 7777", why="They rang us.")
    assert change is not None
    with charity.desk("gita") as desk:
        pay.agree_change(desk, change)
    charity.clock.move(days=1)
    with charity.desk() as desk:
        assert pay.apply_due(desk) == 1
    reissue(charity, grant_id)
    charity.pay()
    charity.reconcile()
    assert charity.states() == ["returned", "settled"]
    first, second = provider.executions()
    assert first.payout_method != second.payout_method
    assert charity.grant(grant_id).state == "completed"
    assert_agrees(charity, provider)


def test_a_returned_payment_can_go_by_hand_instead(charity: Charity, provider: Standin) -> None:
    grant_id = charity.award(80_00)
    pay_and_send_back(charity, provider)
    payment_id = charity.payments(grant_id)[0].id
    with charity.desk("ben") as desk:
        pay.pay_by_hand_instead(desk, desk.session.get_one(Payment, payment_id), "The account was closed.")
    with charity.desk("ben") as desk:
        attempt = pay.record_by_hand(desk, desk.session.get_one(Payment, payment_id), desk.today(), "CHQ 17", "bank")
    with charity.desk("gita") as desk:
        pay.confirm_by_hand(desk, attempt)
    assert charity.states() == ["returned", "settled"]
    assert kinds(charity) == ["J2", "J3", "J6", "J2", "J3m"]
    assert charity.grant(grant_id).state == "completed"
    assert charity.tasks() == []
    assert charity.findings() == []


def test_failure_after_acceptance_gives_the_money_back(charity: Charity, provider: Standin) -> None:
    provider.control("payee", account_number=ADAS, outcome="failed", reason="payout_method_declined")
    charity.award(80_00)
    charity.pay()
    assert charity.states() == ["accepted"]
    charity.reconcile()
    assert charity.states() == ["failed"]
    assert kinds(charity) == ["J2", "J4"]
    assert charity.tasks() == ["payment_failed"]
    assert charity.findings() == []


@pytest.mark.parametrize("fault", ["unauthorized", "forbidden"])
def test_wrong_rights_pause_the_run_and_lose_nothing(charity: Charity, provider: Standin, fault: str) -> None:
    for _ in range(3):
        charity.award(80_00)
    provider.control("faults", fault=fault, times=99)
    run_id = charity.pay()
    assert charity.states() == ["created"] * 3
    assert charity.tasks() == ["run_paused"]
    assert charity.findings() == []
    before = [attempt.key for attempt in charity.attempts()]
    provider.control("faults/clear")
    with charity.desk("gita") as desk:
        pay.resume_run(desk, desk.session.get_one(Run, run_id))
    charity.work_off()
    assert charity.states() == ["accepted"] * 3
    assert sorted(each.key for each in provider.executions()) == sorted(before)
    assert charity.tasks() == []


def test_too_many_requests_wait_and_go_on(charity: Charity, provider: Standin) -> None:
    for _ in range(4):
        charity.award(80_00)
    provider.control("faults", fault="rate_limit", times=9)
    charity.pay()
    assert charity.states() == ["accepted"] * 4
    charity.reconcile()
    assert_agrees(charity, provider)


def test_no_money_at_the_service_pauses_the_run(charity: Charity, provider: Standin) -> None:
    charity.award(80_00)
    provider.control("faults", fault="refuse", type="insufficient_funds")
    charity.pay()
    assert charity.states() == ["failed"]
    assert charity.tasks() == ["payment_failed", "run_paused"]


def test_a_service_that_cannot_be_reached_puts_everything_back(charity: Charity, provider: Standin) -> None:
    grant_id = charity.award(80_00)
    charity.award(60_00)
    run_id = charity.build()
    provider.control("faults", fault="drop_before", times=1, calls=["accounts.create"])
    charity.release(run_id)
    provider.kill()
    charity.work_off()
    assert charity.states() == ["cancelled", "cancelled"]
    assert charity.money(f"L.payable.{grant_id}") == (-80_00,)
    assert charity.findings() == []
    provider.start()
    charity.pay()
    charity.reconcile()
    assert charity.states() == ["cancelled", "cancelled", "settled", "settled"]
    assert_agrees(charity, provider)


def test_a_payment_made_elsewhere_in_our_name_is_found(charity: Charity, provider: Standin) -> None:
    charity.award(80_00)
    charity.pay()
    charity.reconcile()
    with charity.desk() as desk:
        desk.session.scalars(select(Payment)).one().statement = "REF ZZZZZZZZ"
    lines = charity.reconcile()
    assert any("not known here" in line for line in lines)
    assert charity.tasks() == ["payment_incident"]

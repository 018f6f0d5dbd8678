"""What nobody can know by itself: two people with evidence; and what arrives after it was closed, with its postings."""

from __future__ import annotations

from collections import defaultdict

import pytest
from sqlalchemy import select

from grants.domain.errors import NotAllowed, Refusal
from grants.domain.money import Money
from grants.flow import pay
from grants.flow.pay import attempts as making
from grants.flow.pay.record import record_outcomes
from grants.model.books import Journal
from grants.model.grants import Grant
from grants.model.payments import Attempt, Payment
from grants.model.runs import Run
from grants.model.safety import Incident
from grants.offers import Outcome
from grants.standin.process import Standin
from tests.oracle import assert_agrees
from tests.paying import Charity

SEEN = "Its own list on 20 December shows nothing under this number. I asked their help desk."


def kinds(charity: Charity, grant_id: int) -> list[str]:
    with charity.desk() as desk:
        found = select(Journal.kind).where(Journal.attempt_id.is_not(None), Journal.grant_id == grant_id)
        return list(desk.session.scalars(found.order_by(Journal.id)))


def lost_for_good(charity: Charity, provider: Standin) -> int:
    """A payment whose request seems never to have arrived, until its key is too old to be sent again."""
    grant_id = charity.award(80_00)
    provider.control("faults", fault="drop_before", times=99)
    charity.pay()
    assert charity.states(grant_id) == ["unknown"]
    provider.control("faults/clear")
    charity.clock.move(days=26)
    charity.reconcile()
    return grant_id


def said(charity: Charity, grant_id: int, choice: str, by: str = "ben", place: int = 0) -> None:
    with charity.desk(by) as desk:
        pay.propose(desk, attempt_of(charity, grant_id, place), choice, SEEN)


def agreed(charity: Charity, grant_id: int, by: str = "gita", place: int = 0) -> None:
    with charity.desk(by) as desk:
        pay.agree(desk, attempt_of(charity, grant_id, place))


def attempt_of(charity: Charity, grant_id: int, place: int = 0) -> Attempt:
    return charity.attempts(grant_id)[place]


def closed_by_two(charity: Charity, provider: Standin) -> int:
    """A payment that two people said never went out."""
    grant_id = lost_for_good(charity, provider)
    said(charity, grant_id, "absent")
    agreed(charity, grant_id)
    charity.work_off()
    assert charity.states(grant_id) == ["failed"]
    return grant_id


def arrives_late(charity: Charity, grant_id: int, place: int = 0) -> None:
    """The request that hung somewhere reaches the provider after all."""
    with charity.desk() as desk:
        attempt = making.locked(desk, [attempt_of(charity, grant_id, place).id])[0]
        grant = attempt.payment.grant
        order = making.order_of(desk, attempt, making.offered(desk, grant.payee, grant.person))
        key = attempt.key
    assert charity.catalogue.rail("stripe").send(order, key).state == "accepted"


def send_again(charity: Charity, grant_id: int) -> None:
    with charity.desk("ben") as desk:
        payment = desk.session.scalars(select(Payment).where(Payment.grant_id == grant_id)).one()
        pay.reissue(desk, payment, "We looked at it.")


def balance_there(provider: Standin) -> int:
    held = provider.look("balance")
    assert isinstance(held, dict)
    return int(sum(part.get("gbp", 0) for part in held[provider.financial_account].values()))


def test_two_people_with_evidence_close_what_never_went_out(charity: Charity, provider: Standin) -> None:
    grant_id = lost_for_good(charity, provider)
    said(charity, grant_id, "absent")
    assert charity.states() == ["unknown"]
    assert sorted(charity.tasks()) == ["agree_absent", "payment_unknown"]
    with pytest.raises(NotAllowed, match=r"You said it, so somebody else agrees.*Gita or Mona may do it"):
        agreed(charity, grant_id, by="ben")
    with pytest.raises(NotAllowed, match="Your role does not include agreeing"):
        agreed(charity, grant_id, by="ann")
    agreed(charity, grant_id)
    assert charity.states() == ["unknown"], "only a last look at the provider closes it"
    charity.work_off()
    assert charity.states() == ["failed"]
    assert kinds(charity, grant_id) == ["J2", "J4"]
    assert charity.money(f"L.payable.{grant_id}") == (-80_00,)
    assert charity.tasks() == ["payment_failed"]
    assert_agrees(charity, provider)


def test_nothing_closes_it_while_the_key_lives_or_the_list_was_not_read(charity: Charity, provider: Standin) -> None:
    grant_id = charity.award(80_00)
    provider.control(
        "faults", fault="error_before", times=99, calls=["outbound_payments.create", "outbound_payments.list"]
    )
    charity.pay()
    for days in (0, 12, 12):
        charity.clock.move(days=days)
        charity.reconcile()
        with pytest.raises(Refusal, match="It is too early to say so"):
            said(charity, grant_id, "absent")
    charity.clock.move(days=2)
    charity.reconcile()
    with pytest.raises(Refusal, match="whole list has to be read first"):
        said(charity, grant_id, "absent")
    for _ in range(9):
        charity.clock.move(days=1)
        charity.reconcile()
    assert charity.states() == ["unknown"], "never by itself"


def test_the_last_look_counts_more_than_what_two_people_said(charity: Charity, provider: Standin) -> None:
    grant_id = lost_for_good(charity, provider)
    said(charity, grant_id, "absent")
    agreed(charity, grant_id)
    arrives_late(charity, grant_id)
    charity.work_off()
    charity.reconcile()
    assert charity.states() == ["settled"]
    assert charity.tasks() == []
    assert_agrees(charity, provider)


def test_what_was_said_can_be_put_aside(charity: Charity, provider: Standin) -> None:
    grant_id = lost_for_good(charity, provider)
    said(charity, grant_id, "absent")
    with pytest.raises(Refusal, match="said something about this payment already"):
        said(charity, grant_id, "absent", by="mona")
    with charity.desk("mona") as desk:
        pay.disagree(desk, attempt_of(charity, grant_id), "Their help desk is still looking.")
    with pytest.raises(Refusal, match="Nobody said anything"):
        agreed(charity, grant_id)
    assert charity.states() == ["unknown"]
    assert charity.tasks() == ["payment_unknown"]


def test_a_job_without_the_two_people_closes_nothing(charity: Charity, provider: Standin) -> None:
    grant_id = lost_for_good(charity, provider)
    said(charity, grant_id, "absent")
    charity.notebook.queue(None, "close_absent", attempt_of(charity, grant_id).id)
    charity.work_off()
    assert charity.states() == ["unknown"]


def test_a_late_arrival_pays_what_is_owed(charity: Charity, provider: Standin) -> None:
    grant_id = closed_by_two(charity, provider)
    arrives_late(charity, grant_id)
    charity.reconcile()
    charity.reconcile()
    assert charity.states() == ["settled"]
    assert kinds(charity, grant_id) == ["J2", "J4", "J5"]
    assert charity.money(f"L.payable.{grant_id}", "A.psp", "A.overpaid") == (0, 5_000_00 - 80_00, 0)
    assert charity.grant(grant_id).state == "completed"
    assert charity.tasks() == ["payment_late"]
    assert_agrees(charity, provider)


def test_while_a_closed_payment_is_alive_there_it_is_not_paid_again(charity: Charity, provider: Standin) -> None:
    grant_id = closed_by_two(charity, provider)
    number = attempt_of(charity, grant_id).id
    with charity.desk() as desk:
        record_outcomes(desk, {number: Outcome(state="accepted", reference="obp_late")})
    assert "payment_alive" in charity.tasks()
    with pytest.raises(Refusal, match="alive at the payment service"):
        send_again(charity, grant_id)
    with charity.desk("ben") as desk, pytest.raises(Refusal, match="alive at the payment service"):
        pay.pay_by_hand_instead(desk, desk.session.scalars(select(Payment)).one(), "It is urgent.")
    with charity.desk() as desk:
        record_outcomes(desk, {number: Outcome(state="failed", reference="obp_late")})
    assert "payment_alive" not in charity.tasks()
    send_again(charity, grant_id)


def test_a_newer_attempt_that_nobody_sent_is_taken_back_first(charity: Charity, provider: Standin) -> None:
    grant_id = closed_by_two(charity, provider)
    send_again(charity, grant_id)
    arrives_late(charity, grant_id)
    charity.reconcile()
    charity.reconcile()
    assert charity.states() == ["settled", "cancelled"]
    assert charity.money(f"L.payable.{grant_id}", "A.overpaid") == (0, 0)
    assert len(provider.executions()) == 1
    assert_agrees(charity, provider)


def paid_twice(charity: Charity, provider: Standin) -> int:
    """A payment that was closed, sent anew, and then arrived as well."""
    grant_id = closed_by_two(charity, provider)
    send_again(charity, grant_id)
    charity.pay()
    charity.reconcile()
    arrives_late(charity, grant_id)
    charity.reconcile()
    charity.reconcile()
    assert charity.states(grant_id) == ["settled", "settled"]
    return grant_id


def test_what_went_out_twice_is_an_incident_and_stands_in_the_books(charity: Charity, provider: Standin) -> None:
    grant_id = paid_twice(charity, provider)
    assert kinds(charity, grant_id) == ["J2", "J4", "J2", "J3", "J7"]
    assert charity.money("A.overpaid", f"L.payable.{grant_id}") == (80_00, 0)
    assert charity.money("A.psp") == (balance_there(provider),)
    assert charity.tasks() == ["overpaid"]
    with charity.desk() as desk:
        incident = desk.session.scalars(select(Incident)).one()
        assert (incident.kind, incident.amount, incident.closed_at) == ("overpaid", 80_00, None)
    assert charity.findings() == []


@pytest.mark.parametrize(
    ("choice", "overpaid", "loss", "psp", "bank", "state"),
    [
        ("recovered_psp", 0, 0, 80_00, 0, "returned"),
        ("recovered_bank", 0, 0, 0, 80_00, "returned"),
        ("written_off", 0, 80_00, 0, 0, "settled"),
    ],
)
def test_an_overpayment_ends_by_two_people(
    charity: Charity, provider: Standin, choice: str, overpaid: int, loss: int, psp: int, bank: int, state: str
) -> None:
    grant_id = paid_twice(charity, provider)
    at_psp, at_bank = charity.money("A.psp", "A.bank")
    said(charity, grant_id, choice)
    with pytest.raises(NotAllowed, match="somebody else agrees"):
        agreed(charity, grant_id, by="ben")
    agreed(charity, grant_id)
    assert charity.money("A.overpaid", "E.loss", "A.psp", "A.bank") == (overpaid, loss, at_psp + psp, at_bank + bank)
    assert charity.states() == [state, "settled"]
    assert charity.grant(grant_id).state == "completed"
    assert charity.tasks() == []
    with charity.desk() as desk:
        assert desk.session.scalars(select(Incident)).one().closed_at is not None
    assert charity.findings() == []
    with pytest.raises(Refusal, match="cannot be said of this payment now"):
        said(charity, grant_id, choice)


@pytest.mark.parametrize("first", ["", "written_off"])
def test_when_the_other_payment_comes_back_the_overpaid_one_takes_its_place(
    charity: Charity, provider: Standin, first: str
) -> None:
    grant_id = paid_twice(charity, provider)
    if first:
        said(charity, grant_id, first)
        agreed(charity, grant_id)
    provider.control(f"payments/{attempt_of(charity, grant_id, 1).provider_reference}/return", reason="unknown")
    charity.reconcile()
    assert charity.states() == ["settled", "returned"]
    assert kinds(charity, grant_id)[-2:] == ["J6", "J7a"]
    assert charity.money("A.overpaid", "E.loss", f"L.payable.{grant_id}") == (0, 0, 0)
    assert charity.payments(grant_id)[0].done
    with charity.desk() as desk:
        assert pay.due(desk) == []
    assert charity.findings() == []


def test_when_the_bank_sends_the_overpaid_one_back_it_is_recovered(charity: Charity, provider: Standin) -> None:
    grant_id = paid_twice(charity, provider)
    provider.control(f"payments/{attempt_of(charity, grant_id, 0).provider_reference}/return", reason="unknown")
    charity.reconcile()
    assert charity.states() == ["returned", "settled"]
    assert kinds(charity, grant_id)[-1] == "J7b"
    assert charity.money("A.overpaid", f"L.payable.{grant_id}") == (0, 0)
    assert charity.money("A.psp") == (balance_there(provider),)
    assert charity.tasks() == []
    assert charity.findings() == []


def test_a_late_arrival_for_a_cancelled_grant_is_an_overpayment(charity: Charity, provider: Standin) -> None:
    grant_id = closed_by_two(charity, provider)
    with charity.desk("gita") as desk:
        pay.propose_cancel(desk, desk.session.get_one(Grant, grant_id), "They moved away.")
    with charity.desk("mona") as desk:
        pay.agree_cancel(desk, desk.session.get_one(Grant, grant_id))
    arrives_late(charity, grant_id)
    charity.reconcile()
    charity.reconcile()
    assert charity.money("A.overpaid", f"L.payable.{grant_id}") == (80_00, 0)
    assert "overpaid" in charity.tasks()
    assert charity.findings() == []


def test_what_arrived_late_and_came_back_is_owed_as_before(charity: Charity, provider: Standin) -> None:
    grant_id = closed_by_two(charity, provider)
    with charity.desk() as desk:
        number = attempt_of(charity, grant_id).id
        record_outcomes(desk, {number: Outcome(state="returned", reference="obp_late", amount=Money(80_00))})
    assert charity.states() == ["returned"]
    assert kinds(charity, grant_id) == ["J2", "J4", "J5", "J6"]
    assert charity.money(f"L.payable.{grant_id}", "A.psp") == (-80_00, 5_000_00)
    assert charity.findings() == []


@pytest.mark.parametrize(("shown", "suspense", "overpaid"), [(70_00, -10_00, 0), (95_00, 0, 15_00)])
def test_another_amount_waits_for_two_people(charity: Charity, shown: int, suspense: int, overpaid: int) -> None:
    grant_id = charity.award(80_00)
    charity.pay()
    number = attempt_of(charity, grant_id).id
    told = Outcome(state="settled", amount=Money(shown))
    for _ in range(2):
        with charity.desk() as desk:
            record_outcomes(desk, {number: told})
    assert charity.states() == ["accepted"]
    assert charity.tasks() == ["payment_amount"]
    said(charity, grant_id, "other_amount")
    agreed(charity, grant_id)
    assert charity.states() == ["settled"]
    assert charity.money("A.psp") == (5_000_00 - shown,)
    assert charity.money("L.suspense", "A.overpaid") == (suspense, overpaid)
    assert charity.tasks() == ["overpaid" if overpaid else "suspense"]
    assert charity.findings() == []


def test_an_account_that_is_no_more_is_not_sent_to_again(charity: Charity, provider: Standin) -> None:
    provider.control("payee", account_number="10000001", outcome="failed", reason="payout_method_closed")
    grant_id = charity.award(80_00)
    charity.pay()
    charity.reconcile()
    assert charity.states() == ["failed"]
    with pytest.raises(Refusal, match="Look at how this person is paid first"):
        send_again(charity, grant_id)


def test_a_payment_on_its_way_can_be_stopped(charity: Charity, provider: Standin) -> None:
    grant_id = charity.award(80_00)
    charity.pay()
    with charity.desk("ben") as desk:
        pay.ask_to_stop(desk, attempt_of(charity, grant_id), "The person rang: wrong account.")
    charity.work_off()
    assert charity.states() in (["cancelled"], ["settled"])
    assert charity.findings() == []
    with charity.desk("ben") as desk, pytest.raises(Refusal, match="not on its way any more"):
        pay.ask_to_stop(desk, attempt_of(charity, grant_id), "Again.")


def test_a_failed_attempts_key_is_never_sent_again_and_a_key_is_one_request(
    charity: Charity, provider: Standin
) -> None:
    fine, failed = charity.award(60_00), charity.award(80_00)
    provider.control("faults", fault="refuse", type="invalid_payout_method", key=first_key(charity, failed))
    charity.pay()
    first = attempt_of(charity, failed)
    assert first.state == "failed"
    sent = sends(provider)[first.key]
    for _ in range(3):
        charity.clock.move(days=1)
        charity.reconcile()
    send_again(charity, failed)
    run_id = charity.pay()
    for _ in range(3):
        charity.reconcile()
    assert sends(provider)[first.key] == sent == 1
    assert charity.states(failed) == ["failed", "settled"]
    assert charity.states(fine) == ["settled"]
    with charity.desk() as desk:
        assert desk.session.get_one(Run, run_id).state == "finished"
        hashes = desk.session.execute(select(Attempt.key, Attempt.body_hash)).all()
    assert len({key for key, _ in hashes}) == len({body for _, body in hashes}) == 3


def first_key(charity: Charity, grant_id: int) -> str:
    with charity.desk() as desk:
        return making.key_of(desk, charity.payments(grant_id)[0], 1)


def sends(provider: Standin) -> dict[str, int]:
    """How often each key was sent, by the provider’s own record of calls."""
    counted: dict[str, int] = defaultdict(int)
    for call in provider.look("calls"):
        if call.get("call") == "outbound_payments.create":
            counted[call["key"]] += 1
    return counted

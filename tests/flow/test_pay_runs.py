"""A run, from what is due to money that arrived, with the books exact to the penny on the way."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from grants.domain.errors import NotAllowed, Refusal
from grants.domain.money import Money
from grants.flow import pay
from grants.flow.step import advance
from grants.model.asks import GrantAsk
from grants.model.books import Journal
from grants.model.grants import Grant
from grants.model.payments import Attempt, Payment
from grants.model.people import Payee, Person
from grants.model.runs import Run
from grants.standin.process import Standin
from tests.oracle import ours
from tests.paying import OPENING, Charity

FEE = 5_000_00


def kinds(charity: Charity, grant_id: int) -> list[str]:
    with charity.desk() as desk:
        found = select(Journal.kind).where(Journal.grant_id == grant_id).order_by(Journal.id)
        return list(desk.session.scalars(found))


def accounts(charity: Charity, grant_id: int) -> tuple[int, ...]:
    """Fund, what the grant owes, bank, payment service."""
    return charity.money(f"F.{charity.fund_id}", f"L.payable.{grant_id}", "A.bank", "A.psp")


def test_a_grant_is_paid_and_every_posting_is_exact(charity: Charity, provider: Standin) -> None:
    grant_id = charity.award(80_00)
    assert accounts(charity, grant_id) == (-(OPENING - 80_00), -80_00, OPENING - FEE, FEE)

    run_id = charity.build()
    attempt = charity.attempts()[0]
    assert accounts(charity, grant_id) == (-(OPENING - 80_00), 0, OPENING - FEE, FEE)
    assert charity.money(f"L.in_flight.{attempt.id}") == (-80_00,)

    charity.release(run_id)
    charity.work_off()
    assert charity.states() == ["accepted"]
    assert len(ours(charity, provider)[attempt.key]) == 1

    changed = charity.reconcile()
    assert [line.partition(": ")[2] for line in changed] == ["accepted → settled"]
    assert accounts(charity, grant_id) == (-(OPENING - 80_00), 0, OPENING - FEE, FEE - 80_00)
    assert charity.money(f"L.in_flight.{attempt.id}") == (0,)
    assert kinds(charity, grant_id) == ["J1", "J2", "J3"]
    grant = charity.grant(grant_id)
    assert (grant.state, grant.paid_at) == ("completed", charity.clock())
    assert charity.findings() == []
    assert charity.tasks() == []


def test_what_is_sent_says_nothing_of_the_person(charity: Charity, provider: Standin) -> None:
    charity.award(80_00)
    charity.pay()
    attempt = charity.attempts()[0]
    sent = ours(charity, provider)[attempt.key][0]
    assert sent.metadata == {"attempt": f"{attempt.payment.statement[4:]}-1"}
    assert "Ada" not in attempt.body
    assert "10000001" not in attempt.body
    assert '"recipient_notification":{"setting":"none"}' in attempt.body
    assert f'"statement_descriptor":"{attempt.payment.statement}"' in attempt.body


def test_a_statement_reference_is_neutral_and_short() -> None:
    made = {pay.statement_reference() for _ in range(500)}
    assert len(made) == 500
    for text in made:
        assert len(text) <= 18
        assert not set("AEIOU") & set(text.removeprefix("REF "))


@pytest.mark.parametrize(
    ("how", "channel", "safe", "email", "own", "slug"),
    [
        ("bank", "email", True, "ada@example.org", True, "stripe"),
        ("bank", "email", False, "ada@example.org", True, "manual"),
        ("bank", "text", True, "ada@example.org", True, "manual"),
        ("bank", "email", True, "", True, "manual"),
        ("bank", "email", True, "ada@example.org", False, "manual"),
        ("cash", "email", True, "ada@example.org", True, "manual"),
        ("voucher", "email", True, "ada@example.org", True, "manual"),
    ],
)
def test_nobody_without_a_safe_address_is_paid_by_a_service(
    charity: Charity, how: str, channel: str, safe: bool, email: str, own: bool, slug: str
) -> None:
    person = Person(name="Ada", email=email, channel=channel, contact_safe=safe)
    payee = Payee(how=how, own=own, sealed="something")
    assert pay.rail_for(charity.catalogue, person, payee) == slug


def test_without_a_service_everything_is_paid_by_hand(by_hand: Charity) -> None:
    grant_id = by_hand.award()
    assert [payment.rail for payment in by_hand.payments(grant_id)] == ["manual"]


def test_one_person_never_builds_and_releases(charity: Charity) -> None:
    charity.award()
    run_id = charity.build(by="gita")
    with pytest.raises(NotAllowed, match=r"You put this run together.*Ben or Mona may do it"):
        charity.release(run_id, by="gita")
    charity.release(run_id, by="ben")


def test_whoever_decided_never_releases(charity: Charity) -> None:
    charity.award(by="mona")
    run_id = charity.build()
    with pytest.raises(NotAllowed, match=r"You decided a grant in this run.*Gita may do it"):
        charity.release(run_id, by="mona")
    with pytest.raises(NotAllowed, match="Your role does not include releasing money"):
        charity.release(run_id, by="ann")
    charity.release(run_id, by="gita")


def test_a_run_is_built_once(charity: Charity) -> None:
    charity.award()
    charity.build()
    with pytest.raises(Refusal, match="Nothing is due"):
        charity.build()


def test_a_dropped_run_gives_everything_back(charity: Charity) -> None:
    grant_id = charity.award(80_00)
    run_id = charity.build()
    with charity.desk("ben") as desk:
        pay.drop_run(desk, desk.session.get_one(Run, run_id), "Too early.")
    assert charity.money(f"L.payable.{grant_id}") == (-80_00,)
    assert kinds(charity, grant_id) == ["J1", "J2", "J4"]
    charity.pay()
    assert charity.states() == ["cancelled", "accepted"]
    assert charity.findings() == []


def test_instalments_are_paid_when_they_are_due(charity: Charity, provider: Standin) -> None:
    grant_id = charity.award(100_00, policy="monthly")
    charity.pay()
    charity.reconcile()
    assert charity.grant(grant_id).state == "active"
    with charity.desk() as desk:
        assert pay.due(desk) == []
    charity.clock.move(days=31)
    charity.pay()
    charity.clock.move(days=31)
    charity.pay()
    charity.reconcile()
    assert [execution.amount for execution in provider.executions()] == [33_34, 33_33, 33_33]
    assert charity.grant(grant_id).state == "completed"
    assert charity.findings() == []


def test_two_instalments_due_at_once_are_both_paid(charity: Charity, provider: Standin) -> None:
    charity.award(100_00, policy="monthly")
    charity.clock.move(days=70)
    charity.pay()
    assert charity.states() == ["accepted"] * 3
    assert len(provider.executions()) == 3


def test_a_missed_condition_holds_only_the_next_payment(charity: Charity) -> None:
    grant_id = charity.award(100_00, policy="receipts")
    charity.clock.move(days=40)
    with charity.desk() as desk:
        assert [payment.number for payment in pay.due(desk, "stripe")] == [1]
    charity.pay()
    with charity.desk() as desk:
        ask = desk.session.scalars(select(GrantAsk).where(GrantAsk.grant_id == grant_id)).one()
        advance(desk, ask, "meet")
    with charity.desk() as desk:
        assert [payment.number for payment in pay.due(desk, "stripe")] == [2]


def test_a_grant_on_hold_is_not_paid_even_from_a_released_run(charity: Charity, provider: Standin) -> None:
    held, other = charity.award(80_00), charity.award(60_00)
    run_id = charity.build()
    charity.release(run_id)
    with charity.desk("gita") as desk:
        pay.hold_grant(desk, desk.session.get_one(Grant, held), "The person asked us to wait.")
    charity.work_off()
    assert charity.states(held) == ["cancelled"]
    assert charity.states(other) == ["accepted"]
    assert [execution.amount for execution in provider.executions()] == [60_00]
    assert charity.findings() == []
    with charity.desk("gita") as desk:
        pay.resume_grant(desk, desk.session.get_one(Grant, held))
    charity.pay()
    assert charity.states(held) == ["cancelled", "accepted"]


def test_cancelling_takes_two_people_and_gives_the_rest_back(charity: Charity) -> None:
    grant_id = charity.award(100_00, policy="monthly")
    charity.pay()
    with charity.desk("gita") as desk, pytest.raises(Refusal, match="under way"):
        pay.propose_cancel(desk, desk.session.get_one(Grant, grant_id), "They moved away.")
    charity.reconcile()
    with charity.desk("gita") as desk:
        pay.propose_cancel(desk, desk.session.get_one(Grant, grant_id), "They moved away.")
    with charity.desk("gita") as desk, pytest.raises(NotAllowed, match=r"You proposed this.*Mona may do it"):
        pay.agree_cancel(desk, desk.session.get_one(Grant, grant_id))
    with charity.desk("mona") as desk:
        pay.agree_cancel(desk, desk.session.get_one(Grant, grant_id))
    assert charity.grant(grant_id).state == "cancelled"
    assert accounts(charity, grant_id)[:2] == (-(OPENING - 33_34), 0)
    assert kinds(charity, grant_id)[-1] == "J8"
    assert charity.findings() == []
    assert charity.tasks() == []


def test_a_run_does_not_start_when_the_books_are_off(charity: Charity, provider: Standin) -> None:
    charity.award()
    run_id = charity.build()
    with charity.desk() as desk:
        desk.session.scalars(select(Payment)).one().done = True
    charity.release(run_id)
    charity.work_off()
    assert provider.executions() == []
    assert charity.tasks() == ["run_paused"]
    with charity.desk() as desk:
        run = desk.session.get_one(Run, run_id)
        assert (run.state, run.why[:30]) == ("paused", "The books do not add up, so no")


def test_the_preview_names_nobody(charity: Charity) -> None:
    charity.award(80_00)
    charity.award(60_00)
    with charity.desk() as desk:
        rows = list(pay.preview(desk, "stripe"))
        assert [(str(row.amount), row.fund) for row in rows] == [("£80.00", "Hardship"), ("£60.00", "Hardship")]
        (total,) = [total for total in pay.due_totals(desk) if total.count]
        assert (total.rail, total.count, total.amount) == ("stripe", 2, Money(140_00))


def test_progress_lists_every_exception(charity: Charity, provider: Standin) -> None:
    provider.control("payee", account_number="10000002", outcome="failed", reason="payout_method_closed")
    first, second = charity.award(80_00), charity.award(60_00)
    run_id = charity.pay()
    charity.reconcile()
    with charity.desk() as desk:
        now = pay.progress(desk, desk.session.get_one(Run, run_id))
        assert (now.total, now.settled, now.failed, now.percent) == (2, 1, 1, 100)
        (exception,) = now.exceptions
    assert (exception.grant, exception.code) == (charity.grant(second).reference, "payout_method_closed")
    assert charity.states(first) == ["settled"]


def test_the_database_keeps_a_request_as_it_was_sent(charity: Charity) -> None:
    charity.award()
    charity.pay()
    with pytest.raises(Exception, match="keeps its key, request and amount"), charity.desk() as desk:
        desk.session.scalars(select(Attempt)).one().body = "{}"

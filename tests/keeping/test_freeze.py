"""Books put back from a backup never pay again what was paid since: refused, matched, and only then gone on with."""

from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import DBAPIError

from grants.domain.errors import NotAllowed, Refusal
from grants.flow import pay, periods
from grants.flow.pay import freeze as freezing
from grants.jobs.payments import perform_run
from grants.model.books import Journal
from grants.model.events import EventRow
from grants.model.messages import OutboxMessage
from grants.model.payments import Payment
from grants.model.runs import Run
from grants.model.tasks import Task
from grants.model.users import User
from grants.standin.process import Standin
from tests.keeping.putting_back import (
    ENDED,
    back_up,
    calls,
    incidents,
    put_back,
    run_state,
    same_time,
    still_frozen,
    watched,
)
from tests.oracle import assert_agrees
from tests.paying import Charity
from tests.sizes import seeds

COUNT = 6

STORM = {"drop_after": 0.25, "drop_before": 0.1, "error_after": 0.1, "error_before": 0.05, "rate_limit": 0.05}

SEEDS = seeds(ci=10, soak=200)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_backup_from_within_a_run_is_put_back_and_nothing_is_paid_twice(
    charity: Charity, provider: Standin, tmp_path: Path, seed: int
) -> None:
    luck = random.Random(seed)
    same_time(charity, provider)
    for _ in range(COUNT):
        charity.award(luck.randrange(10_00, 90_00))
    run_id = charity.build()
    charity.release(run_id)
    charity.notebook.jobs.clear()
    if seed % 2:
        provider.control("faults", seed=seed, shares=STORM, calls=["outbound_payments.create"])
    path = tmp_path / "middle.backup"
    moment = luck.randrange(9)
    charity.perform("perform_run", run_id, context=watched(charity, moment, lambda: back_up(charity, path)))
    provider.control("faults/clear")
    charity.reconcile()
    if not path.exists():
        back_up(charity, path)
    paid, asked = len(provider.executions()), calls(provider)

    put_back(charity, path)
    resume_is_refused(charity, run_id)
    assert calls(provider) == asked, "a frozen run asked for payments"
    lines = charity.reconcile()
    assert calls(provider) == asked, "a reconcile of frozen books asked for payments"
    assert lines[-1] == ENDED, (moment, lines)
    assert_nothing_lost(charity, provider, run_id, paid)


def resume_is_refused(charity: Charity, run_id: int) -> None:
    """However the run stood when the backup was made, it does not go on."""
    perform_run(charity.context, run_id)
    assert run_state(charity, run_id) in ("paused", "finished")
    if run_state(charity, run_id) == "paused":
        with pytest.raises(Refusal, match="Paying is stopped"), charity.desk("gita") as desk:
            pay.resume_run(desk, desk.session.get_one(Run, run_id))


def assert_nothing_lost(charity: Charity, provider: Standin, run_id: int, paid: int) -> None:
    """Goes on where it can, to the end, and holds the books against what truly went out."""
    if run_state(charity, run_id) == "paused":
        with charity.desk("gita") as desk:
            pay.resume_run(desk, desk.session.get_one(Run, run_id))
    charity.work_off()
    charity.reconcile()
    for _ in range(5):
        if charity.states().count("settled") == COUNT:
            break
        with charity.desk() as desk:
            due = bool(pay.due_totals(desk))
        assert due, charity.states()
        charity.pay()
        charity.reconcile()
    assert len(provider.executions()) == COUNT >= paid
    assert charity.states().count("settled") == COUNT
    assert_agrees(charity, provider)


def test_attempts_that_the_books_lost_are_made_again_with_number_key_and_postings(
    charity: Charity, provider: Standin, tmp_path: Path
) -> None:
    same_time(charity, provider)
    grants = [charity.award(50_00), charity.award(60_00)]
    path = back_up(charity, tmp_path / "before.backup")
    charity.pay()
    charity.reconcile()
    before = {(a.number, a.key, a.state, a.provider_reference) for a in charity.attempts()}
    put_back(charity, path)
    assert charity.attempts() == []
    lines = charity.reconcile()
    assert len(lines) == 3
    assert lines[-1] == ENDED
    assert {(a.number, a.key, a.state, a.provider_reference) for a in charity.attempts()} == before
    assert [charity.grant(grant).state for grant in grants] == ["completed", "completed"]
    assert_agrees(charity, provider)
    assert charity.reconcile() == []


def test_closed_days_stay_closed_and_what_the_books_lost_since_stands_on_open_ones(
    charity: Charity, provider: Standin, tmp_path: Path
) -> None:
    charity.award(50_00)
    charity.pay()
    charity.clock.move(days=40)
    same_time(charity, provider)
    charity.reconcile()
    closed = charity.clock.at.date() - timedelta(days=1)
    with charity.desk("ben") as desk:
        periods.close_period(desk, closed, "The trustees agreed.")
    charity.award(60_00)
    path = back_up(charity, tmp_path / "closed.backup")
    charity.pay()
    charity.reconcile()
    put_back(charity, path)
    assert charity.reconcile()[-1] == ENDED
    assert charity.states() == ["settled", "settled"]
    assert_agrees(charity, provider)
    with charity.desk() as desk:
        assert periods.closed_up_to(desk) == closed
        days = {journal.on for journal in desk.session.scalars(select(Journal).order_by(Journal.id.desc()).limit(3))}
        assert days == {desk.today()}
    row = {"key": "J0.backwards", "kind": "J0", "on": closed, "at": charity.clock(), "why": ""}
    with pytest.raises(DBAPIError, match="closed for that day"), charity.database.transaction() as session:
        session.execute(insert(Journal), [row])


def test_a_later_attempt_that_was_lost_stands_and_the_earlier_one_does_not(
    charity: Charity, provider: Standin, tmp_path: Path
) -> None:
    """The first attempt was refused after the backup, and made anew: only the second was ever paid."""
    same_time(charity, provider)
    grant = charity.award(50_00)
    run_id = charity.build()
    charity.release(run_id)
    path = back_up(charity, tmp_path / "built.backup")
    provider.control("faults", fault="refuse", calls=["outbound_payments.create"], times=1)
    charity.work_off()
    assert charity.states(grant) == ["failed"]
    with charity.desk("ben") as desk:
        pay.reissue(desk, desk.session.scalars(select(Payment).where(Payment.grant_id == grant)).one(), "Mended.")
    charity.pay()
    charity.reconcile()
    assert charity.states(grant) == ["failed", "settled"]
    put_back(charity, path)
    assert charity.states(grant) == ["created"]
    assert charity.reconcile()[-1] == ENDED
    assert [(a.number, a.state) for a in charity.attempts(grant)] == [(1, "cancelled"), (2, "settled")]
    assert_agrees(charity, provider)
    with pytest.raises(Refusal, match="Nothing is due"):
        charity.build()


def test_a_payment_of_a_grant_that_is_lost_goes_to_suspense_and_two_people_decide(
    charity: Charity, provider: Standin, tmp_path: Path
) -> None:
    same_time(charity, provider)
    charity.award(40_00)
    path = back_up(charity, tmp_path / "early.backup")
    charity.award(70_00)
    charity.pay()
    charity.reconcile()
    put_back(charity, path)
    for _ in range(2):
        lines = charity.reconcile()
        assert any("not known here" in line for line in lines)
        assert still_frozen(charity)
    assert incidents(charity) == 1
    assert charity.money("L.suspense") == (70_00,)
    assert "payment_incident" in charity.tasks()
    with pytest.raises(Refusal, match="Somebody first has to say why"), charity.desk("ben") as desk:
        freezing.agree_to_end(desk)
    with charity.desk("ben") as desk:
        freezing.ask_to_end(desk, "We know who that was: it is in the letter of the 23rd.")
    with pytest.raises(NotAllowed, match="You asked for this"), charity.desk("ben") as desk:
        freezing.agree_to_end(desk)
    with pytest.raises(NotAllowed), charity.desk("ann") as desk:
        freezing.agree_to_end(desk)
    with charity.desk("gita") as desk:
        freezing.agree_to_end(desk)
    assert not still_frozen(charity)
    with charity.desk() as desk:
        ended = desk.session.scalars(select(EventRow).where(EventRow.name == "freeze.ended")).one()
        assert (ended.actor_id, ended.data["asked_by"]) == (charity.staff["gita"], charity.staff["ben"])
    assert charity.findings() == []


def test_a_silent_provider_keeps_the_freeze(charity: Charity, provider: Standin, tmp_path: Path) -> None:
    same_time(charity, provider)
    charity.award(40_00)
    put_back(charity, back_up(charity, tmp_path / "one.backup"))
    provider.control("faults", fault="error_before", calls=["outbound_payments.list"], times=1)
    assert "could not be asked" in charity.reconcile()[0]
    assert still_frozen(charity)
    assert charity.reconcile() == [ENDED]
    assert not still_frozen(charity)


def test_while_frozen_nobody_releases_or_pays_by_hand_and_is_told_why(
    charity: Charity, provider: Standin, tmp_path: Path
) -> None:
    same_time(charity, provider)
    charity.award(40_00)
    by_hand = charity.award(30_00, how="cash")
    run_id = charity.build()
    put_back(charity, back_up(charity, tmp_path / "one.backup"))
    with pytest.raises(Refusal, match="a backup was put back") as refused:
        charity.release(run_id)
    assert refused.value.code == "pay.frozen"
    assert "grants reconcile" in refused.value.message
    payment = charity.payments(by_hand)[0]
    with pytest.raises(Refusal, match="Paying is stopped"), charity.desk("ben") as desk:
        pay.record_by_hand(desk, desk.session.merge(payment), charity.clock.at.date(), "CASH 1", "cash")
    assert run_state(charity, run_id) == "built"
    charity.reconcile()
    charity.release(run_id)
    charity.work_off()
    with charity.desk("ben") as desk:
        pay.record_by_hand(desk, desk.session.merge(payment), charity.clock.at.date(), "CASH 1", "cash")


def test_restored_books_send_nothing_and_say_what_to_look_up(
    charity: Charity, provider: Standin, tmp_path: Path
) -> None:
    charity.award(40_00)
    with charity.desk() as desk:
        desk.session.add(
            OutboxMessage(number="1", channel="email", to="ada@example.org", text="Hello", queued_at=desk.now())
        )
        before = {user.id: user.fs_uniquifier for user in desk.session.scalars(select(User))}
    put_back(charity, back_up(charity, tmp_path / "one.backup"))
    with charity.desk() as desk:
        assert None not in desk.session.scalars(select(OutboxMessage.gave_up_at)).all()
        assert all(user.fs_uniquifier != before[user.id] for user in desk.session.scalars(select(User)))
        tasks = {task.kind: task for task in desk.session.scalars(select(Task).where(Task.closed_at.is_(None)))}
        assert "23 November 2026, 10:00 UTC" in tasks["restored_by_hand"].title
        assert "bank" in tasks["restored_by_hand"].words
        assert "Messages that waited then: 2." in tasks["restored"].words
    charity.reconcile()
    assert "restored" not in charity.tasks()
    assert "restored_by_hand" in charity.tasks(), "what was paid by hand only people can look up"


def test_a_way_to_pay_that_cannot_say_what_it_holds_waits_until_somebody_looked(
    charity: Charity, tmp_path: Path
) -> None:
    put_back(charity, back_up(charity, tmp_path / "one.backup"))
    charity.reconcile()
    with charity.desk() as desk:
        freezing.refuse_frozen(desk, "stripe")
        with pytest.raises(Refusal, match="First look up"):
            freezing.refuse_frozen(desk, "manual")
        desk.session.scalars(select(Task).where(Task.kind == "restored_by_hand")).one().closed_at = desk.now()
        desk.session.flush()
        freezing.refuse_frozen(desk, "manual")

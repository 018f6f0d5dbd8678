"""Hints are questions about accounts and pace: each with what else it may be, never about need, never a refusal."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select, update

from grants.domain.errors import NotAllowed, Refusal
from grants.domain.money import Money
from grants.flow import apply, confirm, decide, pay, reseal
from grants.flow.controls import accounts, fingerprints, hints, paces
from grants.flow.controls.accounts import Hint
from grants.flow.desk import Actor, Desk
from grants.flow.forget import forget_due
from grants.model.applications import Application, Decision
from grants.model.events import EventRow
from grants.model.funds import Fund
from grants.model.grants import Grant
from grants.model.payments import Attempt, Payment
from grants.model.people import Payee
from grants.model.runs import Run
from grants.model.safety import HintLook, PayeeChange
from grants.model.vault import Vault
from tests.conftest import MONDAY
from tests.paying import Charity
from tests.scenes import ELIGIBLE

ONE_DATABASE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For what no database changes: a refusal before anything is asked of it."""

HOSTEL = {"sort_code": "20-00-00", "account_number": "55778899"}


class Shut(Vault):
    """A vault that opens nothing: whoever compares accounts does not need it."""

    def open(self, sealed: str) -> dict[str, Any]:
        raise AssertionError("something sealed was opened")


def paid(charity: Charity, **more: Any) -> int:
    """Awards a grant and writes its payment down, so that it is about to be paid; returns its id."""
    grant_id = charity.award(40_00, **more)
    with charity.desk("ben") as desk:
        payment = desk.session.scalars(select(Payment).where(Payment.grant_id == grant_id)).one()
        pay.record_by_hand(desk, payment, desk.today(), f"BANK-{grant_id}", "bank")
    return grant_id


def payee_of(charity: Charity, grant_id: int) -> Payee:
    with charity.desk() as desk:
        return desk.session.get_one(Grant, grant_id).payee


def found(charity: Charity, who: str = "gita") -> list[Hint]:
    with charity.desk(who) as desk:
        return hints.found(replace(desk, vault=Shut("s" * 40)))


def kinds(charity: Charity) -> list[str]:
    return [hint.kind for hint in found(charity)]


def fine(charity: Charity, hint: Hint, who: str = "gita", why: str = "It is the hostel’s.") -> None:
    with charity.desk(who) as desk:
        hints.found_fine(desk, hint.kind, hint.matter, why)


def test_one_account_paid_for_more_than_three_people_is_worth_a_look(by_hand: Charity) -> None:
    for _ in range(3):
        paid(by_hand, **HOSTEL)
    assert found(by_hand) == []
    paid(by_hand, sort_code="200000", account_number="5577 8899")
    [hint] = found(by_hand)
    assert (hint.kind, hint.count, len(hint.payees), hint.about) == ("shared", 4, 4, None)
    assert hint.words == "One account is paid for 4 people, counted over the last 90 days."
    assert "hostel" in hint.perhaps
    assert "8899" not in hint.matter


def test_somebody_helped_five_times_is_one_person_and_old_payments_do_not_count(by_hand: Charity) -> None:
    for _ in range(5):
        paid(by_hand, name="Ana Silva", **HOSTEL)
    assert found(by_hand) == []
    for _ in range(3):
        paid(by_hand, **HOSTEL)
    assert kinds(by_hand) == ["shared"]
    by_hand.clock.move(days=91)
    assert kinds(by_hand) == []


def test_found_fine_is_quiet_until_there_are_twice_as_many(by_hand: Charity) -> None:
    for _ in range(4):
        paid(by_hand, **HOSTEL)
    [hint] = found(by_hand)
    with pytest.raises(Refusal, match="Say what you saw"):
        fine(by_hand, hint, why="  ")
    fine(by_hand, hint)
    for _ in range(3):
        paid(by_hand, **HOSTEL)
        assert found(by_hand) == []
    paid(by_hand, **HOSTEL)
    assert [(each.kind, each.count) for each in found(by_hand)] == [("shared", 8)]
    with by_hand.desk() as desk:
        look = desk.session.scalars(select(EventRow).where(EventRow.name == "hint.found_fine")).one()
        assert (look.data, look.actor_id) == ({"kind": "shared", "count": 4}, by_hand.staff["gita"])
    with pytest.raises(Refusal, match="not there any more"):
        fine(by_hand, replace(hint, matter="0" * 64))


@ONE_DATABASE
@pytest.mark.parametrize("who", ["ann", "hugo"])
def test_only_finance_and_managers_see_hints(by_hand: Charity, who: str) -> None:
    with by_hand.desk(who) as desk, pytest.raises(NotAllowed):
        hints.found(desk)


def change(charity: Charity, grant_id: int, account: str, by: str = "hugo") -> PayeeChange:
    with charity.desk(by) as desk:
        payee = desk.session.get_one(Grant, grant_id).payee
        made = pay.new_details(desk, payee, "20-00-00", account, why="She rang us.")
        assert made is not None
        return made


def test_changed_details_shortly_before_a_run_are_worth_a_look_and_later_not(by_hand: Charity) -> None:
    grant_id = by_hand.award(40_00)
    made = change(by_hand, grant_id, "55557777")
    with by_hand.desk("gita") as desk:
        pay.agree_change(desk, desk.session.get_one(PayeeChange, made.id))
    by_hand.clock.move(days=1, hours=1)
    with by_hand.desk() as desk:
        pay.apply_due(desk)
        run = Run(rail="stripe", state="built", built_at=desk.now(), built_by=by_hand.staff["ben"])
        desk.session.add(run)
        desk.session.flush()
        payment = desk.session.scalars(select(Payment)).one()
        desk.session.add(an_attempt(desk, payment, run))
        run_id = run.id
    marked = Vault(by_hand.settings.secret_key).fingerprint("200000", "55557777")
    assert payee_of(by_hand, grant_id).fingerprint == marked
    by_hand.clock.move(hours=30)
    [hint] = found(by_hand)
    assert (hint.kind, hint.about) == ("fresh", by_hand.staff["hugo"])
    assert hint.words == f"New bank details hold for 30 hours before run {run_id}. Hugo typed them."
    with by_hand.desk("gita") as desk:
        assert [each.kind for each in hints.of_run(desk, run_id)] == ["fresh"]
        assert hints.of_run(desk, run_id + 1) == []
    by_hand.clock.move(hours=42)
    assert found(by_hand) == [], "three days on it is not fresh any more"


def an_attempt(desk: Desk, payment: Payment, run: Run) -> Attempt:
    return Attempt(
        payment_id=payment.id,
        run_id=run.id,
        number=1,
        rail="stripe",
        key=f"trial-{payment.id}",
        amount=payment.amount,
        currency=payment.currency,
        created_at=desk.now(),
    )


def test_many_changes_typed_by_one_person_in_a_week(by_hand: Charity) -> None:
    for number in range(4):
        change(by_hand, by_hand.award(10_00), f"6666777{number}", by="mona")
    assert found(by_hand) == []
    change(by_hand, by_hand.award(10_00), "66667774", by="mona")
    [hint] = found(by_hand)
    assert hint.words == "Mona typed 5 changes of bank details in the week from 2026-11-23."
    with pytest.raises(NotAllowed, match="a colleague looks"):
        fine(by_hand, hint, who="mona")
    fine(by_hand, hint, who="gita", why="The agency moved its bank.")
    assert found(by_hand) == []


def decided(charity: Charity, *times: datetime, by: str = "ann", second: str = "") -> None:
    """Writes decisions down at these times, of one application: only who and when is looked at."""
    with charity.desk() as desk:
        number = desk.session.scalar(select(Application.id)) or 0
        other = charity.staff[second] if second else None
        one = {"application_id": number, "kind": "decline", "amount": 0, "by": charity.staff[by], "second_by": other}
        desk.session.add_all(Decision(at=at, **one) for at in times)


def spread(day: datetime, count: int) -> list[datetime]:
    """Times on one day, twenty minutes between them, from nine in the morning."""
    return [day.replace(hour=9) + timedelta(minutes=20 * each) for each in range(count)]


def test_a_day_far_above_ones_own_usual_is_worth_a_look(by_hand: Charity) -> None:
    by_hand.award(10_00)
    for back in range(3, 11):
        decided(by_hand, *spread(MONDAY - timedelta(days=back), 6))
    yesterday = MONDAY - timedelta(days=1)
    decided(by_hand, *spread(yesterday, 19))
    assert found(by_hand) == [], "below the number nothing is said, however unusual"
    decided(by_hand, yesterday.replace(hour=20))
    [hint] = found(by_hand)
    assert hint.words == "Ann decided 20 times alone on 22 November 2026. Their usual day has 6."
    assert (hint.kind, hint.about) == ("pace", by_hand.staff["ann"])


def test_what_two_people_decided_is_nobodys_pace_and_who_is_always_fast_is_left_alone(by_hand: Charity) -> None:
    by_hand.award(10_00)
    yesterday = MONDAY - timedelta(days=1)
    decided(by_hand, *spread(yesterday, 30), second="gita")
    for back in range(2, 9):
        decided(by_hand, *spread(MONDAY - timedelta(days=back), 22), by="mona")
    decided(by_hand, *spread(yesterday, 30), by="mona")
    assert found(by_hand) == []


def test_an_hour_far_above_the_usual_and_somebody_new(by_hand: Charity) -> None:
    by_hand.award(10_00)
    hour = (MONDAY - timedelta(days=1)).replace(hour=15)
    decided(by_hand, *(hour + timedelta(minutes=each) for each in range(19)))
    assert found(by_hand) == [], "with no usual it takes twice ten"
    decided(by_hand, hour + timedelta(minutes=20))
    [hint] = found(by_hand)
    assert hint.words == ("Ann decided 20 times alone in one hour of 22 November 2026. We do not know their usual yet.")


MAY_READ: dict[str, set[str]] = {
    "Person": {"id", "name_key"},
    "Payee": {"id", "person_id", "fingerprint"},
    "Grant": {"id", "payee_id", "decided_by"},
    "Payment": {"id", "grant_id"},
    "Attempt": {"payment_id", "run_id", "created_at", "state"},
    "Run": {"id", "released_at"},
    "PayeeChange": {"id", "payee_id", "asked_by", "asked_at", "applied_at"},
    "Decision": {"by", "at", "second_by", "waiting", "withdrawn_at"},
    "HintLook": {"id", "kind", "matter", "seen"},
    "User": {"id", "name"},
}
"""All that hints may read: who, when and which account; nothing of need, purpose, household, or confirmations."""


def test_the_code_of_hints_names_nothing_of_a_persons_need() -> None:
    read: dict[str, set[str]] = {}
    imported: set[str] = set()
    for module in (hints, accounts, paces):
        tree = ast.parse(Path(module.__file__ or "").read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("grants.model"):
                imported |= {each.name for each in node.names}
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in MAY_READ:
                read.setdefault(node.value.id, set()).add(node.attr)
    assert imported == set(MAY_READ), "a table is read that is not in the list"
    assert read == MAY_READ


@contextmanager
def sent(charity: Charity) -> Iterator[list[str]]:
    """Collects the statements that the database is sent."""
    statements: list[str] = []

    def note(*given: Any) -> None:
        statements.append(given[2])

    event.listen(charity.database.engine, "before_cursor_execute", note)
    yield statements
    event.remove(charity.database.engine, "before_cursor_execute", note)


NEVER = ("confirmations", "grant_asks", "applications", "need", "purposes", "reason", "household", "notes", "answers")


def test_the_database_is_asked_nothing_of_a_persons_need(by_hand: Charity) -> None:
    for _ in range(4):
        paid(by_hand, **HOSTEL)
    decided(by_hand, *spread(MONDAY - timedelta(days=1), 40))
    with sent(by_hand) as statements:
        assert kinds(by_hand) == ["shared", "pace"]
    asked = " ".join(statements).lower()
    assert "payees" in asked
    assert [word for word in NEVER if word in asked] == []


@pytest.mark.parametrize("said", ["nothing", "arrived", "problem"])
def test_whether_somebody_confirmed_changes_no_hint_and_no_decision(by_hand: Charity, said: str) -> None:
    """The same charity, where people said that it came, said that it did not, or said nothing."""
    grants = [paid(by_hand, name=f"Person {number}", **HOSTEL) for number in range(4)]
    with by_hand.desk() as desk:
        recipient = desk.acting(Actor(kind="recipient"))
        for number in grants:
            grant = desk.session.get_one(Grant, number)
            if said == "arrived":
                confirm.arrived(recipient, grant)
            elif said == "problem":
                confirm.problem(recipient, grant, "not_arrived", "It did not come.")
    assert [(hint.kind, hint.count, hint.words) for hint in found(by_hand)] == [
        ("shared", 4, "One account is paid for 4 people, counted over the last 90 days.")
    ]
    with by_hand.desk() as desk:
        pot = desk.session.get_one(Fund, by_hand.fund_id)
        again = apply.Answers(name="Person 0", amount=Money(60_00), how="cash")
        application = apply.submit(desk, pot, again).id
    with by_hand.desk("ann") as desk:
        done = decide.award(desk, application, Money(60_00), ELIGIBLE)
        assert (done.decision.why_second, done.grant is not None) == ("", True)


def test_a_hint_refuses_nothing(by_hand: Charity) -> None:
    grants = [paid(by_hand, **HOSTEL) for _ in range(4)]
    assert kinds(by_hand) == ["shared"]
    with by_hand.desk("hugo") as desk:
        attempt = desk.session.scalars(select(Attempt).join(Attempt.payment).where(Payment.grant_id == grants[0])).one()
        pay.confirm_by_hand(desk, attempt)
    assert by_hand.states(grants[0]) == ["settled"]


def test_details_from_before_are_marked_once_and_what_no_key_opens_is_left(by_hand: Charity) -> None:
    for _ in range(4):
        paid(by_hand, **HOSTEL)
    with by_hand.desk() as desk:
        desk.session.execute(update(Payee).values(fingerprint=""))
        first = desk.session.scalars(select(Payee).order_by(Payee.id)).first()
        assert first is not None
        first.sealed = Vault("another secret key, long enough to be one").seal({"account_number": "1"})
    assert found(by_hand) == []
    with by_hand.desk() as desk:
        assert fingerprints.mark_unmarked(desk, 100) == 4
    with by_hand.desk() as desk:
        assert fingerprints.mark_unmarked(desk, 100) == 0
        marks = list(desk.session.scalars(select(Payee.fingerprint).order_by(Payee.id)))
        assert marks[0] == fingerprints.UNREADABLE
        assert len(set(marks[1:])) == 1
    assert found(by_hand) == [], "three are known to have it"


def test_a_new_key_marks_anew_and_keeps_what_was_found_fine(by_hand: Charity) -> None:
    for _ in range(4):
        paid(by_hand, **HOSTEL)
    [hint] = found(by_hand)
    fine(by_hand, hint)
    old, new = by_hand.settings.secret_key, "n" * 48
    with by_hand.desk() as desk:
        assert reseal.reseal_lot(replace(desk, vault=Vault(new, [old])), "payees").anew == 4
    with by_hand.desk() as desk:
        [mark] = set(desk.session.scalars(select(Payee.fingerprint)))
        assert mark == Vault(new).fingerprint("200000", "55778899")
        assert mark != hint.matter
        assert list(desk.session.scalars(select(HintLook.matter))) == [mark]
    assert found(by_hand) == []


def test_the_fingerprint_goes_with_the_details(by_hand: Charity) -> None:
    grant_id = paid(by_hand)
    with by_hand.desk("hugo") as desk:
        pay.confirm_by_hand(desk, desk.session.scalars(select(Attempt)).one())
    assert payee_of(by_hand, grant_id).fingerprint
    by_hand.clock.move(days=120)
    with by_hand.desk() as desk:
        forget_due(desk)
    payee = payee_of(by_hand, grant_id)
    assert (payee.sealed, payee.fingerprint) == ("", "")

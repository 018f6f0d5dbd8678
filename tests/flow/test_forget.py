"""What we said we would keep only so long is gone when its time has come, and the accounts still add up."""

from __future__ import annotations

from grants.domain.money import Money
from grants.flow import decide, pay
from grants.flow.check import check
from grants.flow.forget import FORGOTTEN, forget_due
from grants.model.applications import Application
from grants.model.grants import Grant
from grants.model.people import Payee, Person
from tests.conftest import AtDesk, Clock
from tests.scenes import ELIGIBLE, a_fund, a_grant, a_worker, an_application, at


def a_paid_grant(at_desk: AtDesk) -> int:
    """Awards a grant in cash, pays it by hand by two people, and returns its id."""
    with at_desk() as desk:
        grant = a_grant(desk, a_fund(desk), need="We fled at night.", how="cash", notes="Partner sees the post.")
        payment = pay.by_hand_due(desk)[0]
        attempt = pay.record_by_hand(at(desk, a_worker(desk, "finance", limit=0)), payment, desk.today(), "CASH-1")
        pay.confirm_by_hand(at(desk, a_worker(desk, "finance", limit=0)), attempt)
        return grant.id


def test_words_go_after_ninety_days_and_the_name_after_a_year(at_desk: AtDesk, clock: Clock) -> None:
    number = a_paid_grant(at_desk)
    with at_desk() as desk:
        assert forget_due(desk) == 0
    clock.move(days=91)
    with at_desk() as desk:
        assert forget_due(desk) > 0
        application = desk.session.get_one(Grant, number).application
        assert (application.need, application.notes) == ("", "")
        assert application.person.name.startswith("Severina")
    clock.move(days=300)
    with at_desk() as desk:
        assert forget_due(desk) > 0
        person = desk.session.get_one(Grant, number).person
        assert (person.name, person.name_key, person.email, person.channel) == (FORGOTTEN, "", "", "none")
        assert forget_due(desk) == 0
        assert check(desk) == []


def test_bank_details_stay_while_money_is_owed_and_go_ninety_days_after(at_desk: AtDesk, clock: Clock) -> None:
    with at_desk() as desk:
        owed = a_grant(desk, a_fund(desk)).payee_id
        fund = a_fund(desk)
        turned_down = an_application(desk, fund)
        decide.decline(at(desk, a_worker(desk)), turned_down.id, "Another fund fits better.")
        declined = turned_down.payee_id
    clock.move(days=100)
    with at_desk() as desk:
        forget_due(desk)
        assert desk.session.get_one(Payee, owed).sealed != ""
        assert desk.session.get_one(Payee, declined).sealed == ""


def test_somebody_who_still_waits_is_not_forgotten(at_desk: AtDesk, clock: Clock) -> None:
    with at_desk() as desk:
        waiting = an_application(desk, a_fund(desk), need="Gas and electric").id
    clock.move(days=500)
    with at_desk() as desk:
        assert forget_due(desk) == 0
        application = desk.session.get_one(Application, waiting)
        assert application.need == "Gas and electric"
        assert desk.session.get_one(Person, application.person_id).name_key != ""


def test_a_new_grant_keeps_the_name(at_desk: AtDesk, clock: Clock) -> None:
    with at_desk() as desk:
        fund = a_fund(desk)
        first = an_application(desk, fund)
        decide.decline(at(desk, a_worker(desk)), first.id, "Not now.")
    clock.move(days=364)
    with at_desk() as desk:
        decide.reopen(at(desk, a_worker(desk)), first.id, "They asked again.")
        decide.award(at(desk, a_worker(desk)), first.id, Money(150_00), ELIGIBLE)
    clock.move(days=30)
    with at_desk() as desk:
        forget_due(desk)
        assert desk.session.get_one(Application, first.id).person.name_key != ""

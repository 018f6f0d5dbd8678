"""Roles over money, with real people: every triple of who decides, who keys the account in, and who releases."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import product

import pytest
from sqlalchemy import update

from grants.domain.errors import NotAllowed
from grants.flow import pay
from grants.model.delegations import Delegation
from grants.model.grants import Grant
from grants.model.payments import Payment
from grants.model.people import Payee
from grants.model.runs import Run
from grants.model.users import User
from tests.paying import Charity

THREE = ("gita", "mona", "rosa")
"""Three managers: each may decide, key in and release."""


@pytest.fixture
def managers(charity: Charity) -> Charity:
    """The charity with three managers who may each do everything."""
    more = {"rosa": ("manager",), "tess": ("trustee",)}
    with charity.desk() as desk:
        for name, roles in more.items():
            user = User(name=name.title(), email=f"{name}@example.org", fs_uniquifier=name, role_names=list(roles))
            desk.session.add(user)
            desk.session.flush()
            charity.staff[name], charity.roles[name] = user.id, roles
        for name in ("gita", "rosa"):
            row = Delegation(
                user_id=charity.staff[name],
                per_grant=5_000_00,
                per_day=100_000_00,
                per_person_per_year=100_000_00,
                approved_on=date(2026, 1, 1),
                recorded_at=desk.now(),
            )
            desk.session.add(row)
    return charity


def entered(charity: Charity, decider: str, keeper: str, amount: int) -> int:
    """A grant that one person decided and whose account another (or the same) keyed in."""
    grant_id = charity.award(amount, by=decider)
    with charity.desk() as desk:
        desk.session.get_one(Grant, grant_id).application.entered_by = charity.staff[keeper] if keeper else None
    return grant_id


def problem(charity: Charity, run_id: int, who: str) -> str:
    with charity.desk(who) as desk:
        return pay.release_problem(desk, desk.session.get_one(Run, run_id))


def dropped(charity: Charity, run_id: int, grant_id: int) -> None:
    with charity.desk("ben") as desk:
        pay.drop_run(desk, desk.session.get_one(Run, run_id), "Only to see who may.")
    with charity.desk() as desk:
        desk.session.execute(update(Payment).where(Payment.grant_id == grant_id).values(due_on=date(2099, 1, 1)))


@pytest.mark.parametrize("amount", [400_00, 500_00, 500_01], ids=["small", "at", "above"])
def test_every_ordered_triple_of_people_over_decide_account_release(managers: Charity, amount: int) -> None:
    allowed = set()
    for decider, keeper in product(THREE, repeat=2):
        grant_id = entered(managers, decider, keeper, amount)
        run_id = managers.build()
        allowed |= {(decider, keeper, who) for who in THREE if not problem(managers, run_id, who)}
        dropped(managers, run_id, grant_id)
    large = amount > 500_00
    assert allowed == {
        (decider, keeper, releaser)
        for decider, keeper, releaser in product(THREE, repeat=3)
        if decider != releaser and (not large or (keeper not in (decider, releaser)))
    }


def test_a_recipients_own_account_needs_no_keeper(managers: Charity) -> None:
    entered(managers, "gita", "", 900_00)
    run_id = managers.build()
    assert problem(managers, run_id, "mona") == ""
    managers.release(run_id, by="mona")


def test_where_the_decider_keyed_it_in_a_third_person_checks_the_account(managers: Charity) -> None:
    grant_id = entered(managers, "gita", "gita", 900_00)
    run_id = managers.build()
    assert "First a third person checks the account" in problem(managers, run_id, "mona")
    payee_id = managers.grant(grant_id).payee_id
    with managers.desk("gita") as desk, pytest.raises(NotAllowed, match="somebody else checks it"):
        pay.check_account(desk, desk.session.get_one(Payee, payee_id), "I know it.")
    with managers.desk("rosa") as desk:
        payee = desk.session.get_one(Payee, payee_id)
        assert pay.wants_check(desk, payee)
        pay.check_account(desk, payee, "They read it to me on the number that we had before.")
        assert not pay.wants_check(desk, payee)
    assert "You keyed in or checked an account" in problem(managers, run_id, "rosa")
    managers.release(run_id, by="mona")


def test_a_check_counts_until_the_account_changes(managers: Charity) -> None:
    grant_id = entered(managers, "gita", "gita", 900_00)
    run_id = managers.build()
    payee_id = managers.grant(grant_id).payee_id
    with managers.desk("rosa") as desk:
        pay.check_account(desk, desk.session.get_one(Payee, payee_id), "They read it to me.")
    with managers.desk("gita") as desk:
        payee = desk.session.get_one(Payee, payee_id)
        assert pay.new_details(desk, payee, "20-00-00", "55557777", why="They rang.") is not None
    assert "First a third person checks the account" in problem(managers, run_id, "mona")


def test_where_a_charity_has_two_people_a_trustee_is_the_third(managers: Charity) -> None:
    entered(managers, "gita", "", 400_00)
    run_id = managers.build()
    assert "A colleague is left who may" in problem(managers, run_id, "tess")
    with managers.desk() as desk:
        left = [managers.staff[name] for name in ("mona", "rosa")]
        desk.session.execute(update(User).where(User.id.in_(left)).values(active=False))
    assert "No colleague is left who may, so a trustee may: Tess." in problem(managers, run_id, "gita")
    assert "put this run together" in problem(managers, run_id, "ben")
    managers.release(run_id, by="tess")
    managers.work_off()
    assert managers.states() == ["accepted"]


def test_confirming_by_hand_keeps_to_the_same_table(managers: Charity) -> None:
    grant_id = entered(managers, "gita", "mona", 900_00)
    payment = managers.payments(grant_id)[0]
    with managers.desk("ben") as desk:
        pay.pay_by_hand_instead(desk, desk.session.get_one(Payment, payment.id), "The service is down.")
    with managers.desk("ben") as desk:
        attempt = pay.record_by_hand(desk, desk.session.get_one(Payment, payment.id), desk.today(), "FP 1", "bank")
    for who, words in (
        ("ben", "You recorded this"),
        ("gita", "You decided this"),
        ("mona", "You keyed in or checked an account"),
        ("tess", "A colleague is left who may"),
    ):
        with managers.desk(who) as desk, pytest.raises(NotAllowed, match=words):
            pay.confirm_by_hand(desk, attempt)
    with managers.desk("rosa") as desk:
        pay.confirm_by_hand(desk, attempt)
    assert managers.states() == ["settled"]
    assert managers.findings() == []


def test_the_amount_is_a_setting(managers: Charity) -> None:
    lower = replace(managers, settings=replace(managers.settings, three_people_above=100_00))
    entered(managers, "gita", "mona", 400_00)
    run_id = managers.build()
    assert problem(managers, run_id, "mona") == ""
    assert "above £100" in problem(lower, run_id, "mona")

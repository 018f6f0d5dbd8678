"""A run that is a file for the bank: released by another, taken away once each, and settled by the statement."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from grants.config import Settings
from grants.domain.errors import NotAllowed, Refusal
from grants.domain.statement import with_keys
from grants.flow import pay
from grants.flow.forget import forget_due
from grants.flow.pay import bankfile, statement
from grants.model.bank import BankFile, BankFileKey
from grants.model.grants import Grant
from grants.model.payments import Payment
from grants.model.people import Payee
from grants.model.runs import Run
from grants.rails.bankfile import BankFileRail
from grants.rails.manual import ManualRail
from tests.conftest import Clock
from tests.paying import OPENING, Charity, open_over
from tests.rails.bank import bank_settings, read_standard18

BANK = OPENING - 5_000_00


@pytest.fixture
def charity(settings: Settings, clock: Clock) -> Iterator[Charity]:
    """A charity that pays by files for its bank, and by hand."""
    chosen = bank_settings(settings)
    opened = open_over(chosen, clock, {"manual": ManualRail(), "bankfile": BankFileRail(chosen)})
    yield opened
    opened.database.close()


def released(charity: Charity) -> int:
    """Ben puts a run together, Gita releases it, and the file is made; returns the run’s id."""
    run_id = charity.build("bankfile")
    charity.release(run_id)
    charity.work_off()
    return run_id


def take(charity: Charity, run_id: int, by: str = "gita") -> bytes:
    with charity.desk(by) as desk:
        return bankfile.take_file(desk, desk.session.get_one(Run, run_id)).data


def bank_took(charity: Charity, run_id: int) -> None:
    with charity.desk("gita") as desk:
        bankfile.bank_took(desk, desk.session.get_one(Run, run_id))


def shows(charity: Charity, *lines: tuple[int, str]) -> list[str]:
    """Ben takes a statement of today in; returns what each line is."""
    with charity.desk("ben") as desk:
        read = list(with_keys([(desk.today(), amount, "GBP", words) for amount, words in lines]))
        return [each.verdict.kind for each in statement.take_in(desk, read)]


def reference(charity: Charity, grant_id: int) -> str:
    return charity.payments(grant_id)[0].statement


def test_somebody_without_a_safe_e_mail_is_paid_by_the_file(charity: Charity) -> None:
    grant_id = charity.award(80_00, channel="none", contact_safe=False, email="")
    other = charity.award(80_00, own_account=False, whose="A cousin", why="No account of her own")
    cash = charity.award(80_00, "cash")
    rails = [charity.payments(number)[0].rail for number in (grant_id, other, cash)]
    assert rails == ["bankfile", "manual", "manual"]


def test_a_file_is_made_at_release_and_the_statement_settles_it(charity: Charity) -> None:
    first, second = charity.award(80_00), charity.award(60_00)
    run_id = released(charity)
    assert charity.states() == ["sending", "sending"]
    assert charity.tasks() == ["bank_file"]
    paid = read_standard18(take(charity, run_id))
    assert [(each.pence, each.reference) for each in paid] == [
        (80_00, reference(charity, first)),
        (60_00, reference(charity, second)),
    ]
    assert paid[0].account == "10000001"
    assert charity.findings() == []
    bank_took(charity, run_id)
    assert charity.states() == ["accepted", "accepted"]
    assert charity.tasks() == []
    assert shows(charity, (-140_00, f"BACS GT FILE {run_id:06d} 123456")) == ["paid_file"]
    assert charity.states() == ["settled", "settled"]
    assert charity.money("A.bank", "L.suspense", f"L.payable.{first}") == (BANK - 140_00, 0, 0)
    assert {charity.grant(number).state for number in (first, second)} == {"completed"}
    assert charity.findings() == []


def test_each_payment_may_stand_on_the_statement_by_itself_and_come_back(charity: Charity) -> None:
    first, second = charity.award(80_00), charity.award(60_00)
    run_id = released(charity)
    take(charity, run_id)
    bank_took(charity, run_id)
    gone, back = reference(charity, first), reference(charity, second)
    kinds = shows(charity, (-80_00, f"BGC {gone.lower()} A LOVELL"), (-60_00, back), (60_00, f"UNPAID {back}"))
    assert sorted(kinds) == ["came_back", "paid", "paid"]
    assert charity.states() == ["settled", "returned"]
    assert charity.money("A.bank", f"L.payable.{second}") == (BANK - 80_00, -60_00)
    assert charity.tasks() == ["payment_returned"]
    assert charity.findings() == []
    payment_id = charity.payments(second)[0].id
    with charity.desk("ben") as desk, pytest.raises(Refusal, match="Look at how this person is paid"):
        pay.reissue(desk, desk.session.get_one(Payment, payment_id), "Again.")


def test_a_file_is_given_out_once_to_each_who_may_release_it(charity: Charity) -> None:
    charity.award(80_00, by="ann")
    run_id = released(charity)
    with pytest.raises(NotAllowed, match="You put this run together"):
        take(charity, run_id, "ben")
    with pytest.raises(NotAllowed, match="Your role does not include"):
        take(charity, run_id, "hugo")
    first = take(charity, run_id, "gita")
    with pytest.raises(NotAllowed, match=r"You have taken this file away already"):
        take(charity, run_id, "gita")
    assert take(charity, run_id, "mona") == first
    bank_took(charity, run_id)
    with charity.desk("mona") as desk, pytest.raises(Refusal, match="known already what the bank did"):
        bankfile.bank_refused(desk.acting(charity.actor("hugo")), desk.session.get_one(Run, run_id), "Not there.")


def test_nobody_says_that_the_bank_has_what_nobody_took(charity: Charity) -> None:
    charity.award(80_00)
    run_id = released(charity)
    with pytest.raises(Refusal, match="Nobody has taken this file away yet"):
        bank_took(charity, run_id)


def test_a_file_never_changes_and_a_changed_one_is_not_given_out(charity: Charity) -> None:
    charity.award(80_00)
    run_id = released(charity)
    for change in ("UPDATE bank_files SET digest = 'x'", "DELETE FROM bank_files"):
        with pytest.raises(DBAPIError), charity.desk() as desk:
            desk.session.execute(text(change))
    with charity.desk() as desk:
        kept = desk.session.scalars(select(BankFile)).one()
        assert b"10000001" not in kept.sealed
        row = desk.session.get_one(BankFileKey, kept.id)
        row.sealed = desk.vault.seal({"key": "x" * 43 + "="})
    with pytest.raises(Refusal, match="not as it was made"):
        take(charity, run_id)


def test_details_typed_after_the_release_change_no_file(charity: Charity) -> None:
    grant_id = charity.award(80_00)
    run_id = released(charity)
    payee_id = charity.grant(grant_id).payee_id
    with charity.desk("hugo") as desk:
        payee = desk.session.get_one(Payee, payee_id)
        pay.new_details(desk, payee, "20-00-00", "5555 7777", why="She rang.")
    assert read_standard18(take(charity, run_id))[0].account == "10000001"


def test_what_cannot_go_is_taken_back_and_the_rest_goes(charity: Charity) -> None:
    held, changed, unread, fine = (charity.award(amount) for amount in (10_00, 20_00, 30_00, 40_00))
    run_id = charity.build("bankfile")
    payees = {number: charity.grant(number).payee_id for number in (changed, unread)}
    with charity.desk("gita") as desk:
        pay.hold_grant(desk, desk.session.get_one(Grant, held), "She asked to wait.")
        payee = desk.session.get_one(Payee, payees[changed])
        pay.new_details(desk.acting(charity.actor("hugo")), payee, "20-00-00", "5555 7777", why="She rang.")
        desk.session.get_one(Payee, payees[unread]).name = "Амина"
    charity.release(run_id)
    charity.work_off()
    assert charity.states() == ["cancelled", "cancelled", "cancelled", "sending"]
    assert [each.pence for each in read_standard18(take(charity, run_id))] == [40_00]
    assert reference(charity, fine) == read_standard18(take(charity, run_id, "mona"))[0].reference
    assert charity.tasks() == ["bank_file", "payee", "payee_change"]
    assert charity.findings() == []


def test_with_nothing_left_to_pay_there_is_no_file(charity: Charity) -> None:
    grant_id = charity.award(80_00)
    run_id = charity.build("bankfile")
    with charity.desk("gita") as desk:
        pay.hold_grant(desk, desk.session.get_one(Grant, grant_id), "She asked to wait.")
    charity.release(run_id)
    charity.work_off()
    with charity.desk() as desk:
        assert desk.session.get_one(Run, run_id).state == "finished"
        assert desk.session.scalars(select(BankFile)).all() == []
    assert charity.tasks() == []


def test_when_the_bank_did_not_take_it_another_person_says_so_and_each_is_sent_anew(charity: Charity) -> None:
    grant_id = charity.award(80_00)
    run_id = released(charity)
    take(charity, run_id)
    with charity.desk("gita") as desk, pytest.raises(NotAllowed, match="You took this file away"):
        bankfile.bank_refused(desk, desk.session.get_one(Run, run_id), "It is not there.")
    with charity.desk("ben") as desk:
        bankfile.bank_refused(desk, desk.session.get_one(Run, run_id), "The list of files does not have it.")
    assert charity.states() == ["failed"]
    assert charity.money(f"L.payable.{grant_id}") == (-80_00,)
    with pytest.raises(Refusal, match="Nothing is due"):
        charity.build("bankfile")
    payment_id = charity.payments(grant_id)[0].id
    with charity.desk("ben") as desk:
        pay.reissue(desk, desk.session.get_one(Payment, payment_id), "The bank lost it.")
    take(charity, released(charity))
    assert charity.states() == ["failed", "sending"]
    assert charity.findings() == []


def test_the_job_run_again_makes_no_second_file_and_reconciling_changes_nothing(charity: Charity) -> None:
    charity.award(80_00)
    run_id = released(charity)
    with charity.desk() as desk:
        assert bankfile.make_file(desk, run_id)
        assert len(desk.session.scalars(select(BankFile)).all()) == 1
    charity.clock.move(days=2)
    assert charity.reconcile() == []
    charity.work_off()
    assert charity.states() == ["sending"]
    take(charity, run_id)
    bank_took(charity, run_id)
    assert charity.reconcile() == []
    assert charity.states() == ["accepted"]


def test_after_90_days_a_file_tells_nothing_any_more_and_is_still_as_it_was(charity: Charity) -> None:
    charity.award(80_00)
    run_id = released(charity)
    take(charity, run_id)
    with charity.desk() as desk:
        before = desk.session.scalars(select(BankFile)).one().sealed
    charity.clock.at += timedelta(days=89)
    with charity.desk() as desk:
        forget_due(desk)
        assert len(desk.session.scalars(select(BankFileKey)).all()) == 1
    charity.clock.at += timedelta(days=2)
    with charity.desk() as desk:
        forget_due(desk)
        assert desk.session.scalars(select(BankFileKey)).all() == []
        assert desk.session.scalars(select(BankFile)).one().sealed == before
    with pytest.raises(Refusal, match="no longer kept"):
        take(charity, run_id, "mona")

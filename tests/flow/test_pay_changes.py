"""Changed bank details: two people and a day; for every check of the name, who must have looked before money goes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

import pytest
from sqlalchemy import select

from grants.domain.errors import NotAllowed, Refusal
from grants.flow import pay
from grants.flow.forget import forget_due
from grants.model.events import EventRow
from grants.model.grants import Grant
from grants.model.messages import OutboxMessage
from grants.model.payments import Payment
from grants.model.people import Payee
from grants.model.safety import PayeeChange
from grants.standin.process import Standin
from tests.oracle import assert_agrees
from tests.paying import Charity

OLD = "10000001"
"""The account of the first person who is awarded something."""

NEW = "55557777"


@dataclass
class Story:
    """One person’s payee, with Hugo who types new details and Gita who looks."""

    charity: Charity
    grant_id: int

    def payee(self) -> Payee:
        with self.charity.desk() as desk:
            return desk.session.get_one(Grant, self.grant_id).payee

    def change(self) -> PayeeChange:
        with self.charity.desk() as desk:
            return desk.session.scalars(select(PayeeChange).order_by(PayeeChange.id.desc())).first()  # type: ignore[return-value]

    def type_new(self, by: str = "hugo", account: str = NEW, why: str = "She rang from the number we know.") -> None:
        with self.charity.desk(by) as desk:
            pay.new_details(desk, desk.session.get_one(Payee, self.payee().id), "20-00-00", account, why=why)

    def act(self, verb: Callable[..., None], by: str, *words: str) -> None:
        with self.charity.desk(by) as desk:
            verb(desk, desk.session.get_one(PayeeChange, self.change().id), *words)

    def strike(self) -> int:
        with self.charity.desk() as desk:
            return pay.apply_due(desk)

    def accounts(self) -> str:
        with self.charity.desk() as desk:
            return str(desk.vault.open(self.payee().sealed)["account_number"])


@pytest.fixture
def story(charity: Charity) -> Story:
    return Story(charity, charity.award(80_00))


def test_first_details_are_taken_as_they_are(by_hand: Charity) -> None:
    story = Story(by_hand, by_hand.award(how="bank", sort_code="", account_number=""))
    story.type_new(why="")
    assert story.accounts() == NEW
    assert story.payee().hint == "77"
    with by_hand.desk() as desk:
        assert desk.session.scalars(select(PayeeChange)).all() == []


def test_a_change_waits_for_a_second_person_and_a_day_and_nothing_is_paid_meanwhile(
    story: Story, provider: Standin
) -> None:
    charity = story.charity
    with pytest.raises(Refusal, match="Say how you heard"):
        story.type_new(why=" ")
    story.type_new()
    assert charity.tasks() == ["payee_change"]
    with pytest.raises(Refusal, match="Nothing is due"):
        charity.build()
    with pytest.raises(NotAllowed, match=r"Your role.*agreeing.*Ben or Gita or Mona may do it"):
        story.act(pay.agree_change, "hugo")
    charity.clock.move(days=2)
    assert story.strike() == 0, "a day alone is not enough"
    story.act(pay.agree_change, "gita")
    assert charity.tasks() == []
    charity.clock.move(hours=23, minutes=59)
    assert story.strike() == 0
    with pytest.raises(Refusal, match="Nothing is due"):
        charity.build()
    charity.clock.move(minutes=1)
    assert story.strike() == 1
    assert story.strike() == 0
    assert story.accounts() == NEW
    charity.pay()
    charity.reconcile()
    assert charity.states() == ["settled"]
    assert [one.amount for one in provider.executions()] == [80_00]
    assert_agrees(charity, provider)


def test_one_person_does_not_do_both_halves(story: Story) -> None:
    story.type_new(by="ben")
    with pytest.raises(NotAllowed, match="You typed these details"):
        story.act(pay.agree_change, "ben")
    story.act(pay.agree_change, "gita")
    with pytest.raises(Refusal, match="agreed to these details already"):
        story.act(pay.agree_change, "mona")
    with pytest.raises(NotAllowed, match="You agreed to these details, so somebody else ends the wait"):
        story.act(pay.waive_wait, "gita", "She has no food.")


def test_two_people_end_the_wait_with_a_reason(story: Story) -> None:
    story.type_new()
    with pytest.raises(NotAllowed, match="A second person agrees to the new details first"):
        story.act(pay.waive_wait, "mona", "She has no food.")
    story.act(pay.agree_change, "gita")
    with pytest.raises(Refusal, match="Say why it cannot wait"):
        story.act(pay.waive_wait, "mona", "")
    story.act(pay.waive_wait, "mona", "She has no food.")
    assert story.accounts() == NEW
    change = story.change()
    assert (change.waived_why, change.sealed) == ("She has no food.", "")
    assert change.applied_at == story.charity.clock()


@pytest.mark.parametrize("who", ["hugo", "gita"])
@pytest.mark.parametrize("agreed", [False, True])
def test_either_of_the_two_may_drop_it_and_the_old_details_are_paid(story: Story, who: str, agreed: bool) -> None:
    story.type_new()
    if agreed:
        story.act(pay.agree_change, "gita")
    story.act(pay.drop_change, who, "She says that she never asked.")
    assert story.accounts() == OLD
    assert story.charity.tasks() == []
    story.charity.clock.move(days=2)
    assert story.strike() == 0
    with pytest.raises(Refusal, match="do not wait any more"):
        story.act(pay.agree_change, "mona")
    story.charity.pay()
    story.charity.reconcile()
    assert story.charity.states() == ["settled"]


def test_a_payment_that_was_about_to_go_waits(story: Story, provider: Standin) -> None:
    charity = story.charity
    run_id = charity.build()
    story.type_new()
    charity.release(run_id)
    charity.work_off()
    assert charity.states() == ["cancelled"]
    assert provider.executions() == []
    story.act(pay.agree_change, "gita")
    story.act(pay.waive_wait, "mona", "It is urgent.")
    charity.pay()
    charity.reconcile()
    assert charity.states() == ["cancelled", "settled"]
    assert_agrees(charity, provider)


def test_while_details_change_nothing_goes_to_the_bank_by_hand_either(by_hand: Charity) -> None:
    story = Story(by_hand, by_hand.award())
    story.type_new()
    with by_hand.desk("ben") as desk:
        payment = desk.session.scalars(select(Payment)).one()
        with pytest.raises(Refusal, match="nothing is paid to this account"):
            pay.record_by_hand(desk, payment, desk.today(), "FP 1", "bank")
        pay.record_by_hand(desk, payment, desk.today(), "Cash 1", "cash")


def test_only_one_change_waits_and_the_same_details_are_none(story: Story) -> None:
    with pytest.raises(Refusal, match="hold already"):
        story.type_new(account=OLD)
    story.type_new()
    with pytest.raises(Refusal, match="Other new details wait already"):
        story.type_new(by="ben", account="11112222")


def test_a_change_that_nobody_agrees_to_is_let_go(story: Story) -> None:
    story.type_new()
    story.charity.clock.move(days=15)
    assert story.strike() == 1
    assert story.change().dropped_at is not None
    assert story.accounts() == OLD
    assert story.charity.tasks() == []


def test_the_person_is_told_nothing_by_us_and_the_events_hold_no_details(story: Story) -> None:
    with story.charity.desk() as desk:
        before = len(desk.session.scalars(select(OutboxMessage)).all())
    story.type_new()
    story.act(pay.agree_change, "gita")
    story.act(pay.waive_wait, "mona", "It is urgent.")
    with story.charity.desk() as desk:
        assert len(desk.session.scalars(select(OutboxMessage)).all()) == before
        rows = desk.session.scalars(select(EventRow).where(EventRow.subject == "payee").order_by(EventRow.id)).all()
        told = [(row.name, row.actor_id) for row in rows]
        assert told == [
            ("payee.change_asked", story.charity.staff["hugo"]),
            ("payee.change_agreed", story.charity.staff["gita"]),
            ("payee.wait_waived", story.charity.staff["mona"]),
            ("payee.change_applied", story.charity.staff["mona"]),
        ]
        assert NEW not in str([(row.data, row.why) for row in rows])


def test_of_a_change_nothing_is_left_when_bank_details_are_forgotten(story: Story) -> None:
    charity = story.charity
    story.type_new()
    with charity.desk() as desk:
        assert NEW not in story.change().sealed
        assert desk.vault.open(story.change().sealed)["account_number"] == NEW
    story.act(pay.agree_change, "gita")
    story.act(pay.waive_wait, "mona", "It is urgent.")
    charity.pay()
    charity.reconcile()
    for days, kept in ((89, True), (2, False)):
        charity.clock.move(days=days)
        with charity.desk() as desk:
            forget_due(desk)
        assert bool(story.payee().sealed) is kept
    change = story.change()
    assert (change.sealed, change.name, change.hint, change.why) == ("", "", "", "")


def test_details_typed_after_the_old_ones_were_forgotten_are_a_change(story: Story) -> None:
    charity = story.charity
    charity.pay()
    charity.reconcile()
    charity.clock.move(days=91)
    with charity.desk() as desk:
        forget_due(desk)
    assert story.payee().sealed == ""
    story.type_new()
    assert charity.tasks() == ["payee_change"]


CHECKED = ("match", "close_match", "no_match", "unavailable")
KNOWN = ("new", "changed", "reused")
PAYS = {
    ("match", "new", 1),
    ("match", "new", 2),
    ("match", "reused", 1),
    ("match", "reused", 2),
    *((result, known, 2) for result in CHECKED for known in KNOWN),
}
"""The only cells that pay: a name that matches needs nobody else; a change, or any other result, a second person."""


def test_what_the_bank_says_and_what_we_know_decide_how_many_people_look(charity: Charity, provider: Standin) -> None:
    paid = {cell for cell in product(CHECKED, KNOWN, (1, 2)) if pays(charity, provider, *cell)}
    assert paid == PAYS
    assert charity.findings() == []


def pays(charity: Charity, provider: Standin, result: str, known: str, people: int) -> bool:
    """Awards somebody new £80 and tries to pay them; says whether the money went out."""
    story = Story(charity, charity.award(80_00, by="ann"))
    account = story.accounts()
    with charity.desk() as desk:
        desk.session.get_one(Grant, story.grant_id).application.entered_by = charity.staff["hugo"]
    if known == "reused":
        try_to_pay(charity)
        story = again(charity, story)
    elif known == "changed":
        account = str(int(account) + 40_000_000)
        story.type_new(account=account)
        if people == 2:
            story.act(pay.agree_change, "gita")
            charity.clock.move(days=1)
            assert story.strike() == 1
    before = len(provider.executions())
    provider.control("payee", account_number=account, match_result=result)
    try_to_pay(charity)
    if people == 2 and result != "match":
        assert len(provider.executions()) == before
        assert story.payee().check == result
        with charity.desk("gita") as desk:
            pay.acknowledge_payee(desk, desk.session.get_one(Payee, story.payee().id), "I rang her.")
        try_to_pay(charity)
    return len(provider.executions()) > before


def again(charity: Charity, story: Story) -> Story:
    """A further grant to the same person, on the account that was paid before."""
    other = Story(charity, charity.award(60_00, by="ann"))
    with charity.desk() as desk:
        first = desk.session.get_one(Grant, story.grant_id)
        second = desk.session.get_one(Grant, other.grant_id)
        second.payee_id = first.payee_id
        second.person_id = first.person_id
    return other


def try_to_pay(charity: Charity) -> None:
    """Pays what is due, if anything is."""
    with charity.desk() as desk:
        due = bool(pay.due(desk))
    if due:
        charity.pay()
        charity.reconcile()

"""Money in suspense beside the bank’s lines: two people say what it is, it is posted once, and the books add up."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from grants.domain.errors import NotAllowed, Refusal
from grants.domain.money import Money
from grants.domain.years import year_of
from grants.flow import pay, year_end
from grants.flow.pay import clearing
from grants.model.books import Journal
from grants.model.floats import CashFloat
from grants.model.payments import Payment
from tests.flow.explaining import (
    agree,
    bear,
    counted,
    explain,
    figure,
    incidents,
    may_be,
    newest,
    off,
    say,
    settled_with,
    shows,
    unknown,
    waiting,
)
from tests.paying import Charity


def test_cash_beyond_a_float_belongs_to_a_fund_when_two_people_say_so(by_hand: Charity) -> None:
    before = by_hand.money(f"F.{by_hand.fund_id}")[0]
    counted(by_hand, 55_00)
    [row] = waiting(by_hand)
    assert (row.words, row.missing, row.source) == ("Cash float 1 was counted back with £5.00 more", False, "float")
    assert "suspense" in by_hand.tasks()
    number = row.journal.id
    assert may_be(by_hand, number) == ["fund"], "there is no loss to make good, and no payment came back"
    with pytest.raises(NotAllowed, match="Your role does not include this"):
        say(by_hand, number, "fund", by="ann")
    with pytest.raises(Refusal, match="This cannot be so by our books"):
        say(by_hand, number, "loss")
    with pytest.raises(Refusal, match="Choose the fund"):
        say(by_hand, number, "fund", fund_id=99)
    say(by_hand, number, "fund")
    with pytest.raises(Refusal, match="A colleague said something about this already"):
        say(by_hand, number, "fund", by="gita")
    with pytest.raises(NotAllowed, match="You said it, so somebody else agrees"):
        agree(by_hand, number, by="ben")
    with by_hand.desk("gita") as desk:
        clearing.drop(desk, number, "Ask Hugo first.")
    with pytest.raises(Refusal, match="Nobody said anything"):
        agree(by_hand, number)
    assert (by_hand.money("L.suspense"), off(by_hand)) == ((-5_00,), [])
    explain(by_hand, number, "fund")
    assert by_hand.money("L.suspense", f"F.{by_hand.fund_id}") == (0, before - 5_00)
    assert figure(by_hand, "came_back") == 5_00
    assert not {"suspense", "agree_suspense"} & set(by_hand.tasks())
    for again in (lambda: agree(by_hand, number), lambda: say(by_hand, number, "fund")):
        with pytest.raises(Refusal):
            again()
    with by_hand.desk("ben") as desk:
        [book] = year_end.pack(desk, year_of(desk.today(), desk.settings.year_end)).books
        assert (book.suspense, book.movements[0].other) == (0, 5_00)
    assert off(by_hand) == []


def test_cash_that_was_never_given_is_the_payment_that_came_back(by_hand: Charity) -> None:
    grant_id = by_hand.award(20_00, how="cash")
    with by_hand.desk("ben") as desk:
        number = pay.open_float(desk, by_hand.staff["hugo"], Money(50_00)).id
    with by_hand.desk("hugo") as desk:
        payment = desk.session.scalars(select(Payment).where(Payment.grant_id == grant_id)).one()
        attempt = pay.hand_over(desk, desk.session.get_one(CashFloat, number), payment)
    with by_hand.desk("ben") as desk:
        pay.reconcile_float(desk, desk.session.get_one(CashFloat, number), Money(50_00), "Nobody came for it.")
    assert may_be(by_hand, newest(by_hand)) == ["fund"]
    with by_hand.desk("ben") as desk:
        pay.returned_by_hand(desk, attempt, "She never came.")
    assert by_hand.money("A.cash", "L.suspense") == (20_00, -20_00)
    explain(by_hand, newest(by_hand), "not_given")
    assert by_hand.money("A.cash", "L.suspense", "A.bank", f"L.payable.{grant_id}") == (0, 0, 5_000_00, -20_00)
    assert off(by_hand) == []


def test_a_payment_that_showed_less_and_came_back_is_a_loss_that_a_fund_bears_and_gets_back(charity: Charity) -> None:
    attempt = settled_with(charity, 80_00, 75_00)
    [row] = waiting(charity)
    assert row.words == "The payment service shows £5.00 less than we asked for"
    assert may_be(charity, row.journal.id) == ["fund", "went_out"]
    with charity.desk() as desk:
        assert [fund.id for fund in clearing.funds_for(desk, row)] == [charity.fund_id], "only whose money it was"
    explain(charity, row.journal.id, "fund")
    assert (off(charity), figure(charity, "paid"), figure(charity, "came_back")) == ([], 80_00, 5_00)
    shows(charity, attempt, 75_00, "returned")
    [back] = waiting(charity)
    assert (back.words, back.missing) == ("A payment came back with £5.00 less than it should", True)
    assert "suspense" in charity.tasks()
    assert may_be(charity, back.journal.id) == ["loss", "from_fund"]
    assert off(charity) == []
    explain(charity, back.journal.id, "loss")
    assert (charity.money("E.loss", "L.suspense", "A.psp"), incidents(charity, "loss")) == ((5_00, 0, 5_000_00), 1)
    bear(charity, 5_00)
    left = charity.money(f"F.{charity.fund_id}")[0]
    counted(charity, 53_00)
    explain(charity, newest(charity), "loss_back")
    assert charity.money("E.loss", f"F.{charity.fund_id}", "L.suspense") == (0, left - 3_00, 0)
    counted(charity, 53_00)
    assert may_be(charity, newest(charity)) == ["fund"], "only 2.00 of losses still stands"
    assert off(charity) == []


def test_what_a_fund_got_can_go_out_of_it_again_and_what_went_out_after_all_is_so(charity: Charity) -> None:
    first = settled_with(charity, 80_00, 75_00)
    before = charity.money(f"F.{charity.fund_id}")[0]
    explain(charity, newest(charity), "fund")
    shows(charity, first, 75_00, "returned")
    explain(charity, newest(charity), "from_fund")
    assert charity.money(f"F.{charity.fund_id}", "L.suspense") == (before, 0)
    assert figure(charity, "came_back") == 80_00
    settled_with(charity, 60_00, 50_00)
    explain(charity, newest(charity), "went_out")
    assert charity.money("A.psp", "L.suspense") == (5_000_00 - 60_00, 0)
    assert off(charity) == []


def test_what_comes_back_before_anybody_explained_it_does_not_wait_any_more(charity: Charity) -> None:
    attempt = settled_with(charity, 80_00, 75_00)
    number = newest(charity)
    say(charity, number, "fund")
    shows(charity, attempt, 75_00, "returned")
    assert (waiting(charity), charity.money("L.suspense")) == ([], (0,))
    assert "suspense" not in charity.tasks()
    with pytest.raises(Refusal, match="does not wait any more"):
        agree(charity, number)
    with charity.desk("ben") as desk:
        clearing.drop(desk, number, "It came back whole.")
    assert off(charity) == []


def test_a_payment_that_we_do_not_know_is_a_loss_until_it_comes_back(by_hand: Charity) -> None:
    unknown(by_hand, "STRANGER-1", 70_00)
    [row] = waiting(by_hand)
    assert (row.words, row.told) == ("A payment that we do not know went out: £70.00", "STRANGER-1")
    assert may_be(by_hand, row.journal.id) == ["loss"]
    explain(by_hand, row.journal.id, "loss")
    assert by_hand.money("E.loss", "L.suspense") == (70_00, 0)
    assert (incidents(by_hand, "unknown_payment"), incidents(by_hand, "loss")) == (1, 0)
    assert "payment_incident" not in by_hand.tasks()
    unknown(by_hand, "STRANGER-1", 70_00)
    assert "payment_incident" not in by_hand.tasks(), "it is explained, however often the list is read"
    bear(by_hand, 30_00)
    unknown(by_hand, "STRANGER-1", 70_00, "returned")
    assert "payment_incident" in by_hand.tasks()
    assert may_be(by_hand, newest(by_hand)) == ["fund", "loss_back"]
    explain(by_hand, newest(by_hand), "loss_back")
    assert by_hand.money("E.loss", "L.suspense", "A.psp", f"F.{by_hand.fund_id}") == (0, 0, 5_000_00, -10_000_00)
    unknown(by_hand, "STRANGER-1", 70_00, "returned")
    unknown(by_hand, "STRANGER-2", 10_00)
    unknown(by_hand, "STRANGER-2", 10_00, "returned")
    assert (waiting(by_hand), off(by_hand)) == ([], [])


def test_people_who_agree_at_the_same_moment_explain_it_once(by_hand: Charity) -> None:
    counted(by_hand, 55_00)
    number = newest(by_hand)
    say(by_hand, number, "fund")
    start = threading.Barrier(4)
    ends: list[str] = []

    def one(who: str) -> None:
        start.wait()
        try:
            agree(by_hand, number, by=who)
        except Refusal as refusal:
            ends.append(refusal.code)
        else:
            ends.append("explained")

    people = [threading.Thread(target=one, args=(who,)) for who in ("gita", "mona", "gita", "mona")]
    for person in people:
        person.start()
    for person in people:
        person.join()
    assert sorted(ends) == ["explained"] + ["suspense.nothing"] * 3
    with by_hand.desk() as desk:
        assert desk.session.scalar(select(func.count()).where(Journal.kind == "J10b")) == 1
    assert off(by_hand) == []


def steps(charity: Charity, chance: random.Random) -> dict[str, Callable[[], object]]:
    """What can happen to money in suspense, with amounts by chance."""
    much = chance.randint(1, 9) * 1_00
    name = f"STRANGER-{chance.randint(1, 4)}"

    def act() -> None:
        row = chance.choice(waiting(charity))
        meaning = chance.choice(may_be(charity, row.journal.id))
        explain(charity, row.journal.id, meaning)

    return {
        "too much": lambda: counted(charity, 50_00 + much),
        "too little": lambda: counted(charity, 50_00 - much),
        "less": lambda: settled_with(charity, 20_00, 20_00 - much),
        "back": lambda: shows(charity, chance.choice(charity.attempts()), 20_00 - much, "returned"),
        "unknown": lambda: unknown(charity, name, 10_00),
        "unknown came back": lambda: unknown(charity, name, 10_00, "returned"),
        "explain": act,
        "explain more": act,
        "bear": lambda: bear(charity, much),
    }


@pytest.mark.parametrize("seed", [11, 12])
def test_whatever_happens_the_books_add_up_and_what_waits_is_what_stands_there(charity: Charity, seed: int) -> None:
    chance = random.Random(seed)
    done: dict[str, int] = {}
    for _ in range(30):
        names = steps(charity, chance)
        name = chance.choice(sorted(names))
        if (name.startswith("explain") and not waiting(charity)) or (name == "back" and not charity.attempts()):
            continue
        try:
            names[name]()
        except Refusal:
            continue
        done[name] = done.get(name, 0) + 1
        assert off(charity) == [], (seed, name)
    assert sum(done.values()) >= 15, done
    for row in waiting(charity):
        explain(charity, row.journal.id, may_be(charity, row.journal.id)[0])
    assert (off(charity), charity.money("L.suspense"), waiting(charity)) == ([], (0,), [])

"""The bank’s statement against the books: a thousand lines, seven kinds of oddity, and what a person explains."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from grants.config import Settings
from grants.domain.errors import NotAllowed, Refusal
from grants.domain.money import Money
from grants.domain.statement import LETTERS, with_keys
from grants.flow import fund, pay
from grants.flow.pay import explain, statement
from grants.flow.pay.explain import Said
from grants.flow.pay.statement import Seen
from grants.model.bank import BankLine
from grants.model.books import Journal
from grants.model.funds import Fund
from grants.model.payments import Attempt, Payment
from grants.rails.bankfile import BankFileRail
from grants.rails.manual import ManualRail
from tests.conftest import Clock
from tests.flow.bulk import Paid, awards, given_to_the_bank
from tests.paying import OPENING, Charity, open_over
from tests.rails.bank import bank_settings

BANK = OPENING - 5_000_00


@pytest.fixture
def charity(settings: Settings, clock: Clock) -> Iterator[Charity]:
    """A charity that pays by files for its bank, and by hand."""
    chosen = bank_settings(settings)
    opened = open_over(chosen, clock, {"manual": ManualRail(), "bankfile": BankFileRail(chosen)})
    yield opened
    opened.database.close()


def take_in(charity: Charity, lines: list[tuple[date, int, str, str]], by: str = "ben") -> list[Seen]:
    with charity.desk(by) as desk:
        return statement.take_in(desk, list(with_keys(lines)))


def today(charity: Charity, *lines: tuple[int, str], by: str = "ben") -> list[str]:
    """Ben takes lines of today in; returns what each is."""
    day = charity.clock().date()
    return [
        each.verdict.kind for each in take_in(charity, [(day, amount, "GBP", words) for amount, words in lines], by)
    ]


def line_of(charity: Charity, kind: str) -> BankLine:
    with charity.desk() as desk:
        return desk.session.scalars(select(BankLine).where(BankLine.kind == kind)).one()


def say(charity: Charity, kind: str, said: Said, by: str = "gita") -> None:
    number = line_of(charity, kind).id
    with charity.desk(by) as desk:
        explain.explain(desk, desk.session.get_one(BankLine, number), said)


def accepted(charity: Charity, *amounts: int) -> list[str]:
    """Pays these amounts by a file that the bank has; returns their references."""
    grants = [charity.award(amount) for amount in amounts]
    given_to_the_bank(charity)
    return [charity.payments(number)[0].statement for number in grants]


@dataclass
class Month:
    """A bank’s month, made from what was truly paid, with oddities put in and the right answer beside each."""

    random: random.Random
    day: date
    rows: list[tuple[date, int, str, str]] = field(default_factory=list)
    expected: Counter[tuple[int, str]] = field(default_factory=Counter)

    def line(self, amount: int, words: str, kind: str, *, currency: str = "GBP", days: int = 0) -> None:
        """Puts one line in, in one of the spellings that banks use."""
        spelt = self.random.choice(SPELLINGS)(words)
        self.rows.append((self.day + timedelta(days=days), amount, currency, f"{spelt} {len(self.rows)}Q"))
        self.expected[(amount, kind)] += 1


SPELLINGS: tuple[Callable[[str], str], ...] = (
    str,
    str.lower,
    lambda words: words.replace(" ", ""),
    lambda words: f"FASTER PAYMENT {words} A LOVELL",
    lambda words: f"BGC  {words.replace(' ', '  ')}",
    lambda words: f"{words}/108800",
)

ODD = ("no_reference", "unknown_reference", "other_amount", "other_currency", "twice", "not_sent", "not_out")
"""The seven kinds of oddity."""

LINES = 1000


def test_a_thousand_lines_with_fifty_oddities_of_seven_kinds(
    charity: Charity, record_property: Callable[[str, object], None]
) -> None:
    seed = 20261123
    chance = random.Random(seed)
    odd = {kind: 7 + (place == 0) for place, kind in enumerate(ODD)}
    assert sum(odd.values()) == LINES // 20
    fine = LINES - sum(odd.values())
    spoilt = odd["other_amount"] + odd["other_currency"]
    paid = awards(charity, fine + spoilt, chance)
    given_to_the_bank(charity)
    good, wrong = paid[:fine], paid[fine:]
    never = awards(charity, odd["not_sent"] + odd["not_out"], chance)
    month = Month(chance, charity.clock().date())
    for reference, amount in good:
        month.line(-amount, reference, "paid")
    for kind in (kind for kind, count in odd.items() for _ in range(count)):
        odd_line(month, kind, good, wrong, never)
    chance.shuffle(month.rows)
    seen = take_in(charity, month.rows)
    false = [each for each in seen if each.verdict.matched and each.verdict.kind != "paid"]
    matched = sum(each.verdict.matched for each in seen)
    record_property("statement", f"seed {seed}: {len(seen)} lines, {matched} matched, {len(seen) - matched} flagged")
    assert Counter((each.line.amount, each.verdict.kind) for each in seen) == month.expected
    assert {each.verdict.kind for each in seen} == {"paid", *ODD}
    assert false == []
    assert Counter(charity.states()) == {"settled": fine, "accepted": spoilt}
    assert charity.findings() == []
    assert all(each.known for each in take_in(charity, month.rows)), "a line comes in once"
    assert charity.findings() == []


def odd_line(month: Month, kind: str, good: Paid, wrong: Paid, never: Paid) -> None:
    """Puts one oddity of this kind in."""
    reference, amount = month.random.choice(good)
    if kind == "no_reference":
        month.line(-amount, "DIRECT DEBIT WATER", kind)
    elif kind == "unknown_reference":
        stranger = "".join(month.random.choice(LETTERS) for _ in range(8))
        month.line(-amount, f"REF {stranger}", kind)
    elif kind == "twice":
        used = {reference for _, _, _, reference in month.rows}
        reference, amount = good.pop()
        assert reference not in used
        month.line(-amount, reference, kind, days=1)
    elif kind in ("other_amount", "other_currency"):
        reference, amount = wrong.pop()
        more, currency = (1, "GBP") if kind == "other_amount" else (0, "EUR")
        month.line(-amount - more, reference, kind, currency=currency)
    else:
        reference, amount = never.pop()
        month.line(-amount if kind == "not_sent" else amount, reference, kind)


def test_a_line_that_nobody_explains_stands_in_suspense_and_the_bank_agrees(charity: Charity) -> None:
    assert today(charity, (25_00, "A GIFT"), (-4_20, "CHARGES")) == ["no_reference", "no_reference"]
    assert charity.money("A.bank", "L.suspense") == (BANK + 20_80, -20_80)
    assert charity.tasks() == ["bank_lines"]
    assert charity.findings() == []


def test_two_lines_alike_on_one_day_are_two_and_come_in_once_each(charity: Charity) -> None:
    twice = (-5_00, "CARD FEE")
    assert today(charity, twice, twice) == ["no_reference"] * 2
    day = charity.clock().date()
    again = take_in(charity, [(day, -5_00, "GBP", "card  fee")] * 2)
    assert [each.known for each in again] == [True, True]
    third = take_in(charity, [(day, -5_00, "GBP", "CARD FEE")] * 3)
    assert [each.known for each in third] == [True, True, False]
    assert charity.money("L.suspense") == (15_00,)


def test_a_reference_with_two_payments_in_it_matches_neither(charity: Charity) -> None:
    first, second = accepted(charity, 80_00, 80_00)
    assert today(charity, (-80_00, f"{first} {second}")) == ["two_references"]
    assert charity.states() == ["accepted", "accepted"]


def test_the_sum_of_a_file_settles_only_when_it_is_right_to_the_penny(charity: Charity) -> None:
    accepted(charity, 80_00, 60_00)
    assert today(charity, (-139_99, "GT FILE 000001"), (-140_00, "GT FILE 000009")) == ["other_amount", "no_reference"]
    assert charity.states() == ["accepted", "accepted"]
    assert today(charity, (-140_00, "GTFILE000001 BACS")) == ["paid_file"]
    assert today(charity, (-140_00, "GT FILE 000001 AGAIN")) == ["twice"]
    assert charity.states() == ["settled", "settled"]
    assert charity.findings() == []


def test_an_unpaid_item_may_come_before_the_sum_and_after_it(charity: Charity) -> None:
    early, late = accepted(charity, 80_00, 60_00)
    assert today(charity, (80_00, f"UNPAID {early}")) == ["came_back"]
    assert today(charity, (-140_00, "GT FILE 000001")) == ["paid_file"]
    assert today(charity, (60_00, f"UNPAID {late}")) == ["came_back"]
    assert today(charity, (60_00, f"UNPAID {late} AGAIN")) == ["twice"]
    assert charity.states() == ["returned", "returned"]
    assert charity.money("A.bank", "L.suspense") == (BANK + 60_00, -60_00)
    assert charity.findings() == []


def by_hand(charity: Charity, amount: int = 80_00, confirm: bool = True) -> str:
    """Ben pays by hand from the bank, Gita confirms; returns the payment’s reference."""
    grant_id = charity.award(amount, own_account=False, whose="A cousin", why="No account of her own")
    payment = charity.payments(grant_id)[0]
    with charity.desk("ben") as desk:
        held = desk.session.get_one(Payment, payment.id)
        attempt = pay.record_by_hand(desk, held, desk.today(), f"FP {grant_id}", "bank").id
    if confirm:
        with charity.desk("gita") as desk:
            pay.confirm_by_hand(desk, desk.session.get_one(Attempt, attempt))
    return payment.statement


def test_a_payment_by_hand_is_in_the_books_already(charity: Charity) -> None:
    done, open_ = by_hand(charity), by_hand(charity, confirm=False)
    assert today(charity, (-80_00, done), (-80_00, open_)) == ["paid_by_hand", "not_confirmed"]
    assert charity.money("A.bank", "L.suspense") == (BANK - 160_00, 80_00)
    assert today(charity, (80_00, f"RETURNED {done}")) == ["own_record"], "Ben wrote it down"
    assert today(charity, (80_00, f"RETURNED AGAIN {done}"), by="mona") == ["came_back"]
    assert charity.states() == ["returned", "created"]
    assert charity.findings() == []


def test_only_finance_takes_a_statement_in(charity: Charity) -> None:
    with pytest.raises(NotAllowed, match="does not include taking in statements"):
        today(charity, (25_00, "A GIFT"), by="ann")


WHY = "I rang the bank."


def test_what_a_person_says_takes_a_line_out_of_suspense(charity: Charity) -> None:
    today(charity, (25_00, "A GIFT"))
    say(charity, "no_reference", Said("contribution", WHY, fund_id=charity.fund_id))
    assert charity.money("A.bank", "L.suspense", f"F.{charity.fund_id}") == (BANK + 25_00, 0, -OPENING - 25_00)
    assert charity.tasks() == []
    line = line_of(charity, "no_reference")
    assert (line.state, line.why, line.explained_by) == ("explained", WHY, charity.staff["gita"])
    with charity.desk() as desk:
        journal = desk.session.scalars(select(Journal).where(Journal.key == line.journal_key)).one()
        assert (journal.kind, journal.fund_id) == ("J0", charity.fund_id)
    with pytest.raises(Refusal, match="explained already"):
        say(charity, "no_reference", Said("contribution", WHY, fund_id=charity.fund_id))
    assert charity.findings() == []


@pytest.mark.parametrize(
    ("amount", "meaning", "account", "change"),
    [
        (-4_20, "fee", "E.fees", 4_20),
        (-100_00, "top_up", "A.psp", 100_00),
        (100_00, "from_service", "A.psp", -100_00),
    ],
)
def test_each_meaning_has_its_posting(charity: Charity, amount: int, meaning: str, account: str, change: int) -> None:
    (before,) = charity.money(account)
    today(charity, (amount, "SOMETHING"))
    say(charity, "no_reference", Said(meaning, WHY))
    assert charity.money("A.bank", "L.suspense", account) == (BANK + amount, 0, before + change)
    assert charity.findings() == []


def test_what_is_booked_already_is_not_booked_twice(charity: Charity) -> None:
    with charity.desk("gita") as desk:
        fund.contribute(desk, desk.session.get_one(Fund, charity.fund_id), Money(500_00), "Second half")
    today(charity, (500_00, "HARBOUR FOUNDATION"))
    assert charity.money("A.bank") == (BANK + 1_000_00,)
    line = line_of(charity, "no_reference")
    with charity.desk() as desk:
        (journal,) = explain.booked_like(desk, desk.session.get_one(BankLine, line.id))
        number, key = journal.id, journal.key
    with pytest.raises(Refusal, match="Choose which posting"):
        say(charity, "no_reference", Said("booked", WHY, journal_id=number + 1))
    say(charity, "no_reference", Said("booked", WHY, journal_id=number))
    assert charity.money("A.bank", "L.suspense") == (BANK + 500_00, 0)
    assert line_of(charity, "no_reference").journal_key == key
    assert charity.findings() == []


def test_a_garbled_reference_is_put_right_by_a_person(charity: Charity) -> None:
    (reference,) = accepted(charity, 80_00)
    today(charity, (-80_00, "REF garbled"))
    with pytest.raises(Refusal, match="No payment with this reference"):
        say(charity, "no_reference", Said("payment", WHY, reference="REF 22222222"))
    say(charity, "no_reference", Said("payment", WHY, reference=reference.lower()))
    assert charity.states() == ["settled"]
    assert charity.money("A.bank", "L.suspense") == (BANK - 80_00, 0)
    assert today(charity, (-80_00, reference)) == ["twice"]
    assert charity.findings() == []


def test_a_payment_of_another_amount_is_no_explanation(charity: Charity) -> None:
    (reference,) = accepted(charity, 80_00)
    assert today(charity, (-81_00, reference)) == ["other_amount"]
    with pytest.raises(Refusal, match=r"That payment is of £80\.00"):
        say(charity, "other_amount", Said("payment", WHY, reference=reference))
    assert charity.states() == ["accepted"]


def test_two_lines_that_undo_each_other_explain_each_other(charity: Charity) -> None:
    assert today(charity, (-10_00, "WRONG")) == ["no_reference"]
    out = line_of(charity, "no_reference")
    charity.clock.move(days=1)
    with charity.desk("ben") as desk:
        statement.take_in(desk, list(with_keys([(desk.today(), 10_00, "GBP", "PUT RIGHT")])))
    with charity.desk() as desk:
        back = desk.session.scalars(select(BankLine).where(BankLine.amount > 0)).one().id
    with charity.desk("gita") as desk:
        explain.explain(desk, desk.session.get_one(BankLine, out.id), Said("undone", WHY, line_id=back))
    with charity.desk() as desk:
        assert {line.state for line in desk.session.scalars(select(BankLine))} == {"explained"}
    assert charity.money("A.bank", "L.suspense") == (BANK, 0)
    assert charity.tasks() == []


def test_what_is_said_must_fit_the_line(charity: Charity) -> None:
    today(charity, (25_00, "A GIFT"))
    for said, words in (
        (Said("fee", WHY), "Choose what this line is"),
        (Said("contribution", " "), "Say how you know"),
        (Said("contribution", WHY), "Choose the fund"),
        (Said("undone", WHY), "Choose the line"),
    ):
        with pytest.raises(Refusal, match=words):
            say(charity, "no_reference", said)
    with pytest.raises(NotAllowed):
        say(charity, "no_reference", Said("contribution", WHY, fund_id=charity.fund_id), by="hugo")
    assert charity.money("L.suspense") == (-25_00,)


def test_a_line_in_another_currency_waits_and_moves_nothing(charity: Charity) -> None:
    with charity.desk("ben") as desk:
        read = list(with_keys([(desk.today(), -5_00, "EUR", "ROAMING")]))
        statement.take_in(desk, read)
    assert charity.money("A.bank", "L.suspense") == (BANK, 0)
    with pytest.raises(Refusal, match="Choose what this line is"):
        say(charity, "no_reference", Said("fee", WHY))
    say(charity, "no_reference", Said("elsewhere", WHY))
    assert charity.tasks() == []
    assert charity.findings() == []

"""Learn: figures that are right on both databases, and a statement from which nobody can be picked out."""

from __future__ import annotations

import math
import random
import statistics
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event, insert, select

from grants.domain.money import Money
from grants.domain.terms import Ask, Question, Statement, Terms
from grants.domain.terms_json import dump
from grants.domain.trust import not_asked
from grants.flow import confirm, decide, learn, ledger_file, pay
from grants.flow.desk import Actor, Desk
from grants.flow.learn.figures import FundFigures, Span, Tally
from grants.flow.learn.statement import view
from grants.model.applications import Application
from grants.model.funds import Fund
from grants.model.grants import Grant
from grants.model.payments import Payment
from grants.model.users import User
from tests.conftest import Clock
from tests.scenes import a_fund, a_grant, a_worker, an_application, at


def pay_by_hand(desk: Desk, grant: Grant, one: User, two: User) -> None:
    payment = desk.session.scalars(select(Payment).where(Payment.grant_id == grant.id)).one()
    attempt = pay.record_by_hand(at(desk, one), payment, desk.today(), f"BANK {grant.id}")
    pay.confirm_by_hand(at(desk, two), attempt)


def figures(desk: Desk, fund: Fund) -> FundFigures:
    [found] = learn.figures(desk, [fund])
    return found


def test_a_fund_with_nothing_yet_has_its_money_and_no_times(desk: Desk) -> None:
    found = figures(desk, a_fund(desk, pounds=5000))
    assert (found.money_in, found.left, found.awarded, found.paid) == (5000_00, 5000_00, Tally(), Tally())
    assert (found.in_all, found.books_agree, found.applying, found.asked_each) == (Span(), True, 3, 0)


def test_the_figures_tell_the_story(desk: Desk, clock: Clock) -> None:
    fund, other = a_fund(desk), a_fund(desk)
    worker, one, two = a_worker(desk), a_worker(desk, "finance"), a_worker(desk, "finance")
    paid = a_grant(desk, fund, worker)
    a_grant(desk, other, worker)
    clock.move(hours=26)
    pay_by_hand(desk, paid, one, two)
    confirm.arrived(desk.acting(Actor(kind="recipient")), paid)
    a_grant(desk, fund, worker, amount=Money(80_00))
    held = a_grant(desk, fund, worker, amount=Money(20_00))
    confirm.problem(desk, held, "not_safe")
    for _ in range(2):
        decide.decline(at(desk, worker), an_application(desk, fund).id, "The fund is for another town.")
    an_application(desk, fund)
    found = figures(desk, fund)
    assert (found.awarded, found.paid) == (Tally(3, 250_00), Tally(1, 150_00))
    assert (found.confirmed, found.held) == (Tally(1, 150_00), 1)
    assert (found.applications, found.declined, found.waiting) == (6, 2, 1)
    assert (found.money_in, found.left, found.books_agree) == (1000_00, 750_00, True)
    assert found.asked_in_all == 6 * 3, "three minutes each to apply, and nothing afterwards"
    assert found.to_money == found.in_all == Span(1, 26 * 3600, 26 * 3600)
    assert found.to_decision == Span(5, 0, 0)
    assert learn.declined_reasons(desk, fund) == [("The fund is for another town.", 2)]
    assert learn.declined_reasons(desk, other) == []
    assert learn.by_month(desk, [fund]) == {(2026, 11): Tally(3, 250_00)}
    assert learn.controls(desk, fund) == learn.Controls(1, 1)


def test_many_funds_take_no_more_statements_than_one(desk: Desk) -> None:
    funds = [a_fund(desk) for _ in range(6)]
    for fund in funds:
        a_grant(desk, fund)
    desk.session.flush()
    seen: list[str] = []
    event.listen(desk.session.get_bind(), "before_cursor_execute", lambda *given: seen.append(given[2]))
    assert [found.awarded.count for found in learn.figures(desk, funds)] == [1] * 6
    assert len(seen) == 5


@pytest.mark.parametrize("many", [1, 2, 3, 9, 10, 11, 40])
def test_the_median_and_the_90th_are_the_statisticians_own(desk: Desk, many: int) -> None:
    fund = a_fund(desk)
    seed = an_application(desk, fund)
    chance = random.Random(many)
    waits = [chance.randint(0, 500_000) for _ in range(many)]
    start = desk.now() - timedelta(days=10)
    rows = [
        {
            "reference": f"A-{number}",
            "fund_id": fund.id,
            "person_id": seed.person_id,
            "payee_id": seed.payee_id,
            "amount": 100,
            "currency": "GBP",
            "state": "declined",
            "submitted_at": start,
            "decided_at": start + timedelta(seconds=wait),
        }
        for number, wait in enumerate(waits)
    ]
    desk.session.execute(insert(Application), rows)
    span = figures(desk, fund).to_decision
    assert span.count == many
    assert span.median == statistics.median(waits)
    assert span.p90 == sorted(waits)[math.ceil(0.9 * many) - 1]


def test_each_grant_counts_under_one_purpose(desk: Desk) -> None:
    fund = a_fund(desk)
    worker = a_worker(desk)
    a_grant(desk, fund, worker, purposes=("GTIP080", "GTIP050"))
    a_grant(desk, fund, worker, purposes=("GTIP080",))
    a_grant(desk, fund, worker)
    assert learn.by_purpose(desk, [fund]) == {"GTIP080": Tally(2, 300_00), "": Tally(1, 150_00)}


class TestTheStatement:
    def counted(self, fund: Fund, awarded: int, paid: int, confirmed: int) -> FundFigures:
        return FundFigures(
            fund=fund,
            money_in=100_000,
            left=100_000 - awarded * 100,
            awarded=Tally(awarded, awarded * 100),
            paid=Tally(paid, paid * 100),
            confirmed=Tally(confirmed, confirmed * 100),
            in_all=Span(paid, 3600, 7200),
        )

    @pytest.fixture
    def fund(self) -> Fund:
        return Fund(id=1, name="Winter", currency="GBP", restriction="", terms=dump(Terms()))

    def test_a_few_grants_tell_nothing_but_the_money_in(self, fund: Fund) -> None:
        seen = view(self.counted(fund, 4, 4, 4), Terms(), {"2026-11": Tally(4, 400)}, {"": Tally(4, 400)})
        assert seen.has_small
        assert [(step.count, step.amount) for step in seen.steps] == [(None, None)] * 3
        assert (seen.money_in, seen.left, seen.months, seen.purposes, seen.in_all) == (100_000, None, None, None, None)

    def test_the_few_who_did_not_say_it_came_are_not_told_by_subtraction(self, fund: Fund) -> None:
        seen = view(self.counted(fund, 100, 100, 97), Terms(), {}, {})
        assert [step.shown for step in seen.steps] == ["number", "number", "nearly_all"]
        assert seen.steps[2].amount is None

    def test_only_what_the_terms_name_is_there(self, fund: Fund) -> None:
        terms = Terms(statement=Statement(aggregates=("counts",)))
        seen = view(self.counted(fund, 50, 50, 50), terms, {"2026-11": Tally(50, 5000)}, {"GTIP050": Tally(50, 5000)})
        assert (seen.money_in, seen.left, seen.in_all, seen.applying, seen.asked_each) == (None,) * 5
        assert [(step.count, step.amount) for step in seen.steps] == [(50, None)] * 3
        assert seen.months is not None
        assert [(bar.count, bar.amount) for bar in seen.months] == [(50, None)]
        silent = view(self.counted(fund, 50, 50, 50), Terms(statement=Statement(aggregates=())), {}, {})
        assert (silent.steps, silent.months, silent.purposes, silent.money_in) == ((), None, None, None)

    def test_one_persons_time_is_not_told(self, fund: Fund) -> None:
        assert view(self.counted(fund, 9, 9, 9), Terms(), {}, {}).in_all == Span(0, 3600, None)
        assert view(self.counted(fund, 10, 10, 10), Terms(), {}, {}).in_all == Span(0, 3600, 7200)

    def test_no_small_group_can_be_had_from_everything_that_is_shown(self, fund: Fund) -> None:
        chance = random.Random(1_000)
        for _ in range(1_000):
            smallest = chance.choice((3, 5, 10))
            terms = Terms(statement=Statement(smallest_cell=smallest))
            months = {f"2026-{m:02}": Tally(n, n * 100) for m, n in enumerate(self.random_counts(chance), 1)}
            total = sum(tally.count for tally in months.values())
            paid = chance.randint(0, total)
            seen = view(self.counted(fund, total, paid, chance.randint(0, paid)), terms, months, months)
            shown = [step.count for step in seen.steps if step.count is not None]
            gaps = [a - b for i, a in enumerate(shown) for b in shown[i:] if a != b] + shown
            assert not [gap for gap in gaps if 0 < gap < smallest]
            for bars in (seen.months or (), seen.purposes or ()):
                told = [bar.count for bar in bars if bar.count is not None]
                assert not [count for count in told if 0 < count < smallest]
                rest = total - sum(told)
                secret = [bar for bar in bars if bar.hidden]
                assert all((bar.count, bar.amount) == (None, None) for bar in secret)
                assert not secret or (len(secret) > 1 and rest >= smallest)

    def random_counts(self, chance: random.Random) -> list[int]:
        return [chance.choice((1, 2, 3, 4, 6, 9, 15, 40)) for _ in range(chance.randint(1, 12))]

    def test_a_funder_reads_their_fund(self, desk: Desk) -> None:
        fund = a_fund(desk, pounds=3000)
        worker = a_worker(desk)
        for _ in range(6):
            a_grant(desk, fund, worker)
        seen = learn.statement(desk, fund)
        assert (seen.steps[0].count, seen.steps[0].amount, seen.left) == (5, 750_00, 2250_00), "the sixth waits"
        assert [step.shown for step in seen.steps] == ["number", "number", "number"]
        assert seen.months == (learn.Bar("2026-11", count=5, amount=750_00),)


class TestNotAsked:
    def test_the_empty_terms_ask_none_of_it(self) -> None:
        assert [thing.what for thing in not_asked(Terms())] == [
            "Receipts",
            "Papers to prove need",
            "A look into their bank account",
            "A letter from somebody else",
            "A report",
            "Anything before the next payment",
        ]

    def test_what_is_asked_is_not_said_to_be_left_out(self) -> None:
        receipts = Ask(
            slug="receipts",
            title="Receipts",
            purpose="x",
            minutes=30,
            intrusiveness="document",
            if_missed="hold_next_payment",
        )
        bank = Question(slug="bank", text="?", purpose="x", intrusiveness="account_access")
        left = [thing.what for thing in not_asked(Terms(asks=(receipts,), questions=(bank,)))]
        assert left == ["A letter from somebody else"]
        by_charity = replace(receipts, of="charity", if_missed="let_go")
        assert "A report" in [thing.what for thing in not_asked(Terms(asks=(by_charity,)))]


class TestRows:
    WARD = "E05010960"

    def test_rows_hold_nothing_of_a_person(self, desk: Desk) -> None:
        fund = a_fund(desk, pounds=3000)
        worker = a_worker(desk)
        grants = [
            a_grant(
                desk, fund, worker, ward=self.WARD, area="Fortuneswell", phone="01305 251150", notes="A secret note"
            )
            for _ in range(5)
        ]
        rows = list(learn.grant_rows(desk))
        assert [row["awarded"] for row in rows] == [150_00] * 5
        told = repr(rows)
        for grant in grants:
            person = grant.person
            for secret in (person.name, person.email, person.phone, person.number, grant.reference, person.area):
                assert secret not in told
            assert grant.application.need not in told
            assert grant.application.reference not in told

    def test_numbers_mean_nothing_and_stay_the_same(self, desk: Desk) -> None:
        fund = a_fund(desk)
        worker = a_worker(desk)
        ids = [a_grant(desk, fund, worker).id for _ in range(3)]
        first, second = ([row["number"] for row in learn.grant_rows(desk)] for _ in range(2))
        assert first == second
        assert len(set(first)) == 3
        assert not {int(number) for number in first} & set(ids)
        other = replace(desk, settings=replace(desk.settings, secret_key="another secret" * 4))
        assert not set(first) & {row["number"] for row in learn.grant_rows(other)}

    def test_a_place_is_told_only_where_five_people_are(self, desk: Desk) -> None:
        fund = a_fund(desk, pounds=5000)
        worker = a_worker(desk)
        for ward in [self.WARD] * 4 + ["E05010961"] * 5 + ["DT1 1XJ"] * 5:
            a_grant(desk, fund, worker, ward=ward)
        a_grant(desk, fund, worker, ward="E05010961", reason="GTIR060")
        wards = [row["ward"] for row in learn.grant_rows(desk)]
        assert wards == [""] * 4 + ["E05010961"] * 5 + [""] * 6

    def test_a_fund_of_few_grants_does_not_tell_what_they_were_for(self, desk: Desk) -> None:
        small, large = a_fund(desk), a_fund(desk, pounds=3000)
        worker = a_worker(desk)
        for fund in [small] * 4 + [large] * 5:
            a_grant(desk, fund, worker, purposes=("GTIP050",), reason="GTIR010")
        told = [(row["purposes"], row["reason"]) for row in learn.grant_rows(desk)]
        assert told == [([], "")] * 4 + [(["GTIP050"], "GTIR010")] * 5

    def test_what_is_missing_to_publish_is_said_all_at_once(self, desk: Desk) -> None:
        fund = a_fund(desk)
        fund.funder.org_id = ""
        desk.session.flush()
        with pytest.raises(learn.NotReady) as missing:
            learn.ready_to_publish(desk)
        for word in ("GRANTS_CHARITY_ID", "GRANTS_PUBLISHER_PREFIX", fund.funder.name):
            assert word in missing.value.message

    def test_the_lines_of_the_books_balance(self, desk: Desk) -> None:
        a_grant(desk, a_fund(desk))
        sums: dict[int, int] = {}
        for line in ledger_file.rows(desk):
            sums[line["journal"]] = sums.get(line["journal"], 0) + line["amount"]
        assert set(sums.values()) == {0}
        assert len(sums) == 2

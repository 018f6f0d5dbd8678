"""How the money stands, read on each database: figures of funds, what waits, and the journals behind a figure."""

from __future__ import annotations

from grants.domain.money import Money
from grants.flow import audit, treasurer
from grants.flow.pay.record import record_outcomes
from grants.flow.treasurer import OWN, Chosen
from grants.offers import Outcome
from tests.paying import Charity


def test_a_fund_adds_up_from_its_journals_and_each_figure_has_them(charity: Charity) -> None:
    grants = [charity.award(amount) for amount in (80_00, 60_00, 40_00, 20_00)]
    charity.pay()
    charity.award(10_00)
    for grant_id, state in zip(grants, ("settled", "returned", "unknown", "failed"), strict=True):
        (attempt,) = charity.attempts(grant_id)
        with charity.desk() as desk:
            record_outcomes(desk, {attempt.id: Outcome(state=state)})
    with charity.desk("ben") as desk:
        (row,) = treasurer.of_funds(desk)
        told = {slug: figure.amount.amount for slug, figure in row.figures.items()}
        assert told == {
            "came_in": 10_000_00,
            "came_back": 60_00,
            "left": 10_000_00 - 210_00,
            "owed": 60_00 + 20_00 + 10_00,
            "in_flight": 40_00,
            "paid": 80_00 + 60_00,
            "costs": 0,
            "returned": 0,
        }
        assert row.off == 0
        for slug, figure in row.figures.items():
            assert treasurer.total(desk, figure.journals) == ([figure.amount] if told[slug] else [])
            page = audit.journals(desk, 0, figure.journals)
            assert bool(page.rows) == bool(told[slug]), slug
        (sums,) = audit.balances(desk)
        for each in (*sums.places, *sums.pledged):
            assert treasurer.total(desk, each.journals) == ([each.amount] if each.amount.amount else [])


def test_what_waits_is_counted_in_one_statement_and_listed(charity: Charity) -> None:
    first, second = charity.award(80_00), charity.award(60_00)
    charity.pay()
    (odd,), (lost,) = charity.attempts(first), charity.attempts(second)
    with charity.desk() as desk:
        record_outcomes(
            desk, {odd.id: Outcome(state="settled", amount=Money(81_00)), lost.id: Outcome(state="unknown")}
        )
    with charity.desk("ben") as desk:
        waiting = treasurer.exceptions(desk)
        for slug in ("unknown", "amounts", "overpaid"):
            assert waiting[slug] == len(treasurer.attempts_that_wait(desk, slug).rows)
        assert [row.id for row in treasurer.attempts_that_wait(desk, "amounts").rows] == [odd.id]
        assert waiting["incidents"] == len(treasurer.open_incidents(desk).rows)
        assert (waiting["amounts"], waiting["lines"], waiting["freezes"], waiting["findings"]) == (1, 0, 0, 0)


def test_a_choice_is_an_address_and_none_is_empty() -> None:
    chosen = Chosen(fund_id=3, accounts=(OWN,), kinds=("J3", "J3m"), out=True)
    assert chosen.address() == "fund=3&account=own&kind=J3&kind=J3m&way=out"
    assert chosen.own == ("F", "L.payable", "L.in_flight")
    assert Chosen().address() == ""

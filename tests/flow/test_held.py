"""What is held answers funders: every question over real grants, on both databases, with small groups left out."""

from __future__ import annotations

import pytest
from sqlalchemy import event, select

from grants.domain.held import ANYWHERE, CATALOGUE
from grants.domain.held_words import FEW, OTHERS
from grants.flow import confirm, learn
from grants.flow.desk import Actor, Desk
from grants.flow.learn.held import answers
from grants.model.funds import Fund
from grants.model.grants import Grant
from tests.scenes import a_fund, a_grant, a_worker, an_application, at


@pytest.fixture
def fund(desk: Desk) -> Fund:
    """A fund with 17 grants: 10 for furniture in Poole, 7 for food in Weymouth; two more people still wait."""
    made = a_fund(desk, pounds=9000)
    worker = a_worker(desk, limit=300_00)
    for place in range(17):
        far = place >= 10
        a_grant(
            desk,
            made,
            worker,
            purposes=("GTIP070",) if far else ("GTIP020", "GTIP070"),
            reason="GTIR010",
            area="Weymouth" if far else "Poole",
            ward="E05012649" if far else "E05012650",
            route="referred" if far else "self",
            household_size=4 if far else 1,
        )
    for _ in range(2):
        an_application(desk, made)
    return made


def test_every_question_of_the_catalogue_is_answered(desk: Desk, fund: Fund) -> None:
    found = answers(desk, [fund], CATALOGUE)
    assert list(found) == list(CATALOGUE), "and in the order in which they were asked"
    assert all(answer.sentence and answer.question == CATALOGUE[slug].question for slug, answer in found.items())
    assert found["how_many"].sentence == "Grants made: 15.", "whole lots of 5: the newest two wait"
    assert found["how_much"].sentence == "Awarded in all: £2,250."
    assert found["how_much_each"].sentence == "On average: £150."
    assert [count for _label, count in found["what_for"].rows] == ["10", "5"]
    assert [count for _label, count in found["why"].rows] == ["15"]
    assert dict(found["where"].rows) == {"Poole": "10", "Weymouth": "5"}
    assert dict(found["ward"].rows) == {"E05012650": "10", "E05012649": "5"}
    assert dict(found["by_route"].rows) == {"by themselves": "10", "through somebody helping them": "5"}
    assert dict(found["household"].rows) == {"1 person": "10", "4 people": "5"}
    assert dict(found["how_paid"].rows) == {"bank account": "15"}
    assert dict(found["first_time"].rows) == {"the first grant": "15"}
    assert dict(found["who_decided"].rows) == {"one worker, within a limit of £300": "15"}
    assert dict(found["by_month"].rows) == {"November 2026": "15"}
    assert found["arrived"].sentence == "It arrived for 0 of 15."
    assert found["said_wrong"].sentence == FEW
    assert found["minutes_asked"].sentence == "Nothing was asked of anybody after the award."


def test_a_small_group_is_in_no_row_and_cannot_be_worked_out(desk: Desk, fund: Fund) -> None:
    for _ in range(3):
        a_grant(desk, fund, purposes=("GTIP090",), area="Swanage", ward="E05012651", household_size=9)
    found = answers(desk, [fund], ("where", "ward", "household", "what_for", "how_many"))
    assert found["how_many"].sentence == "Grants made: 20."
    for slug in ("where", "ward", "household", "what_for"):
        rows = dict(found[slug].rows)
        told = [int(count) for count in rows.values() if count.isdigit()]
        assert rows[OTHERS] == "not shown"
        assert found[slug].hidden
        assert told == [10, 5], "Poole in full, 5 of 7 in Weymouth: two of them and three of Swanage share a row"
        assert not {"Swanage", "E05012651", "9 people", "Debt"} & set(rows), "not even its name is told"


def test_one_more_grant_changes_no_answer_and_a_whole_lot_changes_it_by_a_lot(desk: Desk, fund: Fund) -> None:
    before = answers(desk, [fund], CATALOGUE)
    for more in range(2):
        a_grant(desk, fund, purposes=("GTIP020",), area="Poole", ward="E05012650", household_size=1)
        assert answers(desk, [fund], CATALOGUE) == before, f"{more + 1} more tell nothing"
    for _ in range(6):
        a_grant(desk, fund, purposes=("GTIP020",), area="Poole", ward="E05012650", household_size=1)
    after = answers(desk, [fund], ("how_many", "where"))
    assert after["how_many"].sentence == "Grants made: 25."
    assert dict(after["where"].rows) == {"Poole": "15", "Weymouth": "5", OTHERS: "not shown"}


def test_fewer_than_the_smallest_number_tell_nothing_at_all(desk: Desk) -> None:
    made = a_fund(desk, pounds=9000)
    for _ in range(4):
        a_grant(desk, made, area="Poole")
    for slug, answer in answers(desk, [made], CATALOGUE).items():
        assert "Poole" not in str(answer), slug
        assert not answer.rows, slug
        assert answer.sentence in (FEW, "Nothing to tell so far."), slug


def test_over_many_funds_only_what_is_about_no_group_is_told(desk: Desk, fund: Fund) -> None:
    other = a_fund(desk, pounds=9000)
    for _ in range(6):
        a_grant(desk, other, area="Bath")
    a_grant(desk, a_fund(desk))
    found = answers(desk, desk.session.scalars(select(Fund)).all(), CATALOGUE)
    assert set(found) == ANYWHERE
    assert found["how_many"].sentence == "Grants made: 20.", "15 and 5; of the third fund there is no whole lot"
    assert not any(answer.rows for answer in found.values())


def test_how_far_the_money_went_is_told_as_the_statement_tells_it(desk: Desk, fund: Fund) -> None:
    for grant in desk.session.scalars(select(Grant).order_by(Grant.id).limit(7)):
        confirm.arrived(desk.acting(Actor(kind="recipient")), grant)
    for grant in desk.session.scalars(select(Grant).order_by(Grant.id).limit(6)):
        confirm.problem(desk.acting(Actor(kind="recipient")), grant, "wrong_amount")
    found = answers(desk, [fund], ("arrived", "said_it_came", "said_wrong"))
    assert found["arrived"].sentence == "It arrived for 0 of 15."
    assert found["said_it_came"].sentence == "It came, said by 5 of 15. Not saying so is fine."
    assert found["said_wrong"].sentence == "Told us, and got help: at least 5."
    seen = learn.statement(desk, fund)
    assert [step.count for step in seen.steps] == [15, 0, 5]


def test_three_statements_answer_everything(desk: Desk, fund: Fund) -> None:
    sent: list[str] = []
    engine = desk.session.get_bind()
    event.listen(engine, "before_cursor_execute", lambda *given: sent.append(given[2]))
    answers(at(desk, a_worker(desk)), [fund], CATALOGUE)
    selects = [one for one in sent if one.startswith(("SELECT", "WITH"))]
    assert len(selects) == 3

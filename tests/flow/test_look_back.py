"""Looking back: chance draws some decisions made alone, trustees look, and what comes of it is a friendly talk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256

import pytest
from sqlalchemy import select

from grants.domain.errors import NotAllowed, Refusal
from grants.flow import tasks
from grants.flow.controls import look_back
from grants.model.applications import Decision
from grants.model.events import EventRow
from grants.model.grants import Grant
from grants.model.payments import Payment
from grants.model.safety import LookBack, LookedBack
from tests.conftest import add_user
from tests.paying import Charity

ONE_DATABASE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For what no database changes: a refusal before anything is asked of it."""

OCTOBER = datetime(2026, 10, 1, 9, tzinfo=UTC)


@pytest.fixture
def house_of_many(by_hand: Charity) -> Charity:
    """A charity whose October has 120 decisions: ten by two people, the rest by Ann alone; and two of November."""
    by_hand.award(150_00, name="Severina Preda", need="Coats", purposes=("GTIP080",))
    with by_hand.desk() as desk:
        first = desk.session.scalars(select(Decision)).one()
        first.at = OCTOBER
        first.eligible = "I know Severina. PREDA’s children are cold."
        for number in range(119):
            at = OCTOBER + timedelta(hours=6 * number)
            desk.session.add(a_decision(by_hand, first.application_id, at, second=number < 10))
        for day in (2, 3):
            desk.session.add(a_decision(by_hand, first.application_id, datetime(2026, 11, day, tzinfo=UTC)))
        by_hand.staff["tess"] = add_user(desk, "trustee", name="Tess").id
        by_hand.roles["tess"] = ("trustee",)
    return by_hand


def a_decision(charity: Charity, application: int, at: datetime, *, second: bool = False) -> Decision:
    other = charity.staff["gita"] if second else None
    return Decision(
        application_id=application, kind="award", amount=10_00, by=charity.staff["ann"], at=at, second_by=other
    )


def drawn(charity: Charity) -> list[LookBack]:
    with charity.desk() as desk:
        return look_back.draw_due(desk)


def rows(charity: Charity) -> Sequence[LookedBack]:
    with charity.desk() as desk:
        return desk.session.scalars(select(LookedBack).order_by(LookedBack.id)).all()


def names(charity: Charity, name: str) -> list[EventRow]:
    with charity.desk() as desk:
        return list(desk.session.scalars(select(EventRow).where(EventRow.name == name).order_by(EventRow.id)))


def test_a_month_that_has_ended_is_drawn_once_and_anybody_can_draw_it_again(house_of_many: Charity) -> None:
    [back] = drawn(house_of_many)
    assert (back.month, back.population, back.share, back.drawn_by) == (date(2026, 10, 1), 110, 2, None)
    with house_of_many.desk() as desk:
        numbers = look_back.numbers(desk, back.month)
    assert len(numbers) == 110
    tickets = sorted((sha256(f"{back.seed}:{number}".encode()).hexdigest(), number) for number in numbers)
    assert [row.decision_id for row in rows(house_of_many)] == [number for _, number in tickets[:3]]
    assert [row.place for row in rows(house_of_many)] == [1, 2, 3]
    assert drawn(house_of_many) == [], "once"
    [told] = names(house_of_many, "look_back.drawn")
    assert told.data == {"population": 110, "drawn": 3, "seed": back.seed}


def test_each_month_follows_and_one_without_decisions_is_told_too(house_of_many: Charity) -> None:
    drawn(house_of_many)
    house_of_many.clock.move(days=50)
    assert [(back.month, back.population) for back in drawn(house_of_many)] == [
        (date(2026, 11, 1), 2),
        (date(2026, 12, 1), 0),
    ]
    with house_of_many.desk() as desk:
        told = [(each.month.month.month, each.drawn, each.looked) for each in look_back.summary(desk)]
    assert told == [(12, 0, 0), (11, 1, 0), (10, 3, 0)]


def only_first(charity: Charity) -> LookedBack:
    """Draws October, and puts the one real application among what was drawn."""
    drawn(charity)
    with charity.desk() as desk:
        first = desk.session.scalars(select(Decision.id).order_by(Decision.id)).first()
        row = desk.session.scalars(select(LookedBack).order_by(LookedBack.id)).first()
        assert row is not None
        taken = desk.session.scalar(select(LookedBack).where(LookedBack.decision_id == first))
        if taken is None:
            row.decision_id = first or 0
        return taken or row


def test_a_trustee_sees_what_was_decided_and_why_but_no_name_and_each_look_is_told(house_of_many: Charity) -> None:
    row = only_first(house_of_many)
    with house_of_many.desk("tess") as desk:
        facts = look_back.open_facts(desk, desk.session.get_one(LookedBack, row.id))
    assert (facts.kind, str(facts.amount), facts.policy) == ("Awarded", "£150.00", "Unconditional")
    assert facts.reason == "I know [name]. [name]’s children are cold."
    assert "Severina" not in repr(facts)
    [seen] = names(house_of_many, "look_back.opened")
    assert (seen.subject_id, seen.actor_id) == (row.id, house_of_many.staff["tess"])


@ONE_DATABASE
@pytest.mark.parametrize("who", ["ann", "ben", "gita"])
def test_nobody_but_trustees_opens_or_judges(house_of_many: Charity, who: str) -> None:
    row = only_first(house_of_many)
    with house_of_many.desk(who) as desk, pytest.raises(NotAllowed):
        look_back.open_facts(desk, desk.session.get_one(LookedBack, row.id))
    with house_of_many.desk(who) as desk, pytest.raises(NotAllowed):
        look_back.judge(desk, desk.session.get_one(LookedBack, row.id), "fine")
    assert names(house_of_many, "look_back.opened") == []


def judge(charity: Charity, number: int, finding: str, words: str = "", who: str = "tess") -> None:
    with charity.desk(who) as desk:
        look_back.judge(desk, desk.session.get_one(LookedBack, number), finding, words)


def grants(charity: Charity) -> list[str]:
    with charity.desk() as desk:
        found = [*desk.session.execute(select(*Grant.__table__.columns)).all()]
        found += desk.session.execute(select(*Payment.__table__.columns)).all()
        return [repr(tuple(row)) for row in found]


def test_a_talk_is_a_task_for_a_manager_and_the_grant_stays_as_it_is(house_of_many: Charity) -> None:
    row, before = only_first(house_of_many), grants(house_of_many)
    with pytest.raises(Refusal, match="Say what the talk is about"):
        judge(house_of_many, row.id, "talk", " ")
    with pytest.raises(Refusal, match="Choose whether"):
        judge(house_of_many, row.id, "theft")
    judge(house_of_many, row.id, "talk", "Why £150 and not £200?")
    assert grants(house_of_many) == before
    assert house_of_many.tasks() == ["look_back_talk"]
    with house_of_many.desk("gita") as desk:
        [task] = tasks.of_kinds(desk, ["look_back_talk"])
        assert "Why £150 and not £200? Talk with Ann, as colleagues. The grant stays as it is." in task.words
        assert "Severina" not in task.words
        tasks.close(desk, task, "We talked over tea.")
    with house_of_many.desk("ann") as desk:
        assert tasks.of_kinds(desk, ["look_back_talk"]) == []
    with pytest.raises(Refusal, match="What they found stands"):
        judge(house_of_many, row.id, "fine")
    with house_of_many.desk() as desk:
        [month] = look_back.summary(desk)
        assert (month.month.population, month.drawn, month.looked, month.fine, month.talk) == (110, 3, 1, 0, 1)


def test_fine_asks_for_no_words_and_no_task(house_of_many: Charity) -> None:
    row = only_first(house_of_many)
    judge(house_of_many, row.id, "fine")
    assert house_of_many.tasks() == []
    assert [told.data["finding"] for told in names(house_of_many, "look_back.judged")] == ["fine"]
    with house_of_many.desk("tess") as desk:
        assert len(look_back.waiting(desk)) == 2


def test_who_decided_does_not_judge_it_as_a_trustee(house_of_many: Charity) -> None:
    row = only_first(house_of_many)
    house_of_many.roles["ann"] = ("front-line", "trustee")
    with pytest.raises(NotAllowed, match="another trustee"):
        judge(house_of_many, row.id, "fine", who="ann")


def test_where_nobody_decided_nothing_is_drawn_and_a_whole_share_draws_all(by_hand: Charity) -> None:
    assert drawn(by_hand) == []
    by_hand.award(10_00)
    by_hand.award(10_00)
    by_hand.clock.move(days=10)
    by_hand.settings = replace(by_hand.settings, look_back_share=100)
    [back] = drawn(by_hand)
    assert (back.population, len(rows(by_hand))) == (2, 2)

"""The register of losses writes itself where we know, names nobody, and opens as a file without harm."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from grants.domain.errors import NotAllowed, Refusal
from grants.domain.incident_kinds import KINDS, category
from grants.domain.money import Money
from grants.flow import pay
from grants.flow.controls import choices, incidents
from grants.model.events import EventRow
from grants.model.payments import Payment
from grants.model.runs import Run
from grants.model.safety import Incident
from tests.conftest import add_user
from tests.paying import Charity

ONE_DATABASE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For what no database changes: a refusal before anything is asked of it."""

TODAY = date(2026, 11, 23)


def happened(**more: Any) -> incidents.Happened:
    return incidents.Happened(**{"kind": "theft", "words": "The cash box is gone.", "on": TODAY} | more)


def write(charity: Charity, who: str = "ben", **more: Any) -> int:
    with charity.desk(who) as desk:
        return incidents.write(desk, happened(**more)).id


def register(charity: Charity) -> list[Incident]:
    with charity.desk() as desk:
        return list(desk.session.scalars(select(Incident).order_by(Incident.id)))


def told(charity: Charity) -> list[str]:
    with charity.desk() as desk:
        found = select(EventRow.name).where(EventRow.subject.in_(("incident", "choice", "run"))).order_by(EventRow.id)
        return list(desk.session.scalars(found))


def test_finance_writes_down_reports_and_closes_and_each_act_is_told(by_hand: Charity) -> None:
    number = write(by_hand, amount=Money(40_00), fund_id=by_hand.fund_id)
    assert write(by_hand, amount=Money(40_00), fund_id=by_hand.fund_id) == number, "a second click is no second loss"
    with by_hand.desk() as desk:
        assert incidents.open_count(desk) == 1
    with by_hand.desk("gita") as desk:
        incidents.reported(desk, desk.session.get_one(Incident, number), TODAY)
    with by_hand.desk("ben") as desk:
        incidents.close(desk, desk.session.get_one(Incident, number), "A new lock. Told the regulator: it was a lot.")
    [row] = register(by_hand)
    assert (row.amount, row.reported_on, row.closed_at is not None) == (40_00, TODAY, True)
    assert told(by_hand) == ["incident.recorded", "incident.reported", "incident.closed"]
    with by_hand.desk() as desk:
        assert incidents.open_count(desk) == 0
        assert [each.fund for each in incidents.listed(desk).rows] == ["Hardship"]
        assert incidents.listed(desk, only_open=True).rows == ()


@ONE_DATABASE
@pytest.mark.parametrize("who", ["ann", "hugo"])
def test_others_tell_finance(by_hand: Charity, who: str) -> None:
    with by_hand.desk(who) as desk, pytest.raises(NotAllowed, match="Tell one of them"):
        incidents.write(desk, happened())
    with by_hand.desk(who) as desk, pytest.raises(NotAllowed):
        incidents.take_out(desk, "file")
    assert register(by_hand) == []


@ONE_DATABASE
@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"kind": "overpaid"}, "kind"),
        ({"kind": "king"}, "kind"),
        ({"words": " "}, "words"),
        ({"on": TODAY + timedelta(days=1)}, "happened_on"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(by_hand: Charity, wrong: dict[str, Any], field: str) -> None:
    with by_hand.desk("ben") as desk, pytest.raises(Refusal) as refused:
        incidents.write(desk, happened(**wrong))
    assert refused.value.field == field
    assert register(by_hand) == []


def test_a_report_is_of_a_day_since_and_once_and_a_closed_entry_stands(by_hand: Charity) -> None:
    number = write(by_hand, on=date(2026, 11, 10))
    for day in (date(2026, 11, 9), TODAY + timedelta(days=1)):
        with by_hand.desk("ben") as desk, pytest.raises(Refusal, match="from the day on which it happened"):
            incidents.reported(desk, desk.session.get_one(Incident, number), day)
    for words, match in (("", "Say what came of it"), ("A lock.", ""), ("Another.", "closed already")):
        with by_hand.desk("ben") as desk:
            row = desk.session.get_one(Incident, number)
            if match:
                with pytest.raises(Refusal, match=match):
                    incidents.close(desk, row, words)
            else:
                incidents.close(desk, row, words)
    assert [row.outcome for row in register(by_hand)] == ["A lock."]


def test_a_float_that_comes_back_short_enters_the_register_by_itself(by_hand: Charity) -> None:
    with by_hand.desk("ben") as desk:
        number = pay.open_float(desk, by_hand.staff["hugo"], Money(50_00)).id
    with by_hand.desk("gita") as desk:
        cash = next(each for each in pay.open_floats(desk) if each.id == number)
        pay.reconcile_float(desk, cash, Money(45_00), "Bus fare")
    [row] = register(by_hand)
    assert (row.kind, row.amount, row.closed_at) == ("float", 5_00, None)
    assert told(by_hand) == ["incident.recorded"]


def test_every_kind_has_a_category_of_the_regulator_and_plain_words() -> None:
    assert all(kind.words and kind.category for kind in KINDS.values())
    assert {category("theft"), category("restored"), category("unheard of")} == {
        "Financial crimes: fraud, theft, cyber-crime and money laundering",
        "Other significant incidents",
    }


def with_tess(charity: Charity) -> None:
    with charity.desk() as desk:
        charity.staff["tess"] = add_user(desk, "trustee", name="Tess").id
    charity.roles["tess"] = ("trustee",)


def choose(charity: Charity, way: str, above: Money | None = None, who: str = "tess", **more: Any) -> None:
    given = {"why": "Our risk is small.", "minutes": "12 May, item 4", "on": TODAY} | more
    with charity.desk(who) as desk:
        choices.choose(desk, way, above, **given)


def a_run(charity: Charity) -> int:
    """A run over two payments, £40 and £150, put together and waiting for release."""
    with charity.desk() as desk:
        run = Run(rail="stripe", state="built", built_at=desk.now(), built_by=charity.staff["ben"])
        desk.session.add(run)
        desk.session.flush()
        return run.id


def test_the_newest_choice_holds_and_all_of_them_stay(by_hand: Charity) -> None:
    with_tess(by_hand)
    with by_hand.desk() as desk:
        assert choices.newest(desk) is None
    choose(by_hand, "by_hand", Money(500_00))
    choose(by_hand, "none", why="We know everybody we help.")
    with by_hand.desk() as desk:
        now = choices.newest(desk)
        assert now is not None
        assert (now.words, now.row.minutes, now.above) == ("No names are looked up.", "12 May, item 4", None)
        assert [each.words for each in choices.history(desk)] == [
            "No names are looked up.",
            "Somebody looks names up by hand for each payment above £500.00.",
        ]
    assert told(by_hand) == ["choice.recorded", "choice.recorded"]


@ONE_DATABASE
@pytest.mark.parametrize("who", ["ann", "ben", "gita"])
def test_it_is_for_the_trustees_to_choose(by_hand: Charity, who: str) -> None:
    with pytest.raises(NotAllowed, match="for the trustees"):
        choose(by_hand, "none", who=who)


@ONE_DATABASE
@pytest.mark.parametrize(
    ("way", "above", "more", "field"),
    [
        ("king", None, {}, "way"),
        ("by_hand", None, {}, "above"),
        ("by_hand", Money(5, "EUR"), {}, "above"),
        ("none", None, {"why": ""}, "why"),
        ("none", None, {"minutes": " "}, "minutes"),
        ("none", None, {"on": TODAY + timedelta(days=1)}, "chosen_on"),
    ],
)
def test_a_choice_has_a_reason_minutes_and_a_day(
    by_hand: Charity, way: str, above: Money | None, more: dict[str, Any], field: str
) -> None:
    with_tess(by_hand)
    with pytest.raises(Refusal) as refused:
        choose(by_hand, way, above, **more)
    assert refused.value.field == field


def test_without_a_choice_nobody_is_reminded_and_payments_go_as_before(by_hand: Charity) -> None:
    run = a_run(by_hand)
    with by_hand.desk("gita") as desk:
        assert choices.reminder(desk, desk.session.get_one(Run, run)) is None
        with pytest.raises(Refusal, match="Nothing is to be looked up"):
            choices.names_looked_up(desk, desk.session.get_one(Run, run))
    with by_hand.desk() as desk:
        assert desk.session.scalars(select(Payment)).all() == []

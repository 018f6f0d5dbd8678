"""Plugins that listen hear of each fact after it was committed, as often as it takes."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import func, select

from grants.app import job_context
from grants.asking.sound import Resting
from grants.flow.desk import Desk
from grants.flow.tell import MOST_TRIES, tell_observers, unheard
from grants.jobs.upkeep import tell
from grants.model.events import UntoldEvent
from grants.offers import Event
from grants.web.edge import House
from tests.conftest import AtDesk
from tests.scenes import a_fund


def test_what_happened_is_told_once_and_then_leaves_the_outbox(at_desk: AtDesk) -> None:
    heard: list[str] = []

    def listen(event: Event) -> None:
        heard.append(event.name)

    with at_desk() as desk:
        desk = replace(desk, catalogue=replace(desk.catalogue, observers=(("ear", listen),)))
        a_fund(desk)
        assert heard == []
        told = tell_observers(desk)
        assert tell_observers(desk) == 0
    assert len(heard) == told
    assert heard == ["funder.created", "fund.created", "fund.contribution"]


def test_nobody_listening_leaves_no_outbox(at_desk: AtDesk) -> None:
    with at_desk() as desk:
        desk = replace(desk, catalogue=replace(desk.catalogue, observers=()))
        a_fund(desk)
        assert desk.session.scalar(select(func.count()).select_from(UntoldEvent)) == 0


def test_a_listener_who_cannot_hear_is_tried_again_and_then_shown_to_staff(at_desk: AtDesk) -> None:
    def deaf(event: Event) -> None:
        raise OSError("line is dead")

    with at_desk() as desk:
        desk = replace(desk, catalogue=replace(desk.catalogue, observers=(("deaf", deaf),)))
        a_fund(desk)
        for _ in range(MOST_TRIES):
            assert tell_observers(desk) == 0
        waiting = unheard(desk)
        assert len(waiting) == 3
        assert "deaf: grants_event: OSError" in waiting[0].problem


def test_a_listener_who_is_left_alone_for_a_while_loses_no_try(at_desk: AtDesk) -> None:
    def resting(event: Event) -> None:
        raise Resting("it took longer than 2 seconds, and is tried again in 30 seconds")

    with at_desk() as desk:
        desk = replace(desk, catalogue=replace(desk.catalogue, observers=(("slow", resting),)))
        a_fund(desk)
        for _ in range(MOST_TRIES + 1):
            assert tell_observers(desk) == 0
        left = desk.session.scalars(select(UntoldEvent).execution_options(populate_existing=True)).all()
        assert [row.tries for row in left] == [0, 0, 0]
        assert unheard(desk) == []


def test_the_database_is_free_while_a_plugin_listens(house: House, at_desk: AtDesk) -> None:
    heard: list[int] = []

    def listen(event: Event) -> None:
        with house.database.transaction() as session:  # refused if this thread held a transaction that writes
            heard.append(session.scalar(select(func.count()).select_from(UntoldEvent)) or 0)

    catalogue = replace(house.catalogue, observers=(("ear", listen),))

    def desk_of(desk: Desk) -> Desk:
        return replace(desk, catalogue=catalogue)

    with at_desk() as desk:
        a_fund(desk_of(desk))
    context = replace(job_context(house), catalogue=catalogue)
    tell(context)
    assert heard == [3, 3, 3]
    with at_desk() as desk:
        assert desk.session.scalar(select(func.count()).select_from(UntoldEvent)) == 0

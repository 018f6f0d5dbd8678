"""“What do you hold of me?”: asked once, due in a month, answered only when somebody made sure who asks."""

from __future__ import annotations

from datetime import date
from typing import cast

import pytest
from sqlalchemy import func, select

from grants.domain.data_rights import Kind, answer_by
from grants.domain.errors import NotAllowed, Refusal
from grants.flow.desk import Actor, Desk
from grants.flow.privacy import requests
from grants.model.stories import DataRequest
from grants.model.tasks import Task
from tests.conftest import Clock
from tests.scenes import a_fund, a_grant, a_worker, at

WORDS = "Please show me the snorfblat letter"


def test_a_month_ends_on_the_same_day_or_the_last_or_the_next_that_is_worked() -> None:
    assert answer_by(date(2026, 11, 23)) == date(2026, 12, 23)
    assert answer_by(date(2026, 1, 31)) == date(2026, 3, 2), "28 February is a Saturday"
    assert answer_by(date(2027, 12, 31)) == date(2028, 1, 31)
    assert answer_by(date(2026, 11, 25)) == date(2026, 12, 29), "Christmas, Boxing Day in place, a weekend"


def test_somebody_asks_by_link_twice_and_is_answered_once(desk: Desk, clock: Clock) -> None:
    grant = a_grant(desk, a_fund(desk))
    themselves = desk.acting(Actor(kind="recipient"))
    first = requests.ask(themselves, grant.person_id, "see", WORDS, grant_id=grant.id)
    again = requests.ask(themselves, grant.person_id, "see", "And the photo")
    erase = requests.ask(themselves, grant.person_id, "erase")
    assert again.id == first.id != erase.id
    assert desk.session.scalar(select(func.count()).select_from(DataRequest)) == 2
    assert first.due_on == date(2026, 12, 23)
    assert WORDS not in first.words, "what they say is sealed"
    ann = at(desk, a_worker(desk, "front-line"))
    assert requests.said(ann, first) == f"{WORDS}\nAnd the photo"
    assert [row.id for row, _ in requests.due_first(ann).rows] == [first.id, erase.id]
    page = requests.due_first(ann, limit=1)
    assert [row.id for row, _ in requests.due_first(ann, page.after, limit=1).rows] == [erase.id]

    with pytest.raises(Refusal, match="Make sure first"):
        requests.handed(ann, first, "person")
    with pytest.raises(Refusal, match="link is not enough"):
        requests.checked(ann, first, "link")
    requests.checked(ann, first, "phone")
    with pytest.raises(Refusal, match="how it was handed over"):
        requests.handed(ann, first, "link")
    requests.handed(ann, first, "person")
    assert (first.closed_by, first.handed_how) == (ann.actor.user_id, "person")
    with pytest.raises(Refusal, match="closed this already"):
        requests.close(ann, first, "Done")
    open_tasks = select(Task.subject_id).where(Task.kind == requests.TASK, Task.closed_at.is_(None))
    assert list(desk.session.scalars(open_tasks)) == [erase.id]
    assert requests.ask(themselves, grant.person_id, "see").id != first.id, "asked anew, it is answered anew"


def test_who_may_write_one_down_and_what_is_refused(desk: Desk) -> None:
    grant = a_grant(desk, a_fund(desk))
    finance = at(desk, a_worker(desk, "finance"))
    with pytest.raises(NotAllowed):
        requests.ask(finance, grant.person_id, "see", how="phone")
    ann = at(desk, a_worker(desk, "front-line"))
    with pytest.raises(Refusal, match="Choose one"):
        requests.ask(ann, grant.person_id, cast(Kind, "sell"), how="phone")
    with pytest.raises(Refusal, match="how they asked"):
        requests.ask(ann, grant.person_id, "see", how="rumour")
    with pytest.raises(Refusal, match="2,000 characters"):
        requests.ask(ann, grant.person_id, "see", "x" * 2001, how="phone")
    assert requests.ask(ann, grant.person_id, "correct", how="phone").how == "phone"
    grant.person.erased_at = desk.now()
    with pytest.raises(Refusal, match="was erased"):
        requests.ask(ann, grant.person_id, "see", how="phone")

"""Sampled calls: asked only in a safe way, and never thought worse of, whatever is said or not said."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from grants.domain.errors import NotAllowed, Refusal
from grants.domain.sampling import draw as drawn_from
from grants.flow import assure
from grants.flow import fund as funding
from grants.flow.desk import Desk
from grants.model.confirmations import Confirmation
from grants.model.draws import Drawn
from grants.model.grants import Grant
from grants.model.tasks import Task
from tests.conftest import Clock
from tests.flow.assuring import SAMPLED, a_draw, a_sampled_fund, a_written_policy, events, paid_grants
from tests.scenes import a_fund, a_grant, a_worker, at


@pytest.fixture
def mona(desk: Desk) -> Desk:
    return at(desk, a_worker(desk, "manager", limit=0, name="Mona"))


class TestCalls:
    def people_and_grants(self, desk: Desk, ids: set[int]) -> list[tuple[object, ...]]:
        """Everything that stands about these grants and their people."""
        found = []
        for grant in desk.session.scalars(select(Grant).where(Grant.id.in_(ids)).order_by(Grant.id)):
            for row in (grant, grant.person, grant.application):
                desk.session.refresh(row)
                found.append(tuple(getattr(row, column.key) for column in row.__table__.columns))
        return found

    def test_nothing_about_anybody_changes_whatever_they_say(self, desk: Desk, mona: Desk) -> None:
        fund = a_sampled_fund(desk)
        ids = {grant.id for grant in paid_grants(desk, fund, 12)}
        before, tasks = self.people_and_grants(desk, ids), len(list(desk.session.scalars(select(Task))))
        made = a_draw(mona, fund, "calls")
        caller = at(desk, a_worker(desk, name="Hugo"))
        rows = assure.files_of(desk, made)
        for row, answer in zip(rows, ("yes", "no", "silent", "yes", "yes", "silent"), strict=False):
            assure.said(caller, row, answer)
        found = assure.result(desk, assure.close(mona, made))
        assert (found.yes, found.no, found.silent) == (3, 1, len(rows) - 4)
        assert self.people_and_grants(desk, ids) == before
        assert list(desk.session.scalars(select(Confirmation))) == []
        assert len(list(desk.session.scalars(select(Task)))) == tasks

    def test_when_it_is_closed_nobody_knows_who_replied(self, desk: Desk, mona: Desk) -> None:
        fund = a_sampled_fund(desk)
        paid_grants(desk, fund, 6)
        made = a_draw(mona, fund, "calls")
        caller = at(desk, a_worker(desk, name="Hugo"))
        for row in assure.files_of(desk, made):
            assure.said(caller, row, "no")
        assure.close(mona, made)
        kept = [(row.outcome, row.by, row.at) for row in desk.session.scalars(select(Drawn))]
        assert set(kept) == {("", None, None)}
        assert not [event for event in events(desk, "draw.asked") if set(event.data) - {"place"}]

    def test_without_a_safe_way_nobody_is_asked(self, desk: Desk, mona: Desk) -> None:
        fund = a_sampled_fund(desk)
        for grant in paid_grants(desk, fund, 5):
            grant.person.contact_safe = False
        made = a_draw(mona, fund, "calls")
        caller = at(desk, a_worker(desk, name="Hugo"))
        listed = assure.call_list(caller, made)
        assert not any(one.safe for one in listed.rows)
        with pytest.raises(Refusal, match="no safe way"):
            assure.said(caller, listed.rows[0].row, "yes")
        closed = assure.close(mona, made)
        assert assure.result(desk, closed).sample.silent == len(listed.rows)

    def test_whoever_decided_does_not_ask(self, desk: Desk, mona: Desk) -> None:
        fund, ann = a_sampled_fund(desk), a_worker(desk, name="Ann")
        paid_grants(desk, fund, 5, ann)
        made = a_draw(mona, fund, "calls")
        with pytest.raises(NotAllowed, match="a colleague asks"):
            assure.said(at(desk, ann), assure.files_of(desk, made)[0], "yes")

    def test_the_next_comes_in_place_of_somebody_silent_who_still_counts(self, desk: Desk, mona: Desk) -> None:
        fund = a_sampled_fund(desk)
        paid_grants(desk, fund, 60)
        made = a_draw(mona, fund, "calls")
        assert made.size < 60
        caller = at(desk, a_worker(desk, name="Hugo"))
        with pytest.raises(Refusal, match="somebody in their place"):
            assure.draw_next(mona, made)
        assure.said(caller, assure.files_of(desk, made)[0], "silent")
        added = assure.draw_next(mona, made)
        assert added.number == drawn_from(made.seed, made.numbers, made.size + 1)[-1]
        with pytest.raises(Refusal, match="somebody in their place"):
            assure.draw_next(mona, made)
        assure.said(caller, added, "yes")
        sample = assure.result(desk, made).sample
        assert (sample.people, sample.drawn, sample.yes) == (60, made.size + 1, 1)
        assert sample.silent == made.size

    def test_people_whose_terms_do_not_say_so_are_never_called(self, desk: Desk, mona: Desk) -> None:
        fund = a_fund(desk, pounds=10_000)
        early = {grant.id for grant in paid_grants(desk, fund, 6)}
        funding.choose_policy(mona, fund, a_written_policy(desk, "sampled", SAMPLED), {})
        paid_grants(desk, fund, 6)
        made = a_draw(mona, fund, "calls")
        assert made.population == 6
        assert not early & {row.grant_id for row in assure.files_of(desk, made)}

    def test_a_month_is_proposed_once_as_a_task(self, desk: Desk, mona: Desk, clock: Clock) -> None:
        fund = a_sampled_fund(desk)
        a_grant(desk, a_fund(desk))
        paid_grants(desk, fund, 6)
        assert assure.propose_due(desk) == 0, "the month has not ended"
        clock.move(days=9)
        assert [assure.propose_due(desk), assure.propose_due(desk)] == [1, 0]
        task = desk.session.scalars(select(Task).where(Task.kind == "sample_due")).one()
        assert "23" not in task.words
        assert (task.subject, task.subject_id) == ("fund", fund.id)
        task.closed_at = desk.now()
        assert assure.propose_due(desk) == 0
        clock.move(days=31)
        assert assure.propose_due(desk) == 0, "nobody was paid in December"

"""Assurance: drawn by chance, looked at on a screen, asked only in a safe way; nobody is thought worse of."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date, timedelta

import pytest

from grants.domain.errors import NotAllowed, Refusal
from grants.domain.money import Money
from grants.domain.sampling import draw as drawn_from
from grants.domain.sampling import seed_commitment
from grants.flow import assure, confirm, people
from grants.flow import fund as funding
from grants.flow.desk import Actor, Desk
from grants.flow.step import advance
from grants.model.draws import Draw
from grants.model.users import User
from tests.conftest import Clock, add_user
from tests.flow.assuring import SEEN, a_draw, a_written_policy, events, paid_grants
from tests.scenes import a_fund, a_grant, a_worker, at


@pytest.fixture
def mona(desk: Desk) -> Desk:
    return at(desk, a_worker(desk, "manager", limit=0, name="Mona"))


class TestADraw:
    def test_its_hash_is_out_before_it_is_made_and_anybody_can_run_it_again(self, desk: Desk, mona: Desk) -> None:
        fund = a_fund(desk, pounds=10_000)
        paid_grants(desk, fund, 12)
        new = assure.NewDraw(kind="files", from_on=fund.starts_on, up_to=desk.today(), confidence=80, margin=20)
        announced = assure.announce(mona, fund, new)
        assert announced.drawn_at is None
        assert events(desk, "draw.announced")[0].data["seed_hash"] == announced.seed_hash
        assert announced.seed not in json.dumps([event.data for event in events(desk, "draw.announced")])
        made = assure.make(mona, announced)
        assert seed_commitment(made.seed) == made.seed_hash
        assert (made.population, made.size, len(made.numbers)) == (12, 6, 12)
        again = drawn_from(made.seed, made.numbers, made.size)
        assert tuple(row.number for row in assure.files_of(desk, made)) == again

    def test_numbers_mean_nothing_and_are_others_in_the_next_draw(self, desk: Desk, mona: Desk) -> None:
        fund = a_fund(desk, pounds=10_000)
        ids = {str(grant.id) for grant in paid_grants(desk, fund, 6)}
        first, second = a_draw(mona, fund), a_draw(mona, fund)
        assert not set(first.numbers) & set(second.numbers)
        assert all(len(number) == 10 for number in first.numbers)
        assert not ids & set(first.numbers)

    def test_only_paid_grants_of_the_period_that_stand_are_in_it(self, desk: Desk, mona: Desk, clock: Clock) -> None:
        fund, other = a_fund(desk, pounds=10_000), a_fund(desk, pounds=10_000)
        paid_grants(desk, fund, 3)
        clock.move(days=40)
        inside = {grant.id for grant in paid_grants(desk, fund, 5)}
        last = desk.today()
        unpaid = a_grant(desk, fund)
        advance(desk, a_grant(desk, fund), "cancel")
        paid_grants(desk, other, 5)
        clock.move(days=1)
        paid_grants(desk, fund, 2)
        made = a_draw(mona, fund, from_on=last, up_to=last, confidence=99, margin=1)
        assert {row.grant_id for row in assure.files_of(desk, made)} == inside
        assert unpaid.id not in inside

    def test_so_few_that_one_could_be_picked_out_are_not_drawn(self, desk: Desk, mona: Desk, clock: Clock) -> None:
        fund = a_fund(desk, pounds=10_000)
        paid_grants(desk, fund, 4)
        with pytest.raises(Refusal, match="Fewer than 5"):
            a_draw(mona, fund)
        waits = assure.of_fund(desk, fund)[0]
        paid_grants(desk, fund, 1)
        assert assure.make(mona, waits).population == 5
        paid_grants(desk, fund, 1)
        with pytest.raises(Refusal, match="Beside an earlier draw"):
            a_draw(mona, fund)

    def test_one_is_announced_at_a_time_and_none_is_made_twice(self, desk: Desk, mona: Desk) -> None:
        fund = a_fund(desk, pounds=10_000)
        paid_grants(desk, fund, 6)
        new = assure.NewDraw(kind="files", from_on=fund.starts_on, up_to=desk.today())
        first = assure.announce(mona, fund, new)
        with pytest.raises(Refusal, match="announced already"):
            assure.announce(mona, fund, new)
        assure.make(mona, first)
        with pytest.raises(Refusal, match="drawn already"):
            assure.make(mona, first)

    @pytest.mark.parametrize(
        ("wrong", "words"),
        [
            ({"up_to": date(2025, 1, 1)}, "before the first"),
            ({"up_to": date(2027, 1, 1)}, "earlier day"),
            ({"margin": 0}, "margin"),
            ({"confidence": 100}, "how sure"),
            ({"kind": "everything"}, "Choose files"),
            ({"kind": "calls", "why": " "}, "Say why"),
            ({"kind": "calls"}, "do not say that some people are asked"),
        ],
    )
    def test_what_makes_no_sense_is_said(self, desk: Desk, mona: Desk, wrong: dict[str, object], words: str) -> None:
        fund = a_fund(desk)
        with pytest.raises(Refusal, match=words):
            a_draw(mona, fund, **wrong)
        assert assure.of_fund(desk, fund) == []

    @pytest.mark.parametrize("role", ["front-line", "trustee", "funder-viewer", "auditor"])
    def test_who_may_not_draw(self, desk: Desk, role: str) -> None:
        with pytest.raises(NotAllowed):
            a_draw(at(desk, add_user(desk, role)), a_fund(desk))


class TestAFile:
    def test_it_proves_what_is_held_and_names_nobody(self, desk: Desk, mona: Desk) -> None:
        fund = a_fund(desk, pounds=10_000)
        worker = a_worker(desk, name="Ann Close")
        grants = paid_grants(desk, fund, 5, worker)
        for grant in grants:
            confirm.arrived(desk.acting(Actor(kind="recipient")), grant)
        row = assure.files_of(desk, a_draw(mona, fund))[0]
        file = assure.open_file(mona, row)
        assert (file.attested, file.attested_by, file.roles, file.within) == (
            True,
            "worker",
            ("Front-line worker",),
            True,
        )
        assert (file.limit, file.limit_on, file.confirmed) == (1000_00, date(2026, 1, 15), desk.today())
        assert file.arrived
        [paid] = file.payments
        assert (paid.amount, paid.settled_on, paid.two_people, len(paid.ends_with)) == (150_00, desk.today(), True, 3)
        told = repr(asdict(file))
        person = row.grant.person
        application = row.grant.application
        decision = "I know them"
        for secret in (
            person.name,
            person.email,
            person.number,
            row.grant.reference,
            application.reference,
            application.need,
            worker.name,
            decision,
        ):
            assert secret not in told

    def test_a_limit_recorded_later_proves_nothing(self, desk: Desk, mona: Desk, clock: Clock) -> None:
        fund = a_fund(desk, pounds=10_000)
        worker = a_worker(desk)
        paid_grants(desk, fund, 5, worker)
        clock.move(hours=1)
        much = Money(900_00)
        people.set_limit(mona, worker, per_grant=much, per_day=much, per_person_per_year=much, approved_on=desk.today())
        clock.move(hours=1)
        file = assure.open_file(mona, assure.files_of(desk, a_draw(mona, fund))[0])
        assert file.limit == 1000_00

    def test_each_look_is_written_down(self, desk: Desk, mona: Desk) -> None:
        fund = a_fund(desk, pounds=10_000)
        paid_grants(desk, fund, 5)
        row = assure.files_of(desk, a_draw(mona, fund))[0]
        for _ in range(2):
            assure.open_file(mona, row)
        seen = events(desk, "assure.file_seen")
        assert [(event.subject, event.subject_id, event.actor_id) for event in seen] == [
            ("drawn", row.id, mona.actor.user_id)
        ] * 2

    def test_findings_are_counted_and_stand_when_it_is_closed(self, desk: Desk, mona: Desk) -> None:
        fund = a_fund(desk, pounds=10_000)
        paid_grants(desk, fund, 6)
        made = a_draw(mona, fund, confidence=99, margin=1)
        rows = assure.files_of(desk, made)
        with pytest.raises(Refusal, match="what the question is"):
            assure.judge(mona, rows[0], "question")
        assure.judge(mona, rows[0], "question", "The limit was recorded a day late.")
        with pytest.raises(Refusal, match="no finding yet"):
            assure.close(mona, made)
        for row in rows[1:]:
            assure.judge(mona, row, "fine")
        closed = assure.close(mona, made)
        found = assure.result(desk, closed)
        assert (found.fine, found.question, found.open) == (5, 1, 0)
        with pytest.raises(Refusal, match="has ended"):
            assure.judge(mona, rows[0], "fine")


class TestAnAuditor:
    @pytest.fixture
    def nora(self, desk: Desk) -> User:
        return add_user(desk, "auditor", name="Nora")

    def drawn(self, desk: Desk, mona: Desk, slug: str = "seen") -> Draw:
        fund = a_fund(desk, pounds=10_000, policy=a_written_policy(desk, slug, SEEN))
        paid_grants(desk, fund, 6)
        return a_draw(mona, fund)

    def test_looks_while_the_pass_lasts_and_no_longer(self, desk: Desk, mona: Desk, nora: User, clock: Clock) -> None:
        made = self.drawn(desk, mona)
        row = assure.files_of(desk, made)[0]
        with pytest.raises(Refusal, match="over"):
            assure.open_file(at(desk, nora), row)
        given = assure.give_pass(mona, made, nora, desk.today(), desk.today() + timedelta(days=2))
        assert assure.open_file(at(desk, nora), row).number == row.number
        assert events(desk, "assure.file_seen")[-1].data == {"draw": made.id, "pass": given.id}
        clock.move(days=3)
        with pytest.raises(Refusal, match="over"):
            assure.open_file(at(desk, nora), row)
        again = assure.give_pass(mona, made, nora, desk.today(), desk.today())
        assert again.id == given.id
        assure.judge(at(desk, nora), row, "fine")
        assure.end_pass(mona, again)
        with pytest.raises(Refusal, match="over"):
            assure.judge(at(desk, nora), row, "question", "?")
        assert assure.my_passes(at(desk, nora)) == []

    def test_a_pass_is_for_one_draw(self, desk: Desk, mona: Desk, nora: User) -> None:
        one, other = self.drawn(desk, mona), self.drawn(desk, mona, "seen-too")
        assure.give_pass(mona, one, nora, desk.today(), desk.today())
        assert assure.holds(at(desk, nora), one.id) is not None
        assert assure.holds(at(desk, nora), other.id) is None
        with pytest.raises(Refusal, match="over"):
            assure.open_file(at(desk, nora), assure.files_of(desk, other)[0])

    @pytest.mark.parametrize("days", [-1, 30, 365])
    def test_a_pass_is_short(self, desk: Desk, mona: Desk, nora: User, days: int) -> None:
        made = self.drawn(desk, mona)
        with pytest.raises(Refusal):
            assure.give_pass(mona, made, nora, desk.today(), desk.today() + timedelta(days=days))
        assert assure.passes_of(desk, made) == []

    def test_terms_that_show_no_files_show_none(self, desk: Desk, mona: Desk, nora: User) -> None:
        fund = a_fund(desk, pounds=10_000)
        paid_grants(desk, fund, 6)
        made = a_draw(mona, fund)
        with pytest.raises(Refusal, match="nobody from outside"):
            assure.give_pass(mona, made, nora, desk.today(), desk.today())

    def test_a_grant_from_before_is_not_seen(self, desk: Desk, mona: Desk, nora: User) -> None:
        fund = a_fund(desk, pounds=10_000)
        paid_grants(desk, fund, 6)
        funding.choose_policy(mona, fund, a_written_policy(desk, "seen", SEEN), {})
        made = a_draw(mona, fund)
        assure.give_pass(mona, made, nora, desk.today(), desk.today())
        with pytest.raises(Refusal, match="its terms let nobody"):
            assure.open_file(at(desk, nora), assure.files_of(desk, made)[0])

    def test_somebody_else_gets_no_pass(self, desk: Desk, mona: Desk) -> None:
        made = self.drawn(desk, mona)
        with pytest.raises(Refusal, match="Choose an auditor"):
            assure.give_pass(mona, made, add_user(desk, "trustee"), desk.today(), desk.today())

"""Confirm: one tap says that the money came or that something is wrong; silence changes nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType

import pytest
from marshmallow import Schema, ValidationError, fields, validate
from sqlalchemy import event, func, select

from grants.domain.errors import NotAllowed, Refusal
from grants.domain.later import Notebook
from grants.domain.lifecycle import ASK
from grants.domain.money import Money
from grants.domain.terms import Ask, Schedule, Terms
from grants.flow import confirm, helping, pay
from grants.flow.desk import Actor, Desk
from grants.flow.person_keys import open_for
from grants.flow.step import advance
from grants.flow.telling_people import tell
from grants.flow.telling_people.sending import to_send
from grants.model import stories as told_stories
from grants.model.asks import GrantAsk
from grants.model.confirmations import Confirmation
from grants.model.delegations import Connection
from grants.model.events import EventRow
from grants.model.grants import Grant, Link
from grants.model.payments import Payment
from grants.model.people import Person
from grants.model.tasks import Task
from grants.model.users import User
from grants.offers import Form, Policy
from tests.conftest import AtDesk, Clock
from tests.scenes import a_fund, a_grant, a_worker, at

RECIPIENT = Actor(kind="recipient")


@pytest.fixture
def grant(desk: Desk) -> Grant:
    """A grant whose person said only after the award that e-mail is safe, so that no link went out with it."""
    made = a_grant(desk, a_fund(desk), channel="none", contact_safe=False, email="")
    made.person.channel, made.person.email, made.person.contact_safe = "email", "sev@post.example.org", True
    return made


@pytest.fixture
def theirs(desk: Desk) -> Desk:
    """The desk with the recipient at it, who holds nothing but a link."""
    return desk.acting(RECIPIENT)


def paid_by_hand(desk: Desk, grant: Grant, one: User, two: User, number: int = 1) -> None:
    payment = desk.session.scalars(select(Payment).where(Payment.grant_id == grant.id, Payment.number == number)).one()
    attempt = pay.record_by_hand(at(desk, one), payment, desk.today(), f"BANK {grant.id}-{number}")
    pay.confirm_by_hand(at(desk, two), attempt)


def rows(desk: Desk, table: type) -> int:
    return desk.session.scalar(select(func.count()).select_from(table)) or 0


class TestLinks:
    def test_a_link_opens_its_grant_and_only_its_hash_is_kept(self, desk: Desk, theirs: Desk, grant: Grant) -> None:
        token = confirm.new_link(desk, grant)
        assert re.fullmatch(r"[0-9a-hjkmnp-tv-z]{32}", token), "160 bits that can be read aloud"
        assert confirm.find_grant(theirs, token) is grant
        [link] = desk.session.scalars(select(Link)).all()
        assert token not in (link.token_hash, repr(vars(link)))
        assert confirm.link_url(desk, token) == f"http://localhost/r/{token}"

    @pytest.mark.parametrize(
        "copied",
        [
            lambda t: t.upper(),
            lambda t: f"  {t}. ",
            lambda t: "-".join(t[i : i + 4] for i in range(0, 32, 4)),
            lambda t: t.replace("0", "O").replace("1", "l"),
            lambda t: f"{t}…",
        ],
    )
    def test_a_link_is_found_as_people_copy_it(self, desk: Desk, grant: Grant, copied: Callable[[str], str]) -> None:
        token = confirm.new_link(desk, grant)
        assert confirm.find_grant(desk, copied(token)) is grant

    def test_what_is_not_a_link_opens_nothing(self, desk: Desk, grant: Grant) -> None:
        token = confirm.new_link(desk, grant)
        changed = token[:-1] + ("0" if token[-1] != "0" else "2")
        for wrong in (changed, token[:-1], token * 2, "", "'; DROP TABLE links; --", "ü" * 32, "0" * 100_000, "\x00"):
            assert confirm.find_grant(desk, wrong) is None, wrong[:40]

    def test_a_link_ends_after_thirty_days_unless_it_is_extended(self, desk: Desk, grant: Grant, clock: Clock) -> None:
        token = confirm.new_link(desk, grant)
        clock.move(days=29)
        assert confirm.find_grant(desk, token) is grant
        assert confirm.extend_links(desk, grant)
        clock.move(days=29)
        assert confirm.find_grant(desk, token) is grant, "the letter in the drawer still works"
        clock.move(days=2)
        assert confirm.find_grant(desk, token) is None

    def test_a_new_link_ends_the_one_before(self, desk: Desk, grant: Grant) -> None:
        old, new = confirm.new_link(desk, grant), confirm.new_link(desk, grant)
        assert confirm.find_grant(desk, old) is None
        assert confirm.find_grant(desk, new) is grant

    def test_a_revoked_link_opens_nothing_and_cannot_be_extended(self, desk: Desk, grant: Grant) -> None:
        token = confirm.new_link(desk, grant)
        confirm.revoke_links(desk, grant)
        assert not confirm.extend_links(desk, grant)
        assert confirm.find_grant(desk, token) is None

    def test_finding_reads_once_and_writes_nothing(self, desk: Desk, grant: Grant) -> None:
        token = confirm.new_link(desk, grant)
        desk.session.flush()
        seen: list[str] = []
        event.listen(desk.session.get_bind(), "before_cursor_execute", lambda *given: seen.append(given[2]))
        confirm.find_grant(desk, token)
        assert len(seen) == 1
        assert seen[0].startswith("SELECT")

    def test_who_may_make_a_link(self, desk: Desk, theirs: Desk, grant: Grant) -> None:
        assert confirm.new_link(at(desk, a_worker(desk, "front-line")), grant)
        for other in (theirs, at(desk, a_worker(desk, "trustee")), at(desk, a_worker(desk, "partner"))):
            with pytest.raises(NotAllowed):
                confirm.new_link(other, grant)


class TestSending:
    def test_a_link_goes_out_only_by_a_way_that_is_safe(self, desk: Desk, grant: Grant, notebook: Notebook) -> None:
        notebook.jobs.clear()
        message = tell(desk, "money_sent", grant.person, grant=grant, key="once")
        assert message is not None
        assert message.to == grant.person.email
        assert notebook.jobs == [("send_message", (message.id,))]
        sent = to_send(desk, message.id)
        assert sent is not None
        token = re.search(r"/r/(\S+)", sent.text)
        assert token
        assert confirm.find_grant(desk, token.group(1)) is grant
        assert token.group(1) not in message.text + message.secret, "the link is kept nowhere in clear"

    @pytest.mark.parametrize(("channel", "safe"), [("email", False), ("worker", True), ("text", True), ("none", False)])
    def test_no_safe_way_means_a_worker_passes_it_on(
        self, desk: Desk, grant: Grant, channel: str, safe: bool, notebook: Notebook
    ) -> None:
        grant.person.channel, grant.person.contact_safe = channel, safe
        notebook.jobs.clear()
        for key in ("one", "one", "two"):
            assert tell(desk, "decided_award", grant.person, grant=grant, key=key) is None
        assert not notebook.jobs
        found = desk.session.scalars(select(Task).where(Task.kind == "pass_link")).all()
        about = [(task.subject, task.subject_id) for task in found]
        assert about == ([("grant", grant.id)] if safe else []), "else somebody is asked to ask first"


class TestItArrived:
    def test_one_tap_is_kept_once(self, desk: Desk, theirs: Desk, grant: Grant, clock: Clock) -> None:
        assert confirm.arrived(theirs, grant)
        first = grant.confirmed_at
        clock.move(hours=1)
        assert not confirm.arrived(theirs, grant), "a second tap is no news"
        assert grant.confirmed_at == first
        [said] = confirm.told(desk, grant)
        assert (said.kind, said.how, said.recorded_by) == ("arrived", "link", None)

    def test_by_phone_names_the_worker(self, desk: Desk, grant: Grant) -> None:
        worker = a_worker(desk, "front-line")
        assert confirm.by_phone(at(desk, worker), grant)
        [said] = confirm.told(desk, grant)
        assert (said.how, said.recorded_by) == ("phone", worker.id)

    def test_who_may_not_record_it(self, desk: Desk, theirs: Desk, grant: Grant) -> None:
        for other in (theirs, at(desk, a_worker(desk, "trustee")), at(desk, a_worker(desk, "funder-viewer"))):
            with pytest.raises(NotAllowed):
                confirm.by_phone(other, grant)
        assert grant.confirmed_at is None

    def test_not_confirming_changes_nothing(self, desk: Desk, clock: Clock) -> None:
        fund = a_fund(desk)
        silent, spoke = a_grant(desk, fund), a_grant(desk, fund)
        one, two = a_worker(desk, "finance"), a_worker(desk, "finance")
        paid_by_hand(desk, silent, one, two)
        paid_by_hand(desk, spoke, one, two)
        confirm.arrived(desk.acting(RECIPIENT), spoke)
        clock.move(days=400)
        confirm.lapse_due(desk)
        assert (silent.state, silent.hold_reason) == (spoke.state, spoke.hold_reason) == ("completed", "")
        again = a_grant(desk, fund, name=silent.person.name, email=silent.person.email, amount=Money(40_00))
        assert again.state == "active", "and the next award is made as before"
        assert desk.session.scalar(select(Task.id).where(Task.subject_id == silent.id)) is None


class TestSomethingIsWrong:
    def test_help_comes_from_somebody_who_neither_decided_nor_paid(self, desk: Desk, theirs: Desk) -> None:
        decider, one, two = a_worker(desk), a_worker(desk, "finance"), a_worker(desk, "manager")
        friend, helper = a_worker(desk), a_worker(desk, name="Ola")
        grant = a_grant(desk, a_fund(desk), decider)
        row = Connection(
            user_id=friend.id, name=grant.person.name, name_key=grant.person.name_key, declared_at=desk.now()
        )
        desk.session.add(row)
        paid_by_hand(desk, grant, one, two)
        call = confirm.problem(theirs, grant, "not_arrived", "Nothing on Friday.")
        task = desk.session.get_one(Task, call.task_id)
        assert (task.kind, task.subject, task.subject_id) == ("help_call", "help_call", call.id)
        assert set(call.not_for) == set(task.not_for) == {decider.id, one.id, two.id, friend.id}
        assert task.assigned_to == helper.id
        assert helping.told_to(desk, call)["words"] == "Nothing on Friday."
        assert "Friday" not in f"{task.title} {task.words} {call.sealed}"
        assert grant.state == "completed", "not having the money yet holds nothing"

    def test_with_nobody_left_the_call_waits_unassigned(self, desk: Desk, theirs: Desk) -> None:
        grant = a_grant(desk, a_fund(desk))
        for user in desk.session.scalars(select(User).where(User.id != grant.decided_by)):
            user.active = False
        call = confirm.problem(theirs, grant, "other")
        assert desk.session.get_one(Task, call.task_id).assigned_to is None

    def test_calls_are_shared_out(self, desk: Desk, theirs: Desk) -> None:
        fund = a_fund(desk)
        decider = a_worker(desk)
        able = {a_worker(desk).id, a_worker(desk).id}
        told = [confirm.problem(theirs, a_grant(desk, fund, decider), "other") for _ in range(4)]
        calls = [desk.session.get_one(Task, call.task_id) for call in told]
        assert [call.assigned_to in able for call in calls] == [True] * 4
        assert len({call.assigned_to for call in calls}) == 2

    @pytest.mark.parametrize("kind", ["not_mine", "not_safe"])
    def test_not_mine_or_not_safe_stops_the_next_payment(
        self, desk: Desk, theirs: Desk, grant: Grant, kind: str
    ) -> None:
        confirm.problem(theirs, grant, kind)
        assert grant.state == "on_hold"
        assert grant.hold_reason
        confirm.problem(theirs, grant, kind)
        holds = select(func.count()).select_from(EventRow).where(EventRow.name == "grant.held")
        assert desk.session.scalar(holds) == 1

    @pytest.mark.parametrize("kind", ["not_arrived", "wrong_amount", "other"])
    def test_other_problems_hold_nothing(self, theirs: Desk, grant: Grant, kind: str) -> None:
        confirm.problem(theirs, grant, kind)
        assert grant.state == "active"

    def test_a_completed_grant_is_not_held(self, desk: Desk, theirs: Desk, grant: Grant) -> None:
        paid_by_hand(desk, grant, a_worker(desk, "finance"), a_worker(desk, "finance"))
        assert confirm.problem(theirs, grant, "not_safe").code == "not_safe"
        assert grant.state == "completed"

    def test_tapping_twice_is_one_call_and_keeps_new_words(self, desk: Desk, theirs: Desk, grant: Grant) -> None:
        first = confirm.problem(theirs, grant, "other", "Please ring.")
        second = confirm.problem(theirs, grant, "other", "Please ring.")
        third = confirm.problem(theirs, grant, "other", "After five.")
        assert first is second is third
        assert helping.told_to(desk, first)["words"] == "Please ring.\nAfter five."
        assert rows(desk, Confirmation) == 1
        confirm.problem(theirs, grant, "not_arrived")
        assert rows(desk, Confirmation) == 2, "another problem is another call"

    def test_a_problem_after_the_call_was_closed_is_heard_again(self, desk: Desk, theirs: Desk, grant: Grant) -> None:
        first = confirm.problem(theirs, grant, "not_arrived")
        first.closed_at = desk.now()
        assert confirm.problem(theirs, grant, "not_arrived") is not first

    def test_by_phone_says_whether_it_was_new(self, desk: Desk, grant: Grant) -> None:
        worker = at(desk, a_worker(desk))
        assert confirm.by_phone(worker, grant, "wrong_amount", "£50 less")
        assert not confirm.by_phone(worker, grant, "wrong_amount")

    def test_nonsense_is_refused_and_nothing_kept(self, desk: Desk, theirs: Desk, grant: Grant) -> None:
        for kind, words in (("arrived!", ""), ("", ""), ("other", "x" * 3000)):
            with pytest.raises(Refusal):
                confirm.problem(theirs, grant, kind, words)
        assert rows(desk, Confirmation) == 0
        assert rows(desk, Task) == 0


class Story(Schema):
    story = fields.String(load_default="", validate=validate.Length(max=2000))
    stars = fields.Integer(load_default=None, allow_none=True, validate=validate.Range(1, 5))


def with_form(desk: Desk) -> Desk:
    form = Form(slug="story", title="Your story", schema=Story)
    return replace(desk, catalogue=replace(desk.catalogue, forms=MappingProxyType({"story": form})))


def an_ask(desk: Desk, grant: Grant, **more: object) -> GrantAsk:
    given = {
        "grant_id": grant.id,
        "slug": "story",
        "title": "A short story",
        "form": "story",
        "of": "recipient",
        "minutes": 5,
        "due_on": desk.today() + timedelta(days=90),
        "if_missed": "let_go",
    }
    row = GrantAsk(**given | more)
    desk.session.add(row)
    desk.session.flush()
    return row


class TestAsks:
    def test_a_story_is_told_once(self, desk: Desk, theirs: Desk, grant: Grant) -> None:
        ask = an_ask(desk, grant)
        assert list(confirm.open_asks(theirs, grant)) == [ask]
        confirm.answer_ask(with_form(theirs), ask, {"story": "We bought coats.", "stars": "5"})
        assert (ask.state, ask.how) == ("met", "link")
        assert ask.answers == {"stars": 5}, "its words are a story, sealed under the person's own key"
        confirm.answer_ask(with_form(theirs), ask, {"story": "Again"})
        [told] = desk.session.scalars(select(told_stories.Story))
        assert open_for(desk, told.person_id, told.sealed) == {"words": "We bought coats."}
        assert not confirm.open_asks(theirs, grant)

    def test_what_does_not_fit_the_form_is_named(self, theirs: Desk, grant: Grant) -> None:
        ask = an_ask(theirs, grant)
        with pytest.raises(ValidationError) as wrong:
            confirm.answer_ask(with_form(theirs), ask, {"stars": "nine"})
        assert "stars" in wrong.value.messages_dict
        assert ask.state == "open"

    def test_a_form_that_nobody_offers_now_blames_nobody(self, desk: Desk, theirs: Desk, grant: Grant) -> None:
        ask = an_ask(desk, grant, form="withdrawn-form")
        with pytest.raises(Refusal, match="our fault"):
            confirm.answer_ask(theirs, ask, {})
        assert ask.state == "open"

    def test_waiving_takes_a_manager_and_a_reason(self, desk: Desk, grant: Grant) -> None:
        ask = an_ask(desk, grant)
        with pytest.raises(NotAllowed):
            confirm.waive(at(desk, a_worker(desk, "front-line")), ask, "They moved.")
        manager = at(desk, a_worker(desk, "manager"))
        with pytest.raises(Refusal, match="few words"):
            confirm.waive(manager, ask, " ")
        confirm.waive(manager, ask, "They moved.")
        assert (ask.state, ask.why) == ("waived", "They moved.")

    @pytest.mark.parametrize("gone", ["waive", "lapse"])
    def test_what_is_no_longer_asked_is_not_taken(self, desk: Desk, theirs: Desk, grant: Grant, gone: str) -> None:
        ask = an_ask(desk, grant)
        advance(desk, ask, gone)
        assert ask.state == ASK.after("open", gone)
        with pytest.raises(Refusal, match="no longer ask"):
            confirm.answer_ask(with_form(theirs), ask, {"story": "Late"})

    def test_a_missed_ask_lapses_after_thirty_days_without_blame(self, desk: Desk, grant: Grant, clock: Clock) -> None:
        ask = an_ask(desk, grant, due_on=desk.today())
        clock.move(days=30)
        assert confirm.lapse_due(desk) == 0
        clock.move(days=1)
        assert confirm.lapse_due(desk) == 1
        assert (ask.state, grant.state) == ("lapsed", "active")
        assert confirm.lapse_due(desk) == 0


class TestConditions:
    def in_two_parts(self, desk: Desk) -> Grant:
        asked = Ask(
            slug="receipts",
            title="Receipts",
            purpose="The funder asked.",
            minutes=35,
            due_days=10,
            intrusiveness="document",
            if_missed="hold_next_payment",
        )
        terms = Terms(asks=(asked,), schedule=Schedule(parts=2, every_months=1))
        policy = Policy(slug="in-two-parts", title="In two parts", promise="Half now.", terms=lambda s, f: terms)
        known = replace(desk.catalogue, policies=MappingProxyType({"in-two-parts": policy}))
        offered = replace(desk, catalogue=known)
        return a_grant(offered, a_fund(offered, policy="in-two-parts"))

    def waiting(self, desk: Desk, grant: Grant) -> list[int]:
        held = select(Payment.number).where(Payment.grant_id == grant.id, confirm.holds_back(desk.today()))
        return list(desk.session.scalars(held.order_by(Payment.number)))

    def test_only_a_later_payment_waits_and_only_once_the_date_has_passed(self, desk: Desk, clock: Clock) -> None:
        grant = self.in_two_parts(desk)
        first, second = desk.session.scalars(
            select(Payment).where(Payment.grant_id == grant.id).order_by(Payment.number)
        )
        clock.move(days=10)
        assert self.waiting(desk, grant) == []
        clock.move(days=1)
        assert self.waiting(desk, grant) == [2]
        assert confirm.held_back(desk, first) is None, "nobody accounts for money that they have not had"
        held = confirm.held_back(desk, second)
        assert held is not None
        assert held.slug == "receipts"
        confirm.waive(at(desk, a_worker(desk, "manager")), held, "They lost their home.")
        assert self.waiting(desk, grant) == []
        assert confirm.held_back(desk, second) is None

    def test_a_person_decides_about_a_held_payment_it_never_lapses_alone(self, desk: Desk, clock: Clock) -> None:
        grant = self.in_two_parts(desk)
        clock.move(days=60)
        assert confirm.lapse_due(desk) == 0
        confirm.lapse_due(desk)
        [task] = desk.session.scalars(select(Task).where(Task.kind == "condition")).all()
        ask = desk.session.get_one(GrantAsk, task.subject_id)
        assert (ask.grant_id, ask.state) == (grant.id, "open")
        assert desk.session.get_one(Person, grant.person_id).name not in task.words


class TestAtTheSameMoment:
    @pytest.mark.parametrize("kind", ["arrived", "not_safe"])
    def test_many_taps_at_once_are_one(self, at_desk: AtDesk, kind: str) -> None:
        with at_desk() as desk:
            grant_id = a_grant(desk, a_fund(desk)).id

        def tap(_: int) -> None:
            with at_desk() as desk:
                theirs = desk.acting(RECIPIENT)
                grant = theirs.session.get_one(Grant, grant_id)
                if kind == "arrived":
                    confirm.arrived(theirs, grant)
                else:
                    confirm.problem(theirs, grant, kind)

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(tap, range(16)))
        with at_desk() as desk:
            assert [said.kind for said in confirm.told(desk, desk.session.get_one(Grant, grant_id))] == [kind]
            assert rows(desk, Task) == (kind == "not_safe")

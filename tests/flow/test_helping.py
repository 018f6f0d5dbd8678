"""Help, complaints and second looks: who may see one, who answers, by when; and nobody with a hand in it ever does."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import select, text

from grants.domain.errors import NotAllowed, Refusal
from grants.domain.helping import answer_by, workdays_between
from grants.domain.money import Money
from grants.domain.roles import ROLES
from grants.flow import confirm, decide, fund, helping, leaving, people, tasks
from grants.flow.desk import Actor, Desk
from grants.flow.forget import forget_due
from grants.flow.helping.measure import for_funder, kept
from grants.flow.people import NewUser
from grants.flow.person_keys import destroy_key
from grants.model.applications import Application
from grants.model.events import EventRow
from grants.model.grants import Grant
from grants.model.helping import HelpCall
from grants.model.messages import OutboxMessage
from grants.model.tasks import Task
from grants.model.users import User
from tests.conftest import Clock, add_user
from tests.flow.test_confirm import paid_by_hand
from tests.scenes import ELIGIBLE, a_fund, a_grant, a_worker, an_application, at

RECIPIENT = Actor(kind="recipient")

WORDS = "He has my card, and I am afraid"

HELPERS = {"front-line", "manager", "independent-reader"}

COMPLAINTS = {"manager", "independent-reader"}


@pytest.fixture
def theirs(desk: Desk) -> Desk:
    return desk.acting(RECIPIENT)


@pytest.fixture
def grant(desk: Desk) -> Grant:
    return a_grant(desk, a_fund(desk, policy="light-report"))


def reader(desk: Desk, **more: object) -> User:
    return add_user(desk, "independent-reader", name="Rosa Reader", **more)


def mail(desk: Desk) -> dict[int, list[str]]:
    """Every letter to a user: who, and what it says."""
    found: dict[int, list[str]] = {}
    for row in desk.session.scalars(select(OutboxMessage).where(OutboxMessage.user_id.is_not(None))):
        found.setdefault(row.user_id or 0, []).append(f"{row.subject}\n{row.text}")
    return found


def seen_by(desk: Desk, user: User, row: HelpCall) -> dict[str, bool]:
    """What somebody can do with a call: list it, open it, see its task, take it, answer it, close it."""
    here = at(desk, user)
    task = desk.session.get_one(Task, row.task_id)
    able = {
        "list": False,
        "open": helping.find(here, row.id) is not None,
        "task": tasks.find(here, task.id) is not None,
    }
    if here.actor.may("help.read"):
        able["list"] = row.id in {one.id for one in helping.calls(here).rows}
    acts = {
        "take": lambda: helping.take(here, row),
        "answer": lambda: helping.answer(here, row, "We talked.", "phone"),
        "close": lambda: helping.close(here, row, "explained"),
    }
    for name, act in acts.items():
        nested = desk.session.begin_nested()
        try:
            act()
            able[name] = True
        except Refusal as refusal:
            able[name] = refusal.code == "help.unanswered"
        nested.rollback()
    return able


@pytest.mark.parametrize(
    ("kind", "code", "roles"), [("help", "wrong_amount", HELPERS), ("complaint", "treated", COMPLAINTS)]
)
def test_every_role_in_and_out_of_those_kept_away(
    desk: Desk, grant: Grant, kind: str, code: str, roles: set[str]
) -> None:
    outside = {role: add_user(desk, role, organisation="Advice", name=f"Out {role}") for role in ROLES}
    inside = {role: add_user(desk, role, organisation="Advice", name=f"In {role}") for role in ROLES}
    row = helping.call(desk.acting(RECIPIENT), grant=grant, kind=kind, code=code, words=WORDS)
    row.not_for = [*row.not_for, *(user.id for user in inside.values())]
    desk.session.get_one(Task, row.task_id).not_for = row.not_for
    desk.session.flush()
    for role in ROLES:
        able = seen_by(desk, outside[role], row)
        expected = role in roles
        assert able == dict.fromkeys(able, expected), (role, able)
        nothing = seen_by(desk, inside[role], row)
        assert not any(nothing.values()), (role, nothing)
    may = {user.id for user in helping.may_take(desk, row)}
    assert may >= {outside[role].id for role in roles}
    assert not may & {user.id for user in inside.values()}
    with pytest.raises(Refusal, match="Choose somebody from the list"):
        helping.hand_over(at(desk, outside["manager"]), row, inside["manager"].id)


def test_whoever_has_a_hand_in_it_later_is_kept_out_as_well(desk: Desk, theirs: Desk, grant: Grant) -> None:
    one, two, taker = a_worker(desk, "manager"), a_worker(desk, "manager"), a_worker(desk)
    row = helping.call(theirs, grant=grant, kind="help", code="not_arrived", words=WORDS)
    assert helping.find(at(desk, two), row.id) is row
    helping.take(at(desk, taker), row)
    paid_by_hand(desk, grant, one, two)
    assert helping.find(at(desk, one), row.id) is None, "who paid it"
    assert helping.find(at(desk, two), row.id) is None, "who released it"
    assert helping.find(at(desk, taker), row.id) is row
    with pytest.raises(Refusal, match="somebody else"):
        helping.take(at(desk, two), row)


def test_words_are_sealed_erased_with_the_key_and_in_no_dump(desk: Desk, theirs: Desk, grant: Grant) -> None:
    reader(desk)
    helper = at(desk, a_worker(desk))
    row = helping.call(theirs, grant=grant, kind="help", code="not_safe", words=WORDS, chosen=helping.Wish("Old Olu"))
    helping.answer(helper, row, "We froze the card", "in_person")
    desk.session.flush()
    for table in desk.session.get_bind().dialect.get_table_names(desk.session.connection()):
        for line in desk.session.execute(text(f'SELECT * FROM "{table}"')):
            for secret in ("afraid", "Old Olu", "froze the card"):
                assert secret not in repr(tuple(line)), (table, secret)
    assert helping.told_to(helper, row)["words"] == WORDS
    assert helping.answered_with(helper, row) == "We froze the card"
    destroy_key(desk, row.person_id)
    assert helping.told_to(helper, row) == {}
    assert helping.answered_with(helper, row) == ""
    assert row.answered_at is not None, "that it was answered stays"


def test_what_is_not_safe_reaches_the_reader_at_once_with_no_content(desk: Desk, theirs: Desk, grant: Grant) -> None:
    rosa, gone = reader(desk), add_user(desk, "independent-reader", active=False)
    calm = helping.call(theirs, grant=grant, kind="help", code="not_arrived", words=WORDS)
    assert (calm.reader_id, mail(desk)) == (None, {})
    row = helping.call(theirs, grant=grant, kind="help", code="not_safe", words=WORDS)
    assert row.reader_id == rosa.id
    [letter] = mail(desk)[rosa.id]
    assert gone.id not in mail(desk)
    assert "Somebody needs you" in letter
    for content in ("card", "safe", grant.reference, grant.person.name):
        assert content not in letter
    assert (grant.state, "safe" in grant.hold_reason) == ("on_hold", False), "the page of the grant gives nothing away"
    told = [event.data for event in desk.session.scalars(select(EventRow).where(EventRow.subject == "help_call"))]
    assert told == [{"kind": "help", "how": "link"}] * 2


def test_a_complaint_never_reaches_whom_it_is_about(desk: Desk, theirs: Desk, grant: Grant) -> None:
    rosa, mona = reader(desk), a_worker(desk, "manager", name="Mona Marsh")
    gita = a_worker(desk, "manager", name="Gita Gold")
    named = helping.call(theirs, grant=grant, kind="complaint", code="person", about_whom="mona", words="She laughed.")
    assert mona.id in named.not_for
    assert helping.find(at(desk, mona), named.id) is None
    assert helping.find(at(desk, gita), named.id) is named
    mentioned = helping.call(theirs, grant=grant, kind="complaint", code="treated", words="I asked Gita and waited.")
    assert helping.find(at(desk, gita), mentioned.id) is None
    assert helping.find(at(desk, mona), mentioned.id) is mentioned
    decider = desk.session.get_one(User, grant.decided_by)
    assert decider.id in named.not_for
    helping.take(at(desk, rosa), named)
    helping.answer(at(desk, rosa), named, "I am sorry.", "phone")
    helping.close(at(desk, rosa), named, "we_were_wrong")
    assert (named.outcome, named.answered_by) == ("we_were_wrong", rosa.id)
    with pytest.raises(Refusal, match="closed this already"):
        helping.take(at(desk, gita), named)


def test_a_complaint_that_nobody_may_read_asks_for_another_reader(desk: Desk, theirs: Desk, grant: Grant) -> None:
    rosa, mona = reader(desk), a_worker(desk, "manager", name="Mona Marsh")
    for user in desk.session.scalars(select(User).where(User.id.not_in((rosa.id, mona.id)))):
        user.active = False
    helping.call(theirs, grant=grant, kind="complaint", code="person", about_whom="Rosa or Mona")
    assert rosa.id not in mail(desk), "it is about her"
    [letter] = mail(desk)[mona.id]
    assert "Name another independent reader" in letter


def test_the_person_chooses_a_worker_they_trust_or_somebody_outside(desk: Desk, theirs: Desk, grant: Grant) -> None:
    rosa, olu = reader(desk), a_worker(desk, name="Olu Ade")
    decider = desk.session.get_one(User, grant.decided_by)

    def call(code: str, wish: helping.Wish) -> HelpCall:
        return helping.call(theirs, grant=grant, kind="help", code=code, chosen=wish)

    trusted = call("other", helping.Wish("olu"))
    assert (trusted.chosen_id, helping.with_whom(desk, trusted)) == (olu.id, olu.id)
    refused = call("wrong_amount", helping.Wish(decider.name))
    assert refused.chosen_id is None, "whoever decided is not chosen, and nobody is told why"
    assert helping.told_to(desk, refused)["name"] == decider.name, "the taker reads the name"
    outside = call("not_arrived", helping.Wish(outside=True))
    assert (outside.task_id, helping.with_whom(desk, outside)) == (None, rosa.id)
    assert helping.find(at(desk, olu), outside.id) is None
    assert helping.find(at(desk, a_worker(desk, "manager")), outside.id) is None
    assert helping.find(at(desk, rosa), outside.id) is outside
    assert [user.id for user in helping.may_take(desk, outside)] == [rosa.id]
    assert call("not_arrived", helping.Wish(outside=True)) is outside, "a second tap is the same call"
    assert call("not_arrived", helping.Wish("olu")) is not outside, "another wish is another call"


def test_the_promise_counts_working_days(desk: Desk, theirs: Desk, grant: Grant, clock: Clock) -> None:
    friday = datetime(2026, 12, 24, 10, tzinfo=UTC)
    clock.move(seconds=(friday - desk.now()).total_seconds())
    made = {
        (kind, code): helping.call(theirs, grant=grant, kind=kind, code=code).answer_by.date().isoformat()
        for kind, code in (("help", "not_safe"), ("help", "other"), ("complaint", "other"))
    }
    assert made == {
        ("help", "not_safe"): "2026-12-29",
        ("help", "other"): "2026-12-30",
        ("complaint", "other"): "2027-01-05",
    }, "neither Christmas nor a weekend is a working day"
    for days in (1, 2, 5, 10):
        assert workdays_between(friday.date(), answer_by(friday.date(), days).date()) == days
    slow = replace(theirs, settings=replace(theirs.settings, answer_days_help=7))
    later = helping.call(slow, grant=grant, kind="help", code="wrong_amount")
    assert later.answer_by.date().isoformat() == "2027-01-07"


def test_a_late_answer_is_asked_for_once_of_the_taker_then_once_of_the_reader(
    desk: Desk, theirs: Desk, grant: Grant, clock: Clock
) -> None:
    rosa, olu = reader(desk), a_worker(desk, name="Olu Ade")
    row = helping.call(theirs, grant=grant, kind="help", code="other", words=WORDS)
    helping.take(at(desk, olu), row)
    letters = []
    for _day in range(9):
        helping.remind_late(desk)
        helping.remind_late(desk)
        letters.append((len(mail(desk).get(olu.id, [])), len(mail(desk).get(rosa.id, []))))
        clock.move(days=1)
    assert letters == [(0, 0)] * 3 + [(1, 0)] + [(1, 1)] * 5, "Monday, due Wednesday: Thursday him, Friday her"
    to_people = select(OutboxMessage).where(OutboxMessage.person_id.is_not(None), OutboxMessage.event == "")
    assert desk.session.scalars(to_people).all() == [], "the person is never reminded"
    assert all(WORDS not in said for said in mail(desk)[rosa.id])


def test_the_promise_is_measured_and_small_numbers_stay_hidden_from_funders(
    desk: Desk, theirs: Desk, clock: Clock
) -> None:
    here, elsewhere, olu = a_fund(desk, 5000), a_fund(desk, 5000), at(desk, a_worker(desk))
    grants = [a_grant(desk, here) for _ in range(6)] + [a_grant(desk, elsewhere)]
    rows = [helping.call(theirs, grant=grant, kind="help", code="other") for grant in grants]
    helping.call(theirs, grant=grants[0], kind="complaint", code="treated")
    clock.move(days=1)
    for row in rows[:3]:
        helping.answer(olu, row, "We talked.", "phone")
    clock.move(days=6)
    helping.answer(olu, rows[3], "Sorry that it took so long.", "phone")
    helping.close(olu, rows[4], "not_needed")
    all_of_it = {one.kind: one for one in kept(desk)}
    ours = {one.kind: one for one in kept(desk, here.id)}
    help_ = ours["help"]
    assert (help_.calls, help_.answered, help_.due, help_.on_time, help_.median) == (6, 4, 5, 3, 1)
    assert (help_.share, help_.coarse) == (60, 60)
    assert (all_of_it["help"].calls, all_of_it["help"].share) == (7, 50)
    assert (ours["complaint"].calls, ours["not_safe"].share, ours["appeal"].median) == (1, None, None)
    shown = {one.kind: one for one in for_funder(desk, here.id, 5)}
    assert (shown["help"].calls, shown["complaint"].hidden, shown["complaint"].calls) == (6, True, None)
    clock.move(days=400)
    assert [one.calls for one in kept(desk)] == [0, 0, 0, 0], "only the last 12 months count"


class TestSecondLook:
    def declined(self, desk: Desk) -> tuple[Application, User]:
        decider = a_worker(desk, name="Dan Decider")
        row = an_application(desk, a_fund(desk))
        decide.decline(at(desk, decider), row.id, "Not for beds.")
        return row, decider

    def test_somebody_else_opens_it_again_and_whoever_decided_never_decides_again(self, desk: Desk) -> None:
        row, decider = self.declined(desk)
        other = a_worker(desk, name="Olu Ade")
        asked = helping.call(desk.acting(RECIPIENT), application=row, kind="appeal", code="decision", words=WORDS)
        assert helping.find(at(desk, decider), asked.id) is None
        assert helping.with_whom(desk, asked) == other.id
        with pytest.raises(Refusal, match="somebody else"):
            helping.look_again(at(desk, decider), asked)
        helping.look_again(at(desk, other), asked, "We look at it anew.")
        assert (row.state, asked.outcome, asked.closed_at is not None) == ("submitted", "reopened", True)
        amount = Money(row.amount)
        with pytest.raises(NotAllowed, match="Somebody else decides this time"):
            decide.award(at(desk, decider), row.id, amount, ELIGIBLE)
        with pytest.raises(NotAllowed):
            decide.decline(at(desk, decider), row.id, "No again.")
        assert decide.award(at(desk, other), row.id, amount, ELIGIBLE).grant is not None
        with pytest.raises(Refusal, match="already"):
            helping.call(desk.acting(RECIPIENT), application=row, kind="appeal", code="decision")

    def test_the_answer_stays_with_words_and_the_person_is_told_in_their_safe_way(self, desk: Desk) -> None:
        row, decider = self.declined(desk)
        other = at(desk, a_worker(desk))
        asked = helping.call(desk.acting(RECIPIENT), application=row, kind="appeal", code="decision")
        with pytest.raises(Refusal, match="Say why"):
            helping.uphold(other, asked, " ")
        with pytest.raises(Refusal, match="Say first"):
            helping.close(other, asked, "explained")
        helping.uphold(other, asked, "The rule of this fund leaves no room.")
        assert (row.state, asked.outcome) == ("declined", "upheld")
        assert helping.answered_with(other, asked).startswith("The rule")
        told = select(OutboxMessage).where(OutboxMessage.key == f"appeal_upheld:{asked.id}")
        assert desk.session.scalars(told).one().person_id == row.person_id
        assert decider.id in asked.not_for

    def test_only_a_no_is_looked_at_again(self, desk: Desk) -> None:
        waits = an_application(desk, a_fund(desk))
        with pytest.raises(Refusal, match="no answer yet"):
            helping.call(desk.acting(RECIPIENT), application=waits, kind="appeal", code="decision")


def test_a_live_fund_opens_only_once_a_reader_is_named(desk: Desk) -> None:
    live = replace(desk, settings=replace(desk.settings, mode="live"))
    row = a_fund(desk)
    manager = at(live, a_worker(desk, "manager"))
    fund.set_open(manager, row, is_open=False)
    with pytest.raises(Refusal, match="Nobody is the independent reader yet"):
        fund.set_open(manager, row, is_open=True)
    with pytest.raises(Refusal, match="independent reader"):
        a_fund(live)
    gone = reader(desk, active=False)
    assert not gone.active
    with pytest.raises(Refusal):
        fund.set_open(manager, row, is_open=True)
    reader(desk)
    fund.set_open(manager, row, is_open=True)
    assert row.is_open


@pytest.mark.parametrize("beside", sorted(set(ROLES) - {"independent-reader"}))
def test_a_reader_holds_no_role_that_decides_or_pays(desk: Desk, beside: str) -> None:
    manager = at(desk, add_user(desk, "manager"))
    new = NewUser(name="Rosa", email="rosa@example.org", roles=("independent-reader", beside), organisation="Quay")
    if beside == "trustee":
        assert people.invite(manager, new).needs_second_factor
        return
    with pytest.raises(Refusal):
        people.invite(manager, new)


def test_when_a_worker_leaves_their_calls_wait_for_those_who_may_see_them(
    desk: Desk, theirs: Desk, grant: Grant
) -> None:
    maya, amina, bo = add_user(desk, "manager"), add_user(desk, "front-line"), add_user(desk, "finance")
    row = helping.call(theirs, grant=grant, kind="help", code="other")
    helping.take(at(desk, amina), row)
    leaving.leave(at(desk, maya), amina, bo)
    task = desk.session.get_one(Task, row.task_id)
    assert (row.taken_by, task.assigned_to) == (None, None), "finance does not read calls for help"
    helping.take(at(desk, maya), row)
    assert task.assigned_to == maya.id


def test_words_go_ninety_days_after_it_is_over_and_never_while_somebody_waits(
    desk: Desk, theirs: Desk, grant: Grant, clock: Clock
) -> None:
    helper = at(desk, a_worker(desk))
    over = helping.call(theirs, grant=grant, kind="help", code="other", words=WORDS)
    waits = helping.call(theirs, grant=grant, kind="help", code="not_safe", words=WORDS)
    helping.answer(helper, over, "We talked.", "phone")
    helping.close(helper, over, "explained")
    clock.move(days=89)
    forget_due(desk)
    assert helping.told_to(helper, over)["words"] == WORDS
    clock.move(days=2)
    forget_due(desk)
    assert (over.sealed, over.answer, over.outcome) == ("", "", "explained")
    assert helping.told_to(helper, waits)["words"] == WORDS


def test_the_page_never_gives_away_that_somebody_is_not_safe(desk: Desk, theirs: Desk, grant: Grant) -> None:
    assert helping.standing(desk, grant) is None
    helping.call(theirs, grant=grant, kind="help", code="not_safe")
    helping.call(theirs, grant=grant, kind="complaint", code="treated", chosen=helping.Wish(outside=True))
    assert helping.standing(desk, grant, quiet=True) is None
    assert helping.standing(desk, grant) is not None, "whoever has just told us sees by when"
    row = helping.call(theirs, grant=grant, kind="help", code="other")
    seen = helping.standing(desk, grant, quiet=True)
    assert seen == helping.Standing(row.answer_by, answered=False)


def test_links_to_an_application_open_it_and_nothing_else(desk: Desk, clock: Clock) -> None:
    row = an_application(desk, a_fund(desk))
    worker = at(desk, a_worker(desk))
    first = confirm.new_application_link(worker, row)
    second = confirm.new_application_link(worker, row)
    assert confirm.find_application(desk, first) is None, "a fresh link ends the one before"
    assert confirm.find_application(desk, second.upper()) is row
    assert confirm.find_grant(desk, second) is None
    assert confirm.application_url(desk, second).endswith(f"/a/{second}")
    with pytest.raises(NotAllowed):
        confirm.new_application_link(at(desk, add_user(desk, "trustee")), row)
    clock.move(days=31)
    assert confirm.find_application(desk, second) is None

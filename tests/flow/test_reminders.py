"""People are told of what is due once, reminded as declared and never more, only in a safe way, and then left alone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from grants.domain.errors import NotAllowed
from grants.domain.money import Money
from grants.domain.terms import Ask, IfMissed
from grants.flow import apply, confirm, decide, pay
from grants.flow.confirm.asks import GRACE_DAYS, REMIND_DAYS
from grants.jobs.registry import EVERY
from grants.model.asks import GrantAsk
from grants.model.funds import Fund
from grants.model.grants import Grant
from grants.model.messages import OutboxMessage
from grants.model.people import Person
from grants.model.tasks import Task
from tests.conftest import Clock
from tests.hoping import RECEIPTS, Asking
from tests.scenes import ELIGIBLE, answers


def reminding(times: int, if_missed: IfMissed = "remind", **more: object) -> Ask:
    return replace(RECEIPTS, if_missed=if_missed, reminders=times, **more)  # type: ignore[arg-type]


def to_the_end(asking: Asking, clock: Clock, days: int = 84) -> None:
    """Lets many days pass, with every job of the clock twice each half week."""
    for _ in range(days * 2 // 7):
        clock.move(hours=84)
        asking.strikes("wake_messages", "tell_asks", "lapse_asks", "tell_asks", "lapse_asks")
    clock.move(hours=12)
    asking.strikes("wake_messages")


def test_the_clock_starts_the_job() -> None:
    assert EVERY["tell_asks"] <= 3600


@pytest.mark.parametrize(
    ("ask", "most"),
    [
        (reminding(0, "let_go"), 1),
        (reminding(0), 1),
        (reminding(1), 2),
        (reminding(3), 4),
        (reminding(2, "further_grant"), 3),
    ],
)
def test_at_most_as_declared_however_often_the_job_runs(asking: Asking, clock: Clock, ask: Ask, most: int) -> None:
    grant = asking.award(asking.fund(ask))
    before = len(asking.sent)
    to_the_end(asking, clock)
    told = asking.sent[before:]
    assert len(told) == most
    assert asking.ask(grant).state == "lapsed"
    assert asking.ask(grant).reminded == most - 1
    assert [event["number"] for event in asking.events("ask.reminded")] == list(range(1, most))
    assert len(asking.events("ask.told")) == 1


def test_the_first_word_comes_on_the_day_reminders_fourteen_days_apart_and_then_it_lapses(
    asking: Asking, clock: Clock
) -> None:
    grant = asking.award(asking.fund(reminding(2)))
    heard, lapsed, before = [], 0, len(asking.sent)
    for day in range(1, 80):
        clock.move(days=1)
        asking.strikes("tell_asks", "lapse_asks")
        heard += [day] * (len(asking.sent) - before - len(heard))
        lapsed = lapsed or (day if asking.ask(grant).state == "lapsed" else 0)
    assert heard == [10, 10 + REMIND_DAYS, 10 + 2 * REMIND_DAYS]
    assert lapsed == 10 + 3 * REMIND_DAYS, "fourteen days after the last word"


def test_without_reminders_it_lapses_thirty_days_after_its_date(asking: Asking, clock: Clock) -> None:
    grant = asking.award(asking.fund(reminding(0)))
    clock.move(days=10)
    asking.strikes("tell_asks")
    clock.move(days=GRACE_DAYS)
    asking.strikes("lapse_asks")
    assert asking.ask(grant).state == "open"
    clock.move(days=1)
    asking.strikes("lapse_asks")
    assert asking.ask(grant).state == "lapsed"


def test_the_words_tell_a_stranger_nothing_and_the_link_works(asking: Asking, clock: Clock) -> None:
    grant = asking.award(asking.fund(reminding(1)), name="Severina Preda")
    clock.move(days=10)
    asking.strikes("tell_asks")
    message = asking.sent[-1]
    for secret in ("Severina", "Preda", "150", "£", "grant", "money", "bought", "receipt", "fund", "Harbour"):
        assert secret not in message.text + message.subject, secret
    token = message.text.partition("/r/")[2].split()[0]
    page = asking.phone().get(f"/r/{token}")
    assert "Show what you bought" in page.text
    with asking.desk() as desk:
        assert confirm.find_grant(desk, token) == desk.session.get_one(Grant, grant)


def told_and_cut_off(asking: Asking) -> None:
    with asking.desk() as desk:
        assert confirm.tell_due(desk) == 3
        raise RuntimeError("the machine went off")


def test_cut_off_half_way_nothing_is_lost_and_nothing_told_twice(asking: Asking, clock: Clock) -> None:
    fund = asking.fund(reminding(1))
    grants = [asking.award(fund) for _ in range(3)]
    before = len(asking.sent)
    clock.move(days=10)
    with pytest.raises(RuntimeError):
        told_and_cut_off(asking)
    assert all(asking.ask(grant).told_at is None for grant in grants), "as if nothing had happened"
    asking.strikes()
    assert len(asking.sent) == before
    with asking.desk() as desk:
        assert confirm.tell_due(desk, limit=2) == 2, "cut off between two transactions"
    asking.strikes("tell_asks", "tell_asks")
    assert len(asking.sent) == before + 3
    assert len({message.to for message in asking.sent[before:]}) == 3


def test_who_is_no_longer_safe_between_writing_and_sending_hears_nothing(asking: Asking, clock: Clock) -> None:
    grant = asking.award(asking.fund(reminding(3)))
    before = len(asking.sent)
    clock.move(days=10)
    with asking.desk() as desk:
        confirm.tell_due(desk)
        desk.session.get_one(Grant, grant).person.contact_safe = False
    asking.strikes()
    assert len(asking.sent) == before
    with asking.desk() as desk:
        last = desk.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id.desc())).first()
        assert last is not None
        assert last.problem == "not safe to send any more"


@pytest.mark.parametrize("channel", ["none", "text", "worker"])
@pytest.mark.parametrize("safe", [True, False])
def test_any_other_way_is_a_task_for_a_worker_and_nothing_is_sent(
    asking: Asking, clock: Clock, channel: str, safe: bool
) -> None:
    reach = {"channel": channel, "contact_safe": safe, "phone": "07700 900 982", "address": "1 Quay", "email": ""}
    grant = asking.award(asking.fund(reminding(2)), **reach)
    to_the_end(asking, clock, 25)
    assert asking.sent == []
    number = asking.ask(grant).id
    with asking.desk() as desk:
        [task] = desk.session.scalars(select(Task).where(Task.kind == "ask_person")).all()
        assert (task.subject_id, task.closed_at) == (number, None), "one, while it is open"
        assert ("Do not contact them" in task.words) is not (safe and channel != "none")
        assert desk.session.scalars(select(Person.name)).one() not in task.title + task.words
    to_the_end(asking, clock, 70)
    row = asking.ask(grant)
    assert (row.state, row.reminded) == ("lapsed", 0), "somebody who was never asked is not reminded"
    with asking.desk() as desk:
        [task] = desk.session.scalars(select(Task).where(Task.kind == "ask_person")).all()
        assert task.closed_at is not None, "and the task ends with it"


def test_a_worker_who_asked_is_asked_to_remind_and_no_oftener_than_declared(asking: Asking, clock: Clock) -> None:
    grant = asking.award(asking.fund(reminding(1)), channel="worker", phone="01305 555012", email="")
    tasks = 0
    for _ in range(90):
        clock.move(days=1)
        asking.strikes("tell_asks", "lapse_asks")
        with asking.desk() as desk:
            for task in desk.session.scalars(select(Task).where(Task.kind == "ask_person", Task.closed_at.is_(None))):
                task.closed_at, tasks = desk.now(), tasks + 1
    assert (tasks, asking.ask(grant).reminded) == (2, 1)


def test_nobody_is_told_of_a_grant_that_is_held_cancelled_or_answered(asking: Asking, clock: Clock) -> None:
    fund = asking.fund(reminding(2))
    held, answered, waived = (asking.award(fund) for _ in range(3))
    asking.join("mona", "manager")
    asking.strikes()
    before = len(asking.sent)
    with asking.desk("mona") as desk:
        pay.hold_grant(desk, desk.session.get_one(Grant, held), "They said that it is not safe.")
        ask = desk.session.scalars(select(GrantAsk).where(GrantAsk.grant_id == answered)).one()
        confirm.answer_ask(desk, ask, {"own_words": "A bed."}, how="phone")
        confirm.waive(
            desk, desk.session.scalars(select(GrantAsk).where(GrantAsk.grant_id == waived)).one(), "They are ill."
        )
    to_the_end(asking, clock, 40)
    assert len(asking.sent) == before


HELPER = replace(RECEIPTS, of="referrer", title="Say how the visit went", if_missed="remind", reminders=1, accepts=())


def referred(asking: Asking, fund: int, partner: str) -> int:
    """A partner refers somebody, who is awarded; returns the id of the grant."""
    with asking.desk(partner) as desk:
        application = apply.submit(desk, desk.session.get_one(Fund, fund), answers(route="referred")).id
    with asking.desk("ann") as desk:
        decided = decide.award(desk, application, Money(150_00), ELIGIBLE)
        assert decided.grant is not None
        return decided.grant.id


def test_a_partner_hears_what_is_asked_of_them_about_their_own_referrals(asking: Asking, clock: Clock) -> None:
    fund = asking.fund(HELPER)
    petra, _ann = asking.join("petra", "partner"), asking.join("ann", "front-line")
    asking.join("olaf", "partner")
    grant = referred(asking, fund, "petra")
    asking.strikes()
    before = len(asking.sent)
    to_the_end(asking, clock, 25)
    told = asking.sent[before:]
    assert [message.to for message in told] == [petra.email] * 2, "once, and one reminder; the person hears nothing"
    assert all("/staff/asked" in message.text and "Severina" not in message.text for message in told)
    with asking.desk("olaf") as desk:
        assert confirm.asked_of_helpers(desk) == []
        with pytest.raises(NotAllowed):
            confirm.answer_ask(desk, desk.session.scalars(select(GrantAsk)).one(), {"story": "Nosy."}, how="here")
    with asking.desk("petra") as desk:
        [(ask, _grant)] = confirm.asked_of_helpers(desk)
        confirm.answer_ask(desk, ask, {"story": "It went well."}, how="here")
    assert (asking.ask(grant).state, asking.ask(grant).how) == ("met", "here")


def test_without_a_partner_a_worker_asks_the_helper_and_the_charity_does_its_own_part(
    asking: Asking, clock: Clock
) -> None:
    asking.award(asking.fund(HELPER, replace(HELPER, slug="ours", of="charity", title="Count it")))
    asking.strikes()
    before = len(asking.sent)
    clock.move(days=10)
    asking.strikes("tell_asks", "tell_asks")
    with asking.desk() as desk:
        kinds = sorted(desk.session.scalars(select(Task.kind).where(Task.subject == "ask")))
    assert kinds == ["ask_charity", "ask_helper"]
    assert len(asking.sent) == before

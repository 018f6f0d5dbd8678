"""Tasks: calls for help first, and never a word to whoever it is not for."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from grants.domain.errors import NotAllowed, Refusal
from grants.flow import confirm, pay, tasks
from grants.flow.desk import Actor
from grants.model.grants import Grant
from grants.model.payments import ProviderEvent
from grants.model.tasks import Task
from grants.offers import Outcome
from grants.web.edge import desk_for_request
from grants.web.staff.acts import one_at_a_time
from tests.visitor import words
from tests.web.staff.conftest import Counting, Office


def call_for_help(office: Office, grant_id: int, said: str = "I looked today.") -> int:
    """The recipient says that the money has not come; returns the task that points to their call."""
    with office.desk() as desk:
        recipient = desk.acting(Actor(kind="recipient"))
        return confirm.problem(recipient, desk.session.get_one(Grant, grant_id), "not_arrived", said).task_id or 0


def a_task(office: Office, **more: object) -> int:
    """Opens a task for anyone; returns it."""
    with office.desk() as desk:
        usual = {"kind": "condition", "title": "Decide whether a payment waits", "subject": "ask", "subject_id": 1}
        task = Task(**usual | more | {"opened_at": desk.now()})
        desk.session.add(task)
        desk.session.flush()
        return task.id


def the_task(office: Office, number: int) -> Task:
    with office.desk() as desk:
        return desk.session.get_one(Task, number)


def test_a_call_for_help_comes_first_and_whoever_decided_never_sees_it(office: Office) -> None:
    a_task(office, title="Something small")
    number = call_for_help(office, office.award())
    page = words(office.at("hugo").get("/staff/tasks"))
    assert page.index("Call for help: somebody waits") < page.index("Something small")
    assert "I looked today." not in page
    opened = office.at("hugo").get(f"/staff/tasks/{number}", follow_redirects=True)
    assert "I looked today." in words(opened), "the task only points to the call"
    elsewhere = office.at("hugo").send("/staff/tasks", {"outcome": "x"}, to=f"/staff/tasks/{number}/close")
    assert (elsewhere.status_code, "Open the call itself" in words(elsewhere)) == (422, True)

    assert "Call for help" not in words(office.at("ann").get("/staff/tasks"))
    assert "Call for help: " not in words(office.at("ann").get("/staff/tasks?whose=help"))
    assert office.at("ann").get(f"/staff/tasks/{number}").status_code == 404
    for act in ("take", "give-back", "close"):
        answer = office.at("ann").send("/staff/tasks", {"outcome": "x"}, to=f"/staff/tasks/{number}/{act}")
        assert answer.status_code == 404, act
    assert the_task(office, number).closed_at is None


def test_a_task_is_taken_and_closed_with_what_came_of_it(office: Office) -> None:
    number = a_task(office)
    page = f"/staff/tasks/{number}"
    assert "Anyone may take it." in words(office.at("hugo").get(page))
    taken = office.at("hugo").send(page, to=f"{page}/take", follow_redirects=True)
    assert "This task is yours now." in words(taken)
    silent = office.at("hugo").send(f"{page}/close", {"outcome": " "})
    assert silent.status_code == 422
    assert "Say what came of it, in a few words." in words(silent)
    done = office.at("hugo").send(f"{page}/close", {"outcome": "We spoke. It is let go."}, follow_redirects=True)
    assert "The task is closed." in words(done)
    assert the_task(office, number).closed_by == office.staff["hugo"].id
    assert "We spoke. It is let go." in words(office.at("ben").get(page))
    assert "Decide whether a payment waits" in words(office.at("ben").get("/staff/tasks?whose=closed"))
    late = office.at("ben").send(f"{page}/close", {"outcome": "I did it"})
    assert late.status_code == 422
    assert "Somebody has closed this task already." in words(late)


def test_a_task_may_be_given_back(office: Office) -> None:
    number = a_task(office, assigned_to=office.staff["hugo"].id)
    page = f"/staff/tasks/{number}"
    assert "Decide whether" not in words(office.at("ben").get("/staff/tasks"))
    assert "With Hugo" in words(office.at("ben").get("/staff/tasks?whose=colleagues"))
    assert office.at("hugo").send(page, to=f"{page}/give-back").status_code == 303
    assert "Decide whether" in words(office.at("ben").get("/staff/tasks"))


def test_an_unknown_payment_closes_by_itself_and_by_nobody(office: Office) -> None:
    grant_id = office.award()
    office.sent(office.build(), **{f"g{grant_id}": Outcome(state="unknown")})
    number = a_task(office, kind="payment_unknown", subject="attempt", subject_id=office.attempt(grant_id).id)
    page = words(office.at("ben").get(f"/staff/tasks/{number}"))
    assert "Do not pay another way." in page
    assert "close it" not in page
    answer = office.at("ben").send(f"/staff/tasks/{number}/close", {"outcome": "done"})
    assert answer.status_code == 422
    assert "This closes by itself" in words(answer)
    opened = office.at("ben").get(f"/staff/attempts/{office.attempt(grant_id).id}", follow_redirects=True)
    assert "We are finding out" in words(opened)


def test_two_people_cancel_a_grant_and_the_money_goes_back(office: Office) -> None:
    grant_id = office.award()
    reference = office.grant(grant_id).reference
    page = f"/staff/grants/{reference}/cancel"
    assert office.at("ann").get(page).status_code == 403
    proposed = office.at("gita").send(page, {"why": "They moved away and asked us to"})
    assert proposed.status_code == 303
    own = words(office.at("gita").get(page))
    assert "You proposed this, so somebody else agrees." in own
    assert "Mona" in own
    assert office.at("gita").send(page, to=f"{page}/agree").status_code == 403
    assert "Agree to cancel" not in words(office.at("ben").get("/staff/tasks"))
    assert "Agree to cancel" in words(office.at("mona").get("/staff/tasks"))
    assert "They moved away" in words(office.at("mona").get(page))
    assert office.at("mona").send(page, to=f"{page}/agree").status_code == 303
    assert office.grant(grant_id).state == "cancelled"
    assert office.at("mona").send("/staff/tasks", to=f"{page}/agree").status_code == 409


def test_whoever_does_not_agree_to_cancel_says_so(office: Office) -> None:
    grant_id = office.award()
    with office.desk("gita") as desk:
        number = pay.propose_cancel(desk, desk.session.get_one(Grant, grant_id), "A mistake").id
    assert office.at("ben").get(f"/staff/tasks/{number}").status_code == 404
    assert (
        office.at("mona").send(f"/staff/tasks/{number}/close", {"outcome": "No mistake: I asked."}).status_code == 303
    )
    assert office.grant(grant_id).state == "active"
    assert office.at("gita").get(f"/staff/grants/{office.grant(grant_id).reference}/cancel").status_code == 200


def test_tasks_in_flow_keep_to_whom_they_are_for(office: Office) -> None:
    number = a_task(office, not_for=[office.staff["hugo"].id])
    with office.desk("hugo") as desk:
        task = desk.session.get_one(Task, number)
        assert tasks.find(desk, number) is None
        with pytest.raises(Refusal, match="for somebody else"):
            tasks.take(desk, task)
        with pytest.raises(Refusal, match="for somebody else"):
            tasks.close(desk, task, "done")
    with office.desk("tess") as desk, pytest.raises(NotAllowed):
        tasks.open_for(desk, "anyone")


def test_long_lists_go_on(office: Office) -> None:
    for number in range(55):
        a_task(office, title=f"Task {number}.")
    first = office.at("ben").get("/staff/tasks?whose=anyone")
    assert "Task 49." in words(first)
    assert "Task 50." not in words(first)
    onward = first.text.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0].replace("&amp;", "&")
    second = words(office.at("ben").get(onward))
    assert "Task 50." in second
    assert "Task 54." in second
    assert "Task 49." not in second


def test_tasks_take_few_statements(office: Office, statements: Counting) -> None:
    call_for_help(office, office.award())
    number = a_task(office)
    for page in ("/staff/tasks", f"/staff/tasks/{number}", "/staff/tasks?whose=closed"):
        client = office.at("hugo")
        with statements() as sent:
            assert client.get(page).status_code == 200
        assert len(sent) <= 8, sent


def test_every_kind_of_task_says_what_to_do(office: Office) -> None:
    from grants.web.staff.tasks import TO_DO

    with office.desk() as desk:
        for kind in TO_DO:
            desk.session.add(
                Task(kind=kind, title=kind, subject="rail", subject_id=0, opened_at=desk.now(), words="Some words.")
            )
        desk.session.flush()
        numbers = list(desk.session.scalars(select(Task.id)))
    for number in numbers:
        assert office.at("gita").get(f"/staff/tasks/{number}").status_code == 200


def test_what_only_the_database_can_refuse_is_said_in_plain_words(office: Office) -> None:
    with office.app.test_request_context("/staff/tasks", method="POST"):
        desk = desk_for_request()
        twice = [ProviderEvent(rail="stripe", event_id="evt_1", received_at=desk.now()) for _ in range(2)]
        with pytest.raises(Refusal, match="Somebody did the same at this moment"), one_at_a_time():
            desk.session.add_all(twice)
        desk.session.rollback()

"""People come, leave, and get back in."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from grants.domain.errors import NotAllowed, Refusal
from grants.domain.later import Notebook
from grants.domain.money import Money
from grants.flow import leaving, people
from grants.flow.desk import Desk
from grants.flow.invitations import invitation_link, open_invitation
from grants.flow.people import NewUser
from grants.model.applications import Decision
from grants.model.delegations import Delegation
from grants.model.events import EventRow
from grants.model.floats import CashFloat
from grants.model.messages import OutboxMessage
from grants.model.runs import Run
from grants.model.tasks import Task
from grants.model.users import SignIn, User
from grants.web.edge import actor_of
from tests.conftest import Clock, add_application, add_user

AMINA = NewUser(name="Amina Yusuf", email=" Amina@Example.org ", roles=("front-line",))


def events(desk: Desk) -> list[str]:
    return list(desk.session.scalars(select(EventRow.name).order_by(EventRow.id)))


def at(desk: Desk, user: User) -> Desk:
    return desk.acting(actor_of(user))


def token(link: str) -> str:
    return link.rpartition("/")[2]


def with_second_factor(user: User) -> User:
    user.tf_primary_method, user.tf_totp_secret, user.mf_recovery_codes = "authenticator", "kept", ["one"]
    return user


def test_a_manager_invites_and_a_letter_goes_out_later(desk: Desk, notebook: Notebook) -> None:
    manager = add_user(desk, "manager", name="Maya")
    amina = people.invite(at(desk, manager), AMINA)
    letter = desk.session.scalars(select(OutboxMessage)).one()
    assert amina.email == "amina@example.org"
    assert letter.to == amina.email
    assert letter.subject == "Your invitation to Harbour Trust"
    assert "Maya invited you" in letter.text
    assert "http://localhost/joining/" in letter.text
    assert notebook.jobs == [("send_message", (letter.id,))]
    assert events(desk) == ["user.invited"]


def test_the_command_line_may_invite_the_first_manager(desk: Desk) -> None:
    first = people.invite(desk, NewUser(name="Maya", email="maya@example.org", roles=("manager",)))
    assert first.invited_by is None
    assert first.password is None


def test_only_who_manages_people_invites(desk: Desk) -> None:
    for role in ("front-line", "finance", "partner", "trustee", "examiner", "funder-viewer"):
        with pytest.raises(NotAllowed):
            people.invite(at(desk, add_user(desk, role)), AMINA)


@pytest.mark.parametrize(
    ("new", "field"),
    [
        (NewUser(name="A", email="a@example.org", roles=()), "roles"),
        (NewUser(name="A", email="a@example.org", roles=("wizard",)), "roles"),
        (NewUser(name="A", email="a@example.org", roles=("funder-viewer",)), "funder_id"),
        (NewUser(name="A", email="a@example.org", roles=("funder-viewer",), funder_id=99), "funder_id"),
        (NewUser(name="A", email="a@example.org", roles=("funder-viewer", "finance"), funder_id=99), "roles"),
        (NewUser(name="A", email="a@example.org", roles=("partner",)), "organisation"),
    ],
)
def test_roles_that_do_not_fit_are_refused_beside_their_field(desk: Desk, new: NewUser, field: str) -> None:
    with pytest.raises(Refusal) as refused:
        people.invite(desk, new)
    assert refused.value.field == field


def test_an_address_counts_once_however_it_is_written(desk: Desk) -> None:
    people.invite(desk, AMINA)
    with pytest.raises(Refusal, match="here already"):
        people.invite(desk, NewUser(name="Another", email="AMINA@example.ORG", roles=("finance",)))


def test_an_invitation_works_once(desk: Desk) -> None:
    amina = people.invite(desk, AMINA)
    link = token(invitation_link(desk, amina))
    assert people.join(desk, link, "a hash") is amina
    assert amina.joined_at == desk.now()
    with pytest.raises(Refusal, match="has ended"):
        people.join(desk, link, "another hash")
    assert amina.password == "a hash"


def test_an_old_or_changed_invitation_has_ended(desk: Desk, clock: Clock) -> None:
    link = token(invitation_link(desk, people.invite(desk, AMINA)))
    for wrong in (link[:-1], link + "x", "nonsense", "", "é"):
        with pytest.raises(Refusal, match="has ended"):
            open_invitation(desk, wrong)
    clock.move(days=7, seconds=1)
    with pytest.raises(Refusal, match="has ended"):
        open_invitation(desk, link)


def test_a_fresh_invitation_ends_the_one_before(desk: Desk) -> None:
    amina = people.invite(desk, AMINA)
    old = token(invitation_link(desk, amina))
    people.invite_again(desk, amina)
    with pytest.raises(Refusal):
        open_invitation(desk, old)
    assert open_invitation(desk, token(invitation_link(desk, amina))) is amina


def test_nobody_changes_their_own_roles_or_limit(desk: Desk) -> None:
    manager, front = add_user(desk, "manager"), add_user(desk, "front-line")
    with pytest.raises(NotAllowed):
        people.set_roles(at(desk, manager), manager, ["manager", "finance"])
    with pytest.raises(NotAllowed):
        limit(at(desk, manager), manager)
    people.set_roles(at(desk, manager), front, ["front-line", "finance"])
    assert "pay.release" in front.permissions
    assert events(desk) == ["user.roles_changed"]


def limit(desk: Desk, user: User, pence: int = 30000) -> Delegation:
    money = Money(pence, "GBP")
    return people.set_limit(
        desk, user, per_grant=money, per_day=money, per_person_per_year=money, approved_on=date(2026, 9, 1)
    )


def test_a_new_limit_ends_the_one_before(desk: Desk) -> None:
    manager, front = add_user(desk, "manager"), add_user(desk, "front-line")
    old = limit(at(desk, manager), front)
    new = limit(at(desk, manager), front, 50000)
    assert old.ended_at == desk.now()
    assert new.ended_at is None
    assert new.recorded_by == manager.id
    people.end_limit(at(desk, manager), front)
    assert new.ended_at == desk.now()


def test_trustees_cannot_have_approved_tomorrow_or_nothing(desk: Desk) -> None:
    front, money = add_user(desk, "front-line"), Money(100, "GBP")
    ahead = desk.today() + timedelta(days=1)
    with pytest.raises(Refusal, match="cannot lie ahead"):
        people.set_limit(desk, front, per_grant=money, per_day=money, per_person_per_year=money, approved_on=ahead)
    with pytest.raises(Refusal, match="above zero"):
        limit(desk, front, 0)


def test_workers_declare_their_own_connections_and_managers_anyones(desk: Desk) -> None:
    manager, front, other = add_user(desk, "manager"), add_user(desk, "front-line"), add_user(desk, "front-line")
    people.declare_connection(at(desk, front), front, "Jo Bell", "jo bell")
    people.declare_connection(at(desk, manager), front, "Al Bell", "al bell")
    with pytest.raises(NotAllowed):
        people.declare_connection(at(desk, other), front, "Someone", "someone")


# ---- Two people recover a lost second factor ----------------------------------------------------


def test_two_people_together_take_a_lost_second_factor_away(desk: Desk) -> None:
    amina = with_second_factor(add_user(desk, "front-line", name="Amina"))
    maya, otto = add_user(desk, "manager", name="Maya"), add_user(desk, "manager", name="Otto")
    session = SignIn(user_id=amina.id, started_at=desk.now())
    desk.session.add(session)
    before = amina.fs_uniquifier
    people.ask_recovery(at(desk, maya), amina)
    assert amina.has_second_factor
    people.confirm_recovery(at(desk, otto), amina)
    assert not amina.has_second_factor
    assert amina.mf_recovery_codes is None
    assert amina.fs_uniquifier != before
    assert session.ended_at == desk.now()
    assert events(desk) == ["user.recovery_asked", "user.recovery_confirmed"]
    letter = desk.session.scalars(select(OutboxMessage)).one()
    assert "Two of your colleagues" in letter.text


def test_one_alone_cannot_recover_it(desk: Desk) -> None:
    amina = with_second_factor(add_user(desk, "front-line"))
    maya = add_user(desk, "manager")
    with pytest.raises(Refusal, match="Nobody asked"):
        people.confirm_recovery(at(desk, maya), amina)
    people.ask_recovery(at(desk, maya), amina)
    with pytest.raises(NotAllowed, match="Another person"):
        people.confirm_recovery(at(desk, maya), amina)
    with pytest.raises(NotAllowed):
        people.confirm_recovery(at(desk, add_user(desk, "front-line")), amina)
    with pytest.raises(NotAllowed):
        people.confirm_recovery(desk, amina)
    assert amina.has_second_factor


def test_a_manager_is_no_part_of_their_own_recovery(desk: Desk) -> None:
    maya, otto = with_second_factor(add_user(desk, "manager")), add_user(desk, "manager")
    with pytest.raises(NotAllowed):
        people.ask_recovery(at(desk, maya), maya)
    people.ask_recovery(at(desk, otto), maya)
    with pytest.raises(NotAllowed):
        people.confirm_recovery(at(desk, maya), maya)
    people.drop_recovery(at(desk, maya), maya)
    assert maya.recovery_asked_by is None


# ---- Somebody leaves ----------------------------------------------------------------------------


def test_a_leaver_is_out_at_once_and_their_work_goes_on(desk: Desk) -> None:
    maya, amina, bo = (
        add_user(desk, "manager"),
        add_user(desk, "front-line", name="Amina"),
        add_user(desk, "front-line"),
    )
    limit(at(desk, maya), amina)
    mine, secret, done = task(desk, amina), task(desk, amina, not_for=[bo.id]), task(desk, amina, closed_at=desk.now())
    run = Run(rail="stripe", state="built", built_by=amina.id, built_at=desk.now())
    cash = CashFloat(
        holder_id=amina.id,
        counted_by=maya.id,
        amount=20000,
        currency="GBP",
        opened_at=desk.now(),
        due_back_at=desk.now(),
    )
    session = SignIn(user_id=amina.id, started_at=desk.now())
    desk.session.add_all([run, cash, session])
    proposal = propose(desk, amina)
    before = amina.fs_uniquifier

    left = leaving.leave(at(desk, maya), amina, bo)

    assert not amina.active
    assert amina.left_at == desk.now()
    assert amina.fs_uniquifier != before
    assert session.ended_at == desk.now()
    assert (mine.assigned_to, secret.assigned_to, done.assigned_to) == (bo.id, None, amina.id)
    assert (left.tasks, left.unassigned, left.proposals, left.runs) == (1, 1, 1, 1)
    assert left.warnings == ("Amina still holds a cash float of £200.00. Count it back with them today.",)
    opened = desk.session.scalars(select(Task).where(Task.assigned_to == bo.id, Task.id != mine.id)).all()
    assert sorted((t.kind, t.subject_id) for t in opened) == sorted(
        [("proposal", proposal.application_id), ("run", run.id), ("float", cash.id)]
    )
    assert desk.session.scalars(select(Delegation.ended_at)).one() == desk.now()
    assert "user.left" in events(desk)


def test_a_leavers_first_half_of_a_recovery_leaves_with_them(desk: Desk) -> None:
    maya, otto, bo = (
        add_user(desk, "manager"),
        add_user(desk, "manager"),
        with_second_factor(add_user(desk, "front-line")),
    )
    people.ask_recovery(at(desk, otto), bo)
    leaving.leave(at(desk, maya), otto, bo)
    desk.session.refresh(bo)
    assert bo.recovery_asked_by is None


def test_the_last_manager_cannot_leave_nor_step_down(desk: Desk) -> None:
    maya, otto, amina = add_user(desk, "manager", name="Maya"), add_user(desk, "manager"), add_user(desk, "front-line")
    leaving.leave(at(desk, maya), otto, maya)
    with pytest.raises(Refusal, match="Maya is the only manager"):
        leaving.leave(at(desk, maya), maya, amina)
    with pytest.raises(Refusal, match="Maya is the only manager"):
        people.set_roles(desk, maya, ["front-line"])


@pytest.mark.parametrize("role", ["funder-viewer", "nobody-yet"])
def test_work_goes_only_to_a_colleague_who_is_here(desk: Desk, role: str) -> None:
    maya, amina = add_user(desk, "manager"), add_user(desk, "front-line")
    heir = add_user(desk, "funder-viewer") if role == "funder-viewer" else people.invite(desk, AMINA)
    with pytest.raises(Refusal) as refused:
        leaving.leave(at(desk, maya), amina, heir)
    assert refused.value.field == "colleague"
    with pytest.raises(Refusal):
        leaving.leave(at(desk, maya), amina, amina)
    assert amina.active


def test_only_who_manages_people_lets_somebody_leave(desk: Desk) -> None:
    amina, bo = add_user(desk, "front-line"), add_user(desk, "finance")
    with pytest.raises(NotAllowed):
        leaving.leave(at(desk, bo), amina, bo)


def task(desk: Desk, worker: User, **more: object) -> Task:
    row = Task(
        kind="help_call",
        title="Call",
        subject="grant",
        subject_id=1,
        assigned_to=worker.id,
        opened_at=desk.now(),
        **{"not_for": [], **more},
    )
    desk.session.add(row)
    desk.session.flush()
    return row


def propose(desk: Desk, worker: User) -> Decision:
    """An award that waits for a second person."""
    application = add_application(desk)
    decision = Decision(
        application_id=application.id,
        kind="award",
        amount=40000,
        by=worker.id,
        at=desk.now(),
        waiting=True,
        why_second="above the limit",
    )
    desk.session.add(decision)
    desk.session.flush()
    return decision

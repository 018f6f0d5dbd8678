"""People come, leave, and get back in."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from grants.domain.errors import NotAllowed, Refusal
from grants.domain.later import Notebook
from grants.domain.money import Money
from grants.flow import people
from grants.flow.desk import Desk
from grants.flow.invitations import invitation_link, open_invitation
from grants.flow.people import NewUser
from grants.model.messages import OutboxMessage
from tests.conftest import Clock, add_user
from tests.staffing import AMINA, at, events, limit


def token(link: str) -> str:
    return link.rpartition("/")[2]


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

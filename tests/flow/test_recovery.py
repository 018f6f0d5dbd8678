"""Two people together let somebody back in who lost a second factor."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from grants.domain.errors import NotAllowed, Refusal
from grants.flow import people
from grants.flow.desk import Desk
from grants.model.messages import OutboxMessage
from grants.model.users import SignIn
from tests.conftest import add_user
from tests.staffing import at, events, with_second_factor


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

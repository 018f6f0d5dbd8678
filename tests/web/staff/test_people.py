"""People who work here: invited, given roles and limits, and gone with one act."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from grants.domain.money import Money
from grants.domain.roles import PERMISSIONS
from grants.flow import pay
from grants.model.delegations import Connection, Delegation
from grants.model.tasks import Task
from grants.model.users import User
from tests.conftest import SignIn, browser
from tests.staffing import with_second_factor
from tests.visitor import words
from tests.web.staff.conftest import Counting, Office

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

NEW = {"name": "Nia Ward", "email": "nia@example.org", "roles": ["front-line"]}


def person(office: Office, who: str) -> str:
    return f"/staff/people/{office.staff[who].id}"


def user(office: Office, who: str) -> User:
    with office.desk() as desk:
        return desk.session.get_one(User, office.staff[who].id)


def test_somebody_is_invited_and_can_do_nothing_yet(office: Office) -> None:
    done = office.at("gita").send("/staff/people/invite", NEW, follow_redirects=True)
    assert "Nia Ward is invited." in words(done)
    assert "Invited" in words(done)
    with office.desk() as desk:
        nia = desk.session.scalars(select(User).where(User.email == "nia@example.org")).one()
        assert nia.joined_at is None
    page = office.at("gita").get(f"/staff/people/{nia.id}")
    assert "/joining/" in page.text
    assert "/joining/" not in office.at("tess").get(f"/staff/people/{nia.id}").text
    sent = office.at("gita").send(f"/staff/people/{nia.id}", to=f"/staff/people/{nia.id}/invite-again")
    assert sent.status_code == 303


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"name": ""}, "Enter a name."),
        ({"email": "nia at home"}, "email"),
        ({"email": "BEN@example.org"}, "Somebody with this e-mail address is here already."),
        ({"roles": []}, "Choose at least one role."),
        ({"roles": ["king"]}, "Choose one of the answers shown."),
        ({"roles": ["partner"]}, "Say which organisation this partner works for."),
        ({"roles": ["funder-viewer"]}, "Say which funder this person belongs to."),
        ({"roles": ["funder-viewer", "finance"]}, "A funder’s viewer cannot also work here."),
        ({"name": "Nia\u202eWard"}, "There is a hidden character in this."),
    ],
)
def test_an_invitation_that_cannot_be_says_why(office: Office, typed: dict[str, Any], told: str) -> None:
    with office.desk() as desk:
        desk.session.get_one(User, office.staff["ben"].id).email = "ben@example.org"
    answer = office.at("gita").send("/staff/people/invite", NEW | typed)
    assert answer.status_code == 422
    assert told in words(answer)
    if "email" not in typed:
        assert 'value="nia@example.org"' in answer.text


def test_roles_change_at_the_next_click(office: Office) -> None:
    hugo = office.at("hugo")
    assert hugo.get("/staff/people").status_code == 403
    changed = office.at("gita").send(f"{person(office, 'hugo')}/roles", {"roles": ["front-line", "finance"]})
    assert changed.status_code == 303
    assert hugo.get("/staff/people").status_code == 200
    own = office.at("gita").send(f"{person(office, 'gita')}/roles", {"roles": ["manager", "finance"]})
    assert own.status_code == 403
    assert "Somebody else must change your own roles." in words(own)


def test_a_limit_carries_the_day_on_which_trustees_approved_it(office: Office) -> None:
    page = f"{person(office, 'hugo')}/limit"
    typed = {"per_grant": "300", "per_day": "£1,000", "per_person_per_year": "600", "approved_on": "1 9 2026"}
    ahead = office.at("gita").send(page, typed | {"approved_on": "1 9 2027"})
    assert ahead.status_code == 422
    assert "Enter 23 November 2026 or an earlier day." in words(ahead)
    assert 'value="£1,000"' in ahead.text
    assert office.at("gita").send(page, typed | {"per_grant": "0"}).status_code == 422
    assert office.at("gita").send(page, typed, follow_redirects=True).status_code == 200
    assert "Alone up to £300, approved 1 September 2026" in words(office.at("tess").get("/staff/people"))
    ended = office.at("mona").send(f"{page}/end", follow_redirects=True)
    assert "The limit has ended." in words(ended)
    with office.desk() as desk:
        limit = desk.session.scalars(select(Delegation).where(Delegation.user_id == office.staff["hugo"].id)).one()
        assert (limit.per_day, limit.ended_at is not None) == (1000_00, True)


def test_a_worker_names_whom_they_are_close_to_once(office: Office) -> None:
    for _ in range(2):
        answer = office.at("hugo").send("/staff/connections", {"name": "Mrs. Ada Okafor"}, follow_redirects=True)
        assert "Mrs. Ada Okafor" in words(answer)
    with office.desk() as desk:
        (row,) = desk.session.scalars(select(Connection)).all()
        assert (row.user_id, row.name_key) == (office.staff["hugo"].id, "ada okafor")
    assert "Ada Okafor" in words(office.at("gita").get(person(office, "hugo")))
    assert "Ada Okafor" not in words(office.at("tess").get(person(office, "hugo")))
    assert office.at("tess").get("/staff/connections").status_code == 200
    assert office.at("tess").send("/staff/connections", {"name": "X"}).status_code == 403


def test_a_leaver_is_gone_with_one_act_and_their_work_moves(office: Office) -> None:
    hugo = office.at("hugo")
    assert hugo.get("/staff/").status_code == 200
    with office.desk() as desk:
        task = {"kind": "condition", "subject": "ask", "subject_id": 1, "opened_at": desk.now()}
        mine = office.staff["hugo"].id
        desk.session.add(Task(title="Moves", assigned_to=mine, **task))
        desk.session.add(Task(title="Not for Mona", assigned_to=mine, not_for=[office.staff["mona"].id], **task))
    with office.desk("ben") as desk:
        pay.open_float(desk, office.staff["hugo"].id, Money(100_00))
    page = f"{person(office, 'hugo')}/leave"
    shown = words(office.at("gita").get(page))
    assert "Open tasks 2" in shown
    assert "Cash floats they still hold 1" in shown
    assert office.at("gita").send(page, {}).status_code == 422
    left = office.at("gita").send(page, {"colleague": str(office.staff["mona"].id)}, follow_redirects=True)
    assert "Mona has 1 of their tasks" in words(left)
    assert "Tasks that went back to everyone: 1." in words(left)
    assert "Hugo still holds a cash float of £100.00. Count it back with them today." in words(left)
    assert hugo.get("/staff/").status_code == 302
    assert "Hugo" in words(office.at("gita").get("/staff/people?left=1"))
    twice = office.at("gita").send(page, {"colleague": str(office.staff["mona"].id)})
    assert twice.status_code == 422
    assert "Hugo has left already." in words(twice)


def test_a_lost_second_factor_takes_two_people(office: Office) -> None:
    with office.desk() as desk:
        with_second_factor(desk.session.get_one(User, office.staff["ben"].id))
    page = f"{person(office, 'ben')}/recovery"
    asked = office.at("gita").send(page, follow_redirects=True)
    assert "A second colleague now confirms." in words(asked)
    assert office.at("gita").send(page).status_code == 403
    done = office.at("mona").send(page, follow_redirects=True)
    assert "sets up a new second step" in words(done)
    assert not user(office, "ben").has_second_factor


def test_a_recovery_that_is_not_needed_is_taken_back(office: Office) -> None:
    with office.desk() as desk:
        with_second_factor(desk.session.get_one(User, office.staff["ben"].id))
    page = person(office, "ben")
    office.at("gita").send(f"{page}/recovery")
    assert "Second step lost" in words(office.at("tess").get("/staff/people"))
    assert office.at("mona").send(page, to=f"{page}/recovery/drop").status_code == 303
    assert user(office, "ben").has_second_factor
    assert user(office, "ben").recovery_asked_by is None


def test_a_lost_phone_is_signed_out_everywhere(office: Office, sign_in: SignIn) -> None:
    phone = browser(office.app)
    sign_in(phone, user=office.staff["hugo"])
    assert phone.get("/staff/").status_code == 200
    done = office.at("gita").send(f"{person(office, 'hugo')}/sign-out", follow_redirects=True)
    assert "Hugo is signed out everywhere." in words(done)
    assert phone.get("/staff/").status_code == 302


def test_only_managers_change_people(office: Office) -> None:
    target = person(office, "hugo")
    acts = ["/staff/people/invite", *(f"{target}/{act}" for act in ("roles", "limit", "limit/end", "leave"))]
    acts += [f"{target}/sign-out", f"{target}/recovery"]
    for who in ("ben", "tess"):
        assert office.at(who).get(target).status_code == 200
        assert "They leave" not in words(office.at(who).get(target))
        for act in acts:
            assert office.at(who).get(act).status_code == 403, act
            assert office.at(who).send("/staff/people", to=act).status_code == 403, act


def test_the_table_of_roles_says_everything(office: Office) -> None:
    page = words(office.at("hugo").get("/staff/roles"))
    assert all(text in page for text in PERMISSIONS.values())
    assert "Trustee" in page


def test_pages_about_people_take_few_statements(office: Office, statements: Counting) -> None:
    for page in ("/staff/people", person(office, "hugo"), f"{person(office, 'hugo')}/leave", "/staff/roles"):
        client = office.at("gita")
        with statements() as sent:
            assert client.get(page).status_code == 200
        assert len(sent) <= 8, (page, sent)
    assert office.at("gita").get("/staff/people/999").status_code == 404

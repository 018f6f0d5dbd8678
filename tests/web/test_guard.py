"""The guard: whoever is not let in is kept out, on every route there is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from flask import Blueprint, Flask, Response
from sqlalchemy import event, select

from grants.app import CannotStart
from grants.config import Settings
from grants.domain.errors import Refusal
from grants.domain.roles import PERMISSIONS, READ_ONLY, ROLES
from grants.flow.desk import Desk
from grants.model.applications import Application
from grants.model.funds import Funder
from grants.model.users import User
from grants.web.edge import actor_of, again, desk_for_request, house
from grants.web.guard import PUBLIC_ROUTES, funder_for_request, guard, needs, reachable_applications, unguarded
from tests.conftest import AtDesk, Clock, SignIn, Start, add_application, add_user, browser
from tests.visitor import Visitor, words


@pytest.fixture
def app(start: Start, settings: Settings) -> Flask:
    """An app that takes more routes."""
    return start(settings, anew=True)


@pytest.fixture
def trial(app: Flask) -> Flask:
    """An app with two more doors, as an author of doors would add them."""
    staff = guard(Blueprint("trial", __name__, url_prefix="/staff/trial"), "staff")
    staff.add_url_rule("/read", "read", lambda: plain("applications"))
    staff.add_url_rule("/books", "books", needs("audit.read")(lambda: plain("the books")))
    staff.add_url_rule("/award", "award", needs("decide.award")(_keep_a_funder), methods=["POST"])
    staff.add_url_rule("/forgotten", "forgotten", _keep_a_funder, methods=["POST"])
    staff.add_url_rule("/reading", "reading", needs("apply.read")(_keep_a_funder), methods=["POST"])
    staff.add_url_rule("/refused", "refused", needs("apply.enter")(_refuse), methods=["POST"])
    staff.add_url_rule("/mend", "mend", needs("apply.enter")(_mend), methods=["POST"])
    staff.add_url_rule("/look", "look", needs("apply.read")(_keep_a_funder))
    funders = guard(Blueprint("trial_funders", __name__, url_prefix="/funders/trial"), "funders")
    funders.add_url_rule("/", "read", lambda: plain("what came of it"))
    app.register_blueprint(staff)
    app.register_blueprint(funders)
    return app


def plain(text: str) -> Response:
    return Response(text, mimetype="text/plain")


def _keep_a_funder() -> Response:
    desk = desk_for_request()
    desk.session.add(Funder(name="The Lantern Fund", created_at=desk.now()))
    desk.session.flush()
    return plain("kept")


def _refuse() -> Response:
    _keep_a_funder()
    raise Refusal("fund.closed", "This fund is closed for now.")


def _mend() -> tuple[str, int]:
    _keep_a_funder()
    return again("errors/page.html", words={"title": "Mend this", "told": "", "next": ()})


def funders_kept(at_desk: AtDesk) -> int:
    with at_desk() as desk:
        return desk.session.query(Funder).filter_by(name="The Lantern Fund").count()


def act(client: Visitor, page: str) -> int:
    return client.send("/account/", to=page).status_code


def test_every_route_is_guarded_or_stands_in_the_short_public_list(app: Flask) -> None:
    assert unguarded(app) == []


def test_a_public_route_that_is_no_more_leaves_the_list(app: Flask) -> None:
    assert [name for name in PUBLIC_ROUTES if name not in app.view_functions] == []


def test_a_stranger_is_sent_to_sign_in_and_comes_back_to_the_page(trial: Flask, sign_in: SignIn) -> None:
    client = browser(trial)
    answer = client.get("/staff/trial/read?page=2")
    assert answer.status_code == 302
    assert answer.location == "/sign-in/?next=/staff/trial/read?page%3D2"
    sign_in(client, "front-line")
    assert client.get("/staff/trial/read").text == "applications"


def test_a_blueprint_that_nobody_gave_an_audience_is_shut_and_named(app: Flask, sign_in: SignIn) -> None:
    lost = Blueprint("lost", __name__)
    lost.add_url_rule("/lost", "page", lambda: plain("open to the world"))
    app.register_blueprint(lost)
    client = browser(app)
    sign_in(client, "manager")
    assert client.get("/lost").status_code == 403
    assert any("lost.page" in problem for problem in unguarded(app))


def test_acts_without_a_permission_to_act_are_shut_and_named(trial: Flask, sign_in: SignIn, at_desk: AtDesk) -> None:
    client = browser(trial)
    sign_in(client, "manager")
    assert act(client, "/staff/trial/forgotten") == 403
    assert act(client, "/staff/trial/reading") == 403
    assert funders_kept(at_desk) == 0
    named = " ".join(unguarded(trial))
    assert "trial.forgotten" in named
    assert "trial.reading" in named
    assert "trial.award" not in named


READS = {"/staff/trial/read": "apply.read", "/staff/trial/books": "audit.read", "/funders/trial/": "funder.read"}


@pytest.mark.parametrize("role", ROLES)
def test_each_role_opens_exactly_what_the_table_says(trial: Flask, sign_in: SignIn, role: str) -> None:
    client = browser(trial)
    sign_in(client, role)
    for page, permission in READS.items():
        allowed = permission in ROLES[role].permissions
        assert client.get(page).status_code == (200 if allowed else 403), page
    assert act(client, "/staff/trial/award") == (200 if "decide.award" in ROLES[role].permissions else 403)


def test_examiners_only_read_and_trustees_do_only_what_is_theirs_to_agree() -> None:
    agreed = {"pay.third", "policy.accept", "line.set", "rule.answer", "look.back", "incident.report", "choice.record"}
    assert ROLES["trustee"].permissions - READ_ONLY == agreed | {"books.take"}
    assert ROLES["examiner"].permissions - READ_ONLY == {"books.take"}, "a copy of what they read, written down"
    assert all(role.permissions <= set(PERMISSIONS) for role in ROLES.values())


def test_a_funder_cannot_open_staff_pages(trial: Flask, sign_in: SignIn) -> None:
    client = browser(trial)
    sign_in(client, "funder-viewer")
    assert client.get("/funders/trial/").status_code == 200
    answer = client.get("/staff/trial/read")
    assert answer.status_code == 403
    assert "You cannot open this page" in words(answer)


def test_what_worked_is_kept_and_what_was_refused_is_not(trial: Flask, sign_in: SignIn, at_desk: AtDesk) -> None:
    client = browser(trial)
    sign_in(client, "front-line")
    refused = client.send("/account/", to="/staff/trial/refused")
    assert refused.status_code == 409
    assert "This fund is closed for now." in words(refused)
    assert client.send("/account/", to="/staff/trial/mend").status_code == 422
    assert funders_kept(at_desk) == 0
    assert client.send("/account/", to="/staff/trial/award").text == "kept"
    assert funders_kept(at_desk) == 1


def test_a_page_that_is_only_looked_at_cannot_write(trial: Flask, sign_in: SignIn, at_desk: AtDesk) -> None:
    trial.testing = False
    trial.config["PROPAGATE_EXCEPTIONS"] = False
    client = browser(trial)
    sign_in(client, "front-line")
    assert client.get("/staff/trial/look").status_code == 500
    assert funders_kept(at_desk) == 0


def test_a_post_without_its_token_gets_a_kind_400_and_changes_nothing(
    trial: Flask, sign_in: SignIn, at_desk: AtDesk
) -> None:
    client = browser(trial)
    sign_in(client, "front-line")
    answer = client.post("/staff/trial/award")
    assert answer.status_code == 400
    assert "Please send that again" in words(answer)
    assert funders_kept(at_desk) == 0


def test_an_hour_without_a_click_signs_out(trial: Flask, sign_in: SignIn, clock: Clock) -> None:
    client = browser(trial)
    sign_in(client, "front-line")
    clock.move(minutes=50)
    assert client.get("/staff/trial/read").status_code == 200
    clock.move(minutes=50)
    assert client.get("/staff/trial/read").status_code == 200
    clock.move(minutes=61)
    assert client.get("/staff/trial/read").status_code == 302
    assert client.get("/staff/trial/read").status_code == 302


def test_a_working_day_ends_every_session(trial: Flask, sign_in: SignIn, clock: Clock) -> None:
    client = browser(trial)
    sign_in(client, "front-line")
    for _ in range(13):
        clock.move(minutes=56)
        answer = client.get("/staff/trial/read")
    assert answer.status_code == 302


def test_a_role_taken_away_counts_at_the_next_click(trial: Flask, sign_in: SignIn, at_desk: AtDesk) -> None:
    client = browser(trial)
    user = sign_in(client, "manager", "front-line")
    assert client.get("/staff/trial/books").status_code == 200
    with at_desk() as desk:
        desk.session.merge(user).role_names = ["front-line"]
    assert client.get("/staff/trial/books").status_code == 403


def test_a_misspelt_permission_is_found_when_the_door_is_written() -> None:
    with pytest.raises(ValueError, match=r"decide\.awrad"):
        needs("decide.awrad")
    with pytest.raises(ValueError, match="none"):
        needs()


def test_a_page_takes_one_statement_to_know_who_asks(trial: Flask, sign_in: SignIn) -> None:
    client = browser(trial)
    sign_in(client, "front-line")
    statements: list[str] = []
    with trial.app_context():
        engine = house().database.engine
    event.listen(engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    client.get("/staff/trial/read")
    assert len([text for text in statements if text.startswith("SELECT")]) == 1


def test_a_start_is_refused_on_a_database_without_tables(start: Start, settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match="grants init") as refused:
        start(replace(settings, database_url=f"sqlite:///{tmp_path}/empty.db"))
    assert refused.value.exit_code == 78


def test_a_partner_reaches_only_their_own_referrals(desk: Desk) -> None:
    quay, hill, front = add_user(desk, "partner"), add_user(desk, "partner"), add_user(desk, "front-line")
    mine, other, direct = (add_application(desk, partner_id=who) for who in (quay.id, hill.id, None))

    def reached(user: User) -> set[int]:
        condition = reachable_applications(actor_of(user))
        return set(desk.session.scalars(select(Application.id).where(condition)))

    assert reached(quay) == {mine.id}
    assert reached(front) == {mine.id, other.id, direct.id}
    assert reached(add_user(desk, "partner")) == set()
    assert reached(add_user(desk, "funder-viewer")) == set()


def test_a_funders_viewer_is_held_to_one_funder_and_staff_to_none(app: Flask, sign_in: SignIn) -> None:
    pages = guard(Blueprint("whose", __name__, url_prefix="/funders/whose"), "funders")
    pages.add_url_rule("/", "page", lambda: plain(str(funder_for_request())))
    app.register_blueprint(pages)
    viewer, manager = browser(app), browser(app)
    user = sign_in(viewer, "funder-viewer")
    sign_in(manager, "manager")
    assert viewer.get("/funders/whose/").text == str(user.funder_id)
    assert manager.get("/funders/whose/").text == "None"
    lost = browser(app)
    sign_in(lost, "funder-viewer", funder_id=None)
    assert lost.get("/funders/whose/").status_code == 403

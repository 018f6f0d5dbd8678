"""The second factor: set up once, each code used once, and lost without being locked out."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from flask import Flask

from grants.config import Settings
from grants.flow import people
from grants.model.users import User
from tests.conftest import PASSWORD, AtDesk, MakeUser, Start
from tests.conftest import SignIn as SignInAs
from tests.signing import (
    code_now,
    enter,
    is_in,
    over_https,
    secret_of,
    set_up,
)
from tests.visitor import Visitor, words


@pytest.fixture
def live(start: Start, settings: Settings) -> Flask:
    """The app in live mode, where staff need a second factor."""
    app = start(replace(settings, mode="live", base_url="https://localhost"))
    app.config["RATELIMIT_ENABLED"] = False
    return app


def test_in_live_mode_staff_must_set_up_a_second_factor(live: Flask, make_user: MakeUser) -> None:
    amina = make_user("front-line")
    client = over_https(live)
    assert enter(client, amina.email) == "/sign-in/second-step"
    assert not is_in(client)
    set_up(live, client, amina.email)
    assert is_in(client)
    client.send("/account/", to="/sign-in/out")
    assert enter(client, amina.email).startswith("/sign-in/code")
    assert not is_in(client)


def test_in_live_mode_a_funders_viewer_needs_only_a_password(live: Flask, make_user: MakeUser) -> None:
    client = over_https(live)
    assert enter(client, make_user("funder-viewer").email) == "/account/home"
    assert client.get("/account/home").location == "/funders/"


def test_in_live_mode_an_auditor_must_set_up_a_second_factor(live: Flask, make_user: MakeUser) -> None:
    nora = make_user("auditor")
    client = over_https(live)
    assert enter(client, nora.email) == "/sign-in/second-step"
    assert not is_in(client)
    set_up(live, client, nora.email)
    assert client.get("/account/home").location == "/funders/checks"
    assert client.get("/funders/checks").status_code == 200


def test_a_code_counts_once(live: Flask, make_user: MakeUser) -> None:
    amina = make_user("front-line")
    client = over_https(live)
    set_up(live, client, amina.email)
    code = code_now(live, secret_of(live, amina))
    second = over_https(live)
    enter(second, amina.email)
    for written in (code, f"{code[:3]} {code[3:]}", "000000", "", "letters"):
        answer = second.send("/sign-in/code", {"code": written})
        assert answer.status_code == 200
    assert not is_in(second)


def test_paper_codes_let_one_in_once_each(live: Flask, make_user: MakeUser) -> None:
    amina = make_user("front-line")
    client = over_https(live)
    set_up(live, client, amina.email)
    page = client.send("/sign-in/paper-codes")
    codes = re.findall(r"<code>([0-9a-f-]{14})</code>", page.text)
    assert len(codes) == 8
    for times, expected in ((1, True), (2, False)):
        other = over_https(live)
        enter(other, amina.email)
        other.send("/sign-in/paper-code", {"code": codes[0]})
        assert is_in(other) is expected, times


def test_two_people_let_somebody_back_in_who_lost_their_phone(
    live: Flask, make_user: MakeUser, at_desk: AtDesk
) -> None:
    amina, maya, otto = make_user("front-line"), make_user("manager"), make_user("manager")
    client = over_https(live)
    set_up(live, client, amina.email)
    with at_desk(maya) as desk:
        people.ask_recovery(desk, desk.session.get_one(User, amina.id))
    assert is_in(client)
    with at_desk(otto) as desk:
        people.confirm_recovery(desk, desk.session.get_one(User, amina.id))
    assert not is_in(client)
    set_up(live, client, amina.email)
    assert is_in(client)


def test_the_second_step_cannot_be_reached_without_the_first(live: Flask) -> None:
    client = over_https(live)
    for page in ("/sign-in/code", "/sign-in/second-step", "/sign-in/paper-code"):
        assert client.get(page).location == "/sign-in/", page
    assert "two of your colleagues" in words(client.get("/sign-in/lost"))


def test_practice_may_switch_the_second_factor_on_and_off(client: Visitor, app: Flask, sign_in: SignInAs) -> None:
    amina = sign_in(client, "front-line")
    shown = client.send("/sign-in/second-step", {"setup": "authenticator"})
    form = re.search(r'action="(/sign-in/second-step/[^"]+)"', shown.text)
    assert form
    with client.session_transaction() as session:
        secret = session["tf_totp_secret"]
    client.send("/account/", {"code": code_now(app, secret)}, to=form.group(1))
    assert secret_of(app, amina)
    client.send("/account/", {"setup": "disable"}, to="/sign-in/second-step")
    assert not secret_of(app, amina)


def test_an_hour_after_signing_in_the_password_is_asked_again_before_changes(
    client: Visitor, sign_in: SignInAs
) -> None:
    sign_in(client, "front-line")
    with client.session_transaction() as session:
        session["fs_paa"] -= 2 * 3600
    answer = client.get("/sign-in/second-step")
    assert answer.status_code == 302
    assert answer.location.startswith("/sign-in/again")
    asked = client.get(answer.location)
    assert "Is it still you?" in words(asked)
    client.send(answer.location, {"password": PASSWORD})
    assert client.get("/sign-in/second-step").status_code == 200

"""Joining by invitation, and practising by a link."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask

from grants.config import Settings
from grants.flow import people
from grants.flow.invitations import invitation_link
from grants.flow.people import NewUser
from grants.model.users import User
from grants.web.signin.passwords import problem_with
from grants.web.signin.practice import demo_link
from tests.conftest import AtDesk, Clock, MakeUser, Start
from tests.conftest import SignIn as SignInAs
from tests.signing import (
    NEW_PASSWORD,
    is_in,
    letters,
    over_https,
    path_in,
)
from tests.visitor import Visitor, words


@pytest.fixture
def live(start: Start, settings: Settings) -> Flask:
    """The app in live mode, where staff need a second factor."""
    app = start(replace(settings, mode="live", base_url="https://localhost"))
    app.config["RATELIMIT_ENABLED"] = False
    return app


def test_an_invited_worker_sets_a_password_and_is_in(client: Visitor, make_user: MakeUser, at_desk: AtDesk) -> None:
    with at_desk(make_user("manager")) as desk:
        people.invite(desk, NewUser(name="Amina Yusuf", email="amina@example.org", roles=("front-line",)))
    page = path_in(letters(at_desk)[0])
    assert "Welcome, Amina Yusuf" in words(client.get(page))
    assert client.get(page).status_code == 200
    answer = client.send(page, {"password": NEW_PASSWORD, "repeated": NEW_PASSWORD})
    assert answer.location == "/account/home"
    assert client.get("/account/home").location == "/staff/"
    assert "Amina Yusuf" in words(client.get("/account/"))
    again = client.get(page)
    assert again.status_code == 409
    assert "This invitation has ended" in words(again)


@pytest.mark.parametrize(
    ("password", "repeated", "said"),
    [
        ("short", "short", "Use 12 characters or more"),
        (NEW_PASSWORD, NEW_PASSWORD + "!", "not the same"),
        ("amina@example.org", "amina@example.org", "not made of your name"),
        ("passwordpassword", "passwordpassword", "first that others would try"),
        ("", "", "Something needs mending"),
    ],
)
def test_a_poor_password_is_mended_on_the_page_and_never_shown_again(
    client: Visitor, at_desk: AtDesk, password: str, repeated: str, said: str
) -> None:
    with at_desk() as desk:
        amina = people.invite(desk, NewUser(name="Amina", email="amina@example.org", roles=("front-line",)))
        page = invitation_link(desk, amina).removeprefix("http://localhost")
    answer = client.send(page, {"password": password, "repeated": repeated})
    assert answer.status_code == 422
    assert said in words(answer)
    assert f'value="{NEW_PASSWORD}' not in answer.text
    assert not is_in(client)
    with at_desk() as desk:
        assert desk.session.get_one(User, amina.id).joined_at is None


def test_a_password_may_be_long_words_in_any_script() -> None:
    assert problem_with("семь зелёных чайников", "Amina", "amina@example.org") == ""
    assert problem_with("x" * 201) != ""


def test_a_practice_link_shows_who_one_will_be_and_signs_in_with_one_button(
    client: Visitor, make_user: MakeUser, settings: Settings, at_desk: AtDesk
) -> None:
    amina = make_user("front-line", name="Amina")
    page = demo_link(settings, amina).removeprefix("http://localhost")
    shown = client.get(page)
    assert "Sign in as Amina" in words(shown)
    assert "Front-line worker" in words(shown)
    assert not is_in(client)
    client.send(page)
    assert is_in(client)
    assert client.get("/demo/nonsense").status_code == 409


def test_practice_links_do_not_exist_in_live_mode(live: Flask, make_user: MakeUser, settings: Settings) -> None:
    amina = make_user("front-line")
    page = demo_link(settings, amina).removeprefix("http://localhost")
    assert over_https(live).get(page).status_code == 404
    assert not any(rule.rule.startswith("/demo") for rule in live.url_map.iter_rules())


def test_live_cookies_are_locked_to_this_site(live: Flask) -> None:
    answer = over_https(live).get("/sign-in/")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-grants=")
    for mark in ("Secure", "HttpOnly", "Path=/", "SameSite=Lax"):
        assert mark in cookie
    assert "Domain=" not in cookie


@pytest.mark.parametrize("page", ["/sign-in/", "/sign-in/forgotten", "/sign-in/lost", "/sign-in/paper-code"])
def test_pages_of_sign_in_carry_nothing_inline(client: Visitor, page: str) -> None:
    answer = client.get(page, follow_redirects=True)
    assert answer.status_code == 200
    assert "<style" not in answer.text
    assert " style=" not in answer.text
    assert " onclick=" not in answer.text
    assert "unsafe-inline" not in answer.headers["Content-Security-Policy"]


def test_sessions_are_not_cut_short_by_another_clock(client: Visitor, sign_in: SignInAs, clock: Clock) -> None:
    sign_in(client, "manager")
    clock.move(minutes=59)
    assert is_in(client)

"""Before money’s way is changed, somebody shows once more that it is them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask

from grants.config import Settings
from grants.model.users import User
from tests.conftest import PASSWORD, AtDesk, Clock, MakeUser, Start, browser
from tests.conftest import SignIn as SignInAs
from tests.signing import code_now, enter, over_https, secret_of, set_up
from tests.visitor import Visitor, words

PROOF = "/account/still-you"
HOME = "/account/still-you?next=/account/"


@pytest.fixture
def live(start: Start, settings: Settings) -> Flask:
    """The app in live mode, where staff have a second factor."""
    app = start(replace(settings, mode="live", base_url="https://localhost"))
    app.config["RATELIMIT_ENABLED"] = False
    return app


def test_whoever_has_just_signed_in_goes_on_and_five_minutes_later_shows_it_again(
    client: Visitor, clock: Clock, make_user: MakeUser
) -> None:
    amina = make_user("finance")
    enter(client, amina.email)
    assert client.get("/staff/payees/999/details").status_code == 404
    clock.move(minutes=5)
    assert client.get("/staff/payees/999/details").status_code == 404
    clock.move(seconds=1)
    asked = client.get("/staff/payees/999/details")
    assert (asked.status_code, asked.location) == (303, f"{PROOF}?next=/staff/payees/999/details")
    page = asked.location
    assert "Is it still you?" in words(client.get(page))
    wrong = client.send(page, {"proof": "not my password"})
    assert (wrong.status_code, "That is not your password" in words(wrong)) == (422, True)
    assert client.get("/staff/payees/999/details").status_code == 303
    right = client.send(page, {"proof": PASSWORD})
    assert (right.status_code, right.location) == (303, "/staff/payees/999/details")
    assert client.get("/staff/payees/999/details").status_code == 404


def test_a_form_sent_late_is_not_taken(client: Visitor, clock: Clock, make_user: MakeUser) -> None:
    amina = make_user("finance")
    enter(client, amina.email)
    token = client.token("/account/")
    clock.move(minutes=6)
    late = client.post("/staff/payees/999/details", data={"csrf_token": token})
    assert (late.status_code, late.location.partition("?")[0]) == (303, PROOF)
    assert "nothing was saved" in words(client.get(late.location))


def test_with_a_second_factor_the_code_counts_once_and_the_password_does_not(
    live: Flask, clock: Clock, make_user: MakeUser, at_desk: AtDesk
) -> None:
    amina = make_user("finance")
    client = over_https(live)
    set_up(live, client, amina.email)
    clock.move(minutes=6)
    assert client.get("/staff/payees/999/details").status_code == 303
    assert client.send(HOME, {"proof": PASSWORD}).status_code == 422
    with at_desk() as desk:
        desk.session.get_one(User, amina.id).tf_last_counter = None
    code = code_now(live, secret_of(live, amina))
    other = over_https(live)
    assert client.send(HOME, {"proof": code}).location == "/account/"
    assert client.get("/staff/payees/999/details").status_code == 404
    clock.move(minutes=6)
    assert client.send(HOME, {"proof": code}).status_code == 422, "a code counts once"
    assert other.get(HOME).status_code == 302, "somebody who is not signed in is asked to sign in"


def test_in_practice_whoever_came_by_a_link_says_so_with_a_button(
    client: Visitor, clock: Clock, sign_in: SignInAs
) -> None:
    sign_in(client, "finance")
    clock.move(minutes=6)
    assert client.get("/staff/payees/999/details").status_code == 303
    assert client.send(HOME).status_code == 303
    assert client.get("/staff/payees/999/details").status_code == 404


@pytest.mark.parametrize(
    "away", ["https://elsewhere.example", "//elsewhere.example", "/\\elsewhere.example", "javascript:x"]
)
def test_it_leads_nowhere_but_to_our_own_pages(client: Visitor, sign_in: SignInAs, away: str) -> None:
    sign_in(client, "finance")
    assert client.send(f"{PROOF}?next={away}").location == "/account/home"


def test_another_sign_in_in_the_same_browser_is_another_person(
    app: Flask, clock: Clock, make_user: MakeUser, sign_in: SignInAs
) -> None:
    client = browser(app)
    sign_in(client, "finance")
    client.send("/account/", to="/sign-in/out")
    bo = make_user("finance", name="Bo")
    enter(client, bo.email)
    clock.move(minutes=6)
    assert "Your password" in words(client.get(HOME)), "the practice link was somebody else’s"

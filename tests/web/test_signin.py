"""Signing in with a password, and out again at once."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urljoin, urlsplit

from flask import Flask
from sqlalchemy import select

from grants.config import Settings
from grants.domain.later import Notebook
from grants.flow import leaving
from grants.model.tasks import Task
from grants.model.users import SignIn, User
from grants.web.porch import limiter
from tests.conftest import PASSWORD, AtDesk, MakeUser, Start, browser
from tests.conftest import SignIn as SignInAs
from tests.signing import (
    NEW_PASSWORD,
    enter,
    is_in,
    letters,
    path_in,
    without_token,
)
from tests.visitor import Visitor, words


def test_with_the_right_password_one_is_in_and_a_row_says_so(
    client: Visitor, make_user: MakeUser, at_desk: AtDesk
) -> None:
    amina = make_user("front-line")
    assert enter(client, amina.email.upper()) == "/account/home"
    assert is_in(client)
    with at_desk() as desk:
        row = desk.session.scalars(select(SignIn)).one()
        assert (row.user_id, row.how, row.ended_at) == (amina.id, "password", None)


def test_a_wrong_password_and_an_unknown_address_get_the_same_page(client: Visitor, make_user: MakeUser) -> None:
    amina = make_user("front-line", email="amina@example.org")
    gone = make_user("front-line", email="gone@example.org", active=False)
    shown = []
    for email, password in ((amina.email, "wrong"), ("nobody@example.org", "wrong"), (gone.email, PASSWORD)):
        answer = client.send("/sign-in/", {"email": email, "password": password})
        assert "do not go together" in words(answer)
        shown.append(without_token(answer).replace(email, "someone@example.org"))
    assert shown[0] == shown[1] == shown[2]
    assert not is_in(client)


def test_signing_out_ends_the_session_everywhere_it_was_copied(client: Visitor, app: Flask, sign_in: SignInAs) -> None:
    sign_in(client, "front-line")
    cookie = client.get_cookie("grants")
    assert cookie is not None
    thief = browser(app)
    thief.set_cookie("grants", cookie.value)
    assert is_in(thief)
    assert client.get("/sign-in/out").status_code == 405
    client.send("/account/", to="/sign-in/out")
    assert not is_in(client)
    assert not is_in(thief)


def test_sign_in_leads_only_to_our_own_pages(client: Visitor, make_user: MakeUser) -> None:
    amina = make_user("front-line")
    for elsewhere in ("https://evil.example/", "//evil.example/", "/\\evil.example", "\\\\evil.example"):
        answer = client.send(
            "/sign-in/", {"email": amina.email, "password": PASSWORD, "next": elsewhere}, to="/sign-in/"
        )
        where = urlsplit(urljoin("http://localhost/sign-in/", answer.location or ""))
        assert (where.scheme, where.netloc) == ("http", "localhost"), elsewhere
        assert "\\" not in (answer.location or "")
        if is_in(client):
            client.send("/account/", to="/sign-in/out")


def test_a_new_password_by_letter_ends_every_session(
    client: Visitor, app: Flask, sign_in: SignInAs, make_user: MakeUser, at_desk: AtDesk, notebook: Notebook
) -> None:
    amina = make_user("front-line", email="amina@example.org")
    open_browser = browser(app)
    sign_in(open_browser, user=amina)
    known = client.send("/sign-in/forgotten", {"email": "Amina@example.org"})
    unknown = client.send("/sign-in/forgotten", {"email": "Nobody@example.org"})
    assert "a link is on its way" in words(known)
    assert without_token(known).replace("amina@", "") == without_token(unknown).replace("nobody@", "")
    (letter,) = letters(at_desk)
    assert letter.to == amina.email
    assert notebook.jobs == [("send_message", (letter.id,))]
    page = path_in(letter)
    assert client.get(page).status_code == 200
    answer = client.send(page, {"password": NEW_PASSWORD, "password_confirm": NEW_PASSWORD})
    assert answer.location == "/sign-in/"
    assert not is_in(open_browser)
    assert "do not go together" in enter(client, amina.email)
    assert enter(client, amina.email, NEW_PASSWORD) == "/account/home"
    assert client.get(page).status_code == 302
    assert [one.subject for one in letters(at_desk)][1] == "Your password was changed"


def test_changing_ones_password_keeps_this_browser_and_ends_the_others(
    client: Visitor, app: Flask, sign_in: SignInAs, at_desk: AtDesk
) -> None:
    amina = sign_in(client, "front-line")
    other = browser(app)
    sign_in(other, user=amina)
    page = "/sign-in/change-password"
    twice = {"new_password": NEW_PASSWORD, "new_password_confirm": NEW_PASSWORD}
    assert "That is not your password" in words(client.send(page, {"password": "no", **twice}))
    assert client.send(page, {"password": PASSWORD, **twice}).status_code == 302
    assert is_in(client)
    assert not is_in(other)
    with at_desk() as desk:
        open_rows = desk.session.scalars(select(SignIn).where(SignIn.ended_at.is_(None))).all()
        assert len(open_rows) == 1


def test_many_tries_from_one_address_are_asked_to_wait(start: Start, settings: Settings) -> None:
    client = browser(start(replace(settings, mode="demo")))
    limiter.reset()
    token = client.token("/sign-in/")
    answers = [
        client.post("/sign-in/", data={"csrf_token": token, "email": "a@example.org", "password": "no"})
        for _ in range(11)
    ]
    assert [a.status_code for a in answers[:10]] == [200] * 10
    assert answers[10].status_code == 429
    assert "Please wait a little" in words(answers[10])
    limiter.reset()


def test_a_forged_sign_in_is_refused(client: Visitor, make_user: MakeUser) -> None:
    amina = make_user("front-line")
    answer = client.post("/sign-in/", data={"email": amina.email, "password": PASSWORD})
    assert answer.status_code == 400
    assert "Please send that again" in words(answer)
    assert not is_in(client)


def test_a_leavers_open_browser_is_out_at_the_next_click(
    client: Visitor, sign_in: SignInAs, make_user: MakeUser, at_desk: AtDesk
) -> None:
    amina, maya, bo = sign_in(client, "front-line"), make_user("manager"), make_user("front-line")
    with at_desk() as desk:
        desk.session.add(
            Task(
                kind="help_call",
                title="Call",
                subject="grant",
                subject_id=1,
                assigned_to=amina.id,
                opened_at=desk.now(),
            )
        )
    assert is_in(client)
    with at_desk(maya) as desk:
        leaving.leave(desk, desk.session.get_one(User, amina.id), desk.session.get_one(User, bo.id))
    answer = client.get("/account/")
    assert answer.status_code == 302
    assert answer.location.startswith("/sign-in/")
    assert "do not go together" in enter(client, amina.email)
    with at_desk() as desk:
        assert desk.session.scalars(select(Task)).one().assigned_to == bo.id

"""Signing in: by invitation, with a password, with a second factor, and out again at once."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import urljoin, urlsplit

import pytest
from flask import Flask
from flask_security import Security
from sqlalchemy import select
from werkzeug.test import TestResponse

from grants.config import Settings
from grants.domain.later import Notebook
from grants.flow import leaving, people
from grants.flow.invitations import invitation_link
from grants.flow.people import NewUser
from grants.model.messages import OutboxMessage
from grants.model.tasks import Task
from grants.model.users import SignIn, User
from grants.web.porch import limiter
from grants.web.signin.passwords import problem_with
from grants.web.signin.practice import demo_link
from tests.conftest import PASSWORD, AtDesk, Clock, MakeUser, Start, browser
from tests.conftest import SignIn as SignInAs
from tests.visitor import Visitor, words

NEW_PASSWORD = "a kettle for every worker"


def enter(client: Visitor, email: str, password: str = PASSWORD, page: str = "/sign-in/") -> str:
    """Sends the sign-in form; returns where it leads, or what the page says."""
    answer = client.send(page, {"email": email, "password": password}, to="/sign-in/")
    return answer.location or words(answer)


def without_token(answer: TestResponse) -> str:
    """Returns a page without its forgery token, which differs from second to second."""
    return re.sub(r'name="csrf_token" value="[^"]+"', "", answer.text)


def is_in(client: Visitor) -> bool:
    return client.get("/account/").status_code == 200


def letters(at_desk: AtDesk) -> list[OutboxMessage]:
    with at_desk() as desk:
        return list(desk.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)))


def path_in(letter: OutboxMessage) -> str:
    found = re.search(r"http://localhost(/\S+)", letter.text)
    assert found
    return found.group(1)


# ---- Joining ------------------------------------------------------------------------------------


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


# ---- Passwords ----------------------------------------------------------------------------------


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


# ---- Somebody leaves -----------------------------------------------------------------------------


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


# ---- The second factor ---------------------------------------------------------------------------


@pytest.fixture
def live(start: Start, settings: Settings) -> Flask:
    """The app in live mode, where staff need a second factor."""
    app = start(replace(settings, mode="live", base_url="https://localhost"))
    app.config["RATELIMIT_ENABLED"] = False
    return app


def over_https(app: Flask) -> Visitor:
    client = browser(app)
    client.environ_base.update({"wsgi.url_scheme": "https", "HTTP_X_FORWARDED_PROTO": "https"})
    return client


def code_now(app: Flask, secret: str) -> str:
    security: Security = app.extensions["security"]
    with app.app_context():
        return str(security.totp_factory.generate_totp_password(secret))


def set_up(app: Flask, client: Visitor, email: str) -> None:
    """Signs in for the first time in live mode and sets the second factor up."""
    assert enter(client, email) == "/sign-in/second-step"
    shown = client.send("/sign-in/second-step", {"setup": "authenticator"})
    assert "<svg" in shown.text
    assert "style=" not in shown.text
    with client.session_transaction() as session:
        secret = session["tf_totp_secret"]
    token = re.search(r'name="csrf_token" value="([^"]+)"', shown.text)
    assert token
    data = {"csrf_token": token.group(1), "code": code_now(app, secret)}
    assert client.post("/sign-in/code", data=data).location == "/account/home"


def secret_of(app: Flask, user: User) -> str:
    from grants.app import house_of

    with house_of(app).database.session() as session:
        return session.get_one(User, user.id).tf_totp_secret or ""


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


# ---- Practice ------------------------------------------------------------------------------------


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

"""What people do when they sign in, step by step."""

from __future__ import annotations

import re

from flask import Flask
from flask_security import Security
from sqlalchemy import select
from werkzeug.test import TestResponse

from grants.app import house_of
from grants.model.messages import OutboxMessage
from grants.model.users import User
from tests.conftest import PASSWORD, AtDesk, browser
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
    with house_of(app).database.session() as session:
        return session.get_one(User, user.id).tf_totp_secret or ""

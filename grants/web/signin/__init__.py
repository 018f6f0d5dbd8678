"""Sign-in: passwords, a second factor, invitations, and one row for every session."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Flask
from flask_security import Security

from grants.web.guard import guard
from grants.web.signin import fresh, joining, own_account, practice
from grants.web.signin.accounts import Accounts, follow_sessions, load
from grants.web.signin.mail import OutboxMail
from grants.web.signin.passwords import Passwords
from grants.web.signin.rules import rules
from grants.web.signin.second_factor import SecondFactor
from grants.web.signin.shown import asked
from grants.web.signin.views import views

__all__ = ["setup"]


def setup(app: Flask, *, mode: str, secret: str, earlier: Sequence[str] = ()) -> None:
    """Adds sign-in to an app that has its edge, its porch and its guard; practice links only where nothing is real."""
    app.config.update(rules(mode, secret, earlier))
    security = Security(
        app,
        Accounts(),
        register_blueprint=False,
        mail_util_cls=OutboxMail,
        password_util_cls=Passwords,
        totp_cls=SecondFactor,
    )
    security.want_json(lambda _request: False)
    security.login_manager.user_loader(load)
    security.login_manager.request_loader(lambda _request: None)
    follow_sessions(app)
    app.jinja_env.globals["asked"] = asked
    app.register_blueprint(guard(views(), "signed-in"))
    app.register_blueprint(own_account.pages)
    app.register_blueprint(fresh.pages)
    app.register_blueprint(joining.pages)
    if mode != "live":
        app.register_blueprint(practice.pages)

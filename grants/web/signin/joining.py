"""Joining: the page behind an invitation, on which somebody chooses their password."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import hash_password, login_user
from flask_security.proxies import _security
from marshmallow import Schema, fields

from grants.flow import people
from grants.flow.invitations import open_invitation
from grants.model.users import User
from grants.web.edge import again, desk_for_request, house
from grants.web.forms import Form, bind
from grants.web.porch import SIGN_IN, limiter
from grants.web.signin.passwords import SHORTEST, problem_with

pages = Blueprint("joining", __name__)


class NewPassword(Schema):
    """A new password, typed twice."""

    password = fields.String(
        required=True,
        metadata={
            "label": "Choose a password",
            "hint": f"{SHORTEST} characters or more. Three or four words together are easy to remember.",
            "autocomplete": "new-password",
            "widget": "password",
        },
    )
    repeated = fields.String(
        required=True,
        metadata={"label": "Type it again", "autocomplete": "new-password", "widget": "password"},
    )


@pages.route("/joining/<token>", methods=["GET", "POST"])
@limiter.limit(SIGN_IN, methods=["POST"])
def invitation(token: str) -> ResponseReturnValue:
    """Shows the invitation; a POST sets the password, and the sign-in goes on from there."""
    desk = desk_for_request()
    user = open_invitation(desk, token)
    if request.method != "POST":
        return render_template("security/invitation.html", form=bind(NewPassword), user=user)
    form = bind(NewPassword, request.form)
    _check(form, user)
    if not form.ok:
        return again("security/invitation.html", form=form, user=user)
    user = people.join(desk, token, str(hash_password(_normal(form.data["password"]))))
    return sign_in(user, "invitation")


def sign_in(user: User, how: str) -> ResponseReturnValue:
    """Signs somebody in who has just shown who they are; a second factor still comes first where it is due."""
    g.sign_in_how = how
    more: Any = _security.two_factor_plugins.tf_enter(user, False, how, next_loc=None)
    if more is not None:
        return redirect(more.location)
    login_user(user, remember=False, authn_via=[how])
    return redirect(url_for("own_account.home"))


def _check(form: Form, user: User) -> None:
    if form.errors:
        return
    if form.data["password"] != form.data["repeated"]:
        form.add_error("repeated", "The two passwords are not the same. Type both again.")
        return
    wrong = problem_with(_normal(form.data["password"]), user.name, user.email, house().settings.charity_name)
    if wrong:
        form.add_error("password", wrong)


def _normal(password: str) -> str:
    return str(_security.password_util.normalize(password))

"""Fresh: before money’s way is changed, somebody shows once more that it is them, good for a few minutes.

Whoever has a second factor shows that; else the password counts. In a practice copy, where people come in by a
link and have neither, a button does.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, cast
from urllib.parse import urlsplit

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_security import verify_password
from flask_security.proxies import _security
from marshmallow import Schema, fields
from sqlalchemy import select

from grants.model.engine import SAFE_METHODS
from grants.model.users import User
from grants.web.edge import again, house, session_for_request, user_for_request
from grants.web.forms import Form, bind
from grants.web.guard import guard, now
from grants.web.porch import SIGN_IN, limiter

PROVED = "proved"
"""Where a session keeps when its person last showed who they are, in seconds."""

HOME = "own_account.home"

pages = guard(Blueprint("fresh", __name__, url_prefix="/account"), "signed-in")

P = ParamSpec("P")

_TRIES = limiter.limit(SIGN_IN, key_func=lambda: f"proof {session.get('_user_id', '')}", methods=["POST"])


class Code(Schema):
    """A code from the app on a phone."""

    proof = fields.String(
        required=True,
        metadata={"label": "The code in your app", "hint": "6 numbers.", "autocomplete": "one-time-code"},
    )


class Password(Schema):
    """The password."""

    proof = fields.String(
        required=True, metadata={"label": "Your password", "autocomplete": "current-password", "widget": "password"}
    )


def is_fresh() -> bool:
    """Returns whether whoever is signed in showed within the last few minutes that it is them."""
    proved = session.get(PROVED)
    return isinstance(proved, int) and 0 <= now() - proved <= house().settings.fresh_minutes * 60


def freshly(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
    """Lets a view be opened, and its form be sent, only by somebody who has just shown that it is them.

    Stands below ``needs``, so that the permission is asked first.
    """

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        if is_fresh():
            return view(*args, **kwargs)
        if request.method not in SAFE_METHODS:
            flash("That took a while, so nothing was saved. Show that it is you, and do it once more.", "warn")
        return redirect(url_for("fresh.proof", next=request.path), 303)

    return guarded


@pages.route("/still-you", methods=["GET", "POST"])
@_TRIES
def proof() -> ResponseReturnValue:
    """Asks for the code on the phone, or the password, and goes on to where somebody wanted to be."""
    user = cast(User, user_for_request())
    wanted = _schema(user)
    form = bind(wanted, request.form) if request.method == "POST" else bind(wanted)
    if request.method == "POST":
        if form.ok and not _shown(user, form):
            form.add_error("proof", _WRONG[wanted])
        if form.ok:
            session[PROVED] = now()
            return redirect(_onward(), 303)
        return again("security/still_you.html", form=form)
    return render_template("security/still_you.html", form=form)


_WRONG: dict[type[Schema], str] = {
    Code: "That code does not work. Wait for the next one on your phone and type it.",
    Password: "That is not your password. Check it and try again.",
}


def _schema(user: User) -> type[Schema]:
    if user.has_second_factor:
        return Code
    practice = house().settings.mode != "live" and _by_link()
    return Schema if practice else Password


def _by_link() -> bool:
    """Says whether this browser came in by a practice link, which asks for nothing."""
    return session.get("by_link") is True


def _shown(user: User, form: Form) -> bool:
    given = form.data.get("proof", "")
    if user.has_second_factor:
        # Held, so that one code counts once however many browsers send it.
        held = session_for_request().scalar(
            select(User).where(User.id == user.id).with_for_update().execution_options(populate_existing=True)
        )
        factory = _security.totp_factory
        return held is not None and bool(factory.verify_totp(given, held.tf_totp_secret, held, window=30))
    if "proof" not in form:
        return True
    return bool(user.password and verify_password(_security.password_util.normalize(given), user.password))


def _onward() -> str:
    """Returns where to go on to: a page of our own, by its path alone."""
    parts = urlsplit(request.args.get("next", ""))
    ours = parts.path.startswith("/") and not parts.path.startswith(("//", "/\\")) and not parts.netloc
    return parts.path if ours and not parts.scheme else url_for(HOME)

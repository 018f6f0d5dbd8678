"""Practice: signed links that sign in one of the demonstration’s people; they do not exist in live mode."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import select

from grants.config import Settings
from grants.domain.errors import Refusal
from grants.domain.roles import ROLES
from grants.model.users import User
from grants.web.edge import house, session_for_request
from grants.web.signin.joining import sign_in as go_in

pages = Blueprint("practice", __name__)


def demo_link(settings: Settings, user: User) -> str:
    """Returns the address of a page that signs this user in with one button; raises Refusal in live mode."""
    if settings.mode == "live":
        raise Refusal("practice.live", "There are no practice links in live mode.")
    return f"{settings.base_url.rstrip('/')}/demo/{_signer(settings).dumps(user.id)}"


@pages.route("/demo/<token>", methods=["GET", "POST"])
def sign_in(token: str) -> ResponseReturnValue:
    """Shows whom the link is for; a POST signs them in."""
    try:
        number = _signer(house().settings).loads(token)
    except BadSignature:
        number = None
    user = session_for_request().scalar(select(User).where(User.id == number, User.active.is_(True)))
    if user is None:
        raise Refusal("link.ended", "This practice link has ended. Start the demonstration again for a new one.")
    if request.method == "POST":
        return go_in(user, "practice")
    titles = ", ".join(ROLES[name].title for name in user.role_names)
    return render_template("security/practice.html", user=user, titles=titles)


def _signer(settings: Settings) -> URLSafeSerializer:
    return URLSafeSerializer(settings.secret_key, salt="grants practice link 1")

"""One’s own account: where a signed-in person lands, and what they can change of themselves."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template
from flask.typing import ResponseReturnValue

from grants.domain.roles import AUDITOR, FUNDER_VIEWER
from grants.web.edge import user_for_request
from grants.web.guard import guard

pages = guard(Blueprint("own_account", __name__, url_prefix="/account"), "signed-in")

HOMES = {"staff": "/staff/", "funders": "/funders/", "checks": "/funders/checks"}


@pages.get("/home")
def home() -> ResponseReturnValue:
    """Goes to the door that this person’s roles open."""
    user = user_for_request()
    roles = user.role_names if user is not None else []
    door = "funders" if FUNDER_VIEWER in roles else "checks" if AUDITOR in roles else "staff"
    return redirect(HOMES[door])


@pages.get("/")
def account() -> ResponseReturnValue:
    """Shows one’s name, roles and sign-in, with the pages on which to change them."""
    return render_template("security/account.html", user=user_for_request())

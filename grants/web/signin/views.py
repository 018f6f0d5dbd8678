"""The sign-in library’s own pages, those that we use, under our addresses and with our limits."""

from __future__ import annotations

from flask import Blueprint, render_template, session
from flask.typing import ResponseReturnValue
from flask_security import views as library
from flask_security.recovery_codes import mf_recovery, mf_recovery_codes

from grants.web.porch import SIGN_IN, limiter

CODES = "5 per 5 minutes;20 per hour"
"""Tries of a one-time code for one person, from wherever they come."""


def _whose_code() -> str:
    return f"code {session.get('tf_user_id', '')}"


_few = limiter.limit(SIGN_IN, methods=["POST"])
_few_codes = limiter.limit(CODES, key_func=_whose_code, methods=["POST"])

_login = _few(library.login)
_forgotten = _few(library.forgot_password)
_new_password = _few(library.reset_password)
_verify = _few(library.verify)
_change = _few(library.change_password)
_code = _few(_few_codes(library.two_factor_token_validation))
_paper_code = _few(_few_codes(mf_recovery))


def lost() -> ResponseReturnValue:
    """Shows what to do without the second factor."""
    return render_template("security/lost_second_factor.html")


def views() -> Blueprint:
    """Returns a fresh blueprint with the pages of sign-in."""
    pages = Blueprint("security", __name__, url_prefix="/sign-in")
    both = ["GET", "POST"]
    pages.add_url_rule("/", "login", _login, methods=both)
    pages.add_url_rule("/out", "logout", library.logout, methods=["POST"])
    pages.add_url_rule("/again", "verify", _verify, methods=both)
    pages.add_url_rule("/forgotten", "forgot_password", _forgotten, methods=both)
    pages.add_url_rule("/new-password/<token>", "reset_password", _new_password, methods=both)
    pages.add_url_rule("/change-password", "change_password", _change, methods=both)
    pages.add_url_rule("/second-step", "two_factor_setup", library.two_factor_setup, methods=both)
    check = library.two_factor_setup_validate
    pages.add_url_rule("/second-step/<token>", "two_factor_setup_validate", check, methods=["POST"])
    pages.add_url_rule("/code", "two_factor_token_validation", _code, methods=both)
    pages.add_url_rule("/lost", "two_factor_rescue", lost)
    pages.add_url_rule("/paper-code", "mf_recovery", _paper_code, methods=both)
    pages.add_url_rule("/paper-codes", "mf_recovery_codes", mf_recovery_codes, methods=both)
    return pages

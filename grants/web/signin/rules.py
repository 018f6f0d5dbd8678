"""The rules of sign-in: what is on, what is off, and what it says, in plain words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from grants.web.signin.keys import code_keys, factor_keys

ARGON2 = {"argon2__memory_cost": 19 * 1024, "argon2__rounds": 2, "argon2__parallelism": 1}
"""19 MiB, 2 rounds, 1 lane (OWASP Password Storage Cheat Sheet): about 25 ms."""

ENDED = "That link has ended, or part of it is missing. Ask for a new one."

SAID: dict[str, tuple[str, str]] = {
    "GENERIC_AUTHN_FAILED": (
        "That e-mail address and password do not go together. Check both and try again.",
        "problem",
    ),
    "EMAIL_NOT_PROVIDED": ("Enter your e-mail address.", "problem"),
    "INVALID_EMAIL_ADDRESS": ("Enter an e-mail address, like name@example.org.", "problem"),
    "PASSWORD_NOT_PROVIDED": ("Enter your password.", "problem"),
    "INVALID_PASSWORD": ("That is not your password. Check it and try again.", "problem"),
    "RETYPE_PASSWORD_MISMATCH": ("The two passwords are not the same. Type both again.", "problem"),
    "PASSWORD_IS_THE_SAME": ("Choose a password that is not the one you have now.", "problem"),
    "PASSWORD_RESET_REQUEST": (
        "If somebody with this e-mail address works here, a link is on its way to them.",
        "good",
    ),
    "PASSWORD_RESET_EXPIRED": (ENDED, "warn"),
    "INVALID_RESET_PASSWORD_TOKEN": (ENDED, "warn"),
    "PASSWORD_RESET_NO_LOGIN": ("Your new password is set. Sign in with it.", "good"),
    "PASSWORD_CHANGE": ("Your password is changed. Every other browser is signed out.", "good"),
    "UNAUTHENTICATED": ("Sign in to see this page.", "calm"),
    "REAUTHENTICATION_REQUIRED": ("Type your password again, so that we know it is you.", "calm"),
    "REAUTHENTICATION_SUCCESSFUL": ("Thank you.", "good"),
    "ANONYMOUS_USER_REQUIRED": ("You are signed in already.", "calm"),
    "TWO_FACTOR_INVALID_TOKEN": (
        "That code does not work. Wait for the next one on your phone and type it.",
        "problem",
    ),
    "TWO_FACTOR_LOGIN_SUCCESSFUL": ("You are signed in.", "good"),
    "TWO_FACTOR_CHANGE_METHOD_SUCCESSFUL": ("Your second sign-in step is set up.", "good"),
    "TWO_FACTOR_PERMISSION_DENIED": ("Please sign in with your password first.", "calm"),
    "TWO_FACTOR_METHOD_NOT_AVAILABLE": ("Choose the app on your phone.", "problem"),
    "TWO_FACTOR_DISABLED": ("Your second sign-in step is switched off.", "good"),
    "TWO_FACTOR_SETUP_EXPIRED": ("That took a long time, so please start again.", "warn"),
    "INVALID_RECOVERY_CODE": ("That code does not work. Check it, or use another from your list.", "problem"),
    "NO_RECOVERY_CODES_SETUP": ("You have no codes for emergencies yet.", "calm"),
    "INVALID_REDIRECT": ("That page is not here.", "problem"),
    "API_ERROR": ("We could not read that. Please start again.", "problem"),
    "INVALID_INPUT": ("We could not read that. Type it again.", "problem"),
}
"""What sign-in says, with the kind of banner that carries it."""

REQUIRED = "Fill this in."


def rules(mode: str, secret: str, earlier: Sequence[str] = ()) -> dict[str, Any]:
    """Returns the sign-in library’s settings for a mode: a second factor is required of staff in live mode.

    ``earlier`` are secret keys of before: what they sealed still opens.
    """
    said = {f"SECURITY_MSG_{name}": words for name, words in SAID.items()}
    return said | _what_is_on(mode) | _passwords() | _second_factor(mode, secret, earlier) | _letters()


def _what_is_on(mode: str) -> dict[str, Any]:
    return {
        "SESSION_PROTECTION": "basic",
        "SECURITY_RECOVERABLE": True,
        "SECURITY_CHANGEABLE": True,
        "SECURITY_TRACKABLE": False,
        "SECURITY_REGISTERABLE": False,
        "SECURITY_PASSWORDLESS": False,
        "SECURITY_UNIFIED_SIGNIN": False,
        "SECURITY_CONFIRMABLE": False,
        "SECURITY_API_ENABLED_METHODS": ["session"],
        "SECURITY_LOGOUT_METHODS": ["POST"],
        "SECURITY_LOGOUT_CSRF": True,
        "SECURITY_RETURN_GENERIC_RESPONSES": True,
        "SECURITY_RESET_PASSWORD_WITHIN": timedelta(days=1),
        "SECURITY_FRESHNESS": timedelta(hours=1),
        "SECURITY_FRESHNESS_GRACE_PERIOD": timedelta(minutes=10),
        "SECURITY_POST_LOGIN_VIEW": "own_account.home",
        "SECURITY_POST_LOGOUT_VIEW": "security.login",
        "SECURITY_POST_CHANGE_VIEW": "own_account.home",
        "SECURITY_POST_RESET_VIEW": "security.login",
        "SECURITY_POST_VERIFY_VIEW": "own_account.home",
        "SECURITY_CLI_USERS_NAME": None,
        "SECURITY_CLI_ROLES_NAME": None,
    }


def _passwords() -> dict[str, Any]:
    return {
        "SECURITY_PASSWORD_HASH": "argon2",
        "SECURITY_PASSWORD_SCHEMES": ["argon2"],
        "SECURITY_PASSWORD_SINGLE_HASH": {"argon2"},
        "SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS": ARGON2,
        "SECURITY_PASSWORD_CHECK_BREACHED": False,
    }


def _second_factor(mode: str, secret: str, earlier: Sequence[str]) -> dict[str, Any]:
    return {
        "SECURITY_TWO_FACTOR": True,
        "SECURITY_TWO_FACTOR_REQUIRED": mode == "live",
        "SECURITY_TWO_FACTOR_ENABLED_METHODS": ["authenticator"],
        "SECURITY_TWO_FACTOR_IMPLEMENTATIONS": {"code": "flask_security.twofactor.CodeTfPlugin"},
        "SECURITY_TWO_FACTOR_ALWAYS_VALIDATE": True,
        "SECURITY_TWO_FACTOR_RESCUE_EMAIL": False,
        "SECURITY_TWO_FACTOR_AUTHENTICATOR_VALIDITY": 30,
        "SECURITY_TWO_FACTOR_POST_SETUP_VIEW": "own_account.home",
        "SECURITY_TOTP_SECRETS": factor_keys(secret, earlier),
        "SECURITY_TOTP_ISSUER": "Grants on Trust",
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES": True,
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES_N": 8,
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES_KEYS": code_keys(secret, earlier),
    }


def _letters() -> dict[str, Any]:
    return {
        "SECURITY_EMAIL_HTML": False,
        "SECURITY_EMAIL_SENDER": "outbox",
        "SECURITY_EMAIL_TEMPLATE_PASSWORD_RESET": "email/new_password",
        "SECURITY_EMAIL_TEMPLATE_PASSWORD_RESET_NOTICE": "email/password_changed",
        "SECURITY_EMAIL_TEMPLATE_PASSWORD_CHANGE_NOTICE": "email/password_changed",
        "SECURITY_EMAIL_SUBJECT_PASSWORD_RESET": "A link to choose a new password",
        "SECURITY_EMAIL_SUBJECT_PASSWORD_NOTICE": "Your password was changed",
        "SECURITY_EMAIL_SUBJECT_PASSWORD_CHANGE_NOTICE": "Your password was changed",
    }

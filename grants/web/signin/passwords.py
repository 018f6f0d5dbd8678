"""Passwords: long enough, and not what anyone would try first."""

from __future__ import annotations

from typing import Any

from flask_security import PasswordUtil

from grants.web.edge import house

SHORTEST = 12
LONGEST = 200


def problem_with(password: str, *about: str) -> str:
    """Returns what is wrong with a new password, in plain words, or an empty text.

    ``about`` are things that others know: the person’s name and address, the charity’s name.
    """
    if len(password) < SHORTEST:
        return f"Use {SHORTEST} characters or more. Three or four words together are easy to remember."
    if len(password) > LONGEST:
        return f"Use {LONGEST} characters or fewer."
    plain = password.casefold()
    if len(set(plain)) < 5 or plain in "01234567890123456789" or plain.startswith(("password", "qwerty")):
        return "That password is one of the first that others would try. Choose another."
    known = {word for text in about for word in (text.casefold(), text.casefold().partition("@")[0]) if len(word) > 3}
    rest = plain
    for word in sorted(known, key=len, reverse=True):
        rest = rest.replace(word, "")
    if len(rest) < SHORTEST // 2:
        return "Choose a password that is not made of your name or address."
    return ""


class Passwords(PasswordUtil):
    """Our rules for new passwords, where the sign-in library asks for them."""

    def validate(self, password: str, is_register: bool, **about: Any) -> tuple[list[str] | None, str]:
        """Returns what is wrong, or None, with the password as it is kept."""
        kept = self.normalize(password)
        user = about.get("user")
        known = (user.name, user.email) if user is not None else ()
        wrong = problem_with(kept, *known, house().settings.charity_name)
        return ([wrong] if wrong else None), kept

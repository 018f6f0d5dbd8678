"""The sign-in library’s letters: they go into the outbox like every other, never out of a request."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask_security import MailUtil
from flask_security.mail_util import EmailValidateException
from flask_security.utils import hash_password

from grants.flow import letters
from grants.model.users import User
from grants.web.edge import desk_for_request

LONGEST = 254


class OutboxMail(MailUtil):
    """Puts what the sign-in library sends into the outbox, and reads addresses without asking the network."""

    def __init__(self, app: Flask) -> None:
        super().__init__(app)

    def send_mail(
        self, template: str, subject: str, recipient: Any, sender: Any, body: str | None, html: str | None, **words: Any
    ) -> None:
        """Writes the letter to the user it is about."""
        user: User = words["user"]
        if template == "email/new_password":
            # As much work as for an address that nobody here has, so that waiting tells nothing.
            hash_password("somebody asked for a new password")
        letters.post(desk_for_request(), user, str(subject), (body or "").strip() + "\n")

    def normalize(self, email: str) -> str:
        """Returns the address as it is kept: without spaces around it, in lower case."""
        return email.strip().lower()

    def validate(self, email: str) -> str:
        """Returns the address as it is kept; raises the library’s error for what cannot be one."""
        kept = self.normalize(email)
        name, at, place = kept.rpartition("@")
        if not (name and at and "." in place.strip(".")) or len(kept) > LONGEST or len(kept.split()) > 1:
            raise EmailValidateException("Enter an e-mail address, like name@example.org.")
        return kept

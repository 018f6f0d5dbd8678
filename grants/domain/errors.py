"""Refusals: what cannot be done, said in plain words to the person who asked."""

from __future__ import annotations


class Refusal(Exception):
    """Says that a thing cannot be done, why, and what to do instead.

    ``code`` is stable for programs (``fund.not_enough``), ``message`` is for people and holds no
    personal data, ``field`` names the form field to mend where there is one.
    """

    def __init__(self, code: str, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.field = field


class NotAllowed(Refusal):
    """Says that this person may not do this, though somebody else may."""

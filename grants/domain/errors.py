"""Refusals: what cannot be done, said in plain words to the person who asked."""

from __future__ import annotations


class Refusal(Exception):
    """Says that a thing cannot be done, why, and what to do instead.

    ``code`` is stable for programs (``fund.not_enough``), ``message`` is for people and holds no
    personal data, ``field`` names the form field to mend where there is one. A message that holds
    values is given as a sentence with ``%(name)s`` for each, so that it can be said in another language.
    """

    def __init__(self, code: str, message: str, field: str | None = None, **values: object) -> None:
        self.code = code
        self.sentence = message
        self.values = values
        self.message = message % values if values else message
        self.field = field
        super().__init__(self.message)


class NotAllowed(Refusal):
    """Says that this person may not do this, though somebody else may."""

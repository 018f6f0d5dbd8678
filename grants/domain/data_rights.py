"""What people may ask about the data that we hold of them, and by when they have an answer.

Source: UK GDPR, articles 12(3), 15, 16 and 17; the ICO's guidance on how long an answer may take.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from datetime import date
from typing import Literal

from grants.domain.workdays import is_workday, next_workday

Kind = Literal["see", "correct", "erase"]

KINDS: Mapping[str, str] = {
    "see": "see what we hold about them",
    "correct": "have something put right",
    "erase": "be erased",
}
"""What somebody may ask, as it goes on after “They ask to …”."""

ASKED: Mapping[str, str] = {
    "link": "by their link",
    "phone": "by phone",
    "letter": "by letter",
    "email": "by e-mail",
    "person": "in person",
}
"""How somebody asked."""

SAFE: Mapping[str, str] = {
    "person": "In person: I know them, or somebody whom we trust knows them",
    "phone": "By phone, on the number that they had told us is safe",
    "worker": "Through the worker whom they named",
    "letter": "By letter, to the address that they had told us is safe",
    "email": "By e-mail, at the address that they had told us is safe",
}
"""Ways to find out that it is the person, and to hand over what we hold. A link alone is none: others may hold it."""


def answer_by(asked: date) -> date:
    """Returns the day by which a request is answered: the same day of the next month, on a working day.

    Where the next month has no such day it is its last one; on a weekend or holiday it is the next working day.
    """
    year, month = (asked.year + 1, 1) if asked.month == 12 else (asked.year, asked.month + 1)
    day = date(year, month, min(asked.day, monthrange(year, month)[1]))
    return day if is_workday(day) else next_workday(day)

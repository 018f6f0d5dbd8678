"""Parts: which sentences are about decisions, safety or benefits, by the file that they stand in.

Those parts show in a language only once somebody who speaks it has read them and said that they are right.
"""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase

REST = "rest"
"""Everything that is not about decisions, safety or benefits."""

MESSAGES = "messages"
"""What is sent by text, e-mail and letter: the whole of ``grants/messages/<language>.toml``."""

PARTS = {
    "safety": "Safety: what is wrong, who can reach you and how, danger, complaints",
    "decisions": "Decisions: what was decided, what may hold a payment, asking for another look",
    "benefits": "Benefits: what the money may mean for them",
    MESSAGES: "Messages: what is sent by text, e-mail and letter",
    REST: "Everything else",
}
"""The parts of a translation in the order of their weight, in words."""

GATED = ("safety", "decisions", "benefits", MESSAGES)
"""The parts that wait for a speaker's review."""

FILES = {
    "safety": (
        "grants/domain/helping.py",
        "grants/flow/confirm/word.py",
        "grants/flow/contact*.py",
        "grants/flow/helping/*",
        "grants/schemas/helping.py",
        "grants/schemas/reaching.py",
        "grants/templates/recipients/contact*.html",
        "grants/templates/recipients/problem.html",
        "grants/templates/recipients/complain*.html",
        "grants/templates/recipients/statement.html",
        "grants/templates/recipients/told.html",
        "grants/templates/recipients/where.html",
        "grants/templates/recipients/whose.html",
        "grants/templates/recipients/help.html",
        "grants/web/recipients/complain.py",
        "grants/web/recipients/contact.py",
        "grants/web/recipients/telling.py",
    ),
    "decisions": (
        "grants/domain/condition_words.py",
        "grants/domain/trial_words.py",
        "grants/flow/confirm/further.py",
        "grants/templates/parts/conditions.html",
        "grants/templates/recipients/again.html",
        "grants/templates/recipients/answer.html",
        "grants/templates/recipients/second_look.html",
        "grants/templates/recipients/take_back.html",
        "grants/web/recipients/again.py",
    ),
    "benefits": (
        "grants/benefits.toml",
        "grants/schemas/paces.py",
        "grants/templates/recipients/benefits.html",
    ),
}
"""The files of each part, as patterns; a sentence that stands in several belongs to the weightiest of them."""

EVERYWHERE = (
    "grants/templates/base.html",
    "grants/templates/parts/forms.html",
    "grants/templates/parts/pages.html",
    "grants/templates/parts/exit.html",
    "grants/templates/recipients/door.html",
    "grants/templates/recipients/question.html",
    "grants/schemas/fields.py",
    "grants/web/forms.py",
)
"""Files whose sentences frame every page, such as “Back”: they are of the rest wherever else they stand."""


def part_of(files: Iterable[str]) -> str:
    """Returns the part of a sentence that stands in these files."""
    found = set(files)
    if found & set(EVERYWHERE):
        return REST
    for part, patterns in FILES.items():
        if any(fnmatchcase(file, pattern) for file in found for pattern in patterns):
            return part
    return REST

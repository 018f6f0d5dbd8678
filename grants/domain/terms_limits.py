"""Limits of every number, text and list in Terms: one table, read by the checks and by the published schema."""

from __future__ import annotations

from grants.domain.money import LARGEST
from grants.domain.sampling import LEAST_CONFIDENCE, LEAST_MARGIN, MOST_CONFIDENCE, MOST_MARGIN
from grants.domain.terms import (
    Ask,
    Authority,
    Band,
    Confirmation,
    Eligibility,
    Field,
    FunderQuestion,
    Pace,
    Promise,
    Question,
    Rows,
    Schedule,
    Statement,
    Terms,
)

LONGEST_DAYS = 3650
"""The longest wait, in days, that terms may name: ten years."""

MOST_MINUTES = 6000
"""The most minutes that one thing may be said to take: a hundred hours."""

MOST_COST = 1_000_000
"""The most, in minor units, that one thing may be said to cost whoever answers it."""

LEAST_CELL = 3
"""The smallest number of people that a figure may ever be about."""

SLUG = r"[a-z][a-z0-9_-]{0,39}"
"""How short names are written."""

FORM = r"[a-z0-9][a-z0-9_-]{0,39}"
"""How the names of forms are written."""

Span = tuple[int, int]
"""The least and the most."""

NUMBERS: dict[type, dict[str, Span]] = {
    Question: {"minutes": (1, MOST_MINUTES), "cost": (0, MOST_COST), "kept_days": (1, LONGEST_DAYS)},
    Ask: {
        "minutes": (1, MOST_MINUTES),
        "due_days": (0, LONGEST_DAYS),
        "cost": (0, MOST_COST),
        "reminders": (0, 10),
        "share": (0, 100),
    },
    Band: {"up_to": (1, LARGEST), "people": (1, 2)},
    Authority: {"peer_look": (0, 100)},
    Pace: {"parts": (1, 120), "every_months": (1, 60), "every_days": (0, 366)},
    Schedule: {
        "parts": (1, 120),
        "every_months": (1, 60),
        "after_days": (0, LONGEST_DAYS),
        "every_days": (0, 366),
        "provisional_days": (0, 365),
    },
    Confirmation: {
        "share": (0, 100),
        "confidence": (LEAST_CONFIDENCE, MOST_CONFIDENCE),
        "margin": (LEAST_MARGIN, MOST_MARGIN),
    },
    Statement: {"every_months": (1, 60), "smallest_cell": (LEAST_CELL, 1000)},
    Promise: {"days": (0, LONGEST_DAYS)},
}
"""The least and the most of every whole number; nothing that is asked takes no time at all."""

TEXTS: dict[type, dict[str, Span]] = {
    Question: {"text": (1, 300), "purpose": (1, 500)},
    Field: {"label": (1, 300), "hint": (0, 300)},
    Ask: {"title": (1, 200), "purpose": (1, 500), "seed": (0, 64)},
    Confirmation: {"seed": (0, 64)},
    Eligibility: {"sentence": (0, 500), "proof": (0, 40)},
    Rows: {"reason": (0, 500), "agreement": (0, 500), "notice": (0, 500)},
    FunderQuestion: {"text": (1, 300), "query": (0, 60)},
    Promise: {"text": (1, 300)},
}
"""The fewest and the most characters of every text; what needs one may not be blank."""

SLUGS: dict[type, tuple[str, ...]] = {
    Question: ("slug",),
    Field: ("slug",),
    Ask: ("slug",),
    FunderQuestion: ("slug",),
}
"""What is written as a short name."""

LISTS: dict[type, dict[str, Span]] = {
    Question: {"choices": (0, 50), "seen_by": (1, 2)},
    Field: {"choices": (0, 50)},
    Ask: {"fields": (0, 30), "accepts": (0, 3)},
    Authority: {"bands": (0, 10)},
    Schedule: {"payees": (1, 3), "choices": (0, 10)},
    Rows: {"columns": (0, 5)},
    Statement: {"aggregates": (0, 20), "questions": (0, 50)},
    Terms: {"questions": (0, 30), "asks": (0, 30), "promises": (0, 30)},
}
"""The fewest and the most items of every list; no item stands there twice."""

ITEMS: dict[tuple[type, str], Span] = {(Question, "choices"): (1, 100), (Field, "choices"): (1, 100)}
"""The fewest and the most characters of a text in a list."""

ITEM_SLUGS: frozenset[tuple[type, str]] = frozenset({(Statement, "aggregates")})
"""The lists of short names."""

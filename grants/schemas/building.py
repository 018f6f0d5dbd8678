"""Building: what the page asks on which somebody writes a policy without code, part by part, in plain words.

The names are those of Terms, the limits those of ``domain/terms_limits.py``; amounts are typed in pounds.
What repeats stands in ``building_many.py``.
"""

from __future__ import annotations

from collections.abc import Iterable

from marshmallow import Schema, fields

from grants.domain import words
from grants.domain.terms import Authority, Confirmation, Eligibility, Rows, Schedule, Statement
from grants.schemas.building_fields import (
    PAYEES,
    Fields,
    Part,
    a_number,
    a_slug,
    a_text,
    a_tick,
    one_of,
    some_of,
)
from grants.schemas.fields import Choice, PlainText, Pounds


def head(funders: Iterable[tuple[int, str]], *, new: bool) -> Part:
    """Returns what is asked about the policy itself; ``funders`` is empty where the funder is known."""
    asked: Fields = {
        "title": PlainText(
            120,
            required=True,
            error_messages={"required": "Give the policy a name."},
            metadata={"label": "Name of the policy", "hint": "For example: One story, later"},
        ),
        "promise": PlainText(
            300,
            required=True,
            error_messages={"required": "Say what it promises, in one or two sentences."},
            metadata={"label": "What it promises", "hint": "One or two sentences, in words that anybody knows."},
        ),
    }
    if new:
        asked["slug"] = a_slug()
    who = tuple((name, name) for _number, name in funders)
    if who:
        asked["for_funder"] = Choice(who, metadata={"label": "For which funder?", "widget": "select"})
    return Part(None, asked)


def last() -> Part:
    """Returns what is asked at the end: why, and the award for which everything is counted."""
    why = {"label": "Why this policy?", "hint": "Those who decide about it read this."}
    return Part(None, {"why": PlainText(500, load_default="", lines=True, metadata=why)})


def typical() -> Part:
    """Returns what the meter asks: the award for which it counts."""
    return Part(None, {"typical": Pounds(required=True, metadata={"label": "For an award of"})})


def statement(more: Iterable[str] = ()) -> Part:
    """Returns what is asked about the funder's view; ``more`` are figures by names that we do not know."""
    figures = (*words.AGGREGATES.items(), *((name, name) for name in sorted(set(more) - set(words.AGGREGATES))))
    return Part(
        Statement,
        {
            "aggregates": some_of(figures, "Which totals does the funder see?"),
            "every_months": a_number(Statement, "every_months", "Every how many months?", usual=3),
            "smallest_cell": a_number(
                Statement, "smallest_cell", "Numbers below this are hidden", "So that nobody is picked out.", 5
            ),
            "file_check": a_tick(
                "An auditor may look at drawn files, on a screen", "Nobody is contacted, nothing leaves."
            ),
        },
    )


ELIGIBILITY = Part(
    Eligibility,
    {
        "sentence": a_text(
            Eligibility, "sentence", "Who is the money for, in one sentence?", "For example: people in Dorset."
        ),
        "attested_by": one_of(
            (
                ("worker", "A worker ticks it and says how they know"),
                ("referrer", "The word of whoever referred them"),
                ("document", "A paper that the person brings"),
            ),
            "Whose word is enough?",
            "worker",
        ),
        "proof": a_text(Eligibility, "proof", "Which ask brings the paper?", "Its short name. Only for a paper."),
    },
    ("proof",),
)

AUTHORITY = Part(
    Authority,
    {
        "partners": a_tick("An agency’s worker may decide about the people they referred"),
        "peer_look": a_number(
            Authority, "peer_look", "Awards out of 100 that a colleague looks at afterwards", usual=0
        ),
    },
)

SCHEDULE = Part(
    Schedule,
    {
        "parts": a_number(Schedule, "parts", "In how many parts?", "1: everything at once.", 1),
        "every_months": a_number(Schedule, "every_months", "Months between the parts", usual=1),
        "payees": some_of(PAYEES, "To whom may it go?", least=1),
        "after_days": a_number(Schedule, "after_days", "Days to wait before the first part", usual=0),
        "every_days": a_number(
            Schedule, "every_days", "Days between the parts", "0: months count. 14: every two weeks.", 0
        ),
        "before_purchase": fields.Boolean(
            load_default=True, metadata={"label": "Does the money come before anything is bought?"}
        ),
        "provisional_days": a_number(
            Schedule, "provisional_days", "Days until the award is firm", "0: firm at once.", 0
        ),
    },
    ("after_days", "every_days", "before_purchase", "provisional_days"),
)

CONFIRMATION = Part(
    Confirmation,
    {
        "mode": one_of(
            (
                ("offered", "Offered: they may say so if they like"),
                ("none", "Not asked"),
                ("hoped_for", "Hoped for: we ask once"),
                ("sampled", "Sampled: some people are called"),
            ),
            "May the person say that the money came?",
            "offered",
            "Silence never changes anything.",
        ),
        "share": a_number(
            Confirmation, "share", "People out of 100 who are called", "0: as many as the two below need.", 0
        ),
        "confidence": a_number(Confirmation, "confidence", "How sure, in per cent", usual=90),
        "margin": a_number(Confirmation, "margin", "How near, in points either way", usual=10),
        "seed": a_text(Confirmation, "seed", "Words that the draw begins with", "Anybody can draw again with it."),
    },
    ("share", "confidence", "margin", "seed"),
)

ROWS = Part(
    Rows,
    {
        "columns": some_of(
            (
                ("month", "The month"),
                ("local_authority", "The local authority"),
                ("reason", "The code of the reason"),
                ("purpose", "The code of what it was for"),
                ("amount", "The amount"),
            ),
            "One line a grant, without names, with",
            "Nothing ticked: no lines. Else the three sentences below are needed.",
        ),
        "reason": a_text(Rows, "reason", "Why are totals not enough?"),
        "agreement": a_text(Rows, "agreement", "Which agreement on sharing covers it?"),
        "notice": a_text(Rows, "notice", "What are people told of it?"),
    },
    ("columns", "reason", "agreement", "notice"),
)

ONE: dict[str, Part] = {
    "eligibility": ELIGIBILITY,
    "authority": AUTHORITY,
    "schedule": SCHEDULE,
    "confirmation": CONFIRMATION,
    "statement-rows": ROWS,
}
"""Parts that stand there once, by their place on the page; ``statement`` is made when its figures are known."""


class ReasonSchema(Schema):
    """Saying no to a proposal, or ending a policy, takes a reason."""

    why = PlainText(
        1000,
        lines=True,
        required=True,
        error_messages={"required": "Write why, in a sentence."},
        metadata={"label": "Why?", "hint": "Whoever proposed it reads this."},
    )

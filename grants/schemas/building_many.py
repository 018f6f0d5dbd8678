"""Building, what repeats: questions, bands, paces, asks with their blanks, the funder's questions, and promises."""

from __future__ import annotations

from marshmallow import fields, validate

from grants.domain import held
from grants.domain.terms import Ask, Band, FunderQuestion, Pace, Promise, Question
from grants.domain.terms import Field as Blank
from grants.domain.terms_limits import NUMBERS
from grants.schemas.building_fields import (
    KINDS,
    PARTIES,
    REACH,
    Part,
    a_cost,
    a_number,
    a_slug,
    a_text,
    a_tick,
    answers,
    one_of,
    some_of,
)
from grants.schemas.fields import Choice, Pounds

QUESTIONS = Part(
    Question,
    {
        "text": a_text(Question, "text", "The question", needed=True),
        "purpose": a_text(Question, "purpose", "Why is it asked?", "Shown beside it.", needed=True),
        "minutes": a_number(Question, "minutes", "Minutes it takes"),
        "intrusiveness": one_of(REACH, "What does it ask for?", "own_words"),
        "kind": one_of(KINDS, "How is it answered?", "text"),
        "choices": answers(),
        "required": a_tick("No application without an answer"),
        "cost": a_cost(),
        "seen_by": some_of(
            (("staff", "The charity’s people"), ("funder", "The funder")), "Who sees the answers?", least=1
        ),
        "kept_days": a_number(Question, "kept_days", "Days the answer is kept", usual=365),
        "slug": a_slug(),
    },
    ("kind", "choices", "required", "cost", "seen_by", "kept_days", "slug"),
)

BANDS = Part(
    Band,
    {
        "up_to": Pounds(metadata={"label": "Up to", "hint": "Lowest first. Empty: any amount."}),
        "people": Choice(
            (("1", "One person"), ("2", "Two people")), load_default="1", metadata={"label": "Who decides"}
        ),
        "who": one_of(
            (
                ("worker", "Anybody who may decide"),
                ("manager", "A manager among them"),
                ("trustee", "A trustee among them"),
            ),
            "Who must be one of them?",
            "worker",
        ),
    },
)

CHOICES = Part(
    Pace,
    {
        "parts": a_number(Pace, "parts", "In how many parts?", usual=1),
        "every_months": a_number(Pace, "every_months", "Months between the parts", usual=1),
        "every_days": a_number(Pace, "every_days", "Days between the parts", "0: months count.", 0),
    },
)

ASKS = Part(
    Ask,
    {
        "title": a_text(Ask, "title", "What is hoped for?", "For example: A few words on how it went", needed=True),
        "purpose": a_text(Ask, "purpose", "Why is it asked?", "Shown beside it.", needed=True),
        "minutes": a_number(Ask, "minutes", "Minutes it takes"),
        "of": one_of(PARTIES, "Of whom?", "recipient"),
        "due_days": a_number(Ask, "due_days", "Days after the award", usual=180),
        "intrusiveness": one_of(REACH, "What does it ask for?", "own_words"),
        "if_missed": one_of(
            (
                ("let_go", "Nothing: it is let go"),
                ("remind", "We remind them, then let it go"),
                ("hold_next_payment", "The next payment waits until a person has looked"),
                ("further_grant", "A person looks before a further grant"),
            ),
            "What if it does not come?",
            "let_go",
        ),
        "reminders": a_number(Ask, "reminders", "Reminders at most", usual=0),
        "cost": a_cost(),
        "accepts": some_of(
            (
                ("photo", "A photo of a receipt"),
                ("bank_line", "A line of a bank statement"),
                ("own_words", "Their own words"),
            ),
            "If it proves that something was bought: what is enough?",
            "Any one of those ticked. Nothing ticked: it proves nothing.",
        ),
        "share": a_number(Ask, "share", "Grants out of 100 that are asked, by a draw", usual=100),
        "seed": a_text(Ask, "seed", "Words that the draw begins with"),
        "form": a_text(Ask, "form", "Form", "“story”, or the name of a form that is installed."),
        "slug": a_slug(),
    },
    ("reminders", "cost", "accepts", "share", "seed", "form", "slug"),
)

BLANKS = Part(
    Blank,
    {
        "label": a_text(Blank, "label", "What stands beside the blank?", needed=True),
        "hint": a_text(Blank, "hint", "A word of help"),
        "kind": one_of(KINDS, "How is it answered?", "long_text"),
        "choices": answers(),
        "required": a_tick("It must be filled in"),
        "slug": a_slug(),
    },
    ("choices", "required", "slug"),
)

FUNDER_QUESTIONS = Part(
    FunderQuestion,
    {
        "text": a_text(FunderQuestion, "text", "What the funder wants to know", needed=True),
        "query": Choice(
            tuple((query.slug, query.question) for query in held.CATALOGUE.values()),
            load_default="",
            metadata={
                "label": "What we hold that answers it",
                "hint": "Nobody is asked for what is held. Empty: nothing we hold, so we talk about it.",
                "widget": "select",
            },
        ),
        "slug": a_slug(),
    },
    ("slug",),
)

PROMISES = Part(
    Promise,
    {
        "by": one_of((("funder", "The funder"), ("charity", "The charity")), "Who promises?", "charity"),
        "text": a_text(Promise, "text", "What is promised?", "For example: an answer", needed=True),
        "days": fields.Integer(
            validate=validate.Range(*NUMBERS[Promise]["days"]),
            metadata={"label": "Within how many days?", "hint": "Empty: no day is named."},
        ),
    },
)

MANY: dict[str, Part] = {
    "questions": QUESTIONS,
    "authority-bands": BANDS,
    "schedule-choices": CHOICES,
    "asks": ASKS,
    "asks-fields": BLANKS,
    "statement-questions": FUNDER_QUESTIONS,
    "promises": PROMISES,
}
"""Parts that repeat; the blanks of a form stand within an ask."""

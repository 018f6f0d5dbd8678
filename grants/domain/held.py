"""Held: what is known already, as questions that a funder may ask and answers that pick out nobody; pure.

A person is never asked what stands here. Each answer is a number of many people, or it is not told.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Shape = Literal["total", "table", "span", "step", "some"]
"""A sum over all grants, a table of groups, how long something took, how far the money went, or some people."""


@dataclass(frozen=True, slots=True)
class Query:
    """One question that held data answers; ``said`` begins its answer, ``stems`` are words by which it is found."""

    slug: str
    question: str
    said: str
    shape: Shape = "table"
    stems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cell:
    """One row of what was counted: how many may be told, and a sum (minor units, minutes, or everybody) beside it."""

    key: str
    count: int
    total: int = 0


@dataclass(frozen=True, slots=True)
class Took:
    """How long something took for half of the people, in seconds, in each fund with ``count`` cases."""

    count: int
    median: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The answer to one question, in a sentence and in rows; ``hidden`` says that a small number was left out."""

    slug: str
    question: str
    sentence: str
    rows: tuple[tuple[str, str], ...] = ()
    hidden: bool = False


CATALOGUE: dict[str, Query] = {
    query.slug: query
    for query in (
        Query(
            "how_many", "How many grants were made?", "Grants made", "total", ("how many", "number of", "people help")
        ),
        Query(
            "how_much", "How much money was awarded?", "Awarded in all", "total", ("how much", "spent", "total", "sum")
        ),
        Query(
            "how_much_each",
            "How much does one grant come to?",
            "On average",
            "total",
            ("average", "typical", "usual amount"),
        ),
        Query(
            "what_for",
            "What was the money for?",
            "Mainly for",
            "table",
            ("what for", "purpose", "items", "bought", "buy", "spend", "spent on"),
        ),
        Query("why", "Why was it needed?", "Because of", "table", ("why was", "reason", "cause", "in need", "needed")),
        Query(
            "where",
            "Where do people live?",
            "They live in",
            "table",
            ("where", "area", "local authority", "town", "council"),
        ),
        Query("ward", "In which wards do people live?", "They live in", "table", ("ward", "neighbourhood", "street")),
        Query(
            "days_to_money",
            "How long did people wait for the money?",
            "From asking to the money",
            "span",
            ("how long", "how fast", "days", "wait", "quick", "soon"),
        ),
        Query(
            "days_to_decision",
            "How long did people wait for an answer?",
            "From asking to an answer",
            "span",
            ("answer", "decision", "how long"),
        ),
        Query(
            "arrived",
            "Did the money reach people?",
            "It arrived for",
            "step",
            ("arriv", "reach people", "reached", "did it come", "paid out"),
        ),
        Query(
            "said_it_came",
            "How many said that the money came?",
            "It came, said by",
            "step",
            ("confirm", "money came", "received"),
        ),
        Query(
            "said_wrong",
            "How many said that something is wrong?",
            "Told us, and got help",
            "some",
            ("wrong", "problem", "complain", "misuse"),
        ),
        Query(
            "who_decided",
            "Who decided, and under which limit?",
            "It was decided by",
            "table",
            ("who decide", "decided", "authority", "limit", "control", "delegat", "approv"),
        ),
        Query(
            "first_time",
            "How many had a grant for the first time?",
            "It was",
            "table",
            ("first", "repeat", "again", "new people"),
        ),
        Query(
            "by_route",
            "How did people find their way here?",
            "They came",
            "table",
            ("route", "refer", "how did", "channel", "partner"),
        ),
        Query(
            "how_paid", "How was it paid?", "It was paid by", "table", ("how paid", "cash", "voucher", "bank transfer")
        ),
        Query(
            "household",
            "How many people live in the home?",
            "In the home",
            "table",
            ("household", "famil", "children", "home"),
        ),
        Query("by_month", "When were grants made?", "Grants made", "table", ("when", "month", "season", "year")),
        Query(
            "minutes_asked",
            "How much time was asked of people?",
            "After the award",
            "total",
            ("time", "minutes", "burden", "hours"),
        ),
    )
}
"""Every question that is answered from what is held, by its name."""

ANYWHERE = frozenset(
    {"how_many", "how_much", "how_much_each", "minutes_asked"}
    | {slug for slug, query in CATALOGUE.items() if query.shape in ("span", "step")}
)
"""Questions that are answered over many funds at once: of groups of people only one fund is told at a time, so that
no funder can take their own numbers from the sum and see another's."""


def suggest(text: str, most: int = 3) -> tuple[str, ...]:
    """Returns the questions of the catalogue that a free question may mean, the likeliest first; a hint for people."""
    plain = f" {re.sub('[^a-z]+', ' ', text.lower())} "
    scored = [(sum(f" {stem}" in plain for stem in query.stems), slug) for slug, query in CATALOGUE.items()]
    fitting = [slug for score, slug in sorted(scored, key=lambda pair: -pair[0]) if score]
    return tuple(fitting[:most])

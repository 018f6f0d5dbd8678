"""What must be true of Terms before they may be shown or frozen: no burden without a purpose."""

from __future__ import annotations

import re
from collections.abc import Iterator

from grants.domain.terms import Ask, Question, Terms
from grants.domain.terms_json import TermsError, dump, type_problems

LONGEST_DAYS = 3650
"""The longest wait, in days, that terms may name: ten years."""

MOST_MINUTES = 6000
"""The most minutes that one thing may be said to take: a hundred hours."""

_SLUG = re.compile(r"[a-z][a-z0-9_-]{0,39}")


def check(terms: object) -> Terms:
    """Returns the terms when they are sound, or raises TermsError with every problem and its place."""
    if not isinstance(terms, Terms):
        raise TermsError([f"terms: expected Terms, got {type(terms).__name__}"])
    problems = type_problems(terms) or list(_problems(terms))
    if not problems and not _storable(dump(terms)):
        problems = ["terms: expected texts without hidden or broken characters"]
    if problems:
        raise TermsError(problems)
    return terms


def _storable(text: str) -> bool:
    return "\\u0000" not in text and not any("\ud800" <= char <= "\udfff" for char in text)


def _problems(terms: Terms) -> Iterator[str]:
    for i, question in enumerate(terms.questions):
        yield from _burdened(question, f"terms.questions[{i}]")
        if question.kind == "choice" and not question.choices:
            yield f"terms.questions[{i}].choices: expected at least one choice"
    for i, ask in enumerate(terms.asks):
        yield from _burdened(ask, f"terms.asks[{i}]")
        yield from _at_least(0, f"terms.asks[{i}]", due_days=ask.due_days, reminders=ask.reminders)
        yield from _at_most(LONGEST_DAYS, f"terms.asks[{i}]", due_days=ask.due_days)
        yield from _short(200, f"terms.asks[{i}].title", ask.title)
        yield from _short(40, f"terms.asks[{i}].form", ask.form)
    yield from _repeats("questions", [q.slug for q in terms.questions])
    yield from _repeats("asks", [a.slug for a in terms.asks])
    yield from _limits(terms)


def _burdened(thing: Question | Ask, place: str) -> Iterator[str]:
    if not _SLUG.fullmatch(thing.slug):
        yield f"{place}.slug: expected small letters, figures and dashes"
    if not thing.purpose.strip():
        yield f"{place}.purpose: expected a purpose: nothing is asked without one"
    yield from _at_least(0, place, minutes=thing.minutes, cost=thing.cost)
    yield from _at_most(MOST_MINUTES, place, minutes=thing.minutes)


def _limits(terms: Terms) -> Iterator[str]:
    schedule = terms.schedule
    yield from _at_least(1, "terms.schedule", parts=schedule.parts, every_months=schedule.every_months)
    yield from _at_least(0, "terms.schedule", after_days=schedule.after_days)
    yield from _at_most(LONGEST_DAYS, "terms.schedule", after_days=schedule.after_days)
    yield from _at_most(60, "terms.schedule", every_months=schedule.every_months)
    if schedule.parts > 120:
        yield "terms.schedule.parts: expected at most 120 instalments"
    if not schedule.payees:
        yield "terms.schedule.payees: expected somebody to pay"
    yield from _at_least(1, "terms.statement", every_months=terms.statement.every_months)
    if terms.statement.smallest_cell < 3:
        yield "terms.statement.smallest_cell: expected 3 or more, so that nobody can be picked out"
    limits = [band.up_to for band in terms.authority.bands]
    finite = [limit for limit in limits if limit is not None]
    if finite != sorted(set(finite)) or None in limits[:-1]:
        yield "terms.authority.bands: expected rising limits, an open one last"
    if any(band.people not in (1, 2) for band in terms.authority.bands):
        yield "terms.authority.bands: expected one or two people"


def _at_least(least: int, place: str, **values: int) -> Iterator[str]:
    for name, value in values.items():
        if value < least:
            yield f"{place}.{name}: expected {least} or more, got {value}"


def _at_most(most: int, place: str, **values: int) -> Iterator[str]:
    for name, value in values.items():
        if value > most:
            yield f"{place}.{name}: expected {most} or less, got {value}"


def _short(most: int, place: str, text: str) -> Iterator[str]:
    if not text.strip() or len(text) > most:
        yield f"{place}: expected 1 to {most} characters"


def _repeats(part: str, slugs: list[str]) -> Iterator[str]:
    for slug in sorted({s for s in slugs if slugs.count(s) > 1}):
        yield f"terms.{part}: {slug!r} stands there twice"

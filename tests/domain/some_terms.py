"""Some Terms: sound terms of every shape, for tests that must hold of all of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast, get_args

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from grants.domain import terms as kinds
from grants.domain.money import LARGEST
from grants.domain.terms import (
    INTRUSIVENESS,
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
from grants.domain.terms_limits import LONGEST_DAYS, MOST_COST, MOST_MINUTES

KINDS = ("text", "long_text", "number", "yes_no", "choice")

patient = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""For tests over whole Terms: they are large, and a busy machine is no fault of theirs."""

slugs = st.text("abcdefgh", min_size=1, max_size=3).map(lambda text: f"{text}_{len(text)}-x")
"""Short names."""

_letters = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cf"), include_characters="\n\u200d")

texts = st.text(_letters, min_size=1, max_size=40).filter(str.strip)
"""Texts of any script that say something."""

seeds = st.sampled_from(("", "seed", "6f1c"))


def _some(values: Sequence[Any], least: int = 0) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(st.sampled_from(values), min_size=least, unique=True).map(tuple)


def _apart(items: st.SearchStrategy[Any], most: int) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(items, max_size=most, unique_by=lambda item: item.slug).map(tuple)


def _choices(kind: str) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(texts, min_size=1, max_size=4, unique=True).map(tuple) if kind == "choice" else st.just(())


def _reaches(least: str) -> st.SearchStrategy[Any]:
    return st.sampled_from(INTRUSIVENESS[INTRUSIVENESS.index(cast(Any, least)) :])


@st.composite
def questions(draw: st.DrawFn) -> Question:
    """Draws a question of an application."""
    kind = draw(st.sampled_from(KINDS))
    return Question(
        slug=draw(slugs),
        text=draw(texts),
        purpose=draw(texts),
        minutes=draw(st.integers(1, MOST_MINUTES)),
        kind=cast(Any, kind),
        choices=draw(_choices(kind)),
        required=draw(st.booleans()),
        cost=draw(st.integers(0, MOST_COST)),
        intrusiveness=draw(_reaches("own_words" if "text" in kind else "none")),
        seen_by=draw(_some(("staff", "funder"), 1)),
        kept_days=draw(st.integers(1, LONGEST_DAYS)),
    )


@st.composite
def blanks(draw: st.DrawFn) -> Field:
    """Draws one blank of a form that is written as data."""
    kind = draw(st.sampled_from(KINDS))
    return Field(
        slug=draw(slugs),
        label=draw(texts),
        kind=cast(Any, kind),
        choices=draw(_choices(kind)),
        required=draw(st.booleans()),
        hint=draw(st.just("") | texts),
    )


@st.composite
def asks(draw: st.DrawFn) -> Ask:
    """Draws one thing hoped for after the award, by any form and of anybody."""
    fields = draw(st.just(()) | _apart(blanks(), 3))
    accepts = draw(_some(get_args(kinds.Proof)))
    least = "own_words" if any("text" in field.kind for field in fields) else "none"
    least = "document" if accepts and "own_words" not in accepts else least
    if_missed = draw(st.sampled_from(get_args(kinds.IfMissed)))
    return Ask(
        slug=draw(slugs),
        title=draw(texts),
        purpose=draw(texts),
        minutes=draw(st.integers(1, MOST_MINUTES)),
        form=draw(st.sampled_from(("", "story") if fields else ("story", "receipts", "2-lines"))),
        of=draw(st.sampled_from(get_args(kinds.Party))),
        due_days=draw(st.integers(0, LONGEST_DAYS)),
        cost=draw(st.integers(0, MOST_COST)),
        intrusiveness=draw(_reaches(least)),
        if_missed=if_missed,
        reminders=0 if if_missed == "let_go" else draw(st.integers(0, 10)),
        fields=fields,
        accepts=accepts,
        share=draw(st.just(100) | st.integers(0, 100)),
        seed=draw(seeds),
    )


def _reach(draw: st.DrawFn, parts: int) -> tuple[int, int]:
    """Draws the months and the days between so many parts, the last of them within ten years."""
    if draw(st.booleans()):
        return draw(st.integers(1, max(1, min(60, LONGEST_DAYS // 30 // max(parts - 1, 1))))), 0
    return 1, draw(st.integers(1, min(366, LONGEST_DAYS // max(parts - 1, 1))))


@st.composite
def paces(draw: st.DrawFn) -> Pace:
    """Draws a way to be paid: in one go, or in parts some months or days apart."""
    parts = draw(st.integers(1, 120))
    months, days = _reach(draw, parts)
    return Pace() if parts == 1 else Pace(parts=parts, every_months=months, every_days=days)


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    """Draws when and to whom the money goes."""
    usual = draw(paces())
    return Schedule(
        parts=usual.parts,
        every_months=usual.every_months,
        every_days=usual.every_days,
        after_days=draw(st.integers(0, LONGEST_DAYS)),
        payees=draw(_some(get_args(kinds.PayeeKind), 1)),
        choices=draw(st.lists(paces(), max_size=3, unique=True).map(tuple)),
        before_purchase=draw(st.booleans()),
        provisional_days=draw(st.just(0) | st.integers(0, 365)),
    )


@st.composite
def authorities(draw: st.DrawFn) -> Authority:
    """Draws who may decide, by rising amounts."""
    limits: list[int | None] = sorted(draw(st.sets(st.integers(1, LARGEST), max_size=3)))  # type: ignore[assignment]
    limits += draw(st.sampled_from(([], [None])))
    whom = st.sampled_from(("worker", "manager", "trustee"))
    bands = (Band(up_to=limit, people=draw(st.integers(1, 2)), who=cast(Any, draw(whom))) for limit in limits)
    return Authority(bands=tuple(bands), partners=draw(st.booleans()), peer_look=draw(st.integers(0, 100)))


def confirmations() -> st.SearchStrategy[Confirmation]:
    """Returns whether and how people are asked if the money came."""
    return st.builds(
        Confirmation,
        mode=st.sampled_from(("none", "offered", "hoped_for", "sampled")),
        share=st.just(0) | st.integers(0, 100),
        confidence=st.integers(50, 99),
        seed=seeds,
        margin=st.integers(1, 50),
    )


@st.composite
def statements(draw: st.DrawFn) -> Statement:
    """Draws what the funder sees."""
    columns = draw(_some(get_args(kinds.Column)))
    why = {name: draw(texts) for name in ("reason", "agreement", "notice")} if columns else {}
    asked = st.builds(FunderQuestion, slug=slugs, text=texts, query=st.sampled_from(("", "grants", "days_to_money")))
    return Statement(
        aggregates=draw(_some(("money", "counts", "days_to_money", "burden", "by_area"))),
        every_months=draw(st.integers(1, 60)),
        smallest_cell=draw(st.integers(3, 50)),
        rows=Rows(columns=columns, **why),
        file_check=draw(st.booleans()),
        questions=draw(_apart(asked, 3)),
    )


@st.composite
def eligibilities(draw: st.DrawFn, asked: Sequence[Ask]) -> Eligibility:
    """Draws who the money is for; a document only where one of the asks can bring it."""
    papers = [ask.slug for ask in asked if INTRUSIVENESS.index(ask.intrusiveness) >= INTRUSIVENESS.index("document")]
    proof = draw(st.sampled_from(["", *papers]))
    if proof:
        return Eligibility(sentence=draw(texts), attested_by="document", proof=proof)
    by = draw(st.sampled_from(("worker", "referrer")))
    return Eligibility(sentence=draw(st.just("") | texts), attested_by=cast(Any, by))


def promises() -> st.SearchStrategy[tuple[Promise, ...]]:
    """Returns duties of the funder and the charity, none of them twice."""
    one = st.builds(
        Promise, by=st.sampled_from(("funder", "charity")), text=texts, days=st.none() | st.integers(0, LONGEST_DAYS)
    )
    return st.lists(one, max_size=3, unique_by=lambda promise: (promise.by, promise.text)).map(tuple)


@st.composite
def sound_terms(draw: st.DrawFn) -> Terms:
    """Draws Terms that every check accepts, over all their parts."""
    asked = draw(_apart(asks(), 3))
    return Terms(
        eligibility=draw(eligibilities(asked)),
        questions=draw(_apart(questions(), 3)),
        authority=draw(authorities()),
        schedule=draw(schedules()),
        confirmation=draw(confirmations()),
        asks=asked,
        statement=draw(statements()),
        promises=draw(promises()),
    )

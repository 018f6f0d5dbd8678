"""Any Terms that the host would take, part by part, as Hypothesis draws them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal, get_args

from hypothesis import strategies as st

from grants.domain import terms as parts
from grants.domain.money import LARGEST
from grants.domain.terms import INTRUSIVENESS, Ask, Field, Pace, Question, Rows, Schedule, Terms
from grants.domain.terms_checks import ENDING
from grants.domain.terms_limits import LONGEST_DAYS, NUMBERS

Kind = Literal["text", "long_text", "number", "yes_no", "choice"]

KINDS: tuple[Kind, ...] = get_args(Kind)

WHO: tuple[Literal["worker", "manager", "trustee"], ...] = ("worker", "manager", "trustee")

ATTEST: tuple[Literal["worker", "referrer"], ...] = ("worker", "referrer")

slugs = st.from_regex(r"[a-z][a-z0-9_-]{0,11}", fullmatch=True).filter(lambda slug: slug != ENDING)

words = st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), min_size=1, max_size=30).filter(str.strip)
"""Words of any alphabet, without hidden or turning characters."""

maybe_words = st.just("") | words

choices = st.lists(words, min_size=1, max_size=4, unique=True).map(tuple)


def terms() -> st.SearchStrategy[Terms]:
    """Returns any sound Terms."""
    return st.builds(
        Terms,
        questions=_many(questions(), 3),
        authority=authorities(),
        schedule=schedules(),
        confirmation=confirmations(),
        asks=_many(asks(), 3),
        statement=statements(),
        promises=st.lists(promises(), max_size=3, unique_by=lambda one: (one.by, one.text)).map(tuple),
    ).flatmap(_attested)


@st.composite
def questions(draw: st.DrawFn) -> Question:
    """Draws a question at application, as intrusive as it is at least."""
    kind = draw(st.sampled_from(KINDS))
    return Question(
        slug=draw(slugs),
        text=draw(words),
        purpose=draw(words),
        kind=kind,
        choices=draw(choices) if kind == "choice" else (),
        required=draw(st.booleans()),
        intrusiveness=draw(_intrusive("own_words" if "text" in kind else "none")),
        seen_by=draw(_some("staff", "funder", least=1)),
        minutes=draw(_number(Question, "minutes")),
        cost=draw(_number(Question, "cost")),
        kept_days=draw(_number(Question, "kept_days")),
    )


@st.composite
def blanks(draw: st.DrawFn) -> Field:
    """Draws one blank of a form that is written as data."""
    kind = draw(st.sampled_from(KINDS))
    return Field(
        slug=draw(slugs),
        label=draw(words),
        kind=kind,
        choices=draw(choices) if kind == "choice" else (),
        required=draw(st.booleans()),
        hint=draw(maybe_words),
    )


@st.composite
def asks(draw: st.DrawFn) -> Ask:
    """Draws one ask: with a form by name or with blanks of its own, and with proof or without."""
    missed = draw(st.sampled_from(get_args(parts.IfMissed)))
    accepts = draw(_some(*get_args(parts.Proof)))
    papers = bool(accepts) and "own_words" not in accepts
    return Ask(
        slug=draw(slugs),
        title=draw(words),
        purpose=draw(words),
        of=draw(st.sampled_from(get_args(parts.Party))),
        intrusiveness=draw(_intrusive("document" if papers else "own_words")),
        if_missed=missed,
        reminders=0 if missed == "let_go" else draw(st.integers(0, 3)),
        fields=draw(_many(blanks(), 3)),
        accepts=accepts,
        share=draw(st.just(100) | st.integers(0, 100)),
        seed=draw(maybe_words),
        minutes=draw(_number(Ask, "minutes")),
        due_days=draw(_number(Ask, "due_days")),
        cost=draw(_number(Ask, "cost")),
    )


@st.composite
def authorities(draw: st.DrawFn) -> parts.Authority:
    """Draws who decides: bands with rising limits, an open one last or none."""
    limits: list[int | None] = [*sorted(draw(st.sets(st.integers(1, LARGEST), max_size=3)))]
    limits += [None] if draw(st.booleans()) else []
    who, people = st.sampled_from(WHO), st.integers(1, 2)
    bands = tuple(parts.Band(up_to=limit, people=draw(people), who=draw(who)) for limit in limits)
    return parts.Authority(bands=bands, partners=draw(st.booleans()), peer_look=draw(st.integers(0, 100)))


@st.composite
def paces(draw: st.DrawFn) -> Pace:
    """Draws a way to be paid that ends within ten years: so many months apart, or so many days."""
    months, days = draw(st.tuples(st.integers(1, 60), st.just(0)) | st.tuples(st.just(1), st.integers(1, 366)))
    most = min(120, 1 + LONGEST_DAYS // (days or months * 30))
    return Pace(parts=draw(st.integers(1, most)), every_months=months, every_days=days)


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    """Draws when and to whom the money goes."""
    usual = draw(paces())
    others = draw(st.lists(paces(), max_size=2, unique_by=lambda pace: pace.parts).map(tuple))
    return Schedule(
        parts=usual.parts,
        every_months=usual.every_months,
        every_days=usual.every_days,
        choices=others,
        payees=draw(_some(*get_args(parts.PayeeKind), least=1)),
        before_purchase=draw(st.booleans()),
        after_days=draw(_number(Schedule, "after_days")),
        provisional_days=draw(_number(Schedule, "provisional_days")),
    )


def confirmations() -> st.SearchStrategy[parts.Confirmation]:
    """Returns whether “it came” is offered, hoped for or sampled."""
    numbers = {name: st.integers(*span) for name, span in NUMBERS[parts.Confirmation].items()}
    modes = st.sampled_from(("none", "offered", "hoped_for", "sampled"))
    return st.builds(parts.Confirmation, mode=modes, seed=maybe_words, **numbers)


@st.composite
def statements(draw: st.DrawFn) -> parts.Statement:
    """Draws what the funder sees: lines of grants only with a reason, an agreement and a notice."""
    columns = draw(_some(*get_args(parts.Column)))
    texts = words if columns else maybe_words
    rows = Rows(columns=columns, reason=draw(texts), agreement=draw(texts), notice=draw(texts))
    question = st.builds(parts.FunderQuestion, slug=slugs, text=words, query=st.just(""))
    return parts.Statement(
        aggregates=draw(_some("money", "counts", "days_to_money", "burden")),
        rows=rows,
        file_check=draw(st.booleans()),
        questions=draw(_many(question, 2)),
        every_months=draw(_number(parts.Statement, "every_months")),
        smallest_cell=draw(_number(parts.Statement, "smallest_cell")),
    )


def promises() -> st.SearchStrategy[parts.Promise]:
    """Returns a duty of the funder or of the charity."""
    days = st.none() | st.integers(*NUMBERS[parts.Promise]["days"])
    return st.builds(parts.Promise, by=st.sampled_from(("funder", "charity")), text=words, days=days)


@st.composite
def _attested(draw: st.DrawFn, made: Terms) -> Terms:
    """Draws who says that somebody is who the money is for; a document only where an ask brings one."""
    papers = [
        ask.slug for ask in made.asks if INTRUSIVENESS.index(ask.intrusiveness) >= INTRUSIVENESS.index("document")
    ]
    shown: bool = draw(st.booleans())
    if papers and shown:
        proof = draw(st.sampled_from(papers))
        said = parts.Eligibility(sentence=draw(words), attested_by="document", proof=proof)
    else:
        said = parts.Eligibility(sentence=draw(maybe_words), attested_by=draw(st.sampled_from(ATTEST)))
    return replace(made, eligibility=said)


def _many(one: st.SearchStrategy[Any], most: int) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(one, max_size=most, unique_by=lambda thing: thing.slug).map(tuple)


def _some(*of: Any, least: int = 0) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(st.sampled_from(of), min_size=least, max_size=len(of), unique=True).map(tuple)


def _intrusive(least: parts.Intrusiveness) -> st.SearchStrategy[parts.Intrusiveness]:
    return st.sampled_from(INTRUSIVENESS[INTRUSIVENESS.index(least) :])


def _number(kind: type, name: str) -> st.SearchStrategy[int]:
    return st.integers(*NUMBERS[kind][name])

"""The ratchet: the terms of a grant may become lighter, never heavier; what cannot be compared is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from grants.domain.ratchet import heavier, lighter_or_equal, normal
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
from tests.domain.some_terms import asks, paces, patient, promises, sound_terms, texts

Draw = Callable[[st.SearchStrategy[Any]], Any]
Step = Callable[[Terms, Draw], Terms]


def _asked(change: Callable[[Ask, Draw], Ask | None]) -> Step:
    """Returns a step that changes, or with None removes, one of the asks."""

    def step(terms: Terms, draw: Draw) -> Terms:
        if not terms.asks:
            return terms
        at = draw(st.integers(0, len(terms.asks) - 1))
        changed = change(terms.asks[at], draw)
        return replace(terms, asks=(*terms.asks[:at], *([changed] if changed else []), *terms.asks[at + 1 :]))

    return step


def _fewer(items: tuple[Any, ...], draw: Draw) -> tuple[Any, ...]:
    return tuple(item for item in items if draw(st.booleans()))


def _missed(ask: Ask, draw: Draw) -> Ask:
    if ask.if_missed in ("hold_next_payment", "further_grant"):
        milder = draw(st.sampled_from(("let_go", "remind", ask.if_missed)))
        most = 10 if milder == "remind" else ask.reminders
    else:
        milder = draw(st.sampled_from(("let_go", "remind"))) if ask.if_missed == "remind" else "let_go"
        most = ask.reminders
    return replace(ask, if_missed=milder, reminders=0 if milder == "let_go" else draw(st.integers(0, most)))


def _fields(ask: Ask, draw: Draw) -> Ask:
    if not ask.fields:
        return ask
    kept = _fewer(ask.fields, draw) or ask.fields[:1]
    return replace(ask, fields=tuple(replace(f, required=False, label=draw(texts)) for f in kept))


def _accepts(ask: Ask, draw: Draw) -> Ask:
    return replace(ask, accepts=draw(st.sampled_from(((), ("photo", "bank_line", "own_words")))) if ask.accepts else ())


def _share(ask: Ask, draw: Draw) -> Ask:
    seed = draw(st.sampled_from(("a", "b"))) if ask.share == 100 else ask.seed
    return replace(ask, share=draw(st.integers(0, ask.share)), seed=seed)


def _schedule(terms: Terms, draw: Draw) -> Terms:
    old = terms.schedule
    usual = draw(st.sampled_from(old.paces))
    days = draw(st.integers(0, old.after_days))
    new = replace(
        old,
        parts=usual.parts,
        every_months=usual.every_months,
        every_days=usual.every_days,
        choices=(*old.paces, draw(paces())),
        after_days=days,
        provisional_days=draw(st.integers(0, old.provisional_days)),
        payees=draw(st.sampled_from((old.payees, ("supplier", "agency", "recipient")))),
        before_purchase=True,
    )
    return replace(terms, schedule=new)


def _confirmation(terms: Terms, draw: Draw) -> Terms:
    old = terms.confirmation
    if old.mode != "sampled":
        order = ("none", "offered", "hoped_for")
        mode = draw(st.sampled_from(order[: order.index(old.mode) + 1]))
        return replace(terms, confirmation=replace(old, mode=mode))
    if old.share:
        return replace(terms, confirmation=replace(old, share=draw(st.integers(1, old.share))))
    confidence, margin = draw(st.integers(50, old.confidence)), draw(st.integers(old.margin, 50))
    return replace(terms, confirmation=replace(old, confidence=confidence, margin=margin))


def _statement(terms: Terms, draw: Draw) -> Terms:
    old = terms.statement
    new = replace(
        old,
        aggregates=_fewer(old.aggregates, draw),
        every_months=draw(st.integers(old.every_months, 60)),
        smallest_cell=draw(st.integers(old.smallest_cell, 60)),
        rows=replace(old.rows, columns=_fewer(old.rows.columns, draw)),
        file_check=old.file_check and draw(st.booleans()),
        questions=_fewer(old.questions, draw),
    )
    return replace(terms, statement=new)


def _promised(terms: Terms, draw: Draw) -> Terms:
    kept = tuple(replace(p, days=draw(st.integers(0, 9 if p.days is None else p.days))) for p in terms.promises)
    return replace(terms, promises=(*draw(promises()), *kept))


def _spent(terms: Terms, draw: Draw) -> Terms:
    other = draw(sound_terms())
    return replace(terms, questions=other.questions, eligibility=other.eligibility, authority=other.authority)


STEPS: dict[str, Step] = {
    "an ask goes": _asked(lambda ask, draw: None),
    "fewer minutes": _asked(lambda ask, draw: replace(ask, minutes=draw(st.integers(1, ask.minutes)))),
    "cheaper": _asked(lambda ask, draw: replace(ask, cost=draw(st.integers(0, ask.cost)))),
    "less far into a life": _asked(
        lambda ask, draw: replace(
            ask, intrusiveness=draw(st.sampled_from(INTRUSIVENESS[: INTRUSIVENESS.index(ask.intrusiveness) + 1]))
        )
    ),
    "later": _asked(lambda ask, draw: replace(ask, due_days=draw(st.integers(ask.due_days, 4000)))),
    "milder when missed": _asked(_missed),
    "fewer blanks": _asked(_fields),
    "more is proof": _asked(_accepts),
    "of fewer": _asked(_share),
    "other words": _asked(lambda ask, draw: replace(ask, title=draw(texts), purpose=draw(texts))),
    "paid as one likes": _schedule,
    "confirming less": _confirmation,
    "showing less": _statement,
    "promising more": _promised,
    "spent at award": _spent,
}
"""Every way in which terms may become lighter."""


@st.composite
def lightenings(draw: st.DrawFn) -> tuple[Terms, Terms]:
    """Draws terms and the same terms after a few lightening steps."""
    old = new = draw(sound_terms())
    for _ in range(draw(st.integers(1, 3))):
        new = STEPS[draw(st.sampled_from(sorted(STEPS)))](new, draw)
    return old, new


near = st.sampled_from(
    [
        Terms(),
        Terms(confirmation=Confirmation(mode="none")),
        Terms(confirmation=Confirmation(mode="sampled", seed="a", share=5)),
        Terms(confirmation=Confirmation(mode="sampled", seed="a")),
        *(
            Terms(
                asks=(Ask(slug="a", title="A", purpose="B", minutes=minutes, share=share, seed=seed, accepts=accepts),)
            )
            for minutes in (1, 2)
            for share, seed in ((100, "x"), (100, ""), (50, ""), (50, "x"), (20, "x"), (0, ""))
            for accepts in ((), ("photo",), ("photo", "own_words"))
        ),
        *(
            Terms(asks=(Ask(slug="a", title="A", purpose="B", minutes=1, if_missed=missed, reminders=reminders),))
            for missed in ("let_go", "remind", "hold_next_payment", "further_grant")
            for reminders in (0, 1, 2)
        ),
        *(Terms(schedule=Schedule(parts=parts, every_days=days)) for parts in (1, 2) for days in (0, 7)),
        *(Terms(schedule=Schedule(after_days=days, provisional_days=30)) for days in (0, 30, 31)),
        *(Terms(statement=Statement(questions=(FunderQuestion(slug="q", text="Q", query=q),))) for q in ("", "x", "y")),
        *(Terms(promises=(Promise(by="charity", text="We answer.", days=days),)) for days in (None, 1, 2)),
    ]
)
"""Terms that lie close to one another, so that pairs of them are often comparable."""


@patient
@given(sound_terms())
def test_terms_are_no_heavier_than_themselves(terms: Terms) -> None:
    assert heavier(terms, terms) == ()


@patient
@given(lightenings(), st.data())
def test_what_is_lighter_than_the_lighter_is_lighter(pair: tuple[Terms, Terms], data: st.DataObject) -> None:
    old, new = pair
    newest = STEPS[data.draw(st.sampled_from(sorted(STEPS)))](new, data.draw)
    assert lighter_or_equal(newest, old)


@settings(patient, max_examples=300)
@given(near, near, near)
def test_comparing_is_transitive_and_on_normal_forms_antisymmetric(a: Terms, b: Terms, c: Terms) -> None:
    if lighter_or_equal(a, b) and lighter_or_equal(b, c):
        assert lighter_or_equal(a, c)
    if lighter_or_equal(a, b) and lighter_or_equal(b, a):
        assert normal(a) == normal(b)


@patient
@given(lightenings(), sound_terms())
def test_terms_lighter_both_ways_have_one_normal_form(pair: tuple[Terms, Terms], other: Terms) -> None:
    for one, two in (pair, (pair[0], other)):
        both = lighter_or_equal(one, two) and lighter_or_equal(two, one)
        assert both == (normal(one) == normal(two))


@pytest.mark.parametrize("name", sorted(STEPS))
@patient
@given(data=st.data())
def test_every_lightening_step_is_accepted_and_its_reverse_refused(name: str, data: st.DataObject) -> None:
    old = data.draw(sound_terms())
    new = STEPS[name](old, data.draw)
    assert heavier(new, old) == ()
    if normal(new) != normal(old):
        assert not lighter_or_equal(old, new)


@patient
@given(sound_terms(), asks())
def test_an_ask_may_always_go_and_never_come(terms: Terms, ask: Ask) -> None:
    assume(ask.share and ask.slug not in {one.slug for one in terms.asks})
    more = replace(terms, asks=(*terms.asks, ask))
    assert lighter_or_equal(terms, more)
    assert heavier(more, terms) == (f"What is asked after: “{ask.title}” is new.",)


@patient
@given(sound_terms())
def test_no_ask_is_the_least_that_can_be_asked(terms: Terms) -> None:
    assert lighter_or_equal(replace(terms, asks=()), terms)
    light = replace(Terms(), statement=terms.statement, schedule=terms.schedule, promises=terms.promises)
    assert lighter_or_equal(replace(light, confirmation=terms.confirmation), terms)


def test_the_empty_terms_ask_least_but_promise_nothing() -> None:
    promising = Terms(promises=(Promise(by="charity", text="We decide soon.", days=2),))
    assert lighter_or_equal(promising, Terms())
    assert heavier(Terms(), promising) == ("What is promised: “We decide soon.” is no longer promised.",)


@patient
@given(lightenings())
def test_normal_forms_hold_no_words_but_promises(pair: tuple[Terms, Terms]) -> None:
    terms, _ = pair
    other = replace(
        terms,
        asks=tuple(replace(ask, title="T", purpose="P") for ask in terms.asks),
        statement=replace(terms.statement, rows=replace(terms.statement.rows, reason="R", agreement="A", notice="N")),
    )
    assert normal(other) == normal(terms)


STORY = Ask(
    slug="story",
    title="A story",
    purpose="To learn.",
    minutes=5,
    fields=(Field(slug="how", label="How?"), Field(slug="who", label="Who?", kind="choice", choices=("I", "We"))),
)
NAMED = replace(STORY, fields=(), form="story")
TOLD = Terms(asks=(STORY,))


@pytest.mark.parametrize(
    ("new", "old", "said"),
    [
        (Terms(schedule=Schedule(parts=2)), Terms(), "How it is paid: a way to be paid is taken away."),
        (Terms(schedule=Schedule(after_days=1)), Terms(), "How it is paid: the money comes later."),
        (
            Terms(schedule=Schedule(provisional_days=9)),
            Terms(schedule=Schedule(after_days=9)),
            "How it is paid: it may be taken back for longer.",
        ),
        (Terms(schedule=Schedule(before_purchase=False)), Terms(), "How it is paid: the person must buy first."),
        (Terms(schedule=Schedule(payees=("agency",))), Terms(), "How it is paid: fewer may be paid."),
        (Terms(confirmation=Confirmation(mode="hoped_for")), Terms(), "Whether it came: more is hoped for."),
        (
            Terms(confirmation=Confirmation(mode="sampled", share=1)),
            Terms(confirmation=Confirmation(mode="hoped_for")),
            "Whether it came: a sample cannot be compared with asking everybody.",
        ),
        (
            Terms(confirmation=Confirmation(mode="sampled", share=1, seed="b")),
            Terms(confirmation=Confirmation(mode="sampled", share=5, seed="a")),
            "Whether it came: another draw asks other people.",
        ),
        (
            Terms(confirmation=Confirmation(mode="sampled", margin=9, seed="a")),
            Terms(confirmation=Confirmation(mode="sampled", margin=10, seed="a")),
            "Whether it came: more people are asked.",
        ),
        (
            TOLD,
            Terms(asks=(replace(STORY, of="charity"),)),
            "What is asked after: “A story” is asked of somebody else.",
        ),
        (Terms(asks=(NAMED,)), TOLD, "What is asked after: “A story” asks for something else."),
        (
            TOLD,
            Terms(asks=(replace(STORY, fields=(STORY.fields[0],)),)),
            "What is asked after: “A story” asks for something else.",
        ),
        (
            Terms(asks=(replace(STORY, fields=(replace(STORY.fields[0], required=True),)),)),
            TOLD,
            "What is asked after: “A story” asks for something else.",
        ),
        (
            Terms(asks=(replace(STORY, fields=(replace(STORY.fields[1], choices=("We",)),)),)),
            TOLD,
            "What is asked after: “A story” asks for something else.",
        ),
        (
            Terms(asks=(replace(STORY, accepts=("photo",)),)),
            Terms(asks=(replace(STORY, accepts=("photo", "own_words")),)),
            "What is asked after: “A story” takes less as proof.",
        ),
        (
            Terms(asks=(replace(STORY, if_missed="hold_next_payment"),)),
            Terms(asks=(replace(STORY, if_missed="further_grant"),)),
            "What is asked after: “A story” weighs more when it does not come.",
        ),
        (
            Terms(asks=(replace(STORY, share=5, seed="b"),)),
            Terms(asks=(replace(STORY, share=50, seed="a"),)),
            "What is asked after: “A story” is asked of other people, or of more.",
        ),
        (
            Terms(statement=Statement(rows=Rows(columns=("month",), reason="R", agreement="A", notice="N"))),
            Terms(),
            "What the funder sees: more figures.",
        ),
        (Terms(statement=Statement(every_months=1)), Terms(), "What the funder sees: more often."),
        (Terms(statement=Statement(smallest_cell=4)), Terms(), "What the funder sees: smaller numbers."),
        (Terms(statement=Statement(file_check=True)), Terms(), "What the funder sees: files on a screen."),
        (
            Terms(statement=Statement(questions=(FunderQuestion(slug="q", text="Q"),))),
            Terms(),
            "What the funder sees: answers to more questions.",
        ),
        (
            Terms(promises=(Promise(by="charity", text="We answer.", days=3),)),
            Terms(promises=(Promise(by="charity", text="We answer.", days=2),)),
            "What is promised: “We answer.” takes longer.",
        ),
    ],
)
def test_each_heavier_part_is_named(new: Terms, old: Terms, said: str) -> None:
    assert heavier(new, old) == (said,)
    assert not lighter_or_equal(new, old)


def test_several_heavier_parts_are_all_named() -> None:
    new = Terms(asks=(replace(STORY, minutes=9, cost=10, intrusiveness="third_party", due_days=1),))
    assert heavier(new, TOLD) == (
        "What is asked after: “A story” takes longer.",
        "What is asked after: “A story” costs more.",
        "What is asked after: “A story” reaches further into a life.",
        "What is asked after: “A story” is due sooner.",
    )


def test_another_pace_to_choose_is_lighter_and_the_pick_stays_the_persons() -> None:
    monthly = Schedule(parts=6)
    choosing = replace(monthly, choices=(Pace(), Pace(parts=12, every_days=14)))
    assert lighter_or_equal(Terms(schedule=choosing), Terms(schedule=monthly))
    assert not lighter_or_equal(Terms(schedule=monthly), Terms(schedule=choosing))
    turned = Schedule(choices=(monthly.usual,))
    both = Schedule(parts=6, choices=(Pace(),))
    assert normal(Terms(schedule=turned)) == normal(Terms(schedule=both)), "the same paces, whichever is the usual one"


def test_what_is_spent_at_the_award_does_not_count() -> None:
    asked = Terms(
        questions=(Question(slug="q", text="Why?", purpose="To know.", minutes=60),),
        eligibility=Eligibility(sentence="People in Dorset."),
        authority=Authority(bands=(Band(people=2),)),
    )
    assert normal(asked) == normal(Terms())

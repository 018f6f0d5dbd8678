"""Terms: empty asks nothing; data survives being frozen; nothing is asked without a purpose."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from grants.domain.burden import after_award, of_applicant
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
from grants.domain.terms_checks import check
from grants.domain.terms_json import TermsError, dump, from_data, load
from grants.domain.terms_schema import schema
from tests.domain.some_terms import patient, sound_terms

STORY = Ask(slug="story", title="A story", purpose="To learn.", minutes=5)
SCHOOL = Question(slug="school", text="Which school?", purpose="To pay the school.", minutes=1)

DOCUMENT = replace(STORY, slug="letter", intrusiveness="document")
BLANK = Field(slug="how", label="How did it go?")
NEEDY = Eligibility(attested_by="document", proof="letter")
SCHEMA = Draft202012Validator(schema())
NAMES = st.sampled_from([f.name for kind in (Terms, Ask, Schedule, Statement) for f in fields(kind)])
SHOWN = Rows(columns=("month",), reason="R", agreement="A", notice="N")


def asking(**changed: Any) -> Terms:
    """Returns terms with one ask, changed so."""
    return Terms(asks=(replace(STORY, **changed),))


def proving(proof: str, *asks: Ask) -> Terms:
    """Returns terms whose eligibility is shown by a document that an ask brings."""
    return Terms(eligibility=Eligibility(sentence="For pupils.", attested_by="document", proof=proof), asks=asks)


def paying(**changed: Any) -> Terms:
    """Returns terms with a schedule of these values."""
    return Terms(schedule=Schedule(**changed))


def test_the_empty_terms_cost_a_recipient_nothing_after_the_award() -> None:
    assert after_award(Terms()).minutes == 0
    assert after_award(Terms()).things == 0
    assert check(Terms()) == Terms()


def test_burden_is_the_sum_of_what_is_asked_and_as_intrusive_as_its_worst_part() -> None:
    receipts = replace(STORY, slug="receipts", minutes=35, cost=120, intrusiveness="document")
    after = after_award(Terms(asks=(STORY, receipts)))
    assert (after.minutes, after.cost, after.intrusiveness, after.things) == (40, 120, "document", 2)
    assert of_applicant(Terms(questions=(SCHOOL,))).minutes == of_applicant(Terms()).minutes + 1


def test_what_the_charity_is_asked_is_no_burden_of_the_recipient() -> None:
    ours = replace(STORY, of="charity")
    assert after_award(Terms(asks=(ours,))).minutes == 0
    assert after_award(Terms(asks=(ours,)), "charity").minutes == 5


@patient
@given(sound_terms())
def test_sound_terms_survive_being_frozen(some: Terms) -> None:
    assert load(dump(check(some))) == some
    assert dump(load(dump(some))) == dump(some)


@pytest.mark.parametrize(
    ("broken", "place"),
    [
        (asking(purpose="  "), "terms.asks[0].purpose"),
        (asking(minutes=-1), "terms.asks[0].minutes"),
        (asking(minutes=0), "terms.asks[0].minutes"),
        (asking(minutes=6001), "terms.asks[0].minutes"),
        (asking(cost=-1), "terms.asks[0].cost"),
        (asking(cost=10**100), "terms.asks[0].cost"),
        (asking(share=101), "terms.asks[0].share"),
        (asking(share=-1), "terms.asks[0].share"),
        (asking(seed="s" * 65), "terms.asks[0].seed"),
        (asking(accepts=("photo", "photo"), intrusiveness="document"), "terms.asks[0].accepts"),
        (asking(accepts=("photo",)), "terms.asks[0].intrusiveness"),
        (asking(form=""), "terms.asks[0].form"),
        (asking(form="receipts", fields=(BLANK,)), "terms.asks[0].form"),
        (asking(fields=(BLANK, BLANK)), "terms.asks[0].fields"),
        (asking(fields=(replace(BLANK, kind="choice"),)), "terms.asks[0].fields[0].choices"),
        (asking(fields=(replace(BLANK, kind="choice", choices=("a", "a")),)), "terms.asks[0].fields[0].choices"),
        (asking(fields=(replace(BLANK, label=" "),)), "terms.asks[0].fields[0].label"),
        (asking(fields=(replace(BLANK, slug="anything_else"),)), "terms.asks[0].fields[0].slug"),
        (asking(fields=(BLANK,), intrusiveness="none"), "terms.asks[0].intrusiveness"),
        (asking(fields=tuple(replace(BLANK, slug=f"b{i}") for i in range(31))), "terms.asks[0].fields"),
        (asking(reminders=1), "terms.asks[0].reminders"),
        (asking(if_missed="remind", reminders=11), "terms.asks[0].reminders"),
        (Terms(asks=(STORY, STORY)), "terms.asks"),
        (Terms(questions=(replace(SCHOOL, slug="Which School"),)), "terms.questions[0].slug"),
        (Terms(questions=(replace(SCHOOL, kind="choice"),)), "terms.questions[0].choices"),
        (Terms(questions=(replace(SCHOOL, text="T" * 301),)), "terms.questions[0].text"),
        (Terms(questions=(replace(SCHOOL, seen_by=()),)), "terms.questions[0].seen_by"),
        (Terms(questions=(replace(SCHOOL, kept_days=0),)), "terms.questions[0].kept_days"),
        (Terms(questions=(replace(SCHOOL, intrusiveness="none"),)), "terms.questions[0].intrusiveness"),
        (paying(parts=0), "terms.schedule.parts"),
        (paying(parts=121), "terms.schedule.parts"),
        (paying(parts=120, every_months=2), "terms.schedule.parts"),
        (paying(payees=()), "terms.schedule.payees"),
        (paying(payees=("agency", "agency")), "terms.schedule.payees"),
        (paying(parts=2, every_days=14, every_months=2), "terms.schedule.every_days"),
        (paying(every_days=-1), "terms.schedule.every_days"),
        (paying(provisional_days=366), "terms.schedule.provisional_days"),
        (paying(provisional_days=-1), "terms.schedule.provisional_days"),
        (paying(choices=(Pace(parts=0),)), "terms.schedule.choices[0].parts"),
        (paying(choices=(Pace(parts=6), Pace(parts=6))), "terms.schedule.choices"),
        (paying(choices=(Pace(), Pace(every_months=2))), "terms.schedule.choices"),
        (paying(choices=(Pace(parts=6, every_months=2, every_days=7),)), "terms.schedule.choices[0].every_days"),
        (Terms(confirmation=Confirmation(share=101)), "terms.confirmation.share"),
        (Terms(confirmation=Confirmation(confidence=49)), "terms.confirmation.confidence"),
        (Terms(confirmation=Confirmation(confidence=100)), "terms.confirmation.confidence"),
        (Terms(confirmation=Confirmation(mode="sampled", margin=0)), "terms.confirmation.margin"),
        (Terms(confirmation=Confirmation(margin=51)), "terms.confirmation.margin"),
        (Terms(confirmation=Confirmation(seed="s" * 65)), "terms.confirmation.seed"),
        (Terms(eligibility=Eligibility(sentence="S" * 501)), "terms.eligibility.sentence"),
        (Terms(eligibility=Eligibility(proof="letter"), asks=(DOCUMENT,)), "terms.eligibility.proof"),
        (proving("letter"), "terms.eligibility.proof"),
        (proving("", DOCUMENT), "terms.eligibility.proof"),
        (proving("story", STORY), "terms.eligibility.proof"),
        (replace(proving("letter", DOCUMENT), eligibility=NEEDY), "terms.eligibility.sentence"),
        (Terms(statement=Statement(smallest_cell=2)), "terms.statement.smallest_cell"),
        (Terms(statement=Statement(every_months=0)), "terms.statement.every_months"),
        (Terms(statement=Statement(aggregates=("Each Name",))), "terms.statement.aggregates[0]"),
        (Terms(statement=Statement(aggregates=("money", "money"))), "terms.statement.aggregates"),
        (Terms(statement=Statement(rows=replace(SHOWN, reason=" "))), "terms.statement.rows.reason"),
        (Terms(statement=Statement(rows=replace(SHOWN, agreement=""))), "terms.statement.rows.agreement"),
        (Terms(statement=Statement(rows=replace(SHOWN, notice=""))), "terms.statement.rows.notice"),
        (Terms(statement=Statement(rows=replace(SHOWN, columns=("month",) * 2))), "terms.statement.rows.columns"),
        (
            Terms(statement=Statement(questions=(FunderQuestion(slug="q", text=""),))),
            "terms.statement.questions[0].text",
        ),
        (Terms(authority=Authority(peer_look=101)), "terms.authority.peer_look"),
        (Terms(authority=Authority(bands=(Band(up_to=200), Band(up_to=100)))), "terms.authority.bands"),
        (Terms(authority=Authority(bands=(Band(), Band(up_to=100)))), "terms.authority.bands"),
        (Terms(authority=Authority(bands=(Band(people=0),))), "terms.authority.bands[0].people"),
        (Terms(promises=(Promise(by="funder", text=" "),)), "terms.promises[0].text"),
        (Terms(promises=(Promise(by="funder", text="Yes.", days=-1),)), "terms.promises[0].days"),
        (Terms(promises=(Promise(by="funder", text="Y."), Promise(by="funder", text="Y.", days=1))), "terms.promises"),
        (asking(minutes=2.5), "terms.asks[0].minutes"),
        (asking(minutes=True), "terms.asks[0].minutes"),
        (asking(share="5"), "terms.asks[0].share"),
        (Terms(asks=cast(Any, {"a": 1})), "terms.asks"),
        (Terms(schedule=cast(Any, None)), "terms.schedule"),
        ("Terms", "terms"),
        (None, "terms"),
    ],
)
def test_unsound_terms_are_refused_by_place(broken: object, place: str) -> None:
    with pytest.raises(TermsError) as refused:
        check(broken)
    assert any(problem.startswith(place) for problem in refused.value.problems)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ({"asks": [{"slug": "a"}]}, "terms.asks[0].title: missing"),
        ({"burden": 3}, "terms.burden: not a name we know"),
        ({"version": 2}, "version: expected 1"),
        ({"asks": "story"}, "terms.asks: expected a list"),
        ({"schedule": {"parts": "two"}}, "terms.schedule.parts: expected a whole number"),
        ({"confirmation": {"mode": "always"}}, "terms.confirmation.mode: expected one of"),
        ([], "terms: expected a group of named values"),
    ],
)
def test_data_that_is_no_terms_is_refused_with_the_place(data: object, problem: str) -> None:
    with pytest.raises(TermsError) as refused:
        from_data(data)
    assert any(found.startswith(problem) for found in refused.value.problems)


def test_old_frozen_terms_without_newer_parts_still_load() -> None:
    assert load(json.dumps({"version": 1, "asks": []})) == Terms()


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        (Terms(asks=(Ask(slug="a", title="A" * 201, purpose="B", minutes=1),)), "1 to 200 characters"),
        (Terms(asks=(Ask(slug="a", title="A", purpose="B", minutes=1, due_days=10**6),)), "3650 or less"),
        (Terms(asks=(Ask(slug="a", title="A\0", purpose="B", minutes=1),)), "hidden or broken characters"),
        (Terms(asks=(Ask(slug="a", title="A\ud800", purpose="B", minutes=1),)), "hidden or broken characters"),
        (Terms(schedule=Schedule(after_days=10**7)), "3650 or less"),
        (Terms(authority=Authority(bands=(Band(people=3),))), "bands\\[0\\].people: expected 2 or less"),
        (asking(title="Proof \u202eecnerefer"), "terms.asks\\[0\\].title: expected a text without hidden"),
        (asking(reminders=2), "“remind” says that reminders are sent"),
    ],
)
def test_what_no_column_or_calendar_holds_is_named(terms: Terms, said: str) -> None:
    with pytest.raises(TermsError, match=said):
        check(terms)


def test_what_is_sound_though_unusual_is_accepted() -> None:
    for terms in (
        proving("letter", DOCUMENT),
        asking(fields=(BLANK,), form=""),
        asking(accepts=("own_words", "photo"), share=5, seed="6f1c"),
        asking(accepts=("bank_line",), intrusiveness="document"),
        paying(parts=26, every_days=14, choices=(Pace(), Pace(parts=6)), before_purchase=False, provisional_days=90),
        Terms(confirmation=Confirmation(mode="sampled", share=0, margin=5, confidence=95)),
        Terms(statement=Statement(rows=SHOWN, file_check=True, questions=(FunderQuestion(slug="q", text="Q?"),))),
        Terms(authority=Authority(bands=(Band(up_to=1), Band(people=2, who="trustee")), peer_look=10)),
    ):
        assert check(terms) == terms


def test_what_comes_back_is_what_would_be_frozen() -> None:
    careless = Terms(asks=cast(Any, [STORY]), schedule=cast(Any, {"parts": 2}))
    assert check(careless) == Terms(asks=(STORY,), schedule=Schedule(parts=2))
    assert load(dump(check(careless))) == check(careless)


class Nasty:
    """Raises whatever is done with it."""

    def __getattribute__(self, name: str) -> Any:
        raise RuntimeError(name)

    def __eq__(self, other: object) -> bool:
        raise RuntimeError("eq")

    def __hash__(self) -> int:
        raise RuntimeError("hash")


class Liar:
    """Says that it is a text."""

    __class__ = str  # type: ignore[assignment]


class Loud(str):
    """A text that will not be looked at."""

    __slots__ = ()

    def strip(self, chars: str | None = None) -> str:
        raise RuntimeError("strip")


@dataclass(frozen=True, kw_only=True)
class More(Terms):
    """Terms with a burden in a place of its own."""

    visits: int = 3


def endless() -> list[object]:
    """Returns a list that holds itself."""
    held: list[object] = []
    held.append(held)
    return held


ODD: dict[str, Callable[[], Any]] = {
    "nasty": Nasty,
    "liar": Liar,
    "object": object,
    "class": lambda: Terms,
    "endless": endless,
    "nan": lambda: float("nan"),
    "huge": lambda: 10**5000,
    "far below": lambda: -(10**5000),
    "bytes": lambda: b"x",
    "odd keys": lambda: {Nasty: 1, 1: {}, "x" * 999: 2},
    "deep": lambda: [[[[]]]],
    "endless inside": lambda: {"slug": endless(), "parts": endless()},
    "nothing": lambda: [None],
    "mixed": lambda: [STORY, 3, Nasty()],
    "function": lambda: len,
    "set": set,
    "range": lambda: range(3),
    "long": lambda: "x" * 10_000,
    "broken letters": lambda: ["\ud800"],
}


@pytest.mark.parametrize("name", ODD)
def test_nothing_that_a_plugin_puts_there_breaks_the_check(name: str) -> None:
    odd = ODD[name]
    whole = [Terms(**{part.name: odd()}) for part in fields(Terms)]
    for terms in (*whole, asking(purpose=odd()), asking(minutes=odd()), asking(of=odd()), paying(choices=odd())):
        with pytest.raises(TermsError) as refused:
            check(terms)
        assert all(len(problem) < 400 for problem in refused.value.problems)


def test_terms_that_are_more_than_terms_are_refused() -> None:
    with pytest.raises(TermsError, match=r"terms\.visits: not a name we know"):
        check(More())
    with pytest.raises(TermsError):
        check(object.__new__(Terms))
    assert check(asking(title=Loud("A title"))).asks[0].title == "A title"


class TestTheFuzzed:
    """Data of any shape is read or refused, never anything else."""

    anything = st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES | st.text(max_size=5), inner, max_size=4),
        max_leaves=12,
    )

    @settings(patient, max_examples=100)
    @given(anything)
    def test_data(self, data: object) -> None:
        try:
            made = from_data(data)
        except TermsError:
            return
        assert load(dump(made)) == made

    @settings(patient, max_examples=100)
    @given(st.dictionaries(st.sampled_from([f.name for f in fields(Terms)]), anything))
    def test_parts(self, parts: dict[str, Any]) -> None:
        try:
            checked = check(Terms(**parts))
        except TermsError:
            return
        assert not list(SCHEMA.iter_errors(json.loads(dump(checked))))

    @pytest.mark.parametrize("text", ["", "[" * 100_000, "1" * 10_000, "{", "null", '{"version": true}', "[1e999]"])
    def test_texts(self, text: str) -> None:
        with pytest.raises(TermsError):
            load(text)

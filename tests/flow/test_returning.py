"""Returning: answers go to another browser by a code, and to and fro between a helper and the person; none is lost."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import func, select

from grants.domain.errors import Refusal
from grants.flow import drafts, returning
from grants.flow.desk import Desk
from grants.flow.drafts import Typed
from grants.model.applications import Application
from grants.model.events import EventRow
from grants.model.funds import Fund
from grants.model.people import Draft
from tests.conftest import Clock
from tests.flow.test_drafts import TYPED
from tests.scenes import a_fund


def found(desk: Desk, fund: Fund, token: str) -> Typed:
    """Returns the draft that a browser's token opens."""
    typed = drafts.find(desk, fund.slug, token)
    assert typed is not None
    return typed


def types(desk: Desk, fund: Fund, token: str, page: str, **values: Any) -> None:
    """Types an answer in a browser."""
    typed = found(desk, fund, token)
    seen = list(dict.fromkeys([*typed.kept.get("seen", ()), page]))
    drafts.keep(desk, typed, {**values, "seen": seen}, page=page)


def opened(desk: Desk, code: str) -> str:
    """Opens answers by a code in another browser, and returns its token."""
    got = returning.open_by_code(desk, code)
    assert got is not None
    return got[1]


def refused(act: Any, *given: Any) -> str:
    """Returns the code with which an act is refused."""
    with pytest.raises(Refusal) as caught:
        act(*given)
    return caught.value.code


def test_a_code_brings_the_answers_to_another_browser_and_the_old_one_ends(desk: Desk) -> None:
    fund = a_fund(desk)
    old = drafts.start(desk, fund)
    types(desk, fund, old, "name", name="Amina Yusuf")
    code = returning.save(desk, found(desk, fund, old))
    assert len(code) == 12
    assert desk.session.scalars(select(Draft.code_hash)).one() not in (code, None)
    slurred = returning.spaced(code).lower().replace("0", "O").replace("1", "l")
    new = opened(desk, f" {slurred} ")
    assert found(desk, fund, new).kept["name"] == "Amina Yusuf"
    assert drafts.find(desk, fund.slug, old) is None
    assert found(desk, fund, opened(desk, code)).kept["name"] == "Amina Yusuf", "the code works until its time is over"


def test_a_code_ends_after_two_weeks_with_another_and_when_it_is_sent(desk: Desk, clock: Clock) -> None:
    fund = a_fund(desk)
    token = drafts.start(desk, fund)
    drafts.keep(desk, found(desk, fund, token), TYPED)
    first = returning.save(desk, found(desk, fund, token))
    second = returning.save(desk, found(desk, fund, token))
    assert returning.open_by_code(desk, first) is None
    assert returning.open_by_code(desk, "") is None
    clock.move(days=13)
    drafts.sweep(desk)
    assert drafts.find(desk, fund.slug, token) is None, "a browser forgets after a day: others may sit at it"
    token = opened(desk, second)
    clock.move(hours=20)
    drafts.sweep(desk)
    third = returning.save(desk, found(desk, fund, token))
    clock.move(days=14, seconds=1)
    drafts.sweep(desk)
    assert returning.open_by_code(desk, third) is None
    assert desk.session.scalar(select(func.count()).select_from(Draft)) == 0
    token = drafts.start(desk, fund)
    drafts.keep(desk, found(desk, fund, token), TYPED)
    code = returning.save(desk, found(desk, fund, token))
    drafts.send(desk, found(desk, fund, token))
    assert returning.open_by_code(desk, code) is None
    assert refused(returning.save, desk, found(desk, fund, token)) == "draft.sent"


def test_a_new_start_in_a_shared_browser_keeps_what_was_saved_and_deletes_what_was_not(desk: Desk) -> None:
    fund = a_fund(desk)
    one = drafts.start(desk, fund)
    types(desk, fund, one, "name", name="Amina Yusuf")
    code = returning.save(desk, found(desk, fund, one))
    two = drafts.start(desk, fund, one)
    assert drafts.find(desk, fund.slug, one) is None
    assert not found(desk, fund, two).kept
    drafts.start(desk, fund, two)
    assert drafts.find(desk, fund.slug, two) is None
    there = opened(desk, code)
    assert found(desk, fund, there).kept["name"] == "Amina Yusuf"
    drafts.throw_away(desk, there)
    assert returning.open_by_code(desk, code) is None, "“delete what I typed” deletes what was saved too"


def test_a_helper_hands_over_and_takes_back_until_the_person_opened_it(desk: Desk) -> None:
    fund = a_fund(desk)
    helper = drafts.start(desk, fund, helping=True)
    types(desk, fund, helper, "helper-details", helper_name="Sam Okoro")
    first = returning.hand_over(desk, found(desk, fund, helper))
    assert refused(types, desk, fund, helper, "need") == "draft.elsewhere"
    returning.take_back(desk, found(desk, fund, helper))
    assert returning.open_by_code(desk, first) is None, "what was taken back is not opened"
    second = returning.hand_over(desk, found(desk, fund, helper))
    person = opened(desk, second)
    assert returning.open_by_code(desk, second) is None, "it works once: the helper has seen it"
    types(desk, fund, person, "name", name="Amina Yusuf")
    assert refused(returning.take_back, desk, found(desk, fund, helper)) == "draft.opened"
    assert refused(returning.hand_over, desk, found(desk, fund, helper)) == "draft.elsewhere"
    assert refused(returning.hand_over, desk, found(desk, fund, person)) == "draft.not_helper"
    returning.hand_back(desk, found(desk, fund, person))
    assert refused(types, desk, fund, person, "need") == "draft.elsewhere"
    types(desk, fund, helper, "need", **TYPED)
    returning.take_back(desk, found(desk, fund, person))
    kept = found(desk, fund, person).kept
    assert (kept["helper_name"], kept["name"]) == ("Sam Okoro", "Amina Yusuf")
    assert kept["typed"] == {"helper-details": "helper", "name": "person", "need": "helper"}


def test_a_helper_sends_only_with_their_word_that_the_person_agreed_and_it_is_kept(desk: Desk) -> None:
    fund = a_fund(desk)
    helper = drafts.start(desk, fund, helping=True)
    types(desk, fund, helper, "name", **TYPED, helper_name="Sam Okoro", helper_organisation="Advice on the Hill")
    assert refused(drafts.send, desk, found(desk, fund, helper)) == "draft.agreed"
    drafts.send(desk, found(desk, fund, helper), agreed=True)
    sent = desk.session.scalars(select(Application)).one()
    assert sent.typed_by == {"name": "helper", "sent": "helper"}
    assert (sent.route, sent.helper_name, sent.entered_by) == ("referred", "Sam Okoro", None)
    told = desk.session.scalars(select(EventRow).where(EventRow.name == "application.submitted")).one()
    assert told.data["agreed"] is True


def test_whoever_helps_in_a_new_browser_lets_the_person_go_on(desk: Desk) -> None:
    fund = a_fund(desk)
    helper = drafts.start(desk, fund, helping=True)
    types(desk, fund, helper, "name", name="Amina Yusuf")
    person = opened(desk, returning.hand_over(desk, found(desk, fund, helper)))
    returning.hand_back(desk, found(desk, fund, person))
    drafts.start(desk, fund, helper, helping=True)
    assert not found(desk, fund, person).waits, "the helper turned to somebody else"
    assert found(desk, fund, person).kept["name"] == "Amina Yusuf"
    assert refused(returning.hand_back, desk, found(desk, fund, person)) == "draft.no_helper"


class HandingOver(RuleBasedStateMachine):
    """Two people hand one application to and fro in any order, by codes that are old, new, or lost."""

    desk: Desk
    fund: Fund

    def __init__(self) -> None:
        super().__init__()
        self.helper = [drafts.start(self.desk, self.fund, helping=True)]
        self.person: list[str] = []
        self.codes: list[str] = []
        self.said: dict[str, tuple[int, str]] = {}
        self.number = 0

    def every(self) -> list[Typed]:
        tokens = [*self.helper, *self.person]
        return [typed for token in tokens if (typed := drafts.find(self.desk, self.fund.slug, token)) is not None]

    @rule(helper=st.booleans(), page=st.sampled_from(["need", "reason", "area"]))
    def type_something(self, helper: bool, page: str) -> None:
        for token in self.helper if helper else self.person:
            typed = drafts.find(self.desk, self.fund.slug, token)
            if typed is not None:
                self.number += 1
                if typed.waits:
                    assert refused(types, self.desk, self.fund, token, page) == "draft.elsewhere"
                else:
                    drafts.keep(self.desk, typed, {page: self.number}, page=page)
                    self.said[page] = (self.number, typed.side)

    @rule(act=st.sampled_from([returning.save, returning.hand_over, returning.take_back, returning.hand_back]))
    def act(self, act: Any) -> None:
        for typed in self.every():
            with suppress(Refusal):
                code = act(self.desk, typed)
                self.codes += [code] if code else []

    @precondition(lambda self: self.codes)
    @rule(place=st.integers(0, 5))
    def open_a_code(self, place: int) -> None:
        got = returning.open_by_code(self.desk, self.codes[-1 - place % len(self.codes)])
        if got is not None:
            typed = drafts.find(self.desk, self.fund.slug, got[1])
            assert typed is not None
            (self.helper if typed.side == "helper" else self.person).append(got[1])

    @invariant()
    def at_most_one_types_and_no_answer_is_lost(self) -> None:
        every = self.every()
        assert len([typed for typed in every if not typed.waits]) <= 1
        assert len({typed.side for typed in every}) == len(every), "each side has one browser"
        [sealed] = self.desk.session.scalars(select(Draft.sealed).where(Draft.fund_id == self.fund.id))
        kept = self.desk.vault.open(sealed)
        assert {page: (kept[page], kept["typed"][page]) for page in self.said} == self.said


def test_no_order_of_hand_overs_loses_an_answer_or_lets_two_type_at_once(desk: Desk) -> None:
    class Here(HandingOver):
        def __init__(self) -> None:
            self.desk, self.fund = desk, a_fund(desk)
            super().__init__()

    tries = settings(max_examples=12, stateful_step_count=16, deadline=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(Here, settings=tries)  # type: ignore[no-untyped-call]  # the library says no types
    assert desk.session.scalar(select(func.count()).select_from(Draft)), "histories were told"

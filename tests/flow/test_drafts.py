"""Drafts: what was typed on the pages, kept sealed, and what it says once it is sent."""

from __future__ import annotations

import pytest

from grants.domain.terms import Question, Terms
from grants.flow import apply, drafts
from grants.flow.desk import Actor, Desk
from grants.flow.draft_answers import TYPED as WHO
from grants.flow.draft_answers import answer_to, who_typed
from grants.model.applications import Application
from grants.web.recipients import steps
from tests.scenes import a_fund, a_worker, answers, at

TYPED = {
    "amount": 150_00,
    "name": "Amina Yusuf",
    "how": "cash",
    "channel": "text",
    "phone": "07700900982",
}
"""What somebody typed who wants cash, and a text."""


def test_wishes_about_messages_go_from_the_pages_to_the_person(desk: Desk) -> None:
    said = {"sender": "Jo", "avoid": "grant, money\ncharity", "hours_from": "10:00", "hours_until": 16}
    fund = a_fund(desk)
    begun = drafts.find(desk, fund.slug, drafts.start(desk, fund))
    assert begun is not None
    sent = drafts.send(desk, drafts.keep(desk, begun, TYPED | said | {"voicemail": True, "shared": True}))
    person = desk.session.query(Application).filter_by(reference=sent).one().person
    assert (person.sender, person.avoid) == ("Jo", ["grant", "money", "charity"])
    assert (person.hours_from, person.hours_until) == (10, 16)
    assert (person.discreet, person.voicemail, person.shared) == (True, True, True)


@pytest.mark.parametrize(
    ("role", "who"), [("front-line", "staff"), ("partner", "partner"), ("", "person"), ("system", "")]
)
def test_every_answer_says_who_typed_it_whichever_way_it_came(desk: Desk, role: str, who: str) -> None:
    actors = {"": Actor(kind="recipient"), "system": Actor()}
    here = desk.acting(actors[role]) if role in actors else at(desk, a_worker(desk, role, limit=0))
    sent = apply.submit(here, a_fund(desk), answers(helper_name="Jo", extra={"school": "Hill Road"}))
    given = {"amount", "need", "name", "pay", "bank", "reach", "helper-details", "question-school", "sent"}
    assert sent.typed_by == (dict.fromkeys(given, who) if who else {})


def test_only_pages_that_still_count_say_who_typed_them() -> None:
    typed = {"pay": "person", "bank": "helper"}
    assert who_typed({"seen": ["pay"], WHO: typed}) == {"pay": "person"}
    assert who_typed({}) == {}


def test_what_a_policy_asks_again_is_answered_from_what_was_typed() -> None:
    again = Question(slug="your-name", text="Name, for the funder?", purpose="To know.", required=True)
    other = Question(slug="school", text="Which school?", purpose="To pay it.")
    assert answer_to(again, {"name": "Amina Yusuf"}) == "Amina Yusuf"
    assert answer_to(again, {"name": "Amina Yusuf", "question-your-name": "A. Yusuf"}) == "A. Yusuf"
    assert answer_to(other, {"name": "Amina Yusuf"}) == ""
    terms = Terms(questions=(again, other))
    assert [page for page in steps.path(TYPED, terms) if page.startswith("question-")] == ["question-school"]

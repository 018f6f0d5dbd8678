"""Stories: told only as somebody likes, read only by those to whom they consent, and gone when they say so."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from grants.domain.errors import NotAllowed, Refusal
from grants.domain.nameless import without
from grants.flow import confirm, stories
from grants.flow.desk import Actor, Desk
from grants.flow.person_keys import destroy_key
from grants.model.asks import GrantAsk
from grants.model.events import EventRow
from grants.model.grants import Grant
from grants.model.stories import Consent, Story, StoryPicture
from tests.hoping import picture
from tests.scenes import PAPERS, a_fund, a_grant, a_worker, at

WORDS = "We are warm now, said Severina. SEVERINA'S boy sleeps."


@pytest.fixture
def grant(desk: Desk) -> Grant:
    """A grant of a fund that hopes for a story."""
    return a_grant(desk, a_fund(desk, policy="light-report"))


@pytest.fixture
def theirs(desk: Desk) -> Desk:
    """The desk with the recipient at it."""
    return desk.acting(Actor(kind="recipient"))


@pytest.fixture
def ann(desk: Desk) -> Desk:
    """The desk with a worker at it."""
    return at(desk, a_worker(desk))


def rows(desk: Desk, table: type) -> int:
    return desk.session.scalar(select(func.count()).select_from(table)) or 0


def test_each_consent_opens_one_door_and_closes_it_again(desk: Desk, theirs: Desk, ann: Desk, grant: Grant) -> None:
    story = stories.tell(theirs, grant, WORDS, [picture()])
    assert "warm" not in story.sealed
    assert stories.to_read(ann).rows == ()
    assert stories.for_funder(desk, grant.fund) == [], "told for nobody until they consent"
    nameless = "We are warm now, said […]. […]'S boy sleeps."

    stories.give(theirs, story, "funder")
    stories.give(theirs, story, "funder")
    assert [shown.words for shown in stories.for_funder(desk, grant.fund)] == [nameless]
    [told] = stories.to_read(ann).rows
    assert (told.words, told.pictures, told.consents) == ("", (), ("funder",)), "for the funder alone"
    number = desk.session.scalars(select(StoryPicture.id)).one()
    assert stories.open_picture(ann, number) is None

    stories.give(theirs, story, "charity")
    [told] = stories.to_read(ann, "charity").rows
    assert (told.words, told.pictures) == (nameless, (number,))
    assert (stories.open_picture(ann, number) or b"").startswith(b"\xff\xd8")
    assert stories.to_read(ann, "public").rows == ()

    for to in ("funder", "charity", "charity"):
        stories.withdraw(theirs, story, to)
    assert stories.for_funder(desk, grant.fund) == []
    assert stories.to_read(ann).rows == ()
    assert stories.open_picture(ann, number) is None
    names = list(desk.session.scalars(select(EventRow.name).where(EventRow.subject == "grant").order_by(EventRow.id)))
    given = [name for name in names if "story" in name or "consent" in name]
    assert given == [
        "grant.story_told",
        "grant.consent_given",
        "grant.consent_given",
        "grant.consent_withdrawn",
        "grant.consent_withdrawn",
    ]
    assert rows(desk, Consent) == 2, "what was once said stays written, with its end"


def test_a_story_taken_away_is_gone_for_good(desk: Desk, theirs: Desk, ann: Desk, grant: Grant) -> None:
    story = stories.tell(theirs, grant, WORDS, [picture()], stories.TO)
    assert len(stories.to_read(ann, "public").rows) == 1
    stories.remove(theirs, story)
    stories.remove(theirs, story)
    assert (story.sealed, rows(desk, StoryPicture)) == ("", 0)
    assert stories.to_read(ann).rows == ()
    assert stories.find(desk, grant, story.id) is None
    stories.give(theirs, story, "public")
    assert stories.to_read(ann).rows == (), "nothing brings it back"


def test_an_erased_person_tells_nothing_any_more(desk: Desk, theirs: Desk, ann: Desk, grant: Grant) -> None:
    stories.tell(theirs, grant, WORDS, consents=stories.TO)
    destroy_key(desk, grant.person_id)
    desk.session.expire_all()
    assert [told.words for told in stories.to_read(ann).rows] == [""]
    assert stories.for_funder(desk, grant.fund) == []


def test_an_ask_for_a_story_leads_to_the_same_story(desk: Desk, theirs: Desk, ann: Desk, grant: Grant) -> None:
    [ask] = confirm.open_asks(desk, grant)
    told = {"story": "The heater works.", "more": "Thank you."}
    confirm.answer_ask(theirs, ask, told, files=[picture()], consents=("charity",))
    assert (ask.state, ask.answers) == ("met", {}), "nothing of it stands with the ask"
    [read] = stories.to_read(ann).rows
    assert (read.words, read.story.ask_id, len(read.pictures)) == ("The heater works.\n\nThank you.", ask.id, 1)
    confirm.answer_ask(theirs, ask, {"story": "Another"}, consents=stories.TO)
    assert rows(desk, Story) == 1, "told twice, the first stays"


def test_what_cannot_be_kept_is_refused_and_leaves_nothing(desk: Desk, theirs: Desk, grant: Grant) -> None:
    [ask] = confirm.open_asks(desk, grant)
    for words, files, consents, code in (
        ("  ", (), (), "story.empty"),
        ("x" * 2001, (), (), "text.too_long"),
        ("x", (), ("everybody",), "story.consent"),
        ("x", (b"no picture",), (), "picture.kind"),
        ("x", (picture(),) * 11, (), "picture.many"),
    ):
        with pytest.raises(Refusal) as refused:
            stories.tell(theirs, grant, words, files, consents)
        assert refused.value.code == code
    with pytest.raises(Refusal, match="Write a few words"):
        confirm.answer_ask(theirs, ask, {"story": ""})
    assert (rows(desk, Story), rows(desk, Consent), ask.state) == (0, 0, "open")
    for _ in range(stories.MOST):
        stories.tell(theirs, grant, "Again")
    with pytest.raises(Refusal, match="many stories"):
        stories.tell(theirs, grant, "Again")


def test_only_those_who_may_write_down_or_read(desk: Desk, ann: Desk, theirs: Desk, grant: Grant) -> None:
    story = stories.tell(ann, grant, WORDS, consents=("charity",), how="phone")
    assert (story.how, story.recorded_by) == ("phone", ann.actor.user_id)
    other = stories.find(desk, a_grant(desk, grant.fund), story.id)
    assert other is None, "a story is found only with its own grant"
    trustee = at(desk, a_worker(desk, "trustee", limit=0))
    for act in (
        lambda: stories.tell(trustee, grant, "x"),
        lambda: stories.give(trustee, story, "public"),
        lambda: stories.withdraw(trustee, story, "charity"),
        lambda: stories.remove(trustee, story),
        lambda: stories.to_read(trustee),
        lambda: stories.open_picture(trustee, 1),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_a_list_of_stories_pages_and_asks_little(desk: Desk, theirs: Desk, ann: Desk) -> None:
    fund = a_fund(desk, pounds=5000)
    for number in range(25):
        stories.tell(theirs, a_grant(desk, fund), f"Story {number}", consents=("public",))
    first = stories.to_read(ann, "public")
    second = stories.to_read(ann, "public", first.after)
    said = [told.words for told in (*first.rows, *second.rows)]
    assert said == [f"Story {number}" for number in reversed(range(25))]
    assert (len(first.rows), second.after) == (stories.PAGE, "")


@pytest.mark.parametrize(
    ("words", "name", "left"),
    [
        ("I am Zoë O’Brien.", "Zoë O’Brien", "I am […] O’[…]."),
        ("zoë and Brienne", "Zoë O’Brien", "[…] and Brienne"),
        ("شكرا محمد", "محمد الأحمد", "شكرا […]"),
        ("a.b+c", "A. B", "a.b+c"),
        ("Nothing of it", "", "Nothing of it"),
        ("(Ana) Ana-Maria, ANA", "Ana Maria", "([…]) […]-[…], […]"),
    ],
)
def test_a_name_is_taken_out_of_the_words(words: str, name: str, left: str) -> None:
    assert without(words, name) == left


def test_the_asks_own_kind_decides_what_is_a_story(desk: Desk, grant: Grant) -> None:
    [ask] = confirm.open_asks(desk, grant)
    form = confirm.form_of(desk, ask)
    assert form is not None
    assert form.story
    receipts = a_grant(desk, a_fund(desk, policy="full-receipts", settings={"alone_up_to": 1000}), extra=PAPERS)
    [asked] = desk.session.scalars(select(GrantAsk).where(GrantAsk.grant_id == receipts.id))
    proof = confirm.form_of(desk, asked)
    assert proof is not None
    assert not proof.story

"""Somebody is shown what we hold, and is erased: nothing of theirs is left, and the accounts say what they said."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import select, text

from grants.domain.errors import NotAllowed, Refusal
from grants.flow import check
from grants.flow.desk import Desk
from grants.flow.person_keys import open_for, seal_for
from grants.flow.privacy import papers, requests
from grants.flow.privacy.erase import erase, erase_again, left_of
from grants.flow.privacy.export import export
from grants.flow.privacy.finding import person_id
from grants.flow.privacy.plan import plan
from grants.keeping import erased as listed
from grants.model import Base
from grants.model.events import EventRow
from grants.model.grants import Grant
from grants.model.helping import HelpCall
from grants.model.people import Person
from grants.model.stories import Story
from tests.scenes import a_fund, a_grant, a_worker, an_application, at

NAME = "Quillonia Zephyrbane"


def everything(desk: Desk) -> str:
    """Every row of the database as text."""
    desk.session.flush()
    rows = []
    for table in Base.metadata.sorted_tables:
        rows += [tuple(row) for row in desk.session.execute(text(f'SELECT * FROM "{table.name}"'))]
    return "\n".join(map(repr, rows))


def paid(desk: Desk, grant: Grant) -> None:
    """Ends a grant as if all was paid, for stories that are not about money."""
    desk.session.execute(text("UPDATE payments SET done = true WHERE grant_id = :number"), {"number": grant.id})
    desk.session.execute(text("UPDATE grants SET state = 'cancelled' WHERE id = :number"), {"number": grant.id})
    desk.session.expire_all()


def test_only_a_manager_erases_and_only_when_no_money_is_left_to_pay(desk: Desk) -> None:
    fund = a_fund(desk)
    grant = a_grant(desk, fund, name=NAME)
    manager = at(desk, a_worker(desk, "manager"))
    with pytest.raises(NotAllowed):
        erase(at(desk, a_worker(desk, "front-line")), grant.person_id)
    with pytest.raises(Refusal, match=f"Grant {grant.reference} still has money to pay"):
        erase(manager, grant.person_id)
    waiting = an_application(desk, fund, name="Somebody Else")
    with pytest.raises(Refusal, match=f"Application {waiting.reference} waits"):
        erase(manager, waiting.person_id)
    assert open_for(desk, grant.person_id, seal_for(desk, grant.person_id, {"a": "b"})) == {"a": "b"}
    assert listed.read(desk.settings.home) == {}, "nobody was erased"


def test_erased_there_is_a_number_and_the_accounts(desk: Desk) -> None:
    fund = a_fund(desk)
    grant = a_grant(desk, fund, name=NAME, need="The vanquiloop broke", email="zephyrbane@post.example.org")
    other = a_grant(desk, fund, name="Bo Bell", need="A chair")
    person = desk.session.get_one(Person, grant.person_id)
    words = seal_for(desk, person.id, {"words": "plimbert"})
    story = Story(
        grant_id=grant.id,
        person_id=person.id,
        sealed=words,
        told_at=desk.now(),
    )
    desk.session.add(story)
    requests.ask(desk, person.id, "erase", "Please")
    paid(desk, grant)
    before = check.check(desk)
    manager = at(desk, a_worker(desk, "manager"))

    told = plan(manager, person.id)
    assert told.first == ()
    assert dict(told.goes)["stories"] == 1
    assert {words for words, _, _ in told.stays} >= {"postings of the books"}
    assert NAME in everything(desk), "a plan changes nothing"

    sealed = story.sealed
    erase(manager, person.id)
    left = everything(desk)
    for word in (NAME, "quillonia", "vanquiloop", "zephyrbane", "plimbert"):
        assert word not in left, word
    assert "Bo Bell" in left
    assert "A chair" in left
    desk.session.refresh(person)
    assert (person.name, person.erased_at, person.contact_safe) == (person.number, desk.now(), False)
    assert left_of(desk, person.id) == []
    assert left_of(desk, other.person_id) != []
    assert open_for(desk, person.id, sealed) == {}, "their key is gone"
    assert check.check(desk) == before
    assert list(listed.read(desk.settings.home)) == [person.number]
    again = erase(manager, person.id)
    assert again.erased
    happened = select(EventRow.name).where(EventRow.subject == "person", EventRow.subject_id == person.id)
    assert list(desk.session.scalars(happened)).count("person.erased") == 1

    person.name = NAME
    person.erased_at = None
    desk.session.flush()
    assert erase_again(desk, listed.read(desk.settings.home)) == 1, "a backup had brought them back"
    assert erase_again(desk, listed.read(desk.settings.home)) == 0
    assert NAME not in everything(desk)


def test_a_call_for_help_is_answered_first(desk: Desk) -> None:
    grant = a_grant(desk, a_fund(desk), name=NAME)
    paid(desk, grant)
    call = HelpCall(
        kind="help", grant_id=grant.id, person_id=grant.person_id, opened_at=desk.now(), answer_by=desk.now()
    )
    desk.session.add(call)
    desk.session.flush()
    with pytest.raises(Refusal, match="called for help"):
        erase(desk, grant.person_id)


def test_they_are_shown_everything_of_theirs_and_nothing_of_others(desk: Desk, tmp_path: Path) -> None:
    fund = a_fund(desk)
    grant = a_grant(desk, fund, name=NAME, need="The vanquiloop of Mrs Truffle broke", helper_name="Obadine Croft")
    other = a_grant(desk, fund, name="Bo Bell", need="A chair")
    worker = at(desk, a_worker(desk, "front-line"))
    with pytest.raises(NotAllowed):
        export(at(desk, a_worker(desk, "finance")), grant.person_id)
    made = export(worker, person_id(worker, grant.reference.lower()))
    told = papers.data(made)
    for word in (NAME, "vanquiloop", "Obadine Croft", "10-88-00", grant.reference, "grant.awarded"):
        assert word.replace("-", "") in told.replace("-", ""), word
    for word in ("Bo Bell", "A chair", other.reference):
        assert word not in told, word
    look = {f"{row.table}.{field.name}" for row in made.rows for field in row.fields if field.look}
    assert {"applications.helper_name", "applications.need", "decisions.by"} <= look
    assert "people.name" not in look
    page = papers.page(made)
    assert page.count(papers.LOOK) == made.to_look_at > 2
    files = papers.written(made, tmp_path / "papers")
    assert [file.stat().st_mode & 0o777 for file in files] == [0o600] * len(files)
    assert json.loads((tmp_path / "papers" / papers.DATA).read_text())["person"] == grant.person.number
    with pytest.raises(Refusal, match="nobody"):
        person_id(desk, "P-NOBODY")


def test_the_list_of_erased_people_survives_a_line_that_was_cut_off(desk: Desk, tmp_path: Path) -> None:
    home = tmp_path / "elsewhere"
    listed.add(home, {"P-ONE": desk.now()})
    with (home / listed.NAME).open("a") as file:
        file.write("P-TWO 2026-1")
    listed.add(home, {"P-ONE": desk.now(), "P-THREE": desk.now()})
    assert list(listed.read(home)) == ["P-ONE", "P-THREE"]

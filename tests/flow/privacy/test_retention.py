"""What people told beside their grants goes when its time has come: words, addresses, links, codes, pictures."""

from __future__ import annotations

from sqlalchemy import select, text

from grants.domain.data_classes import TABLES
from grants.flow.forget import FORGOTTEN, forget_due
from grants.flow.forget_told import KEPT_WITHOUT_NAME
from grants.flow.privacy.plan import told
from grants.model import Base
from grants.model.belonging import theirs
from grants.model.people import Person
from tests.conftest import AtDesk, Clock
from tests.filling import end, fill
from tests.scenes import a_fund, a_grant

MARK = "zvkqpa"

CLOSED = """
UPDATE help_calls SET closed_at = opened_at; UPDATE data_requests SET closed_at = asked_at;
UPDATE tasks SET closed_at = opened_at; UPDATE messages SET sent_at = queued_at;
UPDATE referrals SET used_at = created_at; UPDATE contact_changes SET expires_at = asked_at
"""


def left(at_desk: AtDesk, person_id: int) -> set[str]:
    """Which tables still say something of the person."""
    found = set()
    with at_desk() as desk:
        for table in Base.metadata.sorted_tables:
            if TABLES[table.name].personal:
                rows = select(1).select_from(table).where(theirs(table, person_id), told(table)).limit(1)
                found |= {table.name} if desk.session.execute(rows).first() is not None else set()
    return found


def test_words_links_and_addresses_go_in_their_time(at_desk: AtDesk, clock: Clock) -> None:
    with at_desk() as desk:
        grant = a_grant(desk, a_fund(desk), name="Quillonia Zephyrbane")
        number = grant.person_id
        fill(desk, number, MARK)
        end(desk, number)
        for words in CLOSED.split(";"):
            desk.session.execute(text(words))
        story = desk.session.execute(text("SELECT story_id FROM story_pictures")).scalar_one()
        moment = {"story": story, "at": desk.now(), "grant": grant.id, "over": desk.now()}
        desk.session.execute(
            text("INSERT INTO consents (story_id, \"to\", how, given_at) VALUES (:story, 'public', 'link', :at)"),
            moment,
        )
        for table, mark in (("links", "token_hash"), ("letter_codes", "code_hash")):
            words = f"INSERT INTO {table} (grant_id, {mark}, created_at, expires_at) VALUES (:grant, 'x', :at, :over)"
            desk.session.execute(text(words), moment)
    whole = left(at_desk, number)
    assert len(whole) > 20

    clock.move(days=29)
    with at_desk() as desk:
        forget_due(desk)
    assert whole - left(at_desk, number) == {"attachments"}, "only a picture whose answer was never sent"
    whole.remove("attachments")
    clock.move(days=2)
    with at_desk() as desk:
        assert forget_due(desk) > 0
        for table in ("links", "letter_codes"):
            assert desk.session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() == 0
    assert whole - left(at_desk, number) == {"contact_changes", "referrals"}

    clock.move(days=60)
    with at_desk() as desk:
        assert forget_due(desk) > 0
    after = left(at_desk, number)
    assert after.isdisjoint({"help_calls", "data_requests", "tasks", "messages"})
    assert {"stories", "story_pictures", "people"} <= after, "somebody may still read the story: they consented"
    with at_desk() as desk:
        desk.session.execute(text("UPDATE consents SET withdrawn_at = given_at"))
        assert forget_due(desk) == 1
    assert after - left(at_desk, number) == {"story_pictures"}

    clock.move(days=300)
    with at_desk() as desk:
        assert forget_due(desk) > 0
        assert desk.session.get_one(Person, number).name == FORGOTTEN
        assert forget_due(desk) == 0, "and again is nothing"
    assert left(at_desk, number) <= KEPT_WITHOUT_NAME

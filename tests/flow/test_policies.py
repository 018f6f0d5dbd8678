"""Policies without code: a proposal of anybody’s, two people of the charity, versions that never change."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import func, select

from grants.domain.errors import NotAllowed, Refusal
from grants.domain.lifecycle import IllegalMove
from grants.domain.money import Money
from grants.domain.policy_file import PolicyFileError, Written, write
from grants.domain.terms import Ask, Authority, Band, Terms
from grants.domain.terms_json import load
from grants.flow import fund, policies
from grants.flow.desk import Desk
from grants.model.events import EventRow
from grants.model.funds import Funder
from grants.model.policies import PolicyFile
from grants.model.users import User
from tests.conftest import add_user
from tests.scenes import a_fund, a_grant, a_worker, at

STORY = Ask(slug="story", title="A few words", purpose="To learn.", minutes=4)
ONE_STORY = Written(slug="one-story", title="One story", promise="One story, later.", terms=Terms(asks=(STORY,)))


def file(minutes: int = 4, **more: str) -> str:
    """Returns the file of a policy that hopes for one story."""
    terms = Terms(asks=(replace(STORY, minutes=minutes),))
    return write(replace(ONE_STORY, terms=terms, **more))


@pytest.fixture
def mona(desk: Desk) -> Desk:
    """The desk of a manager."""
    return at(desk, add_user(desk, "manager", name="Mona"))


@pytest.fixture
def tess(desk: Desk) -> Desk:
    """The desk of a trustee."""
    return at(desk, add_user(desk, "trustee", name="Tess"))


@pytest.fixture
def vera(desk: Desk) -> Desk:
    """The desk of a funder’s person."""
    return at(desk, add_user(desk, "funder-viewer", name="Vera"))


def accepted(mona: Desk, tess: Desk, text: str = "") -> PolicyFile:
    row = policies.propose(mona, text or file())
    policies.accept(mona, row)
    return policies.accept(tess, row)


def names(desk: Desk) -> list[str]:
    wanted = select(EventRow.name).where(EventRow.name.startswith("policy.")).order_by(EventRow.id)
    return list(desk.session.scalars(wanted))


def test_a_funder_proposes_two_people_accept_and_a_fund_uses_it(vera: Desk, mona: Desk, tess: Desk) -> None:
    row = policies.propose(vera, file(), "One story is enough for us.")
    mine = vera.session.get_one(User, vera.actor.user_id).funder_id
    assert (row.state, row.version, row.funder_id, row.source) == ("proposed", 1, mine, file())
    with pytest.raises(Refusal, match="not installed here now"):
        policies.policy(mona, "one-story")
    policies.accept(mona, row)
    assert (row.state, row.first_by, row.second_by) == ("proposed", mona.actor.user_id, None)
    policies.accept(tess, row)
    assert (row.state, row.second_by, row.decided_at) == ("accepted", tess.actor.user_id, tess.now())
    assert names(mona) == ["policy.proposed", "policy.agreed", "policy.accepted"]
    assert "one-story" in [offer.policy.slug for offer in policies.on_offer(mona)]
    used = a_fund(mona, policy="one-story")
    assert (used.policy_version, load(used.terms)) == (1, ONE_STORY.terms)


def test_one_person_never_is_two_and_a_funder_accepts_nothing(vera: Desk, mona: Desk, tess: Desk, desk: Desk) -> None:
    row = policies.propose(mona, file())
    policies.accept(mona, row)
    with pytest.raises(Refusal, match="Somebody else is the second person"):
        policies.accept(mona, row)
    with pytest.raises(NotAllowed, match="Two people of the charity"):
        policies.accept(vera, row)
    both = add_user(desk, "manager", name="Both", funder_id=vera.session.get_one(User, vera.actor.user_id).funder_id)
    with pytest.raises(NotAllowed, match="Two people of the charity"):
        policies.accept(at(desk, both), row)
    with pytest.raises(NotAllowed):
        policies.accept(at(desk, a_worker(desk)), row)
    assert (row.state, row.second_by) == ("proposed", None)
    policies.accept(tess, row)
    with pytest.raises(IllegalMove):
        policies.accept(mona, row)


def test_a_version_never_changes_and_a_grant_keeps_its_terms(mona: Desk, tess: Desk) -> None:
    first = accepted(mona, tess)
    used = a_fund(mona, policy="one-story")
    old = a_grant(mona, used)
    second = accepted(mona, tess, file(minutes=2))
    assert (first.version, first.state, second.version) == (1, "accepted", 2)
    assert policies.newer(mona, used) == 2
    still = a_grant(mona, used)
    assert load(still.terms).asks[0].minutes == 4, "nobody chose the newer one yet"
    fund.choose_policy(mona, used, "one-story", {})
    assert (used.policy_version, policies.newer(mona, used)) == (2, 0)
    new = a_grant(mona, used)
    assert [load(each.terms).asks[0].minutes for each in (old, still, new)] == [4, 4, 2]
    assert [each.policy_source for each in (old, new)] == [
        "written without code, version 1", "written without code, version 2"
    ]  # fmt: skip


def test_a_newer_proposal_takes_the_place_of_one_that_waits(mona: Desk, tess: Desk) -> None:
    first = policies.propose(mona, file())
    assert policies.propose(mona, file()) is first, "sent twice, it is one"
    policies.accept(tess, first)
    second = policies.propose(mona, file(minutes=3))
    assert (first.state, second.state, second.version, second.first_by) == ("withdrawn", "proposed", 2, None)
    assert policies.answer(mona, first) == "Version 2 takes its place."
    policies.accept(mona, second)
    policies.accept(tess, second)
    with pytest.raises(Refusal, match="Nothing was changed: version 2 says the same"):
        policies.propose(mona, file(minutes=3))


@pytest.mark.parametrize("slug", ["light-report", "unconditional", "new", "upload"])
def test_a_name_that_is_taken_is_refused(mona: Desk, slug: str) -> None:
    with pytest.raises(Refusal) as caught:
        policies.propose(mona, file(slug=slug))
    assert (caught.value.code, caught.value.field) == ("policy.slug_taken", "slug")


def test_a_funder_sees_and_changes_only_their_own(vera: Desk, mona: Desk, tess: Desk, desk: Desk) -> None:
    policies.propose(mona, file())
    own = policies.propose(vera, file(slug="hers"))
    with pytest.raises(Refusal, match="is taken"):
        policies.propose(vera, file(minutes=1))
    other = at(desk, add_user(desk, "funder-viewer", name="Otto"))
    with pytest.raises(Refusal, match="is taken"):
        policies.propose(other, file(slug="hers", minutes=1))
    assert policies.version_of(other, "hers") is None
    assert policies.version_of(vera, "one-story") is None
    assert [one.row.slug for one in policies.everything(vera).rows] == ["hers"]
    assert {one.row.slug for one in policies.waiting(mona)} == {"one-story", "hers"}
    with pytest.raises(NotAllowed, match="Whoever proposed this"):
        policies.withdraw(mona, own)
    with pytest.raises(NotAllowed, match="Whoever proposed this"):
        policies.withdraw(other, own)
    policies.withdraw(vera, own)
    assert own.state == "withdrawn"
    with pytest.raises(NotAllowed):
        policies.propose(at(desk, a_worker(desk)), file(slug="mine"))


def test_no_has_a_reason_and_a_retired_policy_goes_on_where_it_is(mona: Desk, tess: Desk) -> None:
    row = policies.propose(mona, file())
    with pytest.raises(Refusal, match="Write why"):
        policies.decline(tess, row, "  ")
    policies.decline(tess, row, "Too much.")
    assert (row.state, policies.answer(mona, row)) == ("declined", "Too much.")
    one, two = accepted(mona, tess, file(minutes=3)), accepted(mona, tess, file(minutes=2))
    used = a_fund(mona, policy="one-story")
    policies.retire(tess, two, "We have a lighter one.")
    assert (one.state, two.state) == ("retired", "retired")
    assert "one-story" not in [offer.policy.slug for offer in policies.on_offer(mona)]
    with pytest.raises(Refusal, match="not installed here now"):
        fund.choose_policy(mona, used, "one-story", {})
    assert load(a_grant(mona, used).terms).asks[0].minutes == 2


def test_a_file_names_its_funder_where_there_is_one(mona: Desk) -> None:
    funder = Funder(name="Tide Foundation", org_id="GB-CHC-1", created_at=mona.now())
    mona.session.add(funder)
    mona.session.flush()
    for wish, found in (("tide  foundation", funder.id), ("GB-CHC-1", funder.id), ("Nobody", None)):
        row = policies.propose(mona, file(slug=f"for-{len(wish)}", for_funder=wish))
        assert row.funder_id == found
    assert policies.propose(mona, file(slug="given"), funder=funder).funder_id == funder.id


def test_none_is_half_kept(mona: Desk) -> None:
    waits = policies.propose(mona, file())
    before = [mona.session.scalar(select(func.count()).select_from(table)) for table in (PolicyFile, EventRow)]
    for broken in (
        "",
        file()[:-8],
        file().replace("minutes = 4", "minutes = 0"),
        file().replace("story", "s t"),
        "\x00",
    ):
        with pytest.raises(PolicyFileError):
            policies.propose(mona, broken)
    after = [mona.session.scalar(select(func.count()).select_from(table)) for table in (PolicyFile, EventRow)]
    assert after == before
    assert waits.state == "proposed"


def test_a_plugin_gone_is_never_taken_for_a_file_of_the_same_name(mona: Desk, tess: Desk) -> None:
    accepted(mona, tess)
    used = a_fund(mona)
    used.policy_slug = "one-story"
    with pytest.raises(Refusal, match="not installed here now"):
        policies.find(mona, used.policy_slug, used.policy_version)
    assert policies.find(mona, "one-story").version == 1


def test_bands_of_a_file_decide_who_decides(mona: Desk, tess: Desk) -> None:
    terms = Terms(authority=Authority(bands=(Band(up_to=100_00), Band(people=2))))
    accepted(mona, tess, write(replace(ONE_STORY, terms=terms)))
    used = a_fund(mona, policy="one-story", starts_on=date(2026, 2, 1))
    assert fund.terms_of(used).authority.people(150_00) == 2
    assert fund.preview(mona, "one-story", {}, Money(50_00)) == terms

"""The light report asks for one story, late, and lets it go."""

from __future__ import annotations

from click.testing import CliRunner

from grants import Ask, Terms
from grants.testing import check_policy
from grants_light_report import grants_policies, grants_slot, story_on_paper

POLICY = next(grants_policies())


def test_the_policy_is_sound() -> None:
    terms = check_policy(POLICY)
    assert [ask.if_missed for ask in terms.asks] == ["let_go"]
    assert [ask.due_days for ask in terms.asks] == [180]
    assert not terms.questions


def test_a_funder_may_wait_longer_for_the_story() -> None:
    assert check_policy(POLICY, {"months": 12, "minutes": 3}).asks[0].due_days == 360


def test_the_person_reads_that_silence_is_fine() -> None:
    story = Ask(slug="story", title="A story", purpose="To learn.", minutes=5)
    assert "fine" in str(grants_slot("recipient.after_asks", Terms(asks=(story,))))
    assert grants_slot("recipient.after_asks", Terms()) is None


def test_the_story_can_be_told_on_paper() -> None:
    printed = CliRunner().invoke(story_on_paper).output
    assert "What did the money change" in printed
    assert "Anything else?" in printed

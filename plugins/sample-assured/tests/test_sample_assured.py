"""Sample assured asks nobody for papers; what the funder learns comes from a small draw."""

from __future__ import annotations

from grants.domain.burden import after_award
from grants.domain.sampling import draw, sample_size
from grants.testing import check_policy
from grants_sample_assured import grants_policies

POLICY = next(grants_policies())


def test_the_policy_is_sound_and_asks_nobody_for_papers() -> None:
    terms = check_policy(POLICY)
    assert (terms.asks, terms.questions) == ((), ())
    assert after_award(terms).minutes == 0
    assert terms.promises[0].days == 3


def test_few_are_called_and_the_draw_can_be_run_again() -> None:
    confirmation = check_policy(POLICY, {"seed": "a seed that was published"}).confirmation
    assert (confirmation.mode, confirmation.share) == ("sampled", 0)
    size = sample_size(500, confirmation.confidence, confirmation.margin)
    assert size == 60
    grants = [f"G-{number}" for number in range(500)]
    assert draw(confirmation.seed, grants, size) == draw(confirmation.seed, reversed(grants), size)


def test_one_decides_small_awards_and_two_decide_large_ones() -> None:
    authority = check_policy(POLICY).authority
    assert [authority.people(amount) for amount in (500_00, 500_01, 2000_00, 2000_01)] == [1, 2, 2, 2]
    assert [authority.band(amount).who for amount in (2000_00, 2000_01)] == ["worker", "manager"]


def test_limits_that_meet_leave_one_band_out() -> None:
    bands = check_policy(POLICY, {"alone_up_to": 3000, "two_up_to": 2000}).authority.bands
    assert [(band.up_to, band.people) for band in bands] == [(3000_00, 1), (None, 2)]


def test_what_is_promised_is_said_in_whole_words() -> None:
    assert "within 1 working day of" in check_policy(POLICY, {"days": 1}).promises[0].text

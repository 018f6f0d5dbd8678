"""Emergency referral asks nothing, trusts the one who refers, and pays at once."""

from __future__ import annotations

from datetime import date

import pytest

from grants import Facts, Money, Terms
from grants.domain.burden import after_award, of_applicant
from grants.testing import check_policy
from grants_emergency_referral import grants_policies

POLICY = next(grants_policies())


def of_household(size: int | None, **settings: int) -> Terms:
    facts = Facts(amount=Money(500_00), awarded_on=date(2026, 11, 23), household_size=size)
    return POLICY.terms(POLICY.settings().load(settings), facts)


def test_the_policy_is_sound_and_asks_nothing() -> None:
    terms = check_policy(POLICY)
    assert (of_applicant(terms).minutes, after_award(terms).minutes) == (3, 0)
    assert (terms.asks, terms.questions, terms.confirmation.mode) == ((), (), "none")
    assert (terms.schedule.parts, terms.schedule.after_days) == (1, 0)
    assert any(promise.days == 1 for promise in terms.promises)


def test_the_one_who_refers_attests_and_may_decide() -> None:
    terms = check_policy(POLICY)
    assert (terms.eligibility.attested_by, terms.authority.partners) == ("referrer", True)
    assert check_policy(POLICY, {"partners": False}).authority.partners is False


@pytest.mark.parametrize(("household", "alone"), [(None, 250), (1, 250), (2, 500), (5, 500)])
def test_a_second_person_decides_above_what_one_may(household: int | None, alone: int) -> None:
    authority = of_household(household).authority
    assert (authority.people(alone * 100), authority.people(alone * 100 + 1)) == (1, 2)


def test_a_funder_may_trust_one_person_with_more() -> None:
    assert of_household(3, with_others=2500).authority.people(2500_00) == 1

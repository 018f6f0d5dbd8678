"""Agency held: the organisation is asked for everything, the person only whether they agree."""

from __future__ import annotations

from grants.domain.burden import after_award, of_applicant
from grants.testing import check_policy
from grants_agency_held import grants_policies

POLICY = next(grants_policies())


def test_the_policy_is_sound_and_the_person_only_agrees() -> None:
    terms = check_policy(POLICY)
    assert [question.slug for question in terms.questions] == ["consent"]
    assert (of_applicant(terms).minutes, after_award(terms).minutes) == (4, 0)
    assert of_applicant(terms).intrusiveness == "none"
    assert {ask.of for ask in terms.asks} == {"referrer"}


def test_the_organisation_holds_the_money_and_answers_for_it() -> None:
    terms = check_policy(POLICY)
    assert terms.schedule.payees == ("agency",)
    assert [(ask.slug, ask.due_days) for ask in terms.asks] == [("plan", 14), ("receipts", 56), ("survey", 84)]
    assert after_award(terms, "referrer").minutes == 60
    assert {ask.if_missed for ask in terms.asks} == {"remind"}


def test_the_one_who_refers_attests_but_does_not_decide_unless_the_funder_says_so() -> None:
    terms = check_policy(POLICY)
    assert (terms.eligibility.attested_by, terms.authority.partners) == ("referrer", False)
    assert check_policy(POLICY, {"partners": True}).authority.partners


def test_a_funder_may_ask_the_organisation_for_less() -> None:
    terms = check_policy(POLICY, {"survey": False, "weeks": 12, "reminders": 0})
    assert [(ask.slug, ask.due_days, ask.if_missed) for ask in terms.asks] == [
        ("plan", 14, "let_go"),
        ("receipts", 84, "let_go"),
    ]

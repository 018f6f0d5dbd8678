"""Full receipts says before anybody starts what it will ask."""

from __future__ import annotations

from datetime import date

import html5lib
from flask import Flask

from grants import Facts, Money
from grants.domain.burden import after_award, of_applicant
from grants.testing import check_policy
from grants_full_receipts import grants_blueprints, grants_policies

POLICY = next(grants_policies())


def test_the_policy_is_sound_and_two_people_decide() -> None:
    terms = check_policy(POLICY)
    assert terms.authority.people(1) == 2
    assert [ask.due_days for ask in terms.asks] == [30]
    assert [ask.if_missed for ask in terms.asks] == ["further_grant"]


def test_its_burden_is_counted() -> None:
    terms = check_policy(POLICY)
    assert after_award(terms).minutes == 35
    assert (of_applicant(terms).minutes, of_applicant(terms).cost) == (88, 10_00)
    assert of_applicant(terms).intrusiveness == "account_access"


def test_large_awards_are_asked_for_more_papers() -> None:
    def of(pounds: int) -> list[str]:
        facts = Facts(amount=Money(pounds * 100), awarded_on=date(2026, 11, 23))
        return [ask.slug for ask in POLICY.terms(POLICY.settings().load({}), facts).asks]

    assert (of(750), of(751)) == (["receipts"], ["receipts", "documents"])


def test_the_second_person_is_a_manager_and_the_money_comes_first() -> None:
    terms = check_policy(POLICY)
    assert terms.authority.band(100_00).who == "manager"
    assert terms.schedule.before_purchase


def test_one_person_may_decide_small_awards_when_the_funder_says_so() -> None:
    terms = check_policy(POLICY, {"alone_up_to": 100})
    assert (terms.authority.people(10000), terms.authority.people(10001)) == (1, 2)


def test_the_public_page_is_sound_html() -> None:
    app = Flask("page")
    for pages in grants_blueprints():
        app.register_blueprint(pages, url_prefix="/plugins/full-receipts")
    page = app.test_client().get("/plugins/full-receipts/").get_data(as_text=True)
    html5lib.HTMLParser(strict=True).parse(page)
    assert "not held against you" in page
